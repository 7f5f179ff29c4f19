//! What the app is told of who asks, and what it never sees.

use crate::{
    door::bearer,
    house::{House, head},
};

#[tokio::test]
async fn rule_10_the_app_hears_of_identity_from_the_gateway_alone() {
    let house = House::open().await;
    let forged = [
        "Remote-User: root",
        "Remote_User: root",
        "REMOTE.GROUPS: admins",
        "X-Forwarded-For: 192.0.2.1",
        "X_Forwarded_Proto: https",
        "Forwarded: for=192.0.2.1",
        "X-Real-IP: 192.0.2.1",
        "X-Doorward-Assertion: forged",
        "X-Auth-Request-Email: root@example.org",
        "X-Request-Id: chosen",
        "Proxy: http://evil.example",
        "X-Harmless: stays",
    ];
    let answer = house.ask("GET /page?q=1", &forged).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let seen = house.app.only();
    assert_eq!(seen.target, "/page?q=1");
    assert_eq!(seen.version, http::Version::HTTP_11);
    assert_eq!(seen.field("remote-user"), "ada");
    assert_eq!(seen.field("x-forwarded-for"), "127.0.0.1");
    assert_eq!(seen.field("x-forwarded-proto"), "http");
    // The configured origin, not the client's spelling of it.
    assert_eq!(seen.field("host"), house.authority());
    assert_eq!(seen.field("x-forwarded-host"), house.authority());
    assert_eq!(seen.field("x-harmless"), "stays");
    assert_eq!(seen.field("x-request-id").len(), 32);
    let all = format!("{:?}", seen.headers);
    for word in ["root", "192.0.2.1", "evil", "chosen", "admins", "forged"] {
        assert!(!all.contains(word), "{word} got through: {all}");
    }
}

#[tokio::test]
async fn rule_10_connection_cannot_take_away_what_the_gateway_adds() {
    let house = House::open().await;
    let fields = [
        "Connection: Remote-User, X-Forwarded-For, Host, X-Mine",
        "X-Mine: 1",
        "Keep-Alive: 5",
        "Proxy-Connection: keep-alive",
        "TE: gzip, trailers",
    ];
    house.ask("GET /", &fields).await;
    let seen = house.app.only();
    assert_eq!(seen.field("remote-user"), "ada");
    assert_eq!(seen.field("host"), house.authority());
    assert_eq!(seen.field("x-forwarded-for"), "127.0.0.1");
    assert_eq!(seen.field("te"), "trailers");
    assert_eq!(seen.field("connection"), "te");
    for gone in ["x-mine", "keep-alive", "proxy-connection"] {
        assert_eq!(seen.field(gone), "", "{gone}");
    }
}

#[tokio::test]
async fn doorward_s_credentials_never_reach_the_app() {
    let house = House::open().await;
    house.ask("GET /", &[]).await;
    assert_eq!(house.app.only().field("cookie"), "theirs=1");

    let own = bearer();
    house.say(&head("GET /", &["Host: notes.localhost", "Connection: close", &own])).await;
    let seen = house.app.only();
    assert_eq!(seen.field("authorization"), "");
    assert_eq!(seen.field("remote-user"), "ada");
}

#[tokio::test]
async fn rule_07_an_authorization_that_is_not_ours_goes_on_as_it_came() {
    let house = House::open().await;
    house.ask("GET /", &["Authorization: Digest of=theirs"]).await;
    assert_eq!(house.app.only().field("authorization"), "Digest of=theirs");
}

#[tokio::test]
async fn the_sample_gets_what_any_app_would() {
    let house = House::open().await;
    let fields = ["Host: sample.localhost", "Connection: close", "Cookie: doorward-device=1", &bearer()];
    let answer = house.say(&head("GET /", &fields)).await;
    assert!(answer.ends_with("sample for ada, cookie false"), "{answer}");
}

#[tokio::test]
async fn rule_03_an_app_cannot_set_doorward_s_cookies() {
    let house = House::open().await;
    let answer = house.ask("GET /cookies", &[]).await;
    assert!(answer.contains("set-cookie: theirs=1") && !answer.contains("stolen"), "{answer}");
}

#[tokio::test]
async fn what_the_app_says_to_this_hop_alone_ends_here() {
    let house = House::open().await;
    let answer = house.ask("GET /hop", &[]).await;
    assert!(!answer.contains("x-internal") && !answer.contains("keep-alive"), "{answer}");
}

#[tokio::test]
async fn rule_02_a_session_does_not_follow_its_host_to_another_app() {
    let house = House::open().await;
    assert!(house.ask("GET /", &[]).await.starts_with("HTTP/1.1 200"));
    house.door.swap_hosts("notes", "sample");
    let answer = house.ask("GET /", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    house.door.replace_apps();
    assert!(house.ask("GET /", &[]).await.starts_with("HTTP/1.1 200"));
}
