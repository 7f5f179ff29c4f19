//! HTTP/2 towards the client, told to apps in HTTP/1.1.

use crate::{
    door::session_pair,
    secure::{Http2, SecureHouse, send, text},
};
use bytes::Bytes;
use domain::Scheme;
use http::{Request, Response, Version, request::Builder};
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};

async fn ask(house: &SecureHouse, request: Builder) -> Response<Incoming> {
    send(&mut house.http2().await, request).await.unwrap()
}

#[tokio::test]
async fn a_request_reaches_the_app_as_http_1_1_would_have_brought_it() {
    let house = SecureHouse::open().await;
    let request = house.asked("/page?q=1").header("te", "trailers").header("remote-user", "root");
    let answer = ask(&house, request).await;
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    let seen = house.house.app.only();
    assert_eq!((seen.target.as_str(), seen.version), ("/page?q=1", Version::HTTP_11));
    assert_eq!(seen.field("host"), house.house.authority());
    assert_eq!(seen.field("x-forwarded-proto"), "https");
    assert_eq!(seen.field("remote-user"), "ada", "rule 10");
    assert_eq!((seen.field("te"), seen.field("connection")), ("trailers", "te"));
    assert_eq!((seen.field("cookie"), seen.body.len()), ("", 0));
}

#[tokio::test]
async fn cookies_in_fields_of_their_own_are_one_field_to_the_app() {
    let house = SecureHouse::open().await;
    let request = Request::builder().uri(house.url("/"));
    let request = request.header("cookie", "a=1").header("cookie", session_pair(Scheme::Https));
    let answer = ask(&house, request.header("cookie", "b=2").header("cookie", "c=3")).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(house.house.app.only().field("cookie"), "a=1; b=2; c=3");
}

#[tokio::test]
async fn a_host_beside_the_authority_must_say_the_same() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    let mut with = async |host: &str| {
        let answer = send(&mut sender, house.asked("/").header("host", host)).await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(with(&house.house.authority()).await, 200);
    assert_eq!(with("dav.localhost").await, 400);
    assert_eq!(with("notes.localhost:1").await, 400);
    assert_eq!(house.house.app.seen().len(), 1);
}

#[tokio::test]
async fn rule_02_an_authority_of_no_app_is_misdirected() {
    let house = SecureHouse::open().await;
    let request = Request::builder().uri("https://evil.example/");
    assert_eq!(ask(&house, request).await.status(), 421);
}

#[tokio::test]
async fn an_answer_names_no_field_of_one_connection() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    for path in ["/hop", "/close", "/slow"] {
        let answer = send(&mut sender, house.asked(path)).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        for gone in ["connection", "keep-alive", "transfer-encoding", "x-internal", "upgrade"] {
            assert!(!answer.headers().contains_key(gone), "{path}: {gone}");
        }
    }
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body_whoever_answers() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    let there = send(&mut sender, house.asked("/").method("HEAD")).await.unwrap();
    assert_eq!((there.status().as_u16(), text(there).await.unwrap().as_str()), (200, ""));
    let refused = send(&mut sender, Request::builder().method("HEAD").uri(house.url("/"))).await.unwrap();
    assert_eq!((refused.status().as_u16(), text(refused).await.unwrap().as_str()), (401, ""));
}

#[tokio::test]
async fn bodies_and_their_trailers_stream_both_ways() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    let body = Full::from("hello");
    let answer = sender.send_request(house.asked("/").method("POST").body(body).unwrap()).await.unwrap();
    assert_eq!(text(answer).await.unwrap(), "hello");
    assert_eq!(house.house.app.only().field("content-length"), "5");

    let mut sender = streaming(&house).await;
    let frames = [
        Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"in pieces"))),
        Ok(Frame::trailers([("x-sum", "1"), ("remote-user", "root")].into_iter().map(field).collect())),
    ];
    let body = StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync();
    let answer = sender
        .send_request(house.asked("/").method("PUT").header("trailer", "x-sum").body(body).unwrap())
        .await
        .unwrap();
    assert_eq!(text(answer).await.unwrap(), "in pieces");
    let trailers = house.house.app.only().trailers.unwrap();
    assert_eq!(trailers.get("x-sum").unwrap(), "1");
    assert!(!trailers.contains_key("remote-user"), "rule 10 holds for trailers");
}

fn field((name, value): (&'static str, &'static str)) -> (http::HeaderName, http::HeaderValue) {
    (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
}

type Streaming = hyper::client::conn::http2::SendRequest<
    http_body_util::combinators::UnsyncBoxBody<Bytes, std::io::Error>,
>;

async fn streaming(house: &SecureHouse) -> Streaming {
    house.http2_of().await
}

#[tokio::test]
async fn a_tunnel_is_not_opened() {
    let house = SecureHouse::open().await;
    let mut sender: Http2 = house.http2().await;
    let connect = Request::builder().method("CONNECT").uri("notes.localhost:80");
    assert_eq!(send(&mut sender, connect).await.unwrap().status(), 405);
    let socket = house.asked("/socket").method("CONNECT");
    let socket = socket.extension(hyper::ext::Protocol::from_static("websocket"));
    assert!(send(&mut sender, socket).await.is_err(), "RFC 8441 is not offered");
    assert!(house.house.app.seen().is_empty());
}
