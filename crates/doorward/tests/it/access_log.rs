//! The access log: its lines, what is never in them, and the file under rotation.

use crate::world::{Kind, World};
use doorward::{
    seeing::{LogSettings, Target},
    testing::{PASSWORD, Served, json_request},
};
use gateway::TrustedProxies;
use http::StatusCode;
use serde_json::{Value, json};
use std::{fs, path::PathBuf, time::Duration};

fn file(world: &World) -> PathBuf {
    world.folder.path().join("access.log")
}

async fn serve(world: &World, sample: &str) -> Served {
    let log = LogSettings { target: Target::File(file(world)), sample: sample.parse().unwrap() };
    world.app.serve(&log, TrustedProxies::default()).await
}

fn head(line: &str, fields: &[&str]) -> String {
    format!("{line} HTTP/1.1\r\nConnection: close\r\n{}\r\n\r\n", fields.join("\r\n"))
}

fn lines(world: &World) -> Vec<Value> {
    let text = fs::read_to_string(file(world)).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The line without what differs from run to run.
fn settled(mut line: Value) -> Value {
    assert_eq!(line["request"].as_str().map(str::len), Some(32), "{line}");
    for name in ["duration_ms", "door_ms"] {
        assert!(line[name].as_f64().is_some_and(|span| span >= 0.0), "{line}");
        line[name] = json!("[span]");
    }
    assert!(line["bytes_out"].as_u64().is_some_and(|bytes| bytes > 0), "{line}");
    line["bytes_out"] = json!("[bytes]");
    line["request"] = json!("[id]");
    for (name, prefix) in [("credential", "ses_"), ("credential", "tok_")] {
        if line[name].as_str().is_some_and(|id| id.starts_with(prefix)) {
            line[name] = json!(format!("{prefix}[…]"));
        }
    }
    line
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_what_happened() {
    let world = World::make().await;
    let served = serve(&world, "1").await;
    let trace = "Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let bearer = world.authorization(Kind::AdminToken);
    served.say(&head("GET /page?key=secret", &["Host: notes.localhost", &bearer, trace])).await;
    served.say(&head("GET /page", &["Host: nowhere.example:80"])).await;
    served.say(&head("GET /api/v1/users?limit=7", &["Host: localhost:8080", &bearer])).await;
    served.end().await;
    let lines: Vec<_> = lines(&world).into_iter().map(settled).map(|line| line.to_string()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    {"time":"2026-01-01T00:00:00Z","request":"[id]","trace":"4bf92f3577b34da6a3ce929d0e0e4736","client":"127.0.0.1","method":"GET","host":"notes.localhost","path":"/page","protocol":"HTTP/1.1","app":"notes","user":"ada","credential":"tok_[…]","outcome":"forwarded","status":200,"bytes_in":0,"bytes_out":"[bytes]","duration_ms":"[span]","door_ms":"[span]","upstream":null}
    {"time":"2026-01-01T00:00:00Z","request":"[id]","trace":null,"client":"127.0.0.1","method":"GET","host":"nowhere.example:80","path":"/page","protocol":"HTTP/1.1","app":null,"user":null,"credential":null,"outcome":"unknown_host","status":421,"bytes_in":0,"bytes_out":"[bytes]","duration_ms":"[span]","door_ms":"[span]","upstream":null}
    {"time":"2026-01-01T00:00:00Z","request":"[id]","trace":null,"client":"127.0.0.1","method":"GET","host":"localhost:8080","path":"/api/v1/users","protocol":"HTTP/1.1","app":null,"user":"ada","credential":"tok_[…]","outcome":"own","status":200,"bytes_in":0,"bytes_out":"[bytes]","duration_ms":"[span]","door_ms":"[span]","upstream":null}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_id_is_in_the_answer_its_problem_the_line_and_the_audit_event() {
    let world = World::make().await;
    let served = serve(&world, "1").await;
    let closed = json!({ "name": "closed", "upstreams": ["builtin:sample"] });
    let made = json_request("POST", "/api/v1/apps", &closed);
    assert_eq!(world.send(Kind::Admin, made).await.0, StatusCode::CREATED);
    let (bearer, wrong) = (
        world.authorization(Kind::AdminToken),
        json!({ "identifier": "ada", "password": "wrong" }).to_string(),
    );
    let own = ["Content-Type: application/json", "X-Requested-With: XMLHttpRequest"];
    let length = format!("Content-Length: {}", wrong.len());
    let requests = [
        head("GET /", &["Host: closed.localhost", &bearer]),
        head("GET /.doorward/nothing", &["Host: notes.localhost"]),
        head("POST /api/v1/sessions", &[&["Host: localhost:8080"], &own[..], &[&length]].concat()) + &wrong,
    ];
    let mut ids = Vec::new();
    for request in requests {
        let answer = served.say(&request).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let id = head.split_once("x-request-id: ").unwrap().1.split("\r\n").next().unwrap().to_owned();
        let problem: Value = serde_json::from_str(body).unwrap();
        assert_eq!(problem["request_id"], id, "{answer}");
        ids.push(id);
    }
    served.end().await;
    assert_eq!(lines(&world).iter().map(|line| line["request"].clone()).collect::<Vec<_>>(), ids);
    let events = world.app.events().await;
    let written =
        |id: &String| events.iter().find(|event| event.request == *id).map(|event| event.action.as_str());
    assert_eq!(ids.iter().map(written).collect::<Vec<_>>(), [Some("app:open"), None, Some("session:create")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_request_is_in_its_line() {
    let world = World::make().await;
    let served = serve(&world, "1").await;
    let (cookie, bearer) = (format!("Cookie: {}", world.ada), world.authorization(Kind::AdminToken));
    let (secret, token) = (world.ada.split_once('=').unwrap().1, bearer.rsplit_once(' ').unwrap().1);
    for host in ["localhost:8080", "notes.localhost", "nowhere.example"] {
        for field in [&cookie, &bearer, &format!("X-API-Key: {token}"), &format!("X-Custom: {secret}")] {
            for path in [
                format!("/?session={secret}"),
                format!("/a?{token}#x"),
                "/.doorward/callback?code=canary".into(),
            ] {
                served.say(&head(&format!("GET {path}"), &[&format!("Host: {host}"), field])).await;
            }
        }
    }
    let body = json!({ "identifier": "ada@example.org", "password": PASSWORD }).to_string();
    let fields =
        ["Host: localhost:8080", "Content-Type: application/json", "X-Requested-With: XMLHttpRequest"];
    let length = format!("Content-Length: {}", body.len());
    let sign_in = head("POST /api/v1/sessions", &[&fields[..], &[&length]].concat()) + &body;
    assert!(served.say(&sign_in).await.starts_with("HTTP/1.1 201"));
    served.end().await;
    let text = fs::read_to_string(file(&world)).unwrap();
    assert!(lines(&world).len() >= 30 && text.contains("\"user\":\"ada\""), "{text}");
    for canary in [secret, token, "canary", "dwt_", PASSWORD, "?"] {
        assert!(!text.contains(canary), "`{canary}` is in the log");
    }
    assert_eq!(lines(&world).last().unwrap()["bytes_in"], body.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_forges_a_line() {
    let world = World::make().await;
    let served = serve(&world, "1").await;
    let forged = "{\"time\":\"x\"}";
    for path in [
        format!("/a\"}}{forged}"),
        "/\u{2028}\u{85}x".into(),
        format!("/{}", "a".repeat(9_000)),
        "/%0a%0d".into(),
    ] {
        served.say(&head(&format!("GET {path}"), &["Host: notes.localhost"])).await;
    }
    served.say(&head("GET /", &["Host: a\u{9b}31m\u{2028}\"b"])).await;
    served.say(&head(&format!("{} /", "M".repeat(500)), &["Host: notes.localhost"])).await;
    served.end().await;
    let text = fs::read_to_string(file(&world)).unwrap();
    assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text}");
    assert!(text.lines().all(|line| line.len() < 4_000));
    let lines = lines(&world);
    assert!(lines.len() >= 4 && lines.iter().all(|line| line["client"] == "127.0.0.1"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_leaves_out_what_went_well_and_keeps_trouble() {
    let world = World::make().await;
    let served = serve(&world, "0").await;
    let bearer = world.authorization(Kind::AdminToken);
    for _ in 0..20 {
        served.say(&head("GET /", &["Host: notes.localhost", &bearer])).await;
        served.say(&head("GET /healthz", &["Host: localhost:8080"])).await;
    }
    served.say(&head("GET /", &["Host: notes.localhost"])).await;
    served.say(&head("GET /api/v1/me", &["Host: localhost:8080"])).await;
    served.end().await;
    let outcomes: Vec<_> =
        lines(&world).iter().map(|line| (line["outcome"].to_string(), line["status"].to_string())).collect();
    assert_eq!(outcomes, [("\"sign_in_required\"".into(), "401".into()), ("\"own\"".into(), "401".into())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_moved_away_is_opened_anew_at_sighup() {
    let world = World::make().await;
    let served = serve(&world, "1").await;
    let ask = || async { served.say(&head("GET /healthz", &["Host: localhost:8080"])).await };
    ask().await;
    let moved = file(&world).with_extension("1");
    wait_for(|| fs::read_to_string(file(&world)).is_ok_and(|text| text.lines().count() == 1)).await;
    fs::rename(file(&world), &moved).unwrap();
    ask().await;
    wait_for(|| fs::read_to_string(&moved).is_ok_and(|text| text.lines().count() == 2)).await;
    hang_up();
    wait_for(|| file(&world).exists()).await;
    ask().await;
    served.end().await;
    assert_eq!((lines(&world).len(), fs::read_to_string(moved).unwrap().lines().count()), (1, 2));
}

/// The other tests of this process listen as well, for only a log in a file does, and theirs are opened anew
/// where they are.
fn hang_up() {
    let own = rustix::process::getpid();
    rustix::process::kill_process(own, rustix::process::Signal::HUP).unwrap();
}

async fn wait_for(what: impl Fn() -> bool) {
    let come = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), come).await.unwrap();
}
