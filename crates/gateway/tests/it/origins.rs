//! Origins that an app lists: their pages may send it what its own may.

use crate::{
    door::cookie,
    house::{House, head, read_until, signed_in},
    secure::{SecureHouse, send},
};
use domain::GateSettings;
use doorward_gateway::Limits;
use http::{Request, request::Builder};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use tokio::io::AsyncWriteExt as _;

const LISTED: &str = "Origin: https://board.example.net";
const OTHER: &str = "Origin: https://evil.example";

fn listing() -> GateSettings {
    let origins = vec!["https://board.example.net".parse().unwrap()];
    GateSettings { origins, ..GateSettings::default() }
}

async fn house() -> House {
    House::gated(listing()).await
}

#[tokio::test]
async fn rule_06_a_listed_origin_may_use_a_visitor_s_cookie_and_no_other_may() {
    let house = house().await;
    let answer = house.ask("POST /", &[LISTED, "Sec-Fetch-Site: cross-site"]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(house.app.only().field("remote-user"), "ada");
    for fields in [&[OTHER][..], &["Sec-Fetch-Site: cross-site"], &[LISTED, OTHER]] {
        let answer = house.ask("POST /", fields).await;
        assert!(answer.contains("cross_site_request"), "{fields:?}: {answer}");
    }
}

#[tokio::test]
async fn rule_06_a_listed_origin_may_open_a_web_socket() {
    let house = house().await;
    let mut stream = house.connect().await;
    let fields = ["Upgrade: websocket", "Connection: Upgrade", LISTED, "Sec-Fetch-Site: cross-site"];
    let shake = signed_in("GET /socket", &fields).replace("Connection: close\r\n", "");
    stream.write_all(shake.as_bytes()).await.unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 101"));
}

#[tokio::test]
async fn rule_06_the_app_is_asked_for_a_listed_origin_alone_whether_it_may_send_something() {
    let house = house().await;
    let ask = async |fields: &[&str]| {
        let own = ["Host: notes.localhost", "Connection: close", "Access-Control-Request-Method: PUT"];
        house.say(&head("OPTIONS /thing", &[&own, fields].concat())).await
    };
    let answer = ask(&[LISTED, "X-HTTP-Method-Override: DELETE", "Remote-User: root"]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let seen = house.app.only();
    assert_eq!(seen.method, http::Method::OPTIONS);
    for gone in ["remote-user", "x-doorward-assertion", "x-http-method-override"] {
        assert_eq!(seen.field(gone), "", "{gone}");
    }
    for fields in [&[OTHER][..], &[], &[LISTED, "Cookie: theirs=1"], &[LISTED, "Authorization: Digest x"]] {
        assert!(ask(fields).await.starts_with("HTTP/1.1 401"), "{fields:?}");
    }
    let cookie = cookie();
    let answer = ask(&[LISTED, &cookie]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(house.app.only().field("remote-user"), "ada", "a credential is no preflight's, and counts");
}

#[tokio::test]
async fn rule_06_over_http_2_too_no_body_comes_with_what_is_let_through_unasked() {
    let house = SecureHouse::of(Limits::default(), |app| app.gate = listing()).await;
    let preflight = || -> Builder {
        let asked = Request::builder().method("OPTIONS").uri(house.url("/thing"));
        asked.header("origin", "https://board.example.net").header("access-control-request-method", "PUT")
    };
    assert_eq!(send(&mut house.http2().await, preflight()).await.unwrap().status(), 200);
    assert_eq!(house.house.app.only().method, http::Method::OPTIONS);
    let pieces = futures_util::stream::iter([Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"hello")))]);
    let unannounced = preflight().body(StreamBody::new(pieces)).unwrap();
    let answer = house.http2_of().await.send_request(unannounced).await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(house.house.app.seen().is_empty());
}
