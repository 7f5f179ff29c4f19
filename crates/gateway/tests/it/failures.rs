//! Apps that break: before they answer, in the middle of it, and in what they say of its end.

use crate::{
    house::{House, PATIENCE, read_until},
    stand::{EMPTY, Stand, before_one, lead, to_many},
};
use domain::{AppLimits, GateSettings};
use doorward_gateway::Limits;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    join,
    time::timeout,
};

#[tokio::test]
async fn an_app_that_never_answers_is_given_up_after_the_time_that_it_was_given() {
    let (house, stand) = (House::open().await, Stand::open());
    let limits = AppLimits { answer_seconds: Some(1), ..AppLimits::default() };
    lead(&house, &[&stand.url()], GateSettings { limits, ..GateSettings::default() });
    let request = to_many("GET /", &[]);
    let (answer, heard) = join!(house.say(&request), stand.heard());
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    heard.closed().await;
}

#[tokio::test]
async fn an_answer_that_breaks_off_or_cannot_be_read_is_a_bad_gateway() {
    let (house, stand) = before_one(Limits::default()).await;
    for broken in [
        "",
        "HTTP/1.1 200 O",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Unfin",
        "220 mail.example ESMTP\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX : space before the colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: folded\r\n over two lines\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 103 Early Hints\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
    ] {
        let request = to_many("GET /", &[]);
        let (answer, ()) = join!(house.say(&request), stand.answers_and_closes(broken));
        assert!(answer.starts_with("HTTP/1.1 502"), "{broken}: {answer}");
    }
}

#[tokio::test]
async fn an_answer_whose_end_can_be_read_in_two_ways_is_refused_and_its_connection_closed() {
    let (house, stand) = before_one(Limits::default()).await;
    for framing in [
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5, 5",
        "Content-Length: +5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    ] {
        let smuggled = format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
        let request = to_many("GET /", &[]);
        let (answer, heard) = join!(house.say(&request), stand.answers(&smuggled));
        assert!(answer.starts_with("HTTP/1.1 502"), "{framing}: {answer}");
        heard.closed().await;
    }
}

#[tokio::test]
async fn what_follows_an_answer_is_no_answer_to_the_next_request() {
    let (house, stand) = before_one(Limits::default()).await;
    let request = to_many("GET /", &[]);
    let more = EMPTY.to_owned() + "HTTP/1.1 200 OK\r\nX-Smuggled: 1\r\nContent-Length: 0\r\n\r\n";
    let (answer, heard) = join!(house.say(&request), stand.answers(&more));
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("smuggled"), "{answer}");
    heard.closed().await;
    let (answer, _app) = join!(house.say(&request), stand.answers(EMPTY));
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("smuggled"), "{answer}");
}

#[tokio::test]
async fn a_head_without_end_is_given_up() {
    let (house, stand) = before_one(Limits { header_bytes: 8 * 1024, ..Limits::default() }).await;
    let endless = async {
        let mut heard = stand.heard().await;
        heard.says("HTTP/1.1 200 OK\r\n").await;
        while heard.stream.write_all(b"X-More: and more\r\n").await.is_ok() {}
    };
    let request = to_many("GET /", &[]);
    let (answer, ()) = join!(house.say(&request), endless);
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
}

#[tokio::test]
async fn hints_without_end_are_given_up() {
    let limits = Limits { answer_time: Duration::from_millis(300), ..Limits::default() };
    let (house, stand) = before_one(limits).await;
    let endless = async {
        let mut heard = stand.heard().await;
        while heard.stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").await.is_ok() {}
    };
    let request = to_many("GET /", &[]);
    let (answer, ()) = join!(house.say(&request), endless);
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
}

#[tokio::test]
async fn a_body_that_breaks_off_does_not_look_whole_to_the_client() {
    let (house, stand) = before_one(Limits::default()).await;
    for is_reset in [false, true] {
        for framing in ["Content-Length: 9", "Transfer-Encoding: chunked"] {
            let mut client = house.connect().await;
            client.write_all(to_many("GET /", &[]).as_bytes()).await.unwrap();
            let half = format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n4\r\nhalf");
            let app = stand.answers(&half).await;
            let mut got = read_until(&mut client, "half").await.into_bytes();
            if is_reset {
                app.stream.set_zero_linger().unwrap();
            }
            drop(app);
            let _was_reset = timeout(PATIENCE, client.read_to_end(&mut got)).await.unwrap().is_err();
            let got = String::from_utf8(got).unwrap();
            assert!(got.trim_end().ends_with("half"), "{framing}, {is_reset}: {got}");
        }
    }
}

#[tokio::test]
async fn an_answer_of_known_length_that_stops_is_given_up() {
    let limits = Limits { stall_time: Duration::from_millis(200), ..Limits::default() };
    let (house, stand) = before_one(limits).await;
    let request = to_many("GET /", &[]);
    let stalled = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf";
    let (answer, heard) = join!(house.say(&request), stand.answers(stalled));
    assert!(answer.ends_with("\r\n\r\nhalf"), "{answer}");
    heard.closed().await;
}

#[tokio::test]
async fn a_shutdown_waits_for_an_answer_and_then_cuts_it_off() {
    let limits = Limits { drain_time: Duration::from_millis(200), ..Limits::default() };
    let (house, stand) = before_one(limits).await;
    let mut client = house.connect().await;
    client.write_all(to_many("GET /", &[]).as_bytes()).await.unwrap();
    let mut app = stand.answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n").await;
    read_until(&mut client, "first\r\n").await;
    house.shutdown.cancel();
    app.says("6\r\nsecond\r\n").await;
    read_until(&mut client, "second\r\n").await;
    house.tasks.close();
    timeout(PATIENCE, house.tasks.wait()).await.unwrap();
    let mut rest = Vec::new();
    timeout(PATIENCE, client.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(!rest.ends_with(b"0\r\n\r\n"), "a stream that is cut off does not look whole");
    app.closed().await;
}
