//! What is too much, too slow, or leads nowhere.

use crate::{
    door::bearer,
    house::{House, PATIENCE, head, read_until, signed_in},
};
use doorward_gateway::Limits;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

async fn opened(house: &House, host: &str) -> String {
    let fields = [&format!("Host: {host}"), &bearer(), "Connection: close"];
    house.say(&head("GET /", &fields.map(|field| field as &str))).await
}

#[tokio::test]
async fn an_app_that_is_gone_is_a_bad_gateway() {
    let house = House::open().await;
    assert!(opened(&house, "gone.localhost").await.starts_with("HTTP/1.1 502"));
}

#[tokio::test]
async fn rule_25_the_gateway_is_no_app_of_its_own() {
    let house = House::open().await;
    let answer = opened(&house, "loop.localhost").await;
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("app_loop"), "{answer}");
}

#[tokio::test]
async fn an_app_that_switches_unasked_is_a_bad_gateway() {
    let house = House::open().await;
    assert!(house.ask("GET /switch-unasked", &[]).await.starts_with("HTTP/1.1 502"));
}

#[tokio::test]
async fn an_app_that_hangs_is_given_up() {
    let limits = Limits { answer_time: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits).await;
    assert!(house.ask("GET /hang", &[]).await.starts_with("HTTP/1.1 504"));
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_announced_or_not() {
    let limits = Limits { body_bytes: Some(4), ..Limits::default() };
    let house = House::with(limits).await;
    let announced = signed_in("POST /", &["Content-Length: 5"]) + "hello";
    assert!(house.say(&announced).await.starts_with("HTTP/1.1 413"));
    assert!(house.app.seen().is_empty());
    let chunked = signed_in("POST /", &["Transfer-Encoding: chunked"]) + "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
    let answer = house.say(&chunked).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(house.say(&(signed_in("POST /", &["Content-Length: 4"]) + "four")).await.ends_with("four"));
}

#[tokio::test]
async fn too_many_fields_are_refused() {
    let limits = Limits { header_fields: 5, ..Limits::default() };
    let house = House::with(limits).await;
    assert!(house.ask("GET /", &["A: 1", "B: 2", "C: 3"]).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn a_client_that_never_ends_its_head_is_hung_up_on() {
    let limits = Limits { header_time: Duration::from_millis(50), ..Limits::default() };
    let house = House::with(limits).await;
    let answer = house.say("GET / HTTP/1.1\r\nHost: notes.loc").await;
    assert!(!answer.contains("200"), "{answer}");
}

#[tokio::test]
async fn beyond_the_limit_a_connection_waits_until_another_ends() {
    let limits = Limits { connections: 1, ..Limits::default() };
    let house = House::with(limits).await;
    let mut first = house.connect().await;
    let stays = signed_in("GET /", &[]).replace("Connection: close\r\n", "");
    first.write_all(stays.as_bytes()).await.unwrap();
    read_until(&mut first, "\r\n\r\n").await;
    let mut second = house.connect().await;
    second.write_all(stays.as_bytes()).await.unwrap();
    let early = timeout(Duration::from_millis(50), second.read_u8()).await;
    assert!(early.is_err(), "the second was answered while the first was there");
    drop(first);
    assert!(read_until(&mut second, "\r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_shutdown_ends_every_task() {
    let house = House::open().await;
    let mut idle = house.connect().await;
    let stays = signed_in("GET /", &[]).replace("Connection: close\r\n", "");
    idle.write_all(stays.as_bytes()).await.unwrap();
    read_until(&mut idle, "\r\n\r\n").await;
    house.shutdown.cancel();
    house.tasks.close();
    timeout(PATIENCE, house.tasks.wait()).await.unwrap();
    assert_eq!(idle.read(&mut [0]).await.unwrap(), 0);
}
