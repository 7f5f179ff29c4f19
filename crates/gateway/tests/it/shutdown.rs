//! The way to stop: what is under way is finished first, but not for ever.

use crate::{
    house::{PATIENCE, read_until, signed_in},
    secure::{H1, SecureHouse, piece, send, text},
};
use doorward_gateway::Limits;
use std::{sync::atomic::Ordering, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

fn hurried() -> Limits {
    Limits { drain_time: Duration::from_millis(50), ..Limits::default() }
}

/// Begins to read an answer over HTTP/1.1 that does not end.
async fn begin(house: &SecureHouse) -> TlsStream<TcpStream> {
    let mut stream = house.connect(&[H1]).await.unwrap();
    let request = signed_in("GET /slow", &[]).replace("; doorward=", "; __Host-doorward=");
    stream.write_all(request.replace("Connection: close\r\n", "").as_bytes()).await.unwrap();
    read_until(&mut stream, "first \r\n").await;
    stream
}

async fn all_tasks_end(house: &SecureHouse) {
    house.house.tasks.close();
    timeout(PATIENCE, house.house.tasks.wait()).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_streams_is_finished_before_the_end() {
    let house = SecureHouse::open().await;
    let mut one = begin(&house).await;
    let mut sender = house.http2().await;
    let mut two = send(&mut sender, house.asked("/slow")).await.unwrap();
    assert_eq!(piece(&mut two).await.unwrap().unwrap(), "first ");
    house.house.shutdown.cancel();
    house.house.app.go_on.notify_waiters();
    assert_eq!(text(two).await.unwrap(), "last");
    read_until(&mut one, "last\r\n0\r\n\r\n").await;
    assert_eq!(one.read(&mut [0]).await.unwrap(), 0, "and the connection is closed");
    assert!(send(&mut sender, house.asked("/")).await.is_err());
    all_tasks_end(&house).await;
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_cut_off() {
    let house = SecureHouse::with(hurried()).await;
    let mut one = begin(&house).await;
    let mut sender = house.http2().await;
    let mut two = send(&mut sender, house.asked("/slow")).await.unwrap();
    assert_eq!(piece(&mut two).await.unwrap().unwrap(), "first ");
    house.house.shutdown.cancel();
    assert!(text(two).await.is_err());
    let mut rest = Vec::new();
    let ended = timeout(PATIENCE, one.read_to_end(&mut rest)).await.unwrap();
    assert!(ended.is_err() || rest.is_empty(), "{rest:?}");
    all_tasks_end(&house).await;
}

#[tokio::test]
async fn idle_connections_and_handshakes_end_at_once() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    assert_eq!(send(&mut sender, house.asked("/")).await.unwrap().status(), 200);
    let mut silent = house.house.connect().await;
    let _idle = house.connect(&[H1]).await.unwrap();
    house.house.shutdown.cancel();
    all_tasks_end(&house).await;
    assert_eq!(silent.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn before_a_shutdown_connections_are_closed_with_their_next_answer() {
    let house = SecureHouse::open().await;
    let mut stream = house.connect(&[H1]).await.unwrap();
    let request = signed_in("GET /", &[]).replace("; doorward=", "; __Host-doorward=");
    let request = request.replace("Connection: close\r\n", "");
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_until(&mut stream, "\r\n\r\n").await;
    assert!(!head.contains("connection: close"), "{head}");
    house.house.leaving.store(true, Ordering::Relaxed);
    let mut late = house.connect(&[H1]).await.unwrap();
    late.write_all(request.as_bytes()).await.unwrap();
    let mut all = Vec::new();
    timeout(PATIENCE, late.read_to_end(&mut all)).await.unwrap().unwrap();
    let all = String::from_utf8_lossy(&all).into_owned();
    assert!(all.starts_with("HTTP/1.1 200") && all.contains("connection: close"), "{all}");
}

#[tokio::test]
async fn who_waits_for_the_listener_when_it_closes_is_answered() {
    let house = SecureHouse::open().await;
    let mut waiting = house.house.connect().await;
    house.house.closing.cancel();
    timeout(PATIENCE, async { while TcpStream::connect(house.house.address).await.is_ok() {} })
        .await
        .unwrap();
    let plain = b"GET / HTTP/1.1\r\nHost: notes.localhost\r\n\r\n";
    waiting.write_all(plain).await.unwrap();
    let mut answer = Vec::new();
    timeout(PATIENCE, waiting.read_to_end(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 "), "{answer:?}");
}
