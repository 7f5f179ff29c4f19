//! Who may pass: hosts, paths, credentials, and requests that another site's page made.

use crate::{
    door::{bearer, cookie, unknown_bearer},
    house::{House, head},
};

async fn refused(house: &House, line: &str, fields: &[&str]) -> String {
    let answer = house.say(&head(line, &[fields, &["Connection: close"]].concat())).await;
    assert!(house.app.seen().is_empty(), "it reached the app: {line} {fields:?}");
    answer
}

#[tokio::test]
async fn rule_02_a_host_of_no_app_is_misdirected() {
    let house = House::open().await;
    assert!(refused(&house, "GET /", &["Host: evil.example"]).await.starts_with("HTTP/1.1 421"));
}

#[tokio::test]
async fn a_request_that_names_its_host_in_two_ways_is_refused() {
    let house = House::open().await;
    for (line, fields) in [
        ("GET /", &["Host: notes.localhost", "Host: notes.localhost"][..]),
        ("GET /", &[][..]),
        ("GET /", &["Host: notes.localhost."][..]),
        ("GET http://dav.localhost/", &["Host: notes.localhost"][..]),
    ] {
        let answer = refused(&house, line, &[fields, &[&cookie()]].concat()).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{line} {fields:?}: {answer}");
    }
}

#[tokio::test]
async fn an_absolute_target_reaches_the_app_as_a_path() {
    let house = House::open().await;
    house.ask("GET http://notes.localhost/a?b", &[]).await;
    assert_eq!(house.app.only().target, "/a?b");
}

#[tokio::test]
async fn doorward_s_own_paths_never_reach_the_app() {
    let house = House::open().await;
    let cookie = cookie();
    let fields = ["Host: notes.localhost", &cookie];
    let answer = refused(&house, "GET /.doorward/callback?code=1", &fields).await;
    assert!(answer.ends_with("own path /.doorward/callback?code=1 of notes for 127.0.0.1"), "{answer}");
    for path in ["/.Doorward/callback", "/%2edoorward/callback", "//.doorward/callback", "/.doorward"] {
        assert!(refused(&house, &format!("GET {path}"), &fields).await.starts_with("HTTP/1.1 404"), "{path}");
    }
}

#[tokio::test]
async fn methods_that_show_or_bypass_the_gateway_are_not_sent() {
    let house = House::open().await;
    let fields = ["Host: notes.localhost", &cookie()];
    assert!(refused(&house, "TRACE /", &fields).await.starts_with("HTTP/1.1 405"));
    let connect = ["Host: notes.localhost:80", &cookie()];
    assert!(refused(&house, "CONNECT notes.localhost:80", &connect).await.starts_with("HTTP/1.1 405"));
}

#[tokio::test]
async fn without_a_credential_a_client_is_told_how_to_bring_one() {
    let house = House::open().await;
    let page = ["Host: notes.localhost", "Sec-Fetch-Mode: navigate"];
    let answer = refused(&house, "GET /", &page).await;
    assert!(answer.contains("sign_in_required navigation=true"), "{answer}");
    assert!(answer.contains("www-authenticate: Bearer realm=\"doorward\"\r\n"), "{answer}");
}

#[tokio::test]
async fn rule_07_basic_is_challenged_where_the_app_has_it() {
    let house = House::open().await;
    let answer = refused(&house, "PROPFIND /", &["Host: dav.localhost"]).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(answer.contains("www-authenticate: Basic realm=\"dav\", charset=\"UTF-8\"\r\n"), "{answer}");
}

#[tokio::test]
async fn rule_07_an_invalid_credential_is_refused_and_no_other_is_tried() {
    let house = House::open().await;
    let bad = unknown_bearer();
    let answer = refused(&house, "GET /", &["Host: notes.localhost", &bad, &cookie()]).await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("invalid_credential"), "{answer}");
}

#[tokio::test]
async fn who_may_not_open_the_app_is_denied() {
    let house = House::open().await;
    let fields = ["Host: closed.localhost", &bearer()];
    let answer = refused(&house, "GET /", &fields).await;
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("denied"), "{answer}");
}

#[tokio::test]
async fn rule_06_another_site_cannot_use_a_visitor_s_cookie() {
    let house = House::open().await;
    let cookie = cookie();
    for field in ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Origin: null"] {
        let answer = refused(&house, "POST /", &["Host: notes.localhost", &cookie, field]).await;
        assert!(
            answer.starts_with("HTTP/1.1 403") && answer.contains("cross_site_request"),
            "{field}: {answer}"
        );
    }
}

#[tokio::test]
async fn rule_06_a_header_token_is_nothing_that_another_site_could_use() {
    let house = House::open().await;
    let token = bearer();
    let fields = ["Host: notes.localhost", &token, "Origin: https://elsewhere.example", "Connection: close"];
    assert!(house.say(&head("DELETE /thing", &fields)).await.starts_with("HTTP/1.1 200"));
    assert_eq!(house.app.only().method, http::Method::DELETE);
}
