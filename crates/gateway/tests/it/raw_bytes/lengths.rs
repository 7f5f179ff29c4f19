//! How long a body is: `Content-Length`, `Transfer-Encoding`, both, and what only looks like them.

use super::{compare, fate, passed, passed_and_closed, refuses};

#[tokio::test]
async fn a_length_that_is_not_one_plain_number_is_refused() {
    refuses(
        400,
        &[
            "POST / HTTP/1.1\r\n$Content-Length: \r\n\r\n",
            "POST / HTTP/1.1\r\n$Content-Length: +5\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: -5\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 0x5\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 5 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 5, 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 5,6\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 5;q=1\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 5.0\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 05\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 00\r\n\r\n",
            "POST / HTTP/1.1\r\n$Content-Length: \u{b2}\r\n\r\nhi",
            "POST / HTTP/1.1\r\n$Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 5\r\nContent-Length: five\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 9223372036854775808\r\n\r\nhello",
            "POST / HTTP/1.1\r\n$Content-Length: 99999999999999999999\r\n\r\nhello",
        ],
    )
    .await;
    // The largest numbers of 64 bits stand for other things within hyper.
    refuses(431, &["POST / HTTP/1.1\r\n$Content-Length: 18446744073709551615\r\n\r\nhello"]).await;
}

#[tokio::test]
async fn a_plain_length_is_kept() {
    compare(&[
        (
            "POST / HTTP/1.1\r\n$Content-Length: 5\r\n\r\nhello",
            passed("POST / HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
        (
            "POST / HTTP/1.1\r\n$Content-Length:\t5 \t\r\n\r\nhello",
            passed("POST / HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
        // Said twice alike, it may be said once (RFC 9110 §8.6).
        (
            "POST / HTTP/1.1\r\n$Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
            passed("POST / HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
        ("GET / HTTP/1.1\r\n$Content-Length: 0\r\n\r\n", passed("GET / HTTP/1.1\ncontent-length: 0")),
        (
            "GET / HTTP/1.1\r\n$Content-Length: 5\r\n\r\nhello",
            passed("GET / HTTP/1.1\ncontent-length: 5\n\nhello"),
        ),
        // No length is no body: what follows is the next request.
        ("POST / HTTP/1.1\r\n$\r\n", passed("POST / HTTP/1.1")),
    ])
    .await;
}

#[tokio::test]
async fn a_transfer_coding_that_is_not_chunked_alone_is_refused() {
    let codings = [
        "identity",
        "gzip",
        "chunked, identity",
        "identity, chunked",
        "gzip, chunked",
        "chunked, chunked",
        ",chunked",
        "chunked,",
        "xchunked",
        "chunkedx",
        "chunked;q=1",
        "\"chunked\"",
        "chun ked",
        "",
        "chunked\r\nTransfer-Encoding: chunked",
        "chunked\r\nTransfer-Encoding: identity",
        "identity\r\nTransfer-Encoding: chunked",
        "\r\nTransfer-Encoding: chunked",
        "\u{a0}chunked",
        "chunked\u{85}",
    ];
    let rows = codings.map(|coding| {
        format!("POST / HTTP/1.1\r\n$Transfer-Encoding: {coding}\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    });
    refuses(400, &rows.each_ref().map(|row| row as &str)).await;
}

#[tokio::test]
async fn a_transfer_coding_that_cannot_be_read_is_refused() {
    refuses(
        400,
        &[
            "POST / HTTP/1.1\r\n$Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$Transfer-Encoding:\u{b}chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$Transfer-Encoding\u{b}: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n , identity\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$X: 1\r\n Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.1\r\n$X: 1\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.0\r\n$Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST / HTTP/1.0\r\n$Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n0\r\n\r\n",
        ],
    )
    .await;
}

#[tokio::test]
async fn chunks_stay_chunks() {
    compare(&[
        (
            "POST / HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            passed("POST / HTTP/1.1\ntransfer-encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n"),
        ),
        (
            "POST / HTTP/1.1\r\n$tRANSFER-eNCODING:\t cHUNKED \t\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
            passed("POST / HTTP/1.1\ntransfer-encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n"),
        ),
        (
            "DELETE / HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            passed("DELETE / HTTP/1.1\ntransfer-encoding: chunked\n\n0\r\n\r\n"),
        ),
        // Neither is framing here, and so neither may be for the app.
        (
            "POST / HTTP/1.1\r\n$Transfer_Encoding: chunked\r\nContent.Length: 5\r\n\r\n",
            passed("POST / HTTP/1.1"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_length_beside_chunks_is_forgotten_and_the_connection_closed() {
    let chunked = "POST / HTTP/1.1\ntransfer-encoding: chunked\n\n";
    let body = "5\r\nhello\r\n0\r\n\r\n";
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 9999",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\nConnection: keep-alive",
        "Content-Length: 5\r\nContent-Length: 5\r\nTransfer-Encoding: chunked",
    ] {
        let row = format!("POST / HTTP/1.1\r\n${fields}\r\n\r\n{body}");
        assert_eq!(fate(&row).await, passed_and_closed(&format!("{chunked}{body}")), "{fields}");
    }
}
