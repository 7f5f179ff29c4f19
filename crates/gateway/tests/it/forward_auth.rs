//! Other proxies ask before they pass a request on: who is answered, what is read, and what is told.

use crate::{
    door::{app, bearer, cookie, unknown_bearer},
    house::{House, head},
};
use doorward_gateway::{Limits, TrustedProxies};

const ASK: &str = "GET /api/v1/forward-auth";

/// What Caddy, Traefik and the other snippets send beside the client's own fields.
const DESCRIBED: [&str; 5] = [
    "X-Forwarded-Method: GET",
    "X-Forwarded-Proto: http",
    "X-Forwarded-Host: notes.localhost",
    "X-Forwarded-Uri: /page?q=1",
    "X-Forwarded-For: 192.0.2.7",
];

/// What Envoy sends to an `ext_authz` service over HTTP: the request's own host and method, a length of zero, the
/// fields that it is told to send, and some of its own.
const FROM_ENVOY: [&str; 6] = [
    "Content-Length: 0",
    "X-Envoy-Internal: true",
    "X-Envoy-Expected-Rq-Timeout-Ms: 1000",
    "X-Forwarded-For: 192.0.2.7,127.0.0.1",
    "X-Forwarded-Proto: http",
    "Sec-Doorward-Check: 1",
];

async fn trusted() -> House {
    let proxies = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
    House::behind(proxies, Limits::default()).await
}

/// What a proxy is answered that asks at Doorward's address; nothing reaches the app.
async fn ask(house: &House, line: &str, fields: &[&[&str]]) -> String {
    let fields = [&["Host: 127.0.0.1:8080", "Connection: close"], &fields.concat()[..]].concat();
    let answer = house.say(&head(line, &fields)).await;
    assert!(house.app.seen().is_empty(), "it reached the app: {line} {fields:?}");
    answer
}

async fn ask_as_envoy(house: &House, method: &str, target: &str, fields: &[&str]) -> String {
    let own = ["Host: notes.localhost", "Connection: close"];
    let line = format!("{method} /.doorward/forward-auth{target}");
    let answer = house.say(&head(&line, &[&own, fields].concat())).await;
    assert!(house.app.seen().is_empty(), "it reached the app: {line} {fields:?}");
    answer
}

/// The value of the only field of that name.
fn field<'a>(answer: &'a str, name: &str) -> &'a str {
    let mut values = answer.lines().filter_map(|line| line.split_once(": ").or(line.split_once(':')));
    let mut values = values.by_ref().filter(|(found, _)| *found == name).map(|(_, value)| value);
    let only = values.next().unwrap_or_else(|| panic!("no `{name}` in {answer}"));
    assert!(values.next().is_none(), "`{name}` came twice: {answer}");
    only
}

fn without(name: &str) -> Vec<&'static str> {
    DESCRIBED.into_iter().filter(|field| !field.starts_with(name)).collect()
}

#[tokio::test]
async fn rule_11_only_trusted_proxies_are_answered() {
    let stranger = House::open().await;
    let signed_in = ["Host: localhost", "Connection: close", &cookie()];
    let answer = stranger.say(&head(ASK, &[&signed_in[..], &DESCRIBED].concat())).await;
    // At a host that leads nowhere a stranger is told nothing of forward auth.
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    let answer = ask_as_envoy(&stranger, "GET", "/", &[&FROM_ENVOY[..], &[&cookie()]].concat()).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("untrusted_proxy"), "{answer}");

    let house = trusted().await;
    let answer = ask(&house, ASK, &[&DESCRIBED, &[&cookie()]]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn rule_11_an_app_keeps_a_path_that_is_only_called_like_ours() {
    let house = trusted().await;
    house.ask(ASK, &DESCRIBED).await;
    assert_eq!(house.app.only().target, "/api/v1/forward-auth");
}

#[tokio::test]
async fn rule_11_a_missing_or_repeated_or_unreadable_field_is_refused_by_name() {
    let house = trusted().await;
    let cookie = cookie();
    for described in DESCRIBED {
        let (name, value) = described.split_once(": ").unwrap();
        let twice = [&DESCRIBED[..], &[described]].concat();
        let listed = format!("{name}: {value}, other");
        let listed = [&without(name)[..], &[&listed]].concat();
        let empty = format!("{name}:");
        let empty = [&without(name)[..], &[&empty]].concat();
        for (what, fields) in
            [("missing", without(name)), ("twice", twice), ("listed", listed), ("empty", empty)]
        {
            let answer = ask(&house, ASK, &[&fields, &[&cookie]]).await;
            assert!(answer.starts_with("HTTP/1.1 400"), "{name} {what}: {answer}");
        }
        let answer = ask(&house, ASK, &[&without(name), &[&cookie]]).await;
        assert!(answer.contains("forwarded_field"), "{name}: {answer}");
    }
}

#[tokio::test]
async fn rule_11_what_could_be_read_in_two_ways_is_refused() {
    let house = trusted().await;
    for odd in [
        "X-Forwarded-Uri: page",
        "X-Forwarded-Uri: http://notes.localhost/page",
        "X-Forwarded-Uri: /page#/../admin",
        "X-Forwarded-Uri: /a b",
        "X-Forwarded-Host: notes.localhost:80:80",
        "X-Forwarded-Host: ada@notes.localhost",
        "X-Forwarded-Proto: HTTPS",
        "X-Forwarded-Proto: ws",
        "X-Forwarded-Method: GET /",
        "X-Forwarded-For: 192.0.2.7, unknown",
    ] {
        let name = odd.split_once(':').unwrap().0;
        let answer = ask(&house, ASK, &[&without(name), &[odd, &cookie()]]).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{odd}: {answer}");
    }
    let unknown = ["X-Forwarded-Host: elsewhere.localhost", &cookie()];
    let answer = ask(&house, ASK, &[&without("X-Forwarded-Host"), &unknown]).await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

#[tokio::test]
async fn rule_11_a_client_s_query_that_caddy_leaves_on_the_question_says_nothing() {
    let house = trusted().await;
    let answer = ask(&house, "GET /api/v1/forward-auth?q=/.doorward/", &[&DESCRIBED, &[&cookie()]]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn rule_11_a_misspelt_field_counts_for_nothing() {
    let house = trusted().await;
    let spoofed =
        ["X_Forwarded_Host: closed.localhost", "X_Forwarded_For: 192.0.2.9", "Remote_User: root", &cookie()];
    let answer = ask(&house, ASK, &[&DESCRIBED, &spoofed]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(field(&answer, "remote-user"), "ada");
    let answer = ask(&house, ASK, &[&without("X-Forwarded-Host"), &spoofed]).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn rule_11_a_pass_holds_every_identity_field_even_where_it_is_empty() {
    let house = trusted().await;
    let answer =
        ask(&house, ASK, &[&DESCRIBED, &[&cookie(), "Remote-User: root", "Remote-Groups: admins"]]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(field(&answer, "remote-user"), "ada");
    assert_eq!(field(&answer, "remote-name"), "Ada Lovelace");
    assert_eq!(field(&answer, "remote-email"), "ada@example.org");
    assert_eq!(field(&answer, "remote-groups"), "");
    assert_eq!(field(&answer, "x-doorward-assertion").split('.').count(), 3);
    assert_eq!(field(&answer, "cache-control"), "no-store");
    assert!(!answer.contains("root") && !answer.contains("admins"), "{answer}");
    let answer = ask(&house, "HEAD /api/v1/forward-auth", &[&DESCRIBED, &[&cookie()]]).await;
    assert_eq!(field(&answer, "remote-user"), "ada");
}

#[tokio::test]
async fn rule_11_a_pass_holds_what_the_app_may_see_of_cookies_and_tokens() {
    let house = trusted().await;
    let more = "Cookie: doorward-start-1=sealed; mine=2";
    let answer = ask(&house, ASK, &[&DESCRIBED, &[&cookie(), more, "Authorization: Digest of=theirs"]]).await;
    assert_eq!(field(&answer, "cookie"), "theirs=1; mine=2");
    assert_eq!(field(&answer, "authorization"), "Digest of=theirs");
    assert_eq!(field(&answer, "x-api-key"), "");
    let answer = ask(&house, ASK, &[&DESCRIBED, &[&bearer()]]).await;
    assert_eq!(field(&answer, "remote-user"), "ada");
    assert_eq!((field(&answer, "cookie"), field(&answer, "authorization")), ("", ""));
    assert!(!answer.contains("dwt_"), "{answer}");
}

#[tokio::test]
async fn rule_11_nobody_and_who_may_not_are_told_as_at_the_app() {
    let house = trusted().await;
    let answer = ask(&house, ASK, &[&DESCRIBED]).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("navigation=false"), "{answer}");
    assert!(answer.contains("www-authenticate: Bearer realm=\"doorward\""), "{answer}");
    assert!(!answer.contains("remote-user"), "{answer}");
    let answer = ask(&house, ASK, &[&DESCRIBED, &["Sec-Fetch-Mode: navigate"]]).await;
    assert!(answer.contains("sign_in_required navigation=true"), "{answer}");
    let answer = ask(&house, ASK, &[&DESCRIBED, &[&unknown_bearer(), &cookie()]]).await;
    assert!(answer.contains("invalid_credential"), "{answer}");
    let closed = ["X-Forwarded-Host: closed.localhost", &bearer()];
    let answer = ask(&house, ASK, &[&without("X-Forwarded-Host"), &closed]).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("denied"), "{answer}");
}

#[tokio::test]
async fn rule_11_a_proxy_that_knows_401_alone_is_told_where_to_sign_in() {
    let house = trusted().await;
    let line = "GET /api/v1/forward-auth?redirect=no";
    let answer = ask(&house, line, &[&DESCRIBED, &["Accept: text/html"]]).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let begin = format!("http://{}/.doorward/start?rd=%2Fpage%3Fq%3D1", house.authority());
    assert_eq!(field(&answer, "location"), begin);
    let answer = ask(&house, line, &[&DESCRIBED, &["Accept: application/json"]]).await;
    assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("location:"), "{answer}");
}

#[tokio::test]
async fn rule_11_the_described_method_and_page_count_not_those_of_the_question() {
    let house = trusted().await;
    let post = ["X-Forwarded-Method: POST", &cookie()];
    let elsewhere = "Origin: https://evil.example";
    let fields = without("X-Forwarded-Method");
    let answer = ask(&house, ASK, &[&fields, &post, &[elsewhere]]).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("cross_site_request"), "{answer}");
    let answer = ask(&house, ASK, &[&fields, &post]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let trace = ["X-Forwarded-Method: TRACE", &cookie()];
    let answer = ask(&house, ASK, &[&fields, &trace]).await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
}

#[tokio::test]
async fn rule_06_a_web_socket_of_another_site_is_refused_although_the_proxy_keeps_upgrade() {
    let house = trusted().await;
    let socket = ["Sec-WebSocket-Version: 13", "Origin: https://evil.example", &cookie()];
    let answer = ask(&house, ASK, &[&DESCRIBED, &socket]).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let own = format!("Origin: http://{}", house.authority());
    let socket = ["Sec-WebSocket-Version: 13", &own, &cookie()];
    let answer = ask(&house, ASK, &[&DESCRIBED, &socket]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn rule_11_a_connection_becomes_a_web_socket_or_nothing() {
    let house = trusted().await;
    for protocol in ["h2c", "websocket, h2c", "TLS/1.0"] {
        let upgrade = format!("Upgrade: {protocol}");
        let answer = ask(&house, "GET /api/v1/forward-auth", &[&DESCRIBED, &[&upgrade, &bearer()]]).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{protocol}: {answer}");
    }
}

#[tokio::test]
async fn rule_11_doorward_s_own_paths_are_let_through_to_no_app() {
    let house = trusted().await;
    for path in ["/.doorward/callback?code=1", "/%2edoorward/me", "/a/../.doorward/start"] {
        let uri = format!("X-Forwarded-Uri: {path}");
        let answer = ask(&house, ASK, &[&without("X-Forwarded-Uri"), &[&uri, &cookie()]]).await;
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn rule_11_envoy_s_question_is_the_request_itself_after_a_prefix() {
    let house = trusted().await;
    let cookie = cookie();
    let signed_in = [&FROM_ENVOY[..], &[&cookie, "Remote_User: root", "X-Auth-Request-User: root"]].concat();
    let answer = ask_as_envoy(&house, "POST", "/page?q=1", &signed_in).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(field(&answer, "remote-user"), "ada");
    assert_eq!(field(&answer, "cookie"), "theirs=1");
    let removed = "authorization,remote_user,x-api-key,x-auth-request-user";
    assert_eq!(field(&answer, "x-envoy-auth-headers-to-remove"), removed);

    let answer = ask_as_envoy(&house, "GET", "/", &[&FROM_ENVOY[..], &[&bearer()]].concat()).await;
    assert_eq!(field(&answer, "x-envoy-auth-headers-to-remove"), "authorization,cookie,x-api-key");
    assert!(!answer.contains("\r\ncookie:") && !answer.contains("\r\nauthorization:"), "{answer}");

    let cross_site = [&signed_in[..], &["Origin: https://evil.example"]].concat();
    let answer = ask_as_envoy(&house, "POST", "/page", &cross_site).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let answer = ask_as_envoy(&house, "GET", "/page", &FROM_ENVOY).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    let answer = ask_as_envoy(&house, "GET", "/.doorward/me", &signed_in).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}

#[tokio::test]
async fn rule_11_envoy_s_question_needs_its_mark_and_its_fields() {
    let house = trusted().await;
    for (left_out, target) in [
        ("Sec-Doorward-Check", "/"),
        ("X-Forwarded-For", "/"),
        ("X-Forwarded-Proto", "/"),
        ("nothing", ""),
        ("nothing", "?q=1"),
    ] {
        let fields: Vec<_> = FROM_ENVOY.into_iter().filter(|field| !field.starts_with(left_out)).collect();
        let answer = ask_as_envoy(&house, "GET", target, &[&fields[..], &[&cookie()]].concat()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{left_out} {target}: {answer}");
    }
}

#[tokio::test]
async fn rule_11_traefik_s_question_is_understood() {
    let house = trusted().await;
    // Traefik asks the address that it is given, copies the client's fields less those of the hop, and sets its own.
    let cookie = cookie();
    let from_traefik = [
        "User-Agent: Mozilla/5.0",
        "Accept: text/html",
        "Accept-Encoding: gzip",
        "X-Forwarded-For: 192.0.2.7",
        "X-Forwarded-Host: notes.localhost",
        "X-Forwarded-Method: PUT",
        "X-Forwarded-Port: 80",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Server: traefik",
        "X-Forwarded-Uri: /page",
        "X-Real-Ip: 192.0.2.7",
        &cookie,
    ];
    let answer = ask(&house, ASK, &[&from_traefik]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(field(&answer, "remote-user"), "ada");
}

#[tokio::test]
async fn rule_12_what_a_rule_looked_at_is_not_asked_to_be_taken_for_something_else() {
    let house = trusted().await;
    let rule = |path: &str, methods: &[&str]| domain::Rule {
        path: path.to_owned(),
        methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        allow: domain::Allow::Anyone,
    };
    let gate =
        domain::GateSettings { rules: vec![rule("/page", &["GET"])], ..domain::GateSettings::default() };
    house.door.access.replace_apps(&[domain::App { gate, ..app("notes", "builtin:sample") }]);
    for field in ["X-HTTP-Method-Override: DELETE", "x_http_method: PUT", "X-Original-URL: /admin"] {
        let answer = ask(&house, ASK, &[&DESCRIBED, &[field]]).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{field}: {answer}");
    }
    assert!(ask(&house, ASK, &[&DESCRIBED]).await.starts_with("HTTP/1.1 200"));
}
