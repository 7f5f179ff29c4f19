//! `/metrics`: who may read it, and that no request makes it grow.

use crate::world::{Kind, World};
use axum::body::{Body, to_bytes};
use domain::Outcome;
use doorward::{
    seeing::{LogSettings, Target},
    testing::Served,
};
use gateway::TrustedProxies;
use http::{Request, header};
use std::{collections::BTreeSet, fmt::Write as _};

async fn serve(world: &World) -> Served {
    world.app.serve(&LogSettings::default(), TrustedProxies::default()).await
}

fn head(line: &str, fields: &[&str]) -> String {
    format!("{line} HTTP/1.1\r\nConnection: close\r\n{}\r\n\r\n", fields.join("\r\n"))
}

/// The series of a text, without their values.
fn series(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.starts_with('#') && line.contains(' '));
    lines.filter_map(|line| line.rsplit_once(' ')).map(|(series, _)| series.to_owned()).collect()
}

async fn figures(served: &Served) -> String {
    let answer = served.say(&head("GET /metrics", &["Host: localhost:8080"])).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_11_metrics_are_for_administrators_and_programs_of_this_machine() {
    let mut table = String::new();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Operator) {
        for host in ["localhost:8080", "home.example.org"] {
            let world = World::make().await;
            let request = Request::get("/metrics").header(header::HOST, host).body(Body::empty()).unwrap();
            let response = world.ask(kind, request).await;
            writeln!(table, "{:<12} {host:<18} {}", format!("{kind:?}"), response.status().as_u16()).unwrap();
            assert_eq!(response.headers().get(header::CACHE_CONTROL).unwrap(), "no-store");
            let text = to_bytes(response.into_body(), 1 << 20).await.unwrap();
            let denied =
                world.app.events().await.iter().filter(|event| event.action == "metrics:read").count();
            let is_denied =
                matches!(kind, Kind::Member | Kind::MemberToken | Kind::AppToken | Kind::ReadToken);
            assert_eq!(denied, usize::from(is_denied), "{kind:?}: {text:?}");
        }
    }
    insta::assert_snapshot!(table, @r"
    Anonymous    localhost:8080     200
    Anonymous    home.example.org   401
    Member       localhost:8080     403
    Member       home.example.org   403
    MemberToken  localhost:8080     403
    MemberToken  home.example.org   403
    Admin        localhost:8080     200
    Admin        home.example.org   200
    AdminToken   localhost:8080     200
    AdminToken   home.example.org   200
    AppToken     localhost:8080     403
    AppToken     home.example.org   403
    ReadToken    localhost:8080     403
    ReadToken    home.example.org   403
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_11_loopback_counts_for_what_comes_straight_from_this_machine() {
    let world = World::make().await;
    let believing = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
    for trusted in [TrustedProxies::default(), believing] {
        let served = world.app.serve(&LogSettings::default(), trusted).await;
        for (status, fields) in [
            (200, &["Host: localhost:8080"][..]),
            (200, &["Host: 127.0.0.1"]),
            (200, &["Host: [::1]:8080"]),
            (401, &["Host: localhost:8080", "X-Forwarded-For: 127.0.0.1"]),
            (401, &["Host: 127.0.0.1", "X-Forwarded-For: 127.0.0.1"]),
            (401, &["Host: localhost:8080", "Forwarded: for=127.0.0.1"]),
            (401, &["Host: localhost:8080", "Via: 1.1 proxy"]),
            (401, &["Host: localhost:8080", "X-Real-IP: 127.0.0.1"]),
            (421, &["Host: evil.example"]),
            (401, &["Host: notes.localhost:8080"]),
            (400, &["Host: localhost", "Host: localhost"]),
        ] {
            let answer = served.say(&head("GET /metrics", fields)).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{fields:?}: {answer}");
            assert_eq!(answer.contains("doorward_requests_total"), status == 200, "{fields:?}");
        }
        let wrong = head("GET /metrics", &["Host: localhost:8080", "Authorization: Bearer dwt_wrong"]);
        assert!(served.say(&wrong).await.starts_with("HTTP/1.1 401"), "a wrong credential is refused");
        for (path, host, status) in [
            ("/healthz", "127.0.0.1", "200"),
            ("/readyz", "10.0.0.7:8080", "200"),
            ("/healthz", "notes.localhost:8080", "401"),
            ("/login", "127.0.0.1", "421"),
        ] {
            let answer = served.say(&head(&format!("GET {path}"), &[&format!("Host: {host}")])).await;
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{path} at {host}: {answer}");
        }
        served.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_makes_a_new_series() {
    let world = World::make().await;
    let served = serve(&world).await;
    let ask = async |host: &str, path: &str| {
        let answer = served.say(&head(&format!("GET {path}"), &[&format!("Host: {host}")])).await;
        assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    };
    for (host, path) in [("a.example", "/"), ("notes.localhost", "/"), ("localhost:8080", "/nowhere")] {
        ask(host, path).await;
    }
    let before = series(&figures(&served).await);
    for number in 0..1_000 {
        let (host, path) = (format!("host-{number}.example"), format!("/path-{number}"));
        match number % 3 {
            0 => ask(&host, &path).await,
            1 => ask("notes.localhost", &path).await,
            _ => ask("localhost:8080", &path).await,
        }
    }
    let text = figures(&served).await;
    let mut grown = series(&text);
    // The first look at the figures is a request as well.
    grown.retain(|series| !series.contains("outcome=\"own\",status_class=\"2xx\""));
    assert!(grown.is_subset(&before), "{:?}", grown.difference(&before));
    assert!(!text.contains("host-") && !text.contains("path-"));
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_by_app_and_outcome() {
    let world = World::make().await;
    let served = serve(&world).await;
    for _ in 0..3 {
        served.say(&head("GET /", &["Host: notes.localhost"])).await;
    }
    served.say(&head("GET /", &["Host: nowhere.example"])).await;
    // A connection is closed a moment after its client has gone.
    let mut text = figures(&served).await;
    while !text.contains("\ndoorward_connections 1\n") {
        text = figures(&served).await;
    }
    for line in [
        "doorward_requests_total{app=\"notes\",outcome=\"sign_in_required\",status_class=\"4xx\"} 3",
        "doorward_requests_total{app=\"\",outcome=\"unknown_host\",status_class=\"4xx\"} 1",
        "doorward_door_seconds_count{app=\"notes\"} 3",
        "doorward_door_seconds_bucket{app=\"notes\",le=\"+Inf\"} 3",
        "doorward_request_duration_seconds_count{app=\"notes\"} 3",
        "doorward_tunnels 0",
        "doorward_sign_ins_total{outcome=\"done\"} 2",
        "doorward_sign_ins_total{outcome=\"failed\"} 0",
        "doorward_audit_queue 0",
        "doorward_password_queue 0",
        "doorward_access_log_dropped_total 0",
        "process_start_time_seconds 1767225600",
        concat!("doorward_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_costs_lines_of_the_access_log_and_no_request() {
    let world = World::make().await;
    let log = LogSettings { target: Target::File("/dev/full".into()), ..LogSettings::default() };
    let served = world.app.serve(&log, TrustedProxies::default()).await;
    for _ in 0..3 {
        served.say(&head("GET /healthz", &["Host: localhost:8080"])).await;
    }
    let lost = |text: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix("doorward_access_log_dropped_total "));
        line.unwrap().parse::<u64>().unwrap()
    };
    while lost(&figures(&served).await) < 3 {}
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_text_is_what_prometheus_reads() {
    let world = World::make().await;
    let served = serve(&world).await;
    served.say(&head("GET /", &["Host: notes.localhost"])).await;
    let text = figures(&served).await;
    let mut declared = BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            assert!(declared.insert(rest.split(' ').next().unwrap().to_owned()), "declared twice: {line}");
        } else if !line.starts_with("# HELP ") {
            let (series, value) = line.rsplit_once(' ').unwrap();
            assert!(value.parse::<f64>().is_ok(), "{line}");
            let name = series.split('{').next().unwrap();
            let stems = ["", "_bucket", "_sum", "_count"].map(|end| name.strip_suffix(end));
            assert!(stems.into_iter().flatten().any(|stem| declared.contains(stem)), "undeclared: {line}");
        }
    }
    assert!(text.ends_with('\n') && declared.len() > 12, "{declared:?}");
    assert_eq!(
        series(&text).len(),
        text.lines().filter(|line| !line.starts_with('#')).count(),
        "a series twice"
    );
    served.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_of_an_app_go_with_it() {
    let world = World::make().await;
    let served = serve(&world).await;
    served.say(&head("GET /", &["Host: notes.localhost"])).await;
    assert!(figures(&served).await.contains("app=\"notes\""));
    let remove = Request::delete("/api/v1/apps/notes").header(header::ORIGIN, "http://localhost:8080");
    let (status, _) = world.send(Kind::Admin, remove.body(Body::empty()).unwrap()).await;
    assert!(status.is_success());
    assert!(!figures(&served).await.contains("app=\"notes\""));
    served.end().await;
    assert!(world.app.events().await.iter().any(|event| event.outcome == Outcome::Done));
}
