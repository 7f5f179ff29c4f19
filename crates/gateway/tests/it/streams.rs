//! Streams end when what they rest on ends, whatever they are and whatever ended it (`security.md` 4).

use crate::{
    door::Door,
    house::{House, PATIENCE, head, read_until},
    people::{NOW, SESSION, Secret},
};
use access::Use;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    join,
    net::TcpStream,
    task::yield_now,
    time::{sleep, timeout},
};

/// A credential, and something that happens to what it opens.
type End = (Secret, &'static str, fn(&Door));

const ENDS: [End; 6] = [
    (Secret::AdaAtBare, "the session is ended", |door| door.revoke(Secret::AdaAtBare)),
    (Secret::AdasToken, "the token is revoked", |door| door.revoke(Secret::AdasToken)),
    (Secret::AdasToken, "everyone is touched", |door| {
        door.people.forget(Secret::AdasToken);
        door.access.touch_everyone();
    }),
    (Secret::AdaAtBare, "the app is closed to her", |door| door.close_app("bare")),
    (Secret::AdasToken, "the app is deleted", |door| door.delete_app("bare")),
    (Secret::AdaAtBare, "the session's time is up", |door| door.clock.advance(SESSION)),
];

const LONG: u64 = 1 << 40;
const SWITCHED: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
const WEB_SOCKET: [&str; 4] = [
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
];

/// Sends the head of a request to the app `bare`; answers both ends, the app's after it has read the head.
async fn begin(house: &House, secret: Secret, line: &str, fields: &[&str]) -> (TcpStream, TcpStream) {
    let mut client = house.connect().await;
    let credential = secret.field();
    let own = ["Host: bare.localhost", &credential];
    client.write_all(head(line, &[&own, fields].concat()).as_bytes()).await.unwrap();
    let (mut app, _) = timeout(PATIENCE, house.bare.accept()).await.unwrap().unwrap();
    read_until(&mut app, "\r\n\r\n").await;
    (client, app)
}

/// A tunnel to the app `bare`, on which something was said already.
async fn tunnel(house: &House, secret: Secret) -> (TcpStream, TcpStream) {
    let (mut client, mut app) = begin(house, secret, "GET /", &WEB_SOCKET).await;
    app.write_all(SWITCHED.as_bytes()).await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    exchange(&mut client, &mut app).await;
    (client, app)
}

/// Something goes from the client to the app, and something else comes back.
async fn exchange(client: &mut TcpStream, app: &mut TcpStream) {
    client.write_all(b"ping").await.unwrap();
    read_until(app, "ping").await;
    app.write_all(b"pong").await.unwrap();
    read_until(client, "pong").await;
}

/// All that still comes until the other side has closed or broken the connection.
async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    let ended = timeout(PATIENCE, stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the stream goes on");
    rest
}

/// Writes until the other side takes no more.
async fn write_on(stream: &mut TcpStream) {
    let block = vec![b'x'; 64 * 1024];
    let writing = async { while stream.write_all(&block).await.is_ok() {} };
    assert!(timeout(PATIENCE, writing).await.is_ok(), "the stream goes on");
}

/// Reads a good part of a long body.
async fn read_some(stream: &mut TcpStream) {
    timeout(PATIENCE, stream.read_exact(&mut vec![0; 1 << 20])).await.unwrap().unwrap();
}

async fn wait_until(holds: impl Fn() -> bool) {
    timeout(PATIENCE, async {
        while !holds() {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn rule_04_a_web_socket_ends_with_what_it_rests_on() {
    for (secret, what, end) in ENDS {
        let house = House::open().await;
        let (mut client, mut app) = tunnel(&house, secret).await;
        end(&house.door);
        assert_eq!((rest(&mut client).await, rest(&mut app).await), (vec![], vec![]), "{what}");
    }
}

#[tokio::test]
async fn rule_04_server_sent_events_end_with_what_they_rest_on() {
    for (secret, what, end) in ENDS {
        let house = House::open().await;
        let (mut client, mut app) = begin(&house, secret, "GET /events", &[]).await;
        let events =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        app.write_all(events.as_bytes()).await.unwrap();
        read_until(&mut client, "\r\n\r\n").await;
        app.write_all(b"9\r\ndata: 1\n\n\r\n").await.unwrap();
        read_until(&mut client, "data: 1\n\n\r\n").await;
        end(&house.door);
        // Without the last chunk, so that the client knows that it was cut off.
        assert_eq!((rest(&mut client).await, rest(&mut app).await), (vec![], vec![]), "{what}");
    }
}

#[tokio::test]
async fn rule_04_server_sent_events_end_before_the_first() {
    let house = House::open().await;
    let (mut client, mut app) = begin(&house, Secret::AdasToken, "GET /events", &[]).await;
    app.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    house.door.revoke(Secret::AdasToken);
    assert_eq!((rest(&mut client).await, rest(&mut app).await), (vec![], vec![]));
}

#[tokio::test]
async fn rule_04_a_long_download_ends_with_what_it_rests_on() {
    for (secret, what, end) in ENDS {
        let house = House::open().await;
        let (mut client, mut app) = begin(&house, secret, "GET /film", &[]).await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n");
        app.write_all(answer.as_bytes()).await.unwrap();
        let reading = async {
            read_until(&mut client, "\r\n\r\n").await;
            read_some(&mut client).await;
            end(&house.door);
            rest(&mut client).await.len()
        };
        let ((), left) = join!(write_on(&mut app), reading);
        assert!(u64::try_from(left).unwrap() < LONG, "{what}");
    }
}

#[tokio::test]
async fn rule_04_a_client_that_reads_nothing_is_cut_off_once_it_reads_on() {
    let house = House::open().await;
    let (mut client, mut app) = begin(&house, Secret::AdasToken, "GET /film", &[]).await;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n");
    app.write_all(answer.as_bytes()).await.unwrap();
    let block = vec![b'x'; 64 * 1024];
    // Until everything between the two is full.
    while let Ok(written) = timeout(Duration::from_millis(200), app.write_all(&block)).await {
        written.unwrap();
    }
    house.door.revoke(Secret::AdasToken);
    let ((), came) = join!(write_on(&mut app), rest(&mut client));
    assert!(u64::try_from(came.len()).unwrap() < LONG);
}

#[tokio::test]
async fn rule_04_a_download_that_drips_ends_too_however_short_it_is() {
    let house = House::open().await;
    let (mut client, mut app) = begin(&house, Secret::AdasToken, "GET /drip", &[]).await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    for drop in ["1", "2", "3"] {
        app.write_all(drop.as_bytes()).await.unwrap();
        read_until(&mut client, drop).await;
    }
    house.door.revoke(Secret::AdasToken);
    assert_eq!((rest(&mut client).await, rest(&mut app).await), (vec![], vec![]));
}

#[tokio::test]
async fn rule_04_a_long_upload_ends_with_what_it_rests_on() {
    for (secret, what, end) in ENDS {
        for framing in [format!("Content-Length: {LONG}"), "Transfer-Encoding: chunked".to_owned()] {
            let house = House::open().await;
            let (mut client, mut app) = begin(&house, secret, "PUT /film", &[&framing]).await;
            // One chunk of the same length is as long.
            let chunk = if framing.contains("chunked") { format!("{LONG:x}\r\n") } else { String::new() };
            client.write_all(chunk.as_bytes()).await.unwrap();
            let reading = async {
                read_some(&mut app).await;
                end(&house.door);
                rest(&mut app).await.len()
            };
            let ((), left) = join!(write_on(&mut client), reading);
            assert!(u64::try_from(left).unwrap() < LONG, "{what}");
        }
    }
}

#[tokio::test]
async fn rule_04_a_client_is_told_why_its_upload_was_cut_off() {
    let house = House::open().await;
    let (mut client, mut app) =
        begin(&house, Secret::AdasToken, "PUT /film", &["Content-Length: 1000000"]).await;
    client.write_all(b"some").await.unwrap();
    read_until(&mut app, "some").await;
    house.door.revoke(Secret::AdasToken);
    let answer = String::from_utf8(rest(&mut client).await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("access_ended"), "{answer}");
    assert_eq!(rest(&mut app).await, b"");
}

#[tokio::test]
async fn rule_04_an_upload_that_the_app_has_answered_already_ends_too() {
    let house = House::open().await;
    let (mut client, mut app) =
        begin(&house, Secret::AdasToken, "PUT /film", &["Content-Length: 1000000"]).await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine").await.unwrap();
    read_until(&mut client, "fine").await;
    client.write_all(b"some").await.unwrap();
    read_until(&mut app, "some").await;
    house.door.revoke(Secret::AdasToken);
    assert_eq!((rest(&mut client).await, rest(&mut app).await), (vec![], vec![]));
}

#[tokio::test]
async fn the_streams_of_others_are_not_even_looked_at() {
    let house = House::open().await;
    let (mut client, mut app) = tunnel(&house, Secret::BensToken).await;
    let (mut hers, _) = tunnel(&house, Secret::AdasToken).await;
    house.door.revoke(Secret::AdasToken);
    rest(&mut hers).await;
    exchange(&mut client, &mut app).await;
    assert_eq!(house.door.people.looks(Secret::BensToken), 1);
}

#[tokio::test]
async fn a_stream_goes_on_when_what_it_rests_on_still_holds() {
    let house = House::open().await;
    let (mut client, mut app) = tunnel(&house, Secret::AdasToken).await;
    let looks = || house.door.people.looks(Secret::AdasToken);
    house.door.revoke(Secret::AdaAtNotes);
    wait_until(|| looks() == 2).await;
    exchange(&mut client, &mut app).await;
    house.door.replace_apps();
    wait_until(|| looks() == 3).await;
    exchange(&mut client, &mut app).await;
}

#[tokio::test]
async fn a_stream_goes_on_as_long_as_its_session_is_extended() {
    let house = House::open().await;
    let door = &house.door;
    let (mut client, mut app) = tunnel(&house, Secret::AdaAtBare).await;
    door.people.extend_sessions(NOW.plus(SESSION * 2));
    door.clock.advance(SESSION);
    wait_until(|| door.people.looks(Secret::AdaAtBare) == 2).await;
    exchange(&mut client, &mut app).await;
    door.clock.advance(SESSION);
    assert_eq!((rest(&mut client).await, rest(&mut app).await), (vec![], vec![]));
}

#[tokio::test]
async fn rule_04_what_a_client_sends_on_a_stream_extends_its_session_and_what_it_gets_does_not() {
    let house = House::open().await;
    let door = &house.door;
    door.people.extend_sessions(NOW.plus(Duration::from_hours(24)));
    let (mut client, mut app) = tunnel(&house, Secret::AdaAtBare).await;
    assert_eq!(door.access.uses().take(), []);
    door.clock.advance(Duration::from_hours(2));
    app.write_all(b"news").await.unwrap();
    read_until(&mut client, "news").await;
    assert_eq!(door.access.uses().take(), []);
    exchange(&mut client, &mut app).await;
    let noted = door.access.uses().take();
    assert!(
        matches!(noted[..], [Use::Session(_, at)] if at == NOW.plus(Duration::from_hours(2))),
        "{noted:?}"
    );
}

#[tokio::test]
async fn the_watch_goes_when_nothing_is_under_way_and_comes_again() {
    let house = House::open().await;
    let quiet = house.tasks.len();
    for _ in 0..2 {
        let both = tunnel(&house, Secret::AdasToken).await;
        assert!(house.tasks.len() > quiet);
        drop(both);
        wait_until(|| house.tasks.len() == quiet).await;
    }
    let (mut client, _app) = tunnel(&house, Secret::AdasToken).await;
    house.door.revoke(Secret::AdasToken);
    rest(&mut client).await;
}

/// Begins a request, and has something happen between the moment that its credential is read and the moment that
/// what was read comes back.
async fn late(secret: Secret, what: &str, happens: fn(&Door)) {
    let house = House::open().await;
    let held = house.door.people.hold.write().await;
    let happening = async {
        wait_until(|| house.door.people.looks(secret) == 1).await;
        happens(&house.door);
        drop(held);
    };
    let ((mut client, mut app), ()) = join!(begin(&house, secret, "GET /", &WEB_SOCKET), happening);
    // The request came first and has reached the app. What has ended by a deed is answered so; what has ended by the
    // clock is not left open.
    app.write_all(SWITCHED.as_bytes()).await.unwrap();
    let answer = read_until(&mut client, "\r\n\r\n").await;
    if answer.starts_with("HTTP/1.1 101") {
        assert!(rest(&mut client).await.is_empty(), "{what}");
    } else {
        assert!(answer.starts_with("HTTP/1.1 403"), "{what}: {answer}");
    }
    assert!(rest(&mut app).await.is_empty(), "{what}");
}

#[tokio::test]
async fn rule_04_a_stream_that_begins_while_what_it_rests_on_ends_does_not_slip_through() {
    for (secret, what, end) in ENDS {
        late(secret, what, end).await;
    }
}

/// A socket at the app that echoes by itself; answers once it was refused, or was ended.
async fn open_and_end(house: &House) {
    let mut client = house.connect().await;
    let credential = Secret::AdasToken.field();
    let own = ["Host: notes.localhost", &credential];
    client.write_all(head("GET /socket", &[&own[..], &WEB_SOCKET].concat()).as_bytes()).await.unwrap();
    let answer = read_until(&mut client, "\r\n\r\n").await;
    if answer.starts_with("HTTP/1.1 101") {
        rest(&mut client).await;
    } else {
        let is_refused = ["HTTP/1.1 401", "HTTP/1.1 403"].iter().any(|status| answer.starts_with(status));
        assert!(is_refused, "{answer}");
    }
}

#[tokio::test]
async fn rule_04_at_whatever_moment_a_token_is_revoked_no_stream_of_it_is_left() {
    for turns in 0..60 {
        let house = House::open().await;
        let revoking = async {
            for _ in 0..turns {
                yield_now().await;
            }
            house.door.revoke(Secret::AdasToken);
        };
        join!(open_and_end(&house), open_and_end(&house), revoking);
    }
}

#[tokio::test]
async fn rule_04_what_an_app_says_after_its_reader_was_shut_out_is_not_read() {
    let house = House::open().await;
    let (mut client, mut app) = begin(&house, Secret::AdasToken, "GET /poll", &["X-Waits: 1"]).await;
    house.door.revoke(Secret::AdasToken);
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await.unwrap();
    let answer = read_until(&mut client, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(rest(&mut app).await.is_empty());
}
