//! Bodies and their framing, both ways.

use crate::house::{House, read_until, signed_in};
use tokio::io::AsyncWriteExt as _;

#[tokio::test]
async fn a_body_goes_to_the_app_and_back() {
    let house = House::open().await;
    let request = signed_in("POST /", &["Content-Length: 5"]) + "hello";
    assert!(house.say(&request).await.ends_with("\r\n\r\nhello"));
    let seen = house.app.only();
    assert_eq!((&*seen.body, seen.field("content-length")), (&b"hello"[..], "5"));
}

#[tokio::test]
async fn a_body_of_unknown_length_and_its_trailers_reach_the_app() {
    let house = House::open().await;
    let body = "5\r\nhello\r\n0\r\nX-Sum: 1\r\nRemote-User: root\r\n\r\n";
    for method in ["POST", "GET"] {
        let fields = ["Transfer-Encoding: chunked", "Trailer: X-Sum, Remote-User"];
        house.say(&(signed_in(&format!("{method} /"), &fields) + body)).await;
        let seen = house.app.only();
        assert_eq!(&*seen.body, b"hello", "{method}");
        let trailers = seen.trailers.unwrap();
        assert_eq!(trailers.get("x-sum").unwrap(), "1");
        assert!(!trailers.contains_key("remote-user"), "rule 10 holds for trailers");
    }
}

#[tokio::test]
async fn a_length_beside_chunks_smuggles_nothing() {
    let house = House::open().await;
    let smuggled = "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: notes.localhost\r\n\r\n";
    let fields = [&format!("Content-Length: {}", smuggled.len()), "Transfer-Encoding: chunked"];
    let request = signed_in("POST /", &fields).replace("Connection: close\r\n", "");
    house.say(&(request + smuggled)).await;
    let seen = house.app.only();
    assert_eq!((seen.target.as_str(), seen.body.len()), ("/", 0));
}

#[tokio::test]
async fn a_client_that_waits_for_100_is_told_to_go_on() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    let request = signed_in("PUT /", &["Content-Length: 4", "Expect: 100-continue"]);
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 100"));
    stream.write_all(b"data").await.unwrap();
    assert!(read_until(&mut stream, "data").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let house = House::open().await;
    let answer = house.ask("HEAD /", &["Range: bytes=0-1"]).await;
    assert!(answer.ends_with("\r\n\r\n"), "{answer}");
    assert_eq!(house.app.only().field("range"), "bytes=0-1");
}

#[tokio::test]
async fn bodies_stream_both_ways_and_are_never_gathered() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    let head = signed_in("POST /echo", &["Transfer-Encoding: chunked"]);
    stream.write_all((head + "5\r\nfirst\r\n").as_bytes()).await.unwrap();
    read_until(&mut stream, "first\r\n").await;
    stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await.unwrap();
    read_until(&mut stream, "second\r\n0\r\n\r\n").await;
}

#[tokio::test]
async fn who_is_refused_before_the_body_came_is_told_that_the_connection_closes() {
    let house = House::open().await;
    let head = "POST / HTTP/1.1\r\nHost: notes.localhost\r\nContent-Length: 4\r\n\r\n";
    let mut stream = house.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("connection: close"), "{answer}");
    let mut stream = house.connect().await;
    for _ in 0..2 {
        stream.write_all((head.to_owned() + "data").as_bytes()).await.unwrap();
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("connection: close"), "{answer}");
        read_until(&mut stream, "navigation=false").await;
    }
}
