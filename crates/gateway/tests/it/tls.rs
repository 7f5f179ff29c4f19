//! TLS: what is agreed on, what is refused, and how long it may take.

use crate::{
    house::{House, PATIENCE, read_until, signed_in},
    secure::{Files, H1, H2, NOW, Pair, SecureHouse},
};
use doorward_gateway::{Limits, Tls};
use insta::assert_snapshot;
use std::{fs, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

fn secure_head(line: &str, fields: &[&str]) -> String {
    signed_in(line, fields).replace("; doorward=", "; __Host-doorward=")
}

async fn agreed(house: &SecureHouse, protocols: &[&[u8]]) -> Option<Vec<u8>> {
    let stream = house.connect(protocols).await.unwrap();
    stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec)
}

#[tokio::test]
async fn the_client_chooses_between_http_2_and_1_1() {
    let house = SecureHouse::open().await;
    assert_eq!(agreed(&house, &[H2, H1]).await.unwrap(), H2);
    assert_eq!(agreed(&house, &[H1, H2]).await.unwrap(), H2, "what this server likes better");
    assert_eq!(agreed(&house, &[H1]).await.unwrap(), H1);
    assert_eq!(agreed(&house, &[]).await, None);
    assert!(house.connect(&[b"spdy/3"]).await.is_err());
}

#[tokio::test]
async fn over_tls_http_1_1_is_what_it_is_without() {
    let house = SecureHouse::open().await;
    for protocols in [&[H1][..], &[]] {
        let mut stream = house.connect(protocols).await.unwrap();
        stream.write_all(secure_head("GET /page", &["X-Forwarded-Proto: http"]).as_bytes()).await.unwrap();
        let answer = read_until(&mut stream, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let seen = house.house.app.only();
        assert_eq!((seen.target.as_str(), seen.field("remote-user")), ("/page", "ada"));
        assert_eq!(seen.field("x-forwarded-proto"), "https");
        assert_eq!(seen.field("cookie"), "theirs=1");
    }
}

#[tokio::test]
async fn rule_03_over_tls_the_cookie_of_plain_http_counts_for_nothing() {
    let house = SecureHouse::open().await;
    let mut stream = house.connect(&[H1]).await.unwrap();
    stream.write_all(signed_in("GET /", &[]).as_bytes()).await.unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 401"));
}

#[tokio::test]
async fn a_web_socket_is_a_tunnel_within_tls() {
    let house = SecureHouse::open().await;
    let mut stream = house.connect(&[H1]).await.unwrap();
    let handshake = secure_head("GET /socket", &["Upgrade: websocket"]);
    let handshake = handshake.replace("Connection: close", "Connection: Upgrade");
    stream.write_all(handshake.as_bytes()).await.unwrap();
    assert!(read_until(&mut stream, "\r\n\r\n").await.starts_with("HTTP/1.1 101"));
    stream.write_all(b"to and fro").await.unwrap();
    read_until(&mut stream, "to and fro").await;
}

#[tokio::test]
async fn who_speaks_plain_http_is_told_to_use_https() {
    let house = SecureHouse::open().await;
    let answer = house.house.ask("GET /", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("https://"), "{answer}");
    assert!(!answer.contains("location"), "rule 2: a `Host` is no place to send anybody to");
}

#[tokio::test]
async fn a_handshake_that_drags_on_is_cut_off() {
    let limits = Limits { handshake_time: Duration::from_millis(50), ..Limits::default() };
    let house = SecureHouse::with(limits).await;
    // Nothing, the beginning of a record, and plain HTTP from a client that never closes.
    for sent in [&b""[..], &[0x16, 3, 1, 2, 0], b"GET / HTTP/1.1\r\n"] {
        let mut stream = house.house.connect().await;
        stream.write_all(sent).await.unwrap();
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "{sent:?}");
    }
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off_within_tls_too() {
    let limits = Limits { header_time: Duration::from_millis(50), ..Limits::default() };
    let house = SecureHouse::with(limits).await;
    let mut stream = house.connect(&[H1]).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: notes.loc").await.unwrap();
    let mut answer = String::new();
    let ended = timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap();
    assert!(ended.is_err() || !answer.contains("200"), "{answer}");
}

#[tokio::test]
async fn without_a_certificate_tls_is_not_understood() {
    let house = House::open().await;
    assert!(crate::secure::shake_hands(house.connect().await, &[H1]).await.is_err());
}

/// What is said of the pair in these files.
fn refused(files: &Files) -> String {
    let folder = files.names().key.parent().unwrap().display().to_string();
    Tls::read(files.names(), NOW).unwrap_err().to_string().replace(&folder, "FOLDER")
}

#[test]
fn a_pair_that_cannot_be_shown_is_refused_in_one_sentence() {
    let (pair, other) = (Pair::make(), Pair::make());
    let files = Files::of(&pair);
    assert!(Tls::read(files.names(), NOW).is_ok());
    fs::write(files.names().key, &other.key).unwrap();
    assert_snapshot!(refused(&files), @"the key in `FOLDER/key.pem` is not that of the certificate in `FOLDER/cert.pem`");
    fs::write(files.names().key, "nothing").unwrap();
    assert_snapshot!(refused(&files), @"`FOLDER/key.pem` holds no private key in PEM that is free of a passphrase");
    fs::remove_file(files.names().key).unwrap();
    assert_snapshot!(refused(&files), @"`FOLDER/key.pem` cannot be read: No such file or directory (os error 2)");
    fs::write(files.names().certificate, &pair.key).unwrap();
    assert_snapshot!(refused(&files), @"`FOLDER/cert.pem` holds no certificate in PEM");
    files.write(&Pair { certificate: pair.certificate.replace("MII", "AAA"), ..Pair::make() });
    assert_snapshot!(refused(&files), @"the certificate in `FOLDER/cert.pem` cannot be used with its key: invalid peer certificate: BadEncoding");
    files.write(&Pair::valid(2001..2026));
    assert_snapshot!(refused(&files), @"the certificate in `FOLDER/cert.pem` has expired");
    files.write(&Pair::valid(2028..2030));
    assert_snapshot!(refused(&files), @"the certificate in `FOLDER/cert.pem` is not valid yet");
}

#[test]
fn no_key_is_in_what_is_logged() {
    let pair = Pair::make();
    let shown = format!("{:?}", Tls::read(Files::of(&pair).names(), NOW).unwrap());
    let secret = pair.key.lines().nth(1).unwrap();
    assert!(!shown.contains(secret), "{shown}");
}
