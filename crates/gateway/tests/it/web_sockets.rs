//! Tunnels: a WebSocket and nothing else.

use crate::{
    door::{bearer, cookie},
    house::{House, PATIENCE, read_until, signed_in},
};
use doorward_gateway::Limits;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

fn handshake(fields: &[&str]) -> String {
    let own =
        ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    signed_in("GET /socket", &[&own, fields].concat()).replace("Connection: close", "Connection: Upgrade")
}

#[tokio::test]
async fn bytes_go_to_and_fro_once_both_sides_have_switched() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    // The first frame may come with the handshake.
    stream.write_all((handshake(&[]) + "first").as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101") && answer.contains("upgrade: websocket"), "{answer}");
    read_until(&mut stream, "first").await;
    stream.write_all(b"second").await.unwrap();
    read_until(&mut stream, "second").await;
}

#[tokio::test]
async fn rule_06_another_site_cannot_open_a_web_socket() {
    let house = House::open().await;
    let mut stream = house.connect().await;
    stream.write_all(handshake(&["Origin: https://evil.example"]).as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn rule_12_no_other_protocol_is_switched_to() {
    let house = House::open().await;
    for upgrade in ["h2c", "websocket, h2c", "websocket\r\nUpgrade: h2c"] {
        let fields = [&format!("Upgrade: {upgrade}"), "HTTP2-Settings: AAMAAABkAAQAAP__"];
        let request = signed_in("GET /", &fields.map(|field| field as &str));
        let answer = house
            .say(&request.replace("Connection: close", "Connection: close, Upgrade, HTTP2-Settings"))
            .await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let seen = house.app.only();
        assert_eq!(
            (seen.field("upgrade"), seen.field("connection"), seen.field("http2-settings")),
            ("", "", "")
        );
    }
}

#[tokio::test]
async fn a_tunnel_where_nothing_moves_is_closed() {
    let limits = Limits { tunnel_idle_time: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits).await;
    let mut stream = house.connect().await;
    stream.write_all(handshake(&[]).as_bytes()).await.unwrap();
    read_until(&mut stream, "\r\n\r\n").await;
    assert_eq!(timeout(PATIENCE, stream.read(&mut [0])).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn one_side_s_end_goes_on_to_the_other_which_may_still_speak() {
    let house = House::open().await;
    let mut client = house.connect().await;
    let line = handshake(&[]).replace("notes.localhost", "bare.localhost");
    client.write_all(line.replace(&cookie(), &bearer()).as_bytes()).await.unwrap();
    let (mut app, _) = house.bare.accept().await.unwrap();
    read_until(&mut app, "\r\n\r\n").await;
    let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    app.write_all(switched.as_bytes()).await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    client.write_all(b"last words").await.unwrap();
    client.shutdown().await.unwrap();
    let mut heard = String::new();
    timeout(PATIENCE, app.read_to_string(&mut heard)).await.unwrap().unwrap();
    assert_eq!(heard, "last words");
    app.write_all(b"farewell").await.unwrap();
    drop(app);
    read_until(&mut client, "farewell").await;
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_client_is_told_to_go_between_two_frames_when_the_shutdown_begins() {
    let limits = Limits { drain_time: Duration::from_hours(1), ..Limits::default() };
    let house = House::with(limits).await;
    let mut client = house.connect().await;
    let line = handshake(&[]).replace("notes.localhost", "bare.localhost");
    client.write_all(line.replace(&cookie(), &bearer()).as_bytes()).await.unwrap();
    let (mut app, _) = house.bare.accept().await.unwrap();
    read_until(&mut app, "\r\n\r\n").await;
    let switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    app.write_all(&[switched.as_bytes(), b"\x81\x05he"].concat()).await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    timeout(PATIENCE, client.read_exact(&mut [0; 4])).await.unwrap().unwrap();
    house.shutdown.cancel();
    house.tasks.close();
    app.write_all(b"llo\x81\x02no").await.unwrap();
    let mut heard = [0; 7];
    timeout(PATIENCE, client.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"llo\x88\x02\x03\xe9", "the frame under way, then Close with 1001, then nothing");
    client.write_all(b"\x88\x82\0\0\0\0\x03\xe9").await.unwrap();
    timeout(PATIENCE, app.read_exact(&mut [0; 8])).await.unwrap().unwrap();
    drop((client, app));
    timeout(PATIENCE, house.tasks.wait()).await.unwrap();
}

#[tokio::test]
async fn a_tunnel_may_finish_after_the_shutdown_began() {
    let limits = Limits { drain_time: Duration::from_hours(1), ..Limits::default() };
    let house = House::with(limits).await;
    let mut stream = house.connect().await;
    // What comes back is no frame, so there is no end of one at which the client could be told anything.
    stream.write_all((handshake(&[]) + "first").as_bytes()).await.unwrap();
    read_until(&mut stream, "first").await;
    house.shutdown.cancel();
    house.tasks.close();
    stream.write_all(b"still here").await.unwrap();
    read_until(&mut stream, "still here").await;
    stream.shutdown().await.unwrap();
    timeout(PATIENCE, house.tasks.wait()).await.unwrap();
}

#[tokio::test]
async fn a_shutdown_ends_tunnels_that_do_not() {
    let limits = Limits { drain_time: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits).await;
    let mut stream = house.connect().await;
    stream.write_all(handshake(&[]).as_bytes()).await.unwrap();
    read_until(&mut stream, "\r\n\r\n").await;
    house.shutdown.cancel();
    house.tasks.close();
    timeout(PATIENCE, house.tasks.wait()).await.unwrap();
    let mut last = Vec::new();
    stream.read_to_end(&mut last).await.unwrap();
    assert_eq!(last, b"\x88\x02\x03\xe9");
}
