//! Several requests in one segment, and what follows one that was refused.

use super::{Fate, fate, latin, passed, say, statuses};
use crate::{
    door::{bearer, cookie, grace_cookie},
    house::House,
};

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\n$\r\n";

#[tokio::test]
async fn visitors_in_one_segment_are_told_apart() {
    let house = House::open().await;
    let (ada, grace) = (cookie(), grace_cookie());
    let request = |path: &str, fields: &str, body: &str| {
        let length = body.len();
        format!(
            "POST /{path} HTTP/1.1\r\nHost: notes.localhost\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        )
    };
    let segment = [
        request("1", &format!("{ada}\r\n"), "of Ada"),
        request("2", &format!("{grace}\r\n"), "of Grace"),
        request("3", "", "of nobody"),
        request("4", &format!("{ada}\r\n"), "of Ada again"),
        request("5", &format!("{grace}\r\nConnection: close\r\n"), "of Grace again"),
    ];
    let answers = say(house.address, &latin(&segment.concat())).await;
    assert_eq!(statuses(&answers), [200, 200, 401, 200, 200], "{answers}");
    let bodies = ["of Ada", "of Grace", "sign_in_required", "of Ada again", "of Grace again"];
    let places: Vec<_> = bodies.iter().map(|body| answers.find(&format!("\r\n\r\n{body}"))).collect();
    assert!(places.is_sorted() && places[0].is_some(), "{answers}");
    let seen = house.app.seen();
    let seen: Vec<_> = seen.iter().map(|one| (one.target.as_str(), one.field("remote-user"))).collect();
    assert_eq!(seen, [("/1", "ada"), ("/2", "grace"), ("/4", "ada"), ("/5", "grace")]);
}

#[tokio::test]
async fn the_body_of_a_refused_request_is_never_taken_for_a_request() {
    let body = super::written(SMUGGLED).len();
    let long = body + 1_000_000;
    for head in [
        format!("TRACE / HTTP/1.1\r\n$Content-Length: {body}\r\n\r\n"),
        format!("POST /.Doorward/ HTTP/1.1\r\n$Content-Length: {body}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: bare.localhost\r\nContent-Length: {body}\r\n\r\n"),
        format!("POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: {body}\r\n\r\n"),
        format!(
            "POST / HTTP/1.1\r\nHost: bare.localhost\r\nExpect: 100-continue\r\nContent-Length: {body}\r\n\r\n"
        ),
    ] {
        // By its framing the bytes are a body, so the connection may go on behind them, or close.
        let house = House::open().await;
        let (address, origin) = (house.address, super::Origin::play(house).await);
        let close = super::written("GET /behind HTTP/1.1\r\n$Connection: close\r\n\r\n");
        say(address, &[super::written(&format!("{head}{SMUGGLED}")), close].concat()).await;
        let requests = origin.requests().await;
        assert!(!requests.iter().any(|request| request.contains("smuggled")), "{head:?}: {requests:?}");
    }
    for head in [
        format!("TRACE / HTTP/1.1\r\n$Content-Length: {long}\r\n\r\n"),
        format!("TRACE / HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n\r\n{long:x}\r\n"),
    ] {
        assert_eq!(fate(&format!("{head}{SMUGGLED}")).await, Fate::Refused(405), "{head:?}");
    }
}

#[tokio::test]
async fn nothing_is_read_behind_a_request_that_cannot_be_read() {
    for bad in [
        "GET / HTTP/1.1\r\n$X : 1\r\n\r\n",
        "GET / HTTP/9.9\r\n$\r\n",
        "POST / HTTP/1.1\r\n$Content-Length: 05\r\n\r\nhello",
        "POST / HTTP/1.1\r\n$Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET / HTTP/1.1\r\n$Host: bare.localhost\r\n\r\n",
    ] {
        assert_eq!(fate(&format!("{bad}{SMUGGLED}")).await, Fate::Refused(400), "{bad:?}");
    }
}

#[tokio::test]
async fn a_request_behind_one_that_was_merely_not_allowed_is_answered() {
    let house = House::open().await;
    let (cookie, bearer) = (cookie(), bearer());
    let segment = format!(
        "GET /1 HTTP/1.1\r\nHost: notes.localhost\r\n\r\n\
         GET /2 HTTP/1.1\r\nHost: evil.example\r\n{cookie}\r\n\r\n\
         GET /3 HTTP/1.1\r\nHost: closed.localhost\r\n{bearer}\r\n\r\n\
         GET /4 HTTP/1.1\r\nHost: notes.localhost\r\n{cookie}\r\nConnection: close\r\n\r\n"
    );
    let answers = say(house.address, &latin(&segment)).await;
    assert_eq!(statuses(&answers), [401, 421, 403, 200], "{answers}");
    assert_eq!(house.app.only().target, "/4");
}

#[tokio::test]
async fn a_request_whose_body_ends_early_never_reaches_the_app_whole() {
    for head in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        let house = House::open().await;
        let (address, origin) = (house.address, super::Origin::play(house).await);
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let bytes = super::written(&format!("POST / HTTP/1.1\r\n${head}\r\n\r\n5\r\nhello\r\n"));
        tokio::io::AsyncWriteExt::write_all(&mut stream, &bytes).await.unwrap();
        drop(stream);
        assert_eq!(origin.requests().await, [""; 0], "{head}");
    }
}

#[tokio::test]
async fn a_get_with_a_body_is_one_request() {
    let body = super::written(SMUGGLED).len();
    let row = format!("GET /outer HTTP/1.1\r\n$Content-Length: {body}\r\n\r\n{SMUGGLED}");
    let inner: String = super::written(SMUGGLED).into_iter().map(char::from).collect();
    assert_eq!(fate(&row).await, passed(&format!("GET /outer HTTP/1.1\ncontent-length: {body}\n\n{inner}")));
}
