//! What the witness is told of requests, however they end: once for each.

use crate::{
    door::{bearer, unknown_bearer},
    house::{House, head, read_until, signed_in},
    people::Secret,
};
use doorward_gateway::{Limits, Outcome, Seen, TrustedProxies};
use std::time::Duration;
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

fn app(seen: &Seen) -> &str {
    seen.route.as_ref().map_or("", |route| route.app.name.as_str())
}

fn user(seen: &Seen) -> &str {
    seen.snapshot.as_ref().map_or("", |who| who.handle.as_str())
}

/// A connection on which a request for the app `bare` has been sent, and the app's end of it.
async fn at_bare(house: &House, line: &str) -> (TcpStream, TcpStream) {
    let mut client = house.connect().await;
    client.write_all(head(line, &["Host: bare.localhost", &bearer()]).as_bytes()).await.unwrap();
    let (mut app, _) = house.bare.accept().await.unwrap();
    read_until(&mut app, "\r\n\r\n").await;
    (client, app)
}

#[tokio::test]
async fn a_forwarded_request_is_seen_with_its_bytes() {
    let house = House::open().await;
    let request = signed_in("POST /note/7?key=secret", &["Content-Length: 5"]) + "hello";
    house.say(&request).await;
    let seen = house.witness.next().await;
    assert_eq!((seen.outcome, seen.status.unwrap().as_u16()), (Outcome::Forwarded, 200));
    assert_eq!((app(&seen), user(&seen), seen.upstream), ("notes", "ada", Some(0)));
    assert_eq!((seen.bytes_in, seen.bytes_out), (5, 5));
    let words = seen.words.as_ref().unwrap();
    assert_eq!((words.host.as_str(), words.path.as_str()), ("notes.localhost", "/note/7"));
    assert!(seen.door <= seen.duration && !format!("{words:?}").contains("secret"));
    assert_eq!(house.witness.waiting(), 0);
}

#[tokio::test]
async fn a_refused_request_is_seen_with_its_code() {
    let house = House::open().await;
    for (host, code, of) in [
        ("evil.example", "unknown_host", ""),
        ("notes.localhost", "sign_in_required", "notes"),
        ("gone.localhost", "sign_in_required", "gone"),
    ] {
        house.say(&head("GET /", &[&format!("Host: {host}"), "Connection: close"])).await;
        let seen = house.witness.next().await;
        assert_eq!((seen.outcome, app(&seen), user(&seen)), (Outcome::Refused(code), of, ""), "{host}");
    }
    house.say(&head("GET /", &["Host: closed.localhost", "Connection: close", &bearer()])).await;
    let denied = house.witness.next().await;
    assert_eq!((denied.outcome.code(), user(&denied), denied.failure), ("denied", "ada", None));
    house.say(&head("GET /", &["Host: gone.localhost", "Connection: close", &bearer()])).await;
    let down = house.witness.next().await;
    assert_eq!((down.outcome.code(), down.failure), ("app_unreachable", Some("connect")));
    assert_eq!(house.witness.waiting(), 0);
}

#[tokio::test]
async fn what_doorward_answers_itself_is_its_own() {
    let house = House::open().await;
    house.ask("GET /.doorward/callback?code=secret", &[]).await;
    let seen = house.witness.next().await;
    assert_eq!((seen.outcome, app(&seen), seen.upstream), (Outcome::Own, "notes", None));
    assert_eq!(seen.words.unwrap().path, "/.doorward/callback");
}

#[tokio::test]
async fn what_a_proxy_asks_is_seen_as_the_request_that_it_describes() {
    let trusted = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
    let house = House::behind(trusted, Limits::default()).await;
    let described = [
        "Host: 127.0.0.1:8080",
        "Connection: close",
        "X-Forwarded-Method: DELETE",
        "X-Forwarded-Proto: http",
        "X-Forwarded-Host: notes.localhost",
        "X-Forwarded-Uri: /page?key=secret",
        "X-Forwarded-For: 192.0.2.7",
    ];
    for (credential, outcome, status) in
        [(bearer(), Outcome::Checked, 200), (unknown_bearer(), Outcome::Refused("invalid_credential"), 401)]
    {
        house.say(&head("GET /api/v1/forward-auth", &[&described[..], &[&credential]].concat())).await;
        let seen = house.witness.next().await;
        assert_eq!((seen.outcome, seen.status.unwrap().as_u16(), app(&seen)), (outcome, status, "notes"));
        assert_eq!((seen.client.to_string().as_str(), seen.method.as_str()), ("192.0.2.7", "DELETE"));
        let words = seen.words.unwrap();
        assert_eq!((words.host.as_str(), words.path.as_str()), ("notes.localhost", "/page"));
    }
}

#[tokio::test]
async fn an_answer_that_the_app_breaks_off_is_cut() {
    let house = House::open().await;
    let (mut client, mut app) = at_bare(&house, "GET /").await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
    read_until(&mut client, "half").await;
    drop(app);
    let seen = house.witness.next().await;
    assert_eq!((seen.outcome, seen.bytes_out, seen.failure), (Outcome::Cut, 4, Some("cut")));
    assert_eq!(seen.status.unwrap().as_u16(), 200);
}

#[tokio::test]
async fn what_ends_with_what_it_rests_on_is_ended() {
    let house = House::open().await;
    let (mut client, mut app) = at_bare(&house, "GET /").await;
    app.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n").await.unwrap();
    read_until(&mut client, "half\r\n").await;
    house.door.revoke(Secret::AdasToken);
    let seen = house.witness.next().await;
    assert_eq!((seen.outcome, seen.bytes_out, seen.failure), (Outcome::Ended, 4, None));
}

#[tokio::test]
async fn a_client_that_goes_before_or_within_the_answer_is_gone() {
    // A client that has shut its own side may still want the answer, for so long.
    let half_closed_time = Duration::from_millis(50);
    let house = House::with(Limits { half_closed_time, ..Limits::default() }).await;
    let (client, _app) = at_bare(&house, "GET /").await;
    drop(client);
    let before = house.witness.next().await;
    assert_eq!((before.outcome, before.status, app(&before)), (Outcome::Gone, None, "bare"));
    assert!(before.door <= before.duration);

    let (mut client, mut app) = at_bare(&house, "GET /").await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
    read_until(&mut client, "half").await;
    drop(client);
    let within = house.witness.next().await;
    assert_eq!((within.outcome, within.bytes_out), (Outcome::Gone, 4));
}

#[tokio::test]
async fn a_head_request_and_an_empty_answer_are_whole() {
    let house = House::open().await;
    for (line, host) in
        [("HEAD /", "notes.localhost"), ("GET /", "notes.localhost"), ("HEAD /", "sample.localhost")]
    {
        house.say(&head(line, &[&format!("Host: {host}"), "Connection: close", &bearer()])).await;
        let seen = house.witness.next().await;
        assert_eq!((seen.outcome, seen.bytes_out), (Outcome::Forwarded, 0), "{line} {host}");
    }
}

#[tokio::test]
async fn the_wait_for_the_app_is_not_the_door_s() {
    let wait = Duration::from_millis(300);
    let house = House::with(Limits { answer_time: wait, ..Limits::default() }).await;
    house.ask("GET /hang", &[]).await;
    let seen = house.witness.next().await;
    assert_eq!((seen.outcome.code(), seen.failure), ("app_timeout", Some("timeout")));
    assert!(seen.duration >= wait && seen.duration.saturating_sub(seen.door) >= wait, "{seen:?}");
}

#[tokio::test]
async fn a_tunnel_is_seen_at_its_end_and_counted_while_it_is_open() {
    let house = House::open().await;
    let own =
        ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    let request = signed_in("GET /socket", &own).replace("Connection: close", "Connection: Upgrade");
    let mut stream = house.connect().await;
    stream.write_all((request + "first").as_bytes()).await.unwrap();
    read_until(&mut stream, "first").await;
    // The connection has become a tunnel.
    house.witness.open(0, 1).await;
    assert_eq!(house.witness.waiting(), 0);
    drop(stream);
    let seen = house.witness.next().await;
    assert_eq!(
        (seen.outcome, seen.status.unwrap().as_u16(), seen.is_tunnel),
        (Outcome::Forwarded, 101, true)
    );
    assert_eq!((seen.bytes_in, seen.bytes_out, app(&seen)), (5, 5, "notes"));
    house.witness.open(0, 0).await;
}

#[tokio::test]
async fn connections_are_counted_while_they_are_open() {
    let house = House::open().await;
    let first = house.connect().await;
    let second = house.connect().await;
    house.witness.open(2, 0).await;
    drop((first, second));
    house.witness.open(0, 0).await;
}
