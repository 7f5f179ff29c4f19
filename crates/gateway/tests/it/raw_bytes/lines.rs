//! The first line: method, target and version.

use super::{Fate, compare, fate, latin, passed, passed_and_closed, refuses, say, statuses};
use crate::house::House;

#[tokio::test]
async fn a_line_that_is_not_three_words_is_refused() {
    refuses(
        400,
        &[
            "GET /\r\n\r\n",
            "GET\r\n\r\n",
            "GET /  HTTP/1.1\r\n$\r\n",
            "GET  / HTTP/1.1\r\n$\r\n",
            "GET\t/ HTTP/1.1\r\n$\r\n",
            "GET /\tHTTP/1.1\r\n$\r\n",
            " GET / HTTP/1.1\r\n$\r\n",
            "GET / HTTP/1.1 \r\n$\r\n",
            "GET / x HTTP/1.1\r\n$\r\n",
            "GET /\0 HTTP/1.1\r\n$\r\n",
            "GET /\u{1} HTTP/1.1\r\n$\r\n",
            "GET /\u{7f} HTTP/1.1\r\n$\r\n",
            "GET /a\rb HTTP/1.1\r\n$\r\n",
            "G\0T / HTTP/1.1\r\n$\r\n",
            "G(T / HTTP/1.1\r\n$\r\n",
            "G\u{e9}T / HTTP/1.1\r\n$\r\n",
            "GET / HTTP/1.1\r$\r\n\r\n",
            "\rGET / HTTP/1.1\r\n$\r\n",
            "GET / HTTP/1.1\r\n $\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_version_that_is_not_1_0_or_1_1_is_refused() {
    for version in
        ["HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "HTTP/1.", "HTTP/11", "http/1.1", "HTTP/1.1.1", "HTTPS/1.1"]
    {
        assert_eq!(fate(&format!("GET / {version}\r\n$\r\n")).await, Fate::Refused(400), "{version}");
    }
}

#[tokio::test]
async fn the_preface_of_another_version_is_dropped() {
    compare(&[("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Fate::Dropped)]).await;
}

#[tokio::test]
async fn http_1_0_is_spoken_and_asked_of_the_app_in_1_1() {
    compare(&[
        ("GET /old HTTP/1.0\r\n$\r\n", passed_and_closed("GET /old HTTP/1.1")),
        ("GET /old HTTP/1.0\r\n$Connection: keep-alive\r\n\r\n", passed("GET /old HTTP/1.1")),
        (
            "POST /old HTTP/1.0\r\n$Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello",
            passed("POST /old HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_method_in_small_letters_is_refused() {
    for method in ["get", "Get", "trace", "post", "dELETE"] {
        let row = format!("{method} / HTTP/1.1\r\n$Connection: close\r\n\r\n");
        assert_eq!(fate(&row).await, Fate::Refused(405), "{method}");
    }
    compare(&[("M-SEARCH / HTTP/1.1\r\n$\r\n", passed("M-SEARCH / HTTP/1.1"))]).await;
}

#[tokio::test]
async fn a_target_without_a_path_is_refused() {
    refuses(
        400,
        &[
            "GET * HTTP/1.1\r\n$\r\n",
            "GET bare.localhost HTTP/1.1\r\n$\r\n",
            "GET http://bare.localhost?q HTTP/1.1\r\n$\r\n",
            "GET page HTTP/1.1\r\n$\r\n",
            "GET page/x HTTP/1.1\r\n$\r\n",
            "GET ?q HTTP/1.1\r\n$\r\n",
            "GET #x HTTP/1.1\r\n$\r\n",
            "GET ../x HTTP/1.1\r\n$\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_target_that_names_another_host_or_scheme_is_refused() {
    refuses(
        400,
        &[
            "GET http://notes.localhost/ HTTP/1.1\r\n$\r\n",
            "GET http://bare.localhost:81/ HTTP/1.1\r\n$\r\n",
            "GET http://root@bare.localhost/ HTTP/1.1\r\n$\r\n",
            "GET http://bare.localhost@evil.example/ HTTP/1.1\r\n$\r\n",
            "GET http://bare.localhost\\@evil.example/ HTTP/1.1\r\n$\r\n",
            "GET http:///path HTTP/1.1\r\n$\r\n",
            "GET file://bare.localhost/ HTTP/1.1\r\n$\r\n",
            "GET javascript://bare.localhost/ HTTP/1.1\r\n$\r\n",
            "GET http:bare.localhost/ HTTP/1.1\r\n$\r\n",
            "GET http://bare.localhost/ HTTP/1.1\r\n$Host: bare.localhost\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn a_target_reaches_the_app_byte_for_byte() {
    compare(&[
        ("GET http://bare.localhost/a?b HTTP/1.1\r\n$\r\n", passed("GET /a?b HTTP/1.1")),
        ("GET HTTP://BARE.localhost/a HTTP/1.1\r\n$\r\n", passed("GET /a HTTP/1.1")),
        ("GET http://bare.localhost HTTP/1.1\r\n$\r\n", passed("GET / HTTP/1.1")),
        ("GET http://bare.localhost#x HTTP/1.1\r\n$\r\n", passed("GET / HTTP/1.1")),
        ("OPTIONS * HTTP/1.1\r\n$\r\n", passed("OPTIONS * HTTP/1.1")),
        (
            "GET /a/%2E%2e/b;c=d//e?f=%00&g=%zz HTTP/1.1\r\n$\r\n",
            passed("GET /a/%2E%2e/b;c=d//e?f=%00&g=%zz HTTP/1.1"),
        ),
        ("GET /a\\b|c{}\"^ HTTP/1.1\r\n$\r\n", passed("GET /a\\b|c{}\"^ HTTP/1.1")),
        // Bytes of UTF-8 that nobody encoded.
        ("GET /caf\u{c3}\u{a9} HTTP/1.1\r\n$\r\n", passed("GET /caf\u{c3}\u{a9} HTTP/1.1")),
        // A fragment is no part of what is asked for (RFC 9112 §3.2).
        ("GET /a?b#c HTTP/1.1\r\n$\r\n", passed("GET /a?b HTTP/1.1")),
    ])
    .await;
    refuses(
        400,
        &[
            "GET /`<> HTTP/1.1\r\n$\r\n",
            "GET /caf\u{e9} HTTP/1.1\r\n$\r\n",
            "GET /\u{c0}\u{ae}/ HTTP/1.1\r\n$\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn empty_lines_before_a_request_are_no_part_of_it() {
    for lines in ["\r\n", "\r\n\r\n", "\n", "\n\r\n"] {
        let found = fate(&format!("{lines}GET /first HTTP/1.1\r\n$\r\n")).await;
        assert_eq!(found, passed("GET /first HTTP/1.1"), "{lines:?}");
    }
}

#[tokio::test]
async fn a_line_that_is_too_long_is_refused() {
    let target = "x".repeat(70_000);
    let house = House::open().await;
    let row = format!("GET /{target} HTTP/1.1\r\nHost: bare.localhost\r\n\r\n");
    let answers = say(house.address, &latin(&row)).await;
    let statuses = statuses(&answers);
    assert!(statuses == [414] || statuses == [431], "{answers}");
}
