//! How requests and answers flow: piece by piece, early, half closed, without a body, and never too slowly.

use crate::{
    house::{House, PATIENCE, read_until, signed_in},
    stand::{EMPTY, before_one, to_many},
};
use doorward_gateway::Limits;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    join,
    time::timeout,
};

/// Limits of a time that a test waits for.
const SOON: Duration = Duration::from_millis(200);

/// The same request over a connection that stays open.
fn staying(request: &str) -> String {
    request.replace("Connection: close\r\n", "")
}

#[tokio::test]
async fn events_reach_the_client_one_by_one() {
    let (house, stand) = before_one(Limits::default()).await;
    for framing in ["", "Transfer-Encoding: chunked\r\n"] {
        let mut client = house.connect().await;
        client.write_all(to_many("GET /events", &["Accept: text/event-stream"]).as_bytes()).await.unwrap();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n{framing}\r\n");
        let mut app = stand.answers(&head).await;
        read_until(&mut client, "\r\n\r\n").await;
        for event in ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"] {
            let is_chunked = !framing.is_empty();
            let sent = if is_chunked { format!("9\r\n{event}\r\n") } else { event.to_owned() };
            app.says(&sent).await;
            assert_eq!(read_until(&mut client, "\n\n\r\n").await, format!("9\r\n{event}\r\n"));
        }
    }
}

#[tokio::test]
async fn an_upload_reaches_the_app_piece_by_piece() {
    let (house, stand) = before_one(Limits::default()).await;
    let mut client = house.connect().await;
    client.write_all(to_many("POST /", &["Content-Length: 9"]).as_bytes()).await.unwrap();
    let mut app = stand.heard().await.stream;
    for piece in ["one", "two", "3rd"] {
        client.write_all(piece.as_bytes()).await.unwrap();
        assert_eq!(read_until(&mut app, piece).await, piece);
    }
}

#[tokio::test]
async fn a_long_body_arrives_byte_for_byte_while_the_client_s_end_is_looked_for() {
    let house = House::open().await;
    let body = (0..400_000).map(|number| number.to_string()).collect::<Vec<_>>().join(" ");
    let mut client = house.connect().await;
    let head = signed_in("POST /echo", &[&format!("Content-Length: {}", body.len())]);
    let (mut from, mut to) = client.split();
    let upload = async {
        to.write_all((head + &body).as_bytes()).await.unwrap();
        to.shutdown().await.unwrap();
    };
    let mut echo = String::new();
    let ((), read) = join!(upload, timeout(PATIENCE, from.read_to_string(&mut echo)));
    read.unwrap().unwrap();
    let (_, echoed) = echo.split_once("\r\n\r\n").unwrap();
    assert!(echoed == body, "{} bytes came back of {}", echoed.len(), body.len());
}

#[tokio::test]
async fn an_early_answer_reaches_the_client_and_the_rest_of_the_request_is_waited_for_a_while() {
    let (house, stand) = before_one(Limits { linger_time: SOON, ..Limits::default() }).await;
    let mut client = house.connect().await;
    let request = to_many("POST /", &["Content-Length: 9"]);
    client.write_all((staying(&request) + "half").as_bytes()).await.unwrap();
    let app = stand.answers("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 3\r\n\r\nbig").await;
    assert!(read_until(&mut client, "big").await.starts_with("HTTP/1.1 413"));
    assert_eq!(app.closed().await, "half");
}

#[tokio::test]
async fn a_connection_on_which_an_early_answer_was_given_is_used_again_once_the_request_is_through() {
    let (house, stand) = before_one(Limits { linger_time: PATIENCE, ..Limits::default() }).await;
    let mut client = house.connect().await;
    let request = staying(&to_many("POST /", &["Content-Length: 9"]));
    client.write_all((request + "half").as_bytes()).await.unwrap();
    let mut app = stand.answers(EMPTY).await;
    read_until(&mut client, "\r\n\r\n").await;
    client.write_all(b"whole").await.unwrap();
    read_until(&mut app.stream, "halfwhole").await;
    let request = to_many("GET /next", &[]);
    let again = async {
        assert!(read_until(&mut app.stream, "\r\n\r\n").await.starts_with("GET /next"));
        app.stream.write_all(EMPTY.as_bytes()).await.unwrap();
    };
    let (answer, ()) = join!(house.say(&request), again);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_closes_its_side_still_gets_its_answer() {
    let (house, stand) = before_one(Limits::default()).await;
    let mut client = house.connect().await;
    client.write_all(staying(&to_many("GET /", &[])).as_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let mut app = stand.answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    read_until(&mut client, "\r\n\r\n").await;
    app.says("4\r\nlate\r\n0\r\n\r\n").await;
    read_until(&mut client, "4\r\nlate\r\n0\r\n\r\n").await;
    assert_eq!(timeout(PATIENCE, client.read(&mut [0])).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_client_that_went_away_is_not_answered_for_ever() {
    let limits = Limits { half_closed_time: SOON, ..Limits::default() };
    let (house, stand) = before_one(limits).await;
    for head in ["", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n:\n\r\n"] {
        let mut client = house.connect().await;
        client.write_all(to_many("GET /events", &[]).as_bytes()).await.unwrap();
        let app = stand.answers(head).await;
        if !head.is_empty() {
            read_until(&mut client, ":\n\r\n").await;
        }
        drop(client);
        app.closed().await;
    }
}

#[tokio::test]
async fn a_client_that_takes_nothing_of_its_answer_loses_it() {
    let (house, stand) = before_one(Limits { write_time: SOON, ..Limits::default() }).await;
    let mut client = house.connect().await;
    client.write_all(to_many("GET /", &[]).as_bytes()).await.unwrap();
    let mut app = stand.answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let chunk = format!("{:x}\r\n{}\r\n", 64 * 1024, "x".repeat(64 * 1024));
    let cut_off = async { while app.stream.write_all(chunk.as_bytes()).await.is_ok() {} };
    timeout(PATIENCE, cut_off).await.expect("the app may go on sending");
}

#[tokio::test]
async fn a_body_that_the_app_refuses_unseen_is_not_sent() {
    let limits = Limits { linger_time: Duration::from_hours(1), ..Limits::default() };
    let (house, stand) = before_one(limits).await;
    let mut client = house.connect().await;
    let request = to_many("PUT /", &["Content-Length: 4", "Expect: 100-continue"]);
    client.write_all(staying(&request).as_bytes()).await.unwrap();
    let app = stand.answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno").await;
    assert!(app.head.contains("expect: 100-continue"), "{}", app.head);
    assert!(read_until(&mut client, "no").await.starts_with("HTTP/1.1 403"));
    assert_eq!(app.closed().await, "");
    assert_eq!(timeout(PATIENCE, client.read(&mut [0])).await.unwrap().unwrap(), 0);
}

#[tokio::test]
async fn a_body_that_the_app_wants_is_asked_for_and_sent() {
    let (house, stand) = before_one(Limits::default()).await;
    let mut client = house.connect().await;
    let request = to_many("PUT /", &["Content-Length: 4", "Expect: 100-continue"]);
    client.write_all(request.as_bytes()).await.unwrap();
    let mut app = stand.answers("HTTP/1.1 100 Continue\r\n\r\n").await;
    assert_eq!(read_until(&mut client, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"data").await.unwrap();
    read_until(&mut app.stream, "data").await;
    app.says(EMPTY).await;
    assert!(read_until(&mut client, "\r\n\r\n").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn an_app_that_knows_no_continue_gets_the_body_all_the_same() {
    let (house, stand) = before_one(Limits::default()).await;
    let mut client = house.connect().await;
    let request = to_many("PUT /", &["Content-Length: 4", "Expect: 100-continue"]);
    client.write_all(request.as_bytes()).await.unwrap();
    let mut app = stand.heard().await;
    assert_eq!(read_until(&mut client, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.write_all(b"data").await.unwrap();
    read_until(&mut app.stream, "data").await;
}

#[tokio::test]
async fn hints_before_the_answer_are_not_the_answer() {
    let (house, stand) = before_one(Limits::default()).await;
    let request = to_many("GET /", &[]);
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n".to_owned() + EMPTY;
    let (answer, _app) = join!(house.say(&request), stand.answers(&hints));
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("a.css"), "{answer}");
}

#[tokio::test]
async fn answers_without_a_body_have_none_and_their_connection_is_used_again() {
    let (house, stand) = before_one(Limits::default()).await;
    let first = to_many("GET /", &[]);
    let (_, mut app) = join!(house.say(&first), stand.answers(EMPTY));
    for (line, status, length) in [
        ("HEAD /", "200 OK", "Content-Length: 500\r\n"),
        ("HEAD /", "200 OK", "Transfer-Encoding: chunked\r\n"),
        ("GET /", "304 Not Modified", "Content-Length: 500\r\n"),
        ("GET /", "204 No Content", ""),
    ] {
        let request = to_many(line, &[]);
        let answer = format!("HTTP/1.1 {status}\r\n{length}ETag: \"1\"\r\n\r\n");
        let answers = async {
            read_until(&mut app.stream, "\r\n\r\n").await;
            app.stream.write_all(answer.as_bytes()).await.unwrap();
        };
        let (got, ()) = join!(house.say(&request), answers);
        assert!(got.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{line} {status}: {got}");
        assert!(got.contains("etag: \"1\"\r\n") && got.ends_with("\r\n\r\n"), "{line} {status}: {got}");
        let says_length = line.starts_with("HEAD") && length.contains("500");
        assert_eq!(got.contains("content-length: 500\r\n"), says_length, "{line} {status}: {got}");
    }
}

#[tokio::test]
async fn a_range_passes_untouched() {
    let (house, stand) = before_one(Limits::default()).await;
    let request = to_many("GET /", &["Range: bytes=2-3", "If-Range: \"1\""]);
    let part = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 2-3/9\r\nContent-Length: 2\r\n\r\nab";
    let (answer, app) = join!(house.say(&request), stand.answers(part));
    assert!(
        app.head.contains("range: bytes=2-3\r\n") && app.head.contains("if-range: \"1\"\r\n"),
        "{}",
        app.head
    );
    assert!(answer.starts_with("HTTP/1.1 206") && answer.ends_with("\r\n\r\nab"), "{answer}");
    assert!(answer.contains("content-range: bytes 2-3/9\r\ncontent-length: 2\r\n"), "{answer}");
}

#[tokio::test]
async fn an_app_s_trailers_reach_a_client_that_takes_trailers() {
    let (house, stand) = before_one(Limits::default()).await;
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nConnection: close\r\n\r\n\
                   4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n";
    for (te, end) in [
        (&["TE: trailers", "Connection: te"][..], "4\r\nbody\r\n0\r\nx-sum: 1\r\n\r\n"),
        (&[], "4\r\nbody\r\n0\r\n\r\n"),
    ] {
        let request = to_many("GET /", te);
        let (answer, ()) = join!(house.say(&request), stand.answers_and_closes(chunked));
        assert!(answer.ends_with(end), "{te:?}: {answer}");
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_its_connection_is_whole() {
    let (house, stand) = before_one(Limits::default()).await;
    let request = to_many("GET /", &[]);
    let open = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\n\r\nto the end";
    let (answer, ()) = join!(house.say(&request), stand.answers_and_closes(open));
    assert!(answer.ends_with("to the end\r\n0\r\n\r\n"), "{answer}");
}
