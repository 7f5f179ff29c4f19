//! Header fields: ends of lines, spaces, names, values, and how many.

use super::{Fate, compare, fate, passed, refuses};

#[tokio::test]
async fn a_field_that_cannot_be_read_is_refused() {
    refuses(
        400,
        &[
            "GET / HTTP/1.1\r\n$X : 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$X\t: 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$: 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$no colon\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: 1\r\n folded\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: 1\r\n\tRemote-User: root\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: 1\rRemote-User: root\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: 1\r\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: 1\r\n\r\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: a\0b\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: a\u{1}b\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: a\u{b}b\r\n\r\n",
            "GET / HTTP/1.1\r\n$X: a\u{7f}b\r\n\r\n",
            "GET / HTTP/1.1\r\n$X\0: 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$X\u{7f}: 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$X\u{e9}: 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$X(y): 1\r\n\r\n",
            "GET / HTTP/1.1\r\n$\"X\": 1\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn ends_of_lines_are_made_plain_where_they_mean_one_thing() {
    compare(&[
        ("GET / HTTP/1.1\n$X: 1\n\n", passed("GET / HTTP/1.1\nx: 1")),
        ("GET / HTTP/1.1\r\n$X: 1\n\r\n", passed("GET / HTTP/1.1\nx: 1")),
        ("GET / HTTP/1.1\r\n$X: 1\r\n\n", passed("GET / HTTP/1.1\nx: 1")),
        ("GET / HTTP/1.1\r\n$X:1\r\nY: \t 2 \t \r\nZ:\r\n\r\n", passed("GET / HTTP/1.1\nx: 1\ny: 2\nz: ")),
        ("GET / HTTP/1.1\r\n$X: a\tb\u{e9}\r\n\r\n", passed("GET / HTTP/1.1\nx: a\tb\u{e9}")),
        ("GET / HTTP/1.1\r\n$X: 1\r\nx: 2\r\n\r\n", passed("GET / HTTP/1.1\nx: 1\nx: 2")),
    ])
    .await;
}

#[tokio::test]
async fn too_many_or_too_long_fields_are_refused() {
    let many = "X: 1\r\n".repeat(200);
    let (value, name) = ("v".repeat(70_000), "n".repeat(70_000));
    for fields in [many, format!("X: {value}\r\n"), format!("{name}: 1\r\n")] {
        let found = fate(&format!("GET / HTTP/1.1\r\n${fields}\r\n")).await;
        assert_eq!(found, Fate::Refused(431), "{}", fields.get(..20).unwrap());
    }
}

#[tokio::test]
async fn rule_10_connection_takes_away_only_what_the_client_sent() {
    compare(&[
        ("GET / HTTP/1.1\r\n$Connection: Remote-User\r\nRemote-User: root\r\n\r\n", passed("GET / HTTP/1.1")),
        (
            "GET / HTTP/1.1\r\n$Connection: X-Forwarded-For, Cookie\r\nCookie: a=1\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n",
            passed("GET / HTTP/1.1"),
        ),
        (
            "GET / HTTP/1.1\r\n$Connection: Host, X-Doorward-Assertion, X-Request-Id, Remote-Groups\r\n\r\n",
            passed("GET / HTTP/1.1"),
        ),
        // Framing is the gateway's own, whatever is said of the client's.
        (
            "POST / HTTP/1.1\r\n$Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello",
            passed("POST / HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
        (
            "POST / HTTP/1.1\r\n$Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            passed("POST / HTTP/1.1\ntransfer-encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn an_expectation_goes_to_the_app_and_the_body_with_it() {
    compare(&[
        (
            "POST / HTTP/1.1\r\n$Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello",
            passed("POST / HTTP/1.1\ncontent-length: 5\nexpect: 100-continue\n\nhello"),
        ),
        (
            "POST / HTTP/1.1\r\n$Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            passed("POST / HTTP/1.1\nexpect: 100-Continue\ntransfer-encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n"),
        ),
        ("GET / HTTP/1.1\r\n$Expect: 100-continue\r\n\r\n", passed("GET / HTTP/1.1\nexpect: 100-continue")),
        (
            "POST / HTTP/1.1\r\n$Expect: the-unexpected\r\nContent-Length: 5\r\n\r\nhello",
            passed("POST / HTTP/1.1\ncontent-length: 5\nexpect: the-unexpected\n\nhello"),
        ),
    ])
    .await;
}
