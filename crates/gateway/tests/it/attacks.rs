//! Ways round a rule or a revocation that somebody found who had read the code.

use crate::{
    door::bearer,
    house::{House, PATIENCE, head, read_until},
    people::{SESSION, Secret},
    secure::{SecureHouse, send},
    stand::{EMPTY, Stand, lead, to_many},
};
use domain::{Allow, AppAccess, FieldChanges, GateSettings, Rule};
use doorward_gateway::Limits;
use http::Request;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    join,
    net::TcpStream,
    sync::oneshot,
    time::{sleep, timeout},
};

fn rule(path: &str, allow: Allow) -> Rule {
    Rule { path: path.to_owned(), methods: Vec::new(), allow }
}

/// An app with paths that are open to anyone, and one that is open to nobody.
async fn ruled() -> House {
    let rules = vec![
        rule("/drop", Allow::Anyone),
        rule("/hook", Allow::Anyone),
        rule("/locked", Allow::Only(AppAccess::default())),
    ];
    House::gated(GateSettings { rules, ..GateSettings::default() }).await
}

async fn ask(house: &House, line: &str, fields: &[&str], body: &str) -> String {
    let own = ["Host: notes.localhost", "Connection: close"];
    house.say(&(head(line, &[&own, fields].concat()) + body)).await
}

/// A request at the app that the test plays: the client's connection and the app's.
async fn begun(house: &House, secret: Secret) -> (TcpStream, TcpStream) {
    let mut client = house.connect().await;
    let request = head("GET /poll", &["Host: bare.localhost", &secret.field()]);
    client.write_all(request.as_bytes()).await.unwrap();
    let (mut app, _) = timeout(PATIENCE, house.bare.accept()).await.unwrap().unwrap();
    read_until(&mut app, "\r\n\r\n").await;
    (client, app)
}

async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut rest = Vec::new();
    // A connection that breaks off has no more than what came.
    let _whole = timeout(PATIENCE, stream.read_to_end(&mut rest)).await.unwrap();
    rest
}

#[tokio::test]
async fn rule_12_what_is_written_to_a_second_path_needs_leave_for_that_path() {
    let house = ruled().await;
    for (destination, status, as_ada) in [
        ("http://notes.localhost/locked/a", "401", "403"),
        ("/locked/a", "401", "403"),
        ("http://notes.localhost/own", "401", "200"),
        ("http://evil.example/drop/b", "400", "400"),
        ("http://notes.localhost/drop/../locked/a", "401", "403"),
        ("http://notes.localhost/drop/b", "200", "200"),
    ] {
        let field = format!("Destination: {destination}");
        let answer = ask(&house, "MOVE /drop/a", &[&field], "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{destination}: {answer}");
        let answer = ask(&house, "MOVE /drop/a", &[&field, &bearer()], "").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {as_ada}")), "Ada to {destination}: {answer}");
    }
    let twice = ["Destination: /drop/b", "Destination: /locked/a"];
    assert!(ask(&house, "COPY /drop/a", &twice, "").await.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn rule_12_no_field_names_another_path_before_or_behind_the_body() {
    let house = ruled().await;
    ask(&house, "GET /drop/locked", &["X-Script-Name: /drop", "X_Script_Name: /drop"], "").await;
    let seen = format!("{:?}", house.app.only().headers);
    assert!(!seen.contains("script"), "{seen}");
    let body =
        "5\r\nhello\r\n0\r\nX-Original-URL: /locked\r\nX-HTTP-Method-Override: DELETE\r\nX-Sum: 1\r\n\r\n";
    let fields = ["Transfer-Encoding: chunked", "Trailer: X-Original-URL, X-HTTP-Method-Override, X-Sum"];
    ask(&house, "POST /hook", &fields, body).await;
    let trailers = house.app.only().trailers.unwrap();
    assert_eq!((trailers.len(), trailers.get("x-sum").unwrap().to_str().unwrap()), (1, "1"));
}

#[tokio::test]
async fn rule_12_letters_that_are_taken_for_others_open_no_locked_path() {
    let house = ruled().await;
    for path in ["/LOCKED/x", "/loc%E2%84%AAed/x", "/locked:x", "/locked::$DATA/x", "/(S(x))/locked/y"] {
        let answer = ask(&house, &format!("GET {path}"), &[&bearer()], "").await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
    }
}

#[tokio::test]
async fn rule_04_a_short_answer_that_comes_late_ends_with_what_it_rests_on() {
    let house = House::open().await;
    let (mut client, mut app) = begun(&house, Secret::AdasToken).await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n").await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    house.door.revoke(Secret::AdasToken);
    app.write_all(b"secret").await.unwrap();
    assert_eq!(rest(&mut client).await, b"");
}

#[tokio::test]
async fn a_short_answer_in_pieces_passes_when_something_else_changes() {
    let house = House::open().await;
    let (mut client, mut app) = begun(&house, Secret::AdaAtBare).await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n").await.unwrap();
    read_until(&mut client, "\r\n\r\n").await;
    for piece in ["one", "two", "six"] {
        house.door.replace_apps();
        sleep(Duration::from_millis(20)).await;
        app.write_all(piece.as_bytes()).await.unwrap();
        read_until(&mut client, piece).await;
    }
}

#[tokio::test]
async fn rule_04_over_http_2_too_a_short_answer_ends_with_what_it_rests_on() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    let url = format!("https://bare.localhost:{}/x", house.house.address.port());
    let asked = Request::builder().uri(url);
    let asked = asked.header("authorization", bearer().trim_start_matches("Authorization: "));
    let (tell, begun) = oneshot::channel();
    let answers = async {
        let (mut app, _) = house.house.bare.accept().await.unwrap();
        read_until(&mut app, "\r\n\r\n").await;
        app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n").await.unwrap();
        begun.await.unwrap();
        // The body is asked for right behind the head.
        sleep(Duration::from_millis(100)).await;
        house.house.door.revoke(Secret::AdasToken);
        app.write_all(b"secret").await.unwrap();
        app
    };
    let collect = async {
        let response = send(&mut sender, asked).await.unwrap();
        tell.send(()).unwrap();
        response.into_body().collect().await.map(http_body_util::Collected::to_bytes)
    };
    let (body, _app) = join!(collect, answers);
    assert!(body.is_err(), "{body:?}");
}

#[tokio::test]
async fn rule_04_an_answer_after_the_session_s_end_by_the_clock_is_read_by_nobody() {
    let house = House::open().await;
    let (mut client, mut app) = begun(&house, Secret::AdaAtBare).await;
    house.door.clock.advance(SESSION * 2);
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecret").await.unwrap();
    let answer = read_until(&mut client, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

/// A house whose app `notes` is at two places that the test plays.
async fn at_two() -> (House, Stand, Stand) {
    let house = House::open().await;
    let [one, two] = [Stand::open(), Stand::open()];
    lead(&house, &[&one.url(), &two.url()], GateSettings::default());
    (house, one, two)
}

#[tokio::test]
async fn rule_04_what_was_revoked_is_not_sent_a_second_time() {
    let (house, one, two) = at_two().await;
    let request = to_many("DELETE /thing", &[]);
    let first = async {
        let heard = one.heard().await;
        house.door.revoke(Secret::AdasToken);
        house.door.revoke(Secret::AdaAtNotes);
        drop(heard);
    };
    let second = async { timeout(Duration::from_secs(1), two.heard()).await.is_ok() };
    let (answer, (), is_asked) = join!(house.say(&request), first, second);
    assert!(!is_asked && answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn rule_10_what_is_sent_a_second_time_has_a_fresh_assertion() {
    let (house, one, two) = at_two().await;
    let request = to_many("GET /thing", &[]);
    let first = async {
        let heard = one.heard().await;
        house.door.clock.advance(Duration::from_secs(65));
        heard.head.clone()
    };
    let (answer, before, after) = join!(house.say(&request), first, two.answers(EMPTY));
    let assertion = |head: &str| {
        head.lines().find(|line| line.starts_with("x-doorward-assertion")).map(ToOwned::to_owned)
    };
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(assertion(&before).is_some() && assertion(&before) != assertion(&after.head));
}

#[tokio::test]
async fn what_a_setting_sets_or_takes_out_is_said_in_no_other_spelling() {
    let set = vec![("x-tenant".to_owned(), "home".to_owned())];
    let request_headers = FieldChanges { set, remove: vec!["x-secret".to_owned()] };
    let house = House::gated(GateSettings { request_headers, ..GateSettings::default() }).await;
    house.ask("GET /", &["X-Tenant: evil", "X_Tenant: evil", "X.Tenant: evil", "X_Secret: 1"]).await;
    let seen = house.app.only();
    let all = format!("{:?}", seen.headers);
    assert!(!all.contains("evil") && !all.contains("secret"), "{all}");
    assert_eq!(seen.field("x-tenant"), "home");
}

#[tokio::test]
async fn rule_10_no_field_of_a_client_s_says_where_it_is() {
    let house = House::open().await;
    let fields = [
        "True-Client-IP: 192.0.2.6",
        "CF-Connecting-IP: 192.0.2.6",
        "X-Client-IP: 192.0.2.6",
        "Client_IP: 192.0.2.6",
        "X-Cluster-Client-IP: 192.0.2.6",
        "X-Original-Forwarded-For: 192.0.2.6",
        "X-Original-Host: 192.0.2.6",
        "X-Host: 192.0.2.6",
    ];
    house.ask("GET /", &fields).await;
    let all = format!("{:?}", house.app.only().headers);
    assert!(!all.contains("192.0.2.6"), "{all}");
}

#[tokio::test]
async fn rule_22_a_connection_field_names_only_so_many() {
    let house = ruled().await;
    let with = async |options: usize| {
        let field = format!("Connection: close{}", ", x-a".repeat(options));
        ask(&house, "GET /drop", &[&field], "").await
    };
    // `Connection: close` stands beside it.
    assert!(with(30).await.starts_with("HTTP/1.1 200"));
    assert!(with(31).await.starts_with("HTTP/1.1 400"));
    let commas = format!("Connection: close{}", ",".repeat(60_000));
    assert!(
        ask(&house, "GET /drop", &[&commas], "").await.starts_with("HTTP/1.1 200"),
        "an empty one is none"
    );
}

#[tokio::test]
async fn rule_10_the_fields_behind_an_answer_say_nothing_that_those_before_it_may_not() {
    let house = SecureHouse::of(Limits::default(), |app| {
        app.gate.answer_headers.remove = vec!["x-internal".to_owned()];
    })
    .await;
    let mut sender = house.http2().await;
    let url = format!("https://bare.localhost:{}/x", house.house.address.port());
    let asked = Request::builder().uri(url).header("te", "trailers");
    let asked = asked.header("authorization", bearer().trim_start_matches("Authorization: "));
    let answers = async {
        let (mut app, _) = house.house.bare.accept().await.unwrap();
        read_until(&mut app, "\r\n\r\n").await;
        let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Set-Cookie, X-Internal, X-Sum\r\n\r\n\
                      4\r\nbody\r\n0\r\nSet-Cookie: __Host-doorward=evil; Secure; Path=/\r\nX-Internal: 1\r\n\
                      X-Request-Id: forged\r\nX-Sum: 1\r\n\r\n";
        app.write_all(answer.as_bytes()).await.unwrap();
        app
    };
    let (response, _app) = join!(send(&mut sender, asked), answers);
    let collected = response.unwrap().into_body().collect().await.unwrap();
    let trailers: Vec<_> = collected.trailers().unwrap().keys().map(ToString::to_string).collect();
    assert_eq!(trailers, ["x-sum"]);
}
