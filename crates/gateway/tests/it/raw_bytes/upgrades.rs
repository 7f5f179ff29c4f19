//! Handshakes that are none, and what is sent behind one before the app has agreed.

use super::{compare, fate, passed};

const PROPER: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn rule_12_half_a_handshake_asks_the_app_for_nothing() {
    compare(&[
        (
            "GET / HTTP/1.1\r\n$Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
            passed("GET / HTTP/1.1"),
        ),
        ("GET / HTTP/1.1\r\n$Upgrade: websocket\r\n\r\n", passed("GET / HTTP/1.1")),
        ("GET / HTTP/1.1\r\n$Upgrade: websocket\r\nConnection: keep-alive\r\n\r\n", passed("GET / HTTP/1.1")),
        ("GET / HTTP/1.1\r\n$Upgrade: websocket, h2c\r\nConnection: Upgrade\r\n\r\n", passed("GET / HTTP/1.1")),
        (
            "GET / HTTP/1.0\r\n$Upgrade: websocket\r\nConnection: Upgrade, keep-alive\r\n\r\n",
            passed("GET / HTTP/1.1"),
        ),
        ("POST / HTTP/1.1\r\n$Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", passed("POST / HTTP/1.1")),
        (
            "GET / HTTP/1.1\r\n$Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello",
            passed("GET / HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
        (
            "GET / HTTP/1.1\r\n$Upgrade: websocket\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            passed("GET / HTTP/1.1\ntransfer-encoding: chunked\n\n0\r\n\r\n"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_follows_a_handshake_that_the_app_declines_is_a_request_of_its_own() {
    let row = format!("GET /socket HTTP/1.1\r\n${PROPER}\r\n");
    let wanted = "GET /socket HTTP/1.1\nconnection: upgrade\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\n\
        sec-websocket-version: 13\nupgrade: websocket";
    assert_eq!(fate(&row).await, passed(wanted));
}
