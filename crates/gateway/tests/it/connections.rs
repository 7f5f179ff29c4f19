//! Connections to apps: kept, used again, and closed by apps at the worst moment.

use crate::{
    door::bearer,
    house::{House, head, read_until, signed_in},
};
use tokio::{io::AsyncWriteExt as _, join, net::TcpStream};

fn to_bare(line: &str) -> String {
    head(line, &["Host: bare.localhost", "Connection: close", &bearer()])
}

/// Plays the app's part of one request on a connection of its own.
async fn accept(house: &House, answer: &str) -> TcpStream {
    let (mut app, _) = house.bare.accept().await.unwrap();
    read_until(&mut app, "\r\n\r\n").await;
    app.write_all(answer.as_bytes()).await.unwrap();
    app
}

const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// Reads one request, and closes the connection instead of an answer.
async fn hang_up_on_one(mut app: TcpStream) {
    read_until(&mut app, "\r\n\r\n").await;
}

#[tokio::test]
async fn a_connection_to_the_app_is_used_again() {
    let house = House::open().await;
    for _ in 0..3 {
        assert!(house.ask("GET /", &[]).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(house.app.connections(), 1);
}

#[tokio::test]
async fn a_connection_that_the_app_closed_is_not() {
    let house = House::open().await;
    for _ in 0..3 {
        assert!(house.ask("GET /close", &[]).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(house.app.connections(), 3);
}

#[tokio::test]
async fn a_read_that_meets_a_closing_connection_is_sent_again() {
    let house = House::open().await;
    let request = to_bare("GET /");
    let (_, kept) = join!(house.say(&request), accept(&house, EMPTY));
    let (answer, (), _app) = join!(house.say(&request), hang_up_on_one(kept), accept(&house, EMPTY));
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_write_is_never_sent_twice() {
    let house = House::open().await;
    let (read, write) = (to_bare("GET /"), to_bare("POST /"));
    let (_, kept) = join!(house.say(&read), accept(&house, EMPTY));
    let (answer, ()) = join!(house.say(&write), hang_up_on_one(kept));
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[tokio::test]
async fn an_app_of_http_1_0_is_answered_for_in_1_1() {
    let house = House::open().await;
    let old = async { drop(accept(&house, "HTTP/1.0 200 OK\r\n\r\nto the end").await) };
    let request = to_bare("GET /");
    let (answer, ()) = join!(house.say(&request), old);
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("to the end"), "{answer}");
}

#[tokio::test]
async fn a_connection_on_which_an_upgrade_was_declined_is_not_used_again() {
    let house = House::open().await;
    let handshake =
        ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    let asking = signed_in("GET /", &handshake).replace("Connection: close", "Connection: close, Upgrade");
    for request in [asking, signed_in("GET /", &[])] {
        assert!(house.say(&request).await.starts_with("HTTP/1.1 200"));
    }
    assert_eq!(house.app.connections(), 2);
}
