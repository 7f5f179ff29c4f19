//! What one visitor, and all together, may take of an app that limits them, and an app that is shut.

use crate::{
    door::{bearer, cookie},
    house::{House, PATIENCE, head, read_until, signed_in},
};
use domain::{Allow, AppLimits, GateSettings, Rule};
use doorward_gateway::Limits;
use std::time::Duration;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, task::yield_now, time::timeout};

async fn limited(limits: AppLimits) -> House {
    let anyone = Rule { path: "/share".to_owned(), methods: Vec::new(), allow: Allow::Anyone };
    House::gated(GateSettings { limits, rules: vec![anyone], ..GateSettings::default() }).await
}

async fn at_once(most: u32) -> House {
    limited(AppLimits { requests_at_once: Some(most), ..AppLimits::default() }).await
}

/// Asks until there is a seat again.
async fn wait_for_a_seat(house: &House) {
    let asking = async {
        while !house.ask("GET /", &[]).await.starts_with("HTTP/1.1 200") {
            yield_now().await;
        }
    };
    timeout(PATIENCE, asking).await.unwrap();
}

async fn assert_is_crowded(house: &House) {
    let answer = house.ask("GET /", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("app_busy"), "{answer}");
    assert!(answer.contains("retry-after: 1\r\n"), "{answer}");
}

#[tokio::test]
async fn rule_22_a_person_gets_so_many_requests_a_minute_whatever_they_come_with() {
    let house = limited(AppLimits { requests_per_minute: Some(3), ..AppLimits::default() }).await;
    let ask = async |credential: &str| {
        let fields = ["Host: notes.localhost", "Connection: close", credential];
        house.say(&head("GET /share", &fields)).await
    };
    for credential in [cookie(), bearer(), cookie()] {
        assert!(ask(&credential).await.starts_with("HTTP/1.1 200"));
    }
    let answer = ask(&bearer()).await;
    assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("too_many_requests"), "{answer}");
    assert!(answer.contains("retry-after: 20\r\n"), "{answer}");
    assert_eq!(house.app.seen().len(), 3);
    // Who is not signed in is somebody else, counted by network; whoever is refused anyway is not counted.
    for _ in 0..3 {
        assert!(ask("X-Nobody: 1").await.starts_with("HTTP/1.1 200"));
    }
    assert!(ask("X-Nobody: 1").await.starts_with("HTTP/1.1 429"));
}

#[tokio::test]
async fn a_request_keeps_its_seat_until_its_answer_s_body_has_ended() {
    let house = House::of(Limits::default(), |app| {
        if app.name.as_str() == "bare" {
            app.gate.limits.requests_at_once = Some(1);
        }
    })
    .await;
    let fields = ["Host: bare.localhost", &bearer(), "Connection: close"];
    let request = head("GET /", &fields);
    let mut first = house.connect().await;
    first.write_all(request.as_bytes()).await.unwrap();
    let mut app = house.bare.accept().await.unwrap().0;
    read_until(&mut app, "\r\n\r\n").await;
    app.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhalf").await.unwrap();
    read_until(&mut first, "half").await;
    assert!(house.say(&request).await.starts_with("HTTP/1.1 503"));
    app.write_all(b"ed").await.unwrap();
    read_until(&mut first, "ed").await;
    let asking = async {
        loop {
            let mut next = house.connect().await;
            next.write_all(request.as_bytes()).await.unwrap();
            tokio::select! {
                _ = read_until(&mut app, "GET / HTTP/1.1") => return,
                _ = house.bare.accept() => return,
                answer = read_until(&mut next, "\r\n\r\n") => assert!(answer.starts_with("HTTP/1.1 503")),
            }
        }
    };
    timeout(PATIENCE, asking).await.unwrap();
}

#[tokio::test]
async fn a_client_that_goes_away_gives_its_seat_back() {
    // Whoever closes may still read, so that an answer is waited for a while.
    let limits = Limits { half_closed_time: Duration::from_millis(50), ..Limits::default() };
    let house = House::of(limits, |app| app.gate.limits.requests_at_once = Some(2)).await;
    let mut waiting: Vec<TcpStream> = Vec::new();
    for _ in 0..2 {
        let mut stream = house.connect().await;
        stream.write_all(signed_in("GET /hang", &[]).as_bytes()).await.unwrap();
        waiting.push(stream);
    }
    let arriving = async {
        while house.app.connections() < 2 {
            yield_now().await;
        }
    };
    timeout(PATIENCE, arriving).await.unwrap();
    assert_is_crowded(&house).await;
    drop(waiting);
    wait_for_a_seat(&house).await;
}

#[tokio::test]
async fn a_tunnel_keeps_its_seat_until_it_closes() {
    let house = at_once(1).await;
    let mut stream = house.connect().await;
    let shake =
        signed_in("GET /socket", &["Upgrade: websocket"]).replace("Connection: close", "Connection: Upgrade");
    stream.write_all((shake + "hello").as_bytes()).await.unwrap();
    read_until(&mut stream, "hello").await;
    assert_is_crowded(&house).await;
    drop(stream);
    wait_for_a_seat(&house).await;
}

#[tokio::test]
async fn the_app_s_limit_on_bodies_holds_beside_the_gateway_s() {
    for (gateway, app) in [(None, 4), (Some(4), 9), (Some(9), 4)] {
        let limits = Limits { body_bytes: gateway, ..Limits::default() };
        let house = House::of(limits, |notes| notes.gate.limits.body_bytes = Some(app)).await;
        let long = signed_in("POST /", &["Content-Length: 5"]) + "hello";
        assert!(house.say(&long).await.starts_with("HTTP/1.1 413"), "{gateway:?} {app}");
        let chunked =
            signed_in("POST /", &["Transfer-Encoding: chunked"]) + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert!(house.say(&chunked).await.starts_with("HTTP/1.1 413"), "{gateway:?} {app}");
        house.app.seen();
        assert!(house.say(&(signed_in("POST /", &["Content-Length: 4"]) + "four")).await.ends_with("four"));
    }
}

#[tokio::test]
async fn an_app_that_is_shut_answers_nobody_and_doorward_s_own_paths_go_on() {
    let gate = GateSettings { maintenance: Some("Back at noon.".to_owned()), ..GateSettings::default() };
    let house = House::gated(gate).await;
    for fields in [&[][..], &["Remote-User: x"]] {
        let answer = house.ask("GET /", fields).await;
        assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("maintenance"), "{answer}");
        assert!(answer.contains("retry-after: 60\r\n"), "{answer}");
    }
    let nobody = house.say(&head("GET /", &["Host: notes.localhost", "Connection: close"])).await;
    assert!(nobody.starts_with("HTTP/1.1 503"), "{nobody}");
    assert!(house.app.seen().is_empty());
    assert!(house.ask("GET /.doorward/me", &[]).await.contains("own path /.doorward/me of notes"));
}
