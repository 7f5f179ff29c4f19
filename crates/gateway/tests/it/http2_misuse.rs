//! What a client may try over HTTP/2 to take more than its share.

use crate::{
    door::session_pair,
    house::PATIENCE,
    secure::{H2, SecureHouse, piece, send, text},
};
use domain::Scheme;
use doorward_gateway::Limits;
use http::Request;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::client::TlsStream;

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field of the static table's name `index`, below 128 bytes, outside of the dynamic table (RFC 7541 §6.2.2).
fn literal(index: u8, value: &str) -> Vec<u8> {
    let name = if index < 15 { vec![index] } else { vec![15, index - 15] };
    [&name[..], &[u8::try_from(value.len()).unwrap()], value.as_bytes()].concat()
}

/// The head of a request of Ada's that her app never answers.
fn hanging(house: &SecureHouse) -> Vec<u8> {
    let (method, scheme) = ([0x82], [0x87]);
    let rest = [
        literal(4, "/hang"),
        literal(1, &house.house.authority()),
        literal(32, &session_pair(Scheme::Https)),
    ];
    [&method[..], &scheme, &rest.concat()].concat()
}

/// A connection on which the test speaks HTTP/2 by itself.
async fn bare(house: &SecureHouse) -> TlsStream<TcpStream> {
    let mut stream = house.connect(&[H2]).await.unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
    stream
}

/// Writes until the server has had enough; whether it had.
async fn is_cut_off(stream: TlsStream<TcpStream>, mut next: impl FnMut(u32) -> Vec<u8>, most: u32) -> bool {
    let (mut read, mut write) = tokio::io::split(stream);
    let reading = async { while matches!(read.read(&mut [0; 4096]).await, Ok(1..)) {} };
    let writing = async {
        for number in 0..most {
            if write.write_all(&next(number)).await.is_err() {
                break;
            }
        }
        // What was written may still be on its way: the server must be the one who ends it.
        std::future::pending::<()>().await;
    };
    let both = async {
        tokio::select! { () = reading => {}, () = writing => {} }
    };
    timeout(PATIENCE, both).await.is_ok()
}

async fn is_served(house: &SecureHouse) -> bool {
    let answer = send(&mut house.http2().await, house.asked("/")).await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test]
async fn rule_22_asking_and_taking_back_as_fast_as_possible_is_cut_off() {
    let house = SecureHouse::open().await;
    let head = hanging(&house);
    let flood = |number: u32| {
        let stream = 2 * number + 1;
        let asked = frame(HEADERS, END_HEADERS | END_STREAM, stream, &head);
        [asked, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
    };
    assert!(is_cut_off(bare(&house).await, flood, 50_000).await);
    assert!(is_served(&house).await);
}

#[tokio::test]
async fn rule_22_asking_and_taking_back_slowly_is_cut_off_too() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    let mut taken_back = 0;
    while let Ok(mut answer) = send(&mut sender, house.asked("/slow")).await {
        if !matches!(piece(&mut answer).await, Some(Ok(_))) {
            break;
        }
        taken_back += 1;
        assert!(taken_back < 400, "nobody minds");
    }
    assert!(taken_back >= 100, "{taken_back}: a browser may leave a page full of pictures");
    assert!(is_served(&house).await);
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let house = SecureHouse::open().await;
    let more = [literal(32, "a=1"), vec![0; 0]].concat().repeat(2000);
    let endless = |number: u32| match number {
        0 => frame(HEADERS, END_STREAM, 1, &hanging(&house)),
        _ => frame(CONTINUATION, 0, 1, &more),
    };
    assert!(is_cut_off(bare(&house).await, endless, 50_000).await);
    assert!(is_served(&house).await);
}

#[tokio::test]
async fn a_head_that_stops_halfway_and_a_silent_connection_are_hung_up_on() {
    let limits = Limits { header_time: Duration::from_millis(50), ..Limits::default() };
    let house = SecureHouse::with(limits).await;
    let halfway = frame(HEADERS, END_STREAM, 1, &hanging(&house));
    assert!(is_cut_off(bare(&house).await, |_| halfway.clone(), 1).await);
    assert!(is_cut_off(bare(&house).await, |_| Vec::new(), 0).await);
    let before_the_preface = house.connect(&[H2]).await.unwrap();
    assert!(is_cut_off(before_the_preface, |_| Vec::new(), 0).await);
}

#[tokio::test]
async fn a_connection_with_an_answer_under_way_does_not_lie_idle() {
    let limits = Limits { header_time: Duration::from_millis(20), ..Limits::default() };
    let house = SecureHouse::with(limits).await;
    let mut sender = house.http2().await;
    let answer = send(&mut sender, house.asked("/slow")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    house.house.app.go_on.notify_one();
    assert_eq!(text(answer).await.unwrap(), "first last");
    house.clients.close();
    timeout(PATIENCE, house.clients.wait()).await.unwrap();
    assert!(sender.ready().await.is_err());
}

#[tokio::test]
async fn too_many_or_too_long_fields_are_refused() {
    let limits = Limits { header_fields: 20, header_bytes: 8192, ..Limits::default() };
    let house = SecureHouse::with(limits).await;
    let mut sender = house.http2().await;
    let many = (0..21).fold(house.asked("/"), |request, number| request.header(format!("x-{number}"), "1"));
    assert_eq!(send(&mut sender, many).await.unwrap().status(), 431);
    let long = (0..9)
        .fold(house.asked("/"), |request, number| request.header(format!("x-{number}"), "a".repeat(1000)));
    assert!(send(&mut sender, long).await.map_or(true, |answer| answer.status() == 431));
    assert!(house.house.app.seen().is_empty());
    assert!(is_served(&house).await);
}

#[tokio::test]
async fn lengths_that_disagree_or_come_twice_are_refused() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    for lengths in [["0", "0"], ["0", "5"]] {
        let request = lengths.iter().fold(house.asked("/").method("POST"), |request, length| {
            request.header("content-length", *length)
        });
        let refused = send(&mut sender, request).await.map_or(true, |answer| answer.status() == 400);
        assert!(refused, "{lengths:?}");
    }
    assert!(house.house.app.seen().is_empty());
}

#[tokio::test]
async fn an_unknown_visitor_is_told_to_sign_in() {
    let house = SecureHouse::open().await;
    let answer = send(&mut house.http2().await, Request::builder().uri(house.url("/"))).await.unwrap();
    assert_eq!(answer.status(), 401);
    assert!(answer.headers().contains_key("www-authenticate"));
}

/// A setting that every answer's window is shut from its beginning (RFC 9113 §6.5.2).
const SHUT: [u8; 6] = [0, 4, 0, 0, 0, 0];

#[tokio::test]
async fn rule_22_who_asks_and_takes_nothing_of_the_answer_is_cut_off() {
    let limits = Limits { write_time: Duration::from_millis(100), ..Limits::default() };
    let house = SecureHouse::with(limits).await;
    let mut stream = bare(&house).await;
    stream.write_all(&frame(SETTINGS, 0, 0, &SHUT)).await.unwrap();
    let (method, scheme) = ([0x82], [0x87]);
    let rest = [
        literal(4, "/slow"),
        literal(1, &house.house.authority()),
        literal(32, &session_pair(Scheme::Https)),
    ];
    let head = [&method[..], &scheme, &rest.concat()].concat();
    stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &head)).await.unwrap();
    assert!(is_cut_off(stream, |_| Vec::new(), 0).await);
    assert!(is_served(&house).await);
}
