//! Bodies in chunks: sizes, extensions, ends of lines, and what follows the last.

use super::{Fate, compare, fate, passed};

const HEAD: &str = "POST / HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n";

async fn refuses(bodies: &[&str]) {
    let rows: Vec<_> = bodies.iter().map(|body| format!("{HEAD}\r\n{body}")).collect();
    let rows: Vec<_> = rows.iter().map(|row| (row.as_str(), Fate::Refused(400))).collect();
    compare(&rows).await;
}

#[tokio::test]
async fn a_size_that_is_not_hexadecimal_digits_is_refused() {
    refuses(&[
        "0x5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "-5\r\nhello\r\n0\r\n\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5h\r\nhello\r\n0\r\n\r\n",
        "5_0\r\nhello\r\n0\r\n\r\n",
        "\r\nhello\r\n0\r\n\r\n",
        ";x\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n",
        "5\u{b}\r\nhello\r\n0\r\n\r\n",
        "5\0\r\nhello\r\n0\r\n\r\n",
        "10000000000000000\r\nhello\r\n0\r\n\r\n",
        "10000000000000005\r\nhello\r\n0\r\n\r\n",
        "ffffffffffffffffffffffffffffffff5\r\nhello\r\n0\r\n\r\n",
        "five\r\nhello\r\n0\r\n\r\n",
    ])
    .await;
}

#[tokio::test]
async fn a_chunk_that_does_not_end_where_it_says_is_refused() {
    refuses(&[
        "5\nhello\r\n0\r\n\r\n",
        "5\rhello\r\n0\r\n\r\n",
        "5\r\nhello\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "4\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r0\r\n\r\n",
        "5;a\nb\r\nhello\r\n0\r\n\r\n",
        "5;a\rb\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\n\r\n",
        "5\r\nhello\r\n0\r\n\rX",
        // hyper takes what follows for trailers without a field, up to an empty line.
        "5\r\nhello\r\n0\r\n\n",
    ])
    .await;
}

#[tokio::test]
async fn extensions_end_at_this_hop() {
    let plain = passed("POST / HTTP/1.1\ntransfer-encoding: chunked\n\n5\r\nhello\r\n0\r\n\r\n");
    for body in [
        "5;name=value\r\nhello\r\n0\r\n\r\n",
        "5;\r\nhello\r\n0;last\r\n\r\n",
        "5 ; a=\"b;c\"\r\nhello\r\n0\r\n\r\n",
        "5 \t\r\nhello\r\n0\r\n\r\n",
        "0005\r\nhello\r\n0000\r\n\r\n",
    ] {
        assert_eq!(fate(&format!("{HEAD}\r\n{body}")).await, plain, "{body:?}");
    }
    let endless = format!("5;{}\r\nhello\r\n0\r\n\r\n", "x".repeat(20_000));
    refuses(&[&endless]).await;
}

#[tokio::test]
async fn rule_10_trailers_hold_neither_identity_nor_framing_nor_credentials() {
    let trailers = "X-Sum: 1\r\nRemote-User: root\r\nREMOTE_GROUPS: admins\r\nX-Forwarded-For: 192.0.2.1\r\n\
        Content-Length: 7\r\nContent_Length: 7\r\nTransfer-Encoding: chunked\r\nHost: evil.example\r\n\
        Cookie: doorward=1\r\nX_API_Key: dwt_1\r\nAuthorization: Bearer 1\r\nConnection: close\r\nUpgrade: h2c\r\n";
    let announced = "Trailer: X-Sum, Remote-User, Remote_Groups, X-Forwarded-For, Content-Length, Content_Length, \
        Transfer-Encoding, Host, Cookie, X_API_Key, Authorization, Connection, Upgrade";
    let row = format!("{HEAD}{announced}\r\n\r\n5\r\nhello\r\n0\r\n{trailers}\r\n");
    let Fate::PassedAndClosed(request) = fate(&row).await else { panic!("the trailers are refused") };
    assert!(request.ends_with("\n\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n"), "{request}");
}

#[tokio::test]
async fn trailers_that_cannot_be_read_are_refused() {
    refuses(&[
        "0\r\nUnannounced: 1\r\n\r\n",
        "0\r\nX : 1\r\n\r\n",
        "0\r\n X: 1\r\n\r\n",
        "0\r\nX: 1\r\n folded\r\n\r\n",
        "0\r\nX: 1\nY: 2\r\n\r\n",
        "0\r\nX: 1\rY: 2\r\n\r\n",
        "0\r\nX: \0\r\n\r\n",
        "0\r\n: 1\r\n\r\n",
        "0\r\nno colon\r\n\r\n",
    ])
    .await;
    let many = "X: 1\r\n".repeat(200);
    refuses(&[&format!("0\r\n{many}\r\n")]).await;
}

#[tokio::test]
async fn what_follows_trailers_is_another_visitor_s_only_on_another_connection() {
    let row =
        format!("{HEAD}Trailer: X\r\n\r\n5\r\nhello\r\n0\r\nX: 1\n\r\nGET /swallowed HTTP/1.1\r\n$\r\n");
    let wanted = "POST / HTTP/1.1\ntrailer: X\ntransfer-encoding: chunked\n\n5\r\nhello\r\n0\r\nx: 1\r\n\r\n";
    assert_eq!(fate(&row).await, Fate::PassedAndClosed(wanted.to_owned()));
}
