//! The gateway of the whole product: who comes through to an app, as its rules say.

use crate::world::{Kind, World, text};
use domain::{Actor, Allow, AppAccess, AppLimits, GateSettings, Group, Id, Rule};
use doorward::{
    seeing::LogSettings,
    testing::{Served, json_request},
};
use gateway::TrustedProxies;
use identity::apps::{self, AccessWanted, AppChange};
use serde_json::{Value, json};

fn rule(path: &str, allow: Allow) -> Rule {
    Rule { path: path.to_owned(), methods: Vec::new(), allow }
}

async fn admin(world: &World, method: &str, path: &str, body: Value) -> Value {
    let (status, answer) = world.send(Kind::Admin, json_request(method, path, &body)).await;
    assert!(status.is_success(), "{method} {path}: {status} {answer}");
    answer
}

async fn settle(world: &World, gate: GateSettings) {
    let operator = Actor::local_operator("req-test");
    let change =
        AppChange { access: Some(AccessWanted::default()), gate: gate.into(), ..AppChange::default() };
    apps::update(&world.app.desk.house, &operator, "notes".to_owned(), change).await.unwrap();
}

/// An app that is open to nobody but by its rules.
async fn ruled() -> (World, Served) {
    let world = World::make().await;
    let groups = admin(&world, "GET", "/api/v1/groups", Value::Null).await;
    let family: Id<Group> = text(&groups, "/items/0/id").parse().unwrap();
    let family = AppAccess { groups: vec![family], ..AppAccess::default() };
    let rules = vec![
        rule("/share", Allow::Anyone),
        rule("/board", Allow::SignedIn),
        rule("/family", Allow::Only(family)),
    ];
    settle(&world, GateSettings { rules, ..GateSettings::default() }).await;
    let gate = world.app.serve(&LogSettings::default(), TrustedProxies::default()).await;
    (world, gate)
}

/// Sends a request of these lines over a connection of its own, and gives all that comes back.
async fn say(gate: &Served, lines: &[&str]) -> String {
    gate.say(&format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"))).await
}

/// What a request for a path of the app is answered: its status and, of the sample, whom it heard of.
async fn asked(gate: &Served, path: &str, field: &str) -> (u16, bool) {
    let line = format!("GET {path} HTTP/1.1");
    let answer = say(gate, &[&line, "Host: notes.localhost:8080", "Sec-Fetch-Mode: navigate", field]).await;
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.contains("Grace Hopper"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_path_is_open_to_whom_its_rule_names() {
    let (world, gate) = ruled().await;
    let (nobody, grace) = ("X-Nobody: 1", world.authorization(Kind::MemberToken));
    for (path, as_nobody, as_grace) in [
        ("/share/x", (200, false), (200, true)),
        ("/board", (303, false), (200, true)),
        ("/family", (303, false), (403, false)),
        ("/", (303, false), (403, false)),
        ("/share/../family", (303, false), (403, false)),
        ("/share%2f..%2ffamily", (303, false), (403, false)),
    ] {
        assert_eq!(asked(&gate, path, nobody).await, as_nobody, "{path}");
        assert_eq!(asked(&gate, path, &grace).await.0, as_grace.0, "{path}");
        if as_grace.0 == 200 {
            assert!(asked(&gate, path, &grace).await.1, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_joins_or_leaves_a_rule_s_group_is_let_in_or_not_by_the_next_request() {
    let (world, gate) = ruled().await;
    let grace = world.authorization(Kind::MemberToken);
    assert_eq!(asked(&gate, "/family", &grace).await.0, 403);
    admin(&world, "PUT", "/api/v1/groups/family/members/grace", Value::Null).await;
    assert_eq!(asked(&gate, "/family", &grace).await, (200, true));
    assert_eq!(asked(&gate, "/", &grace).await.0, 403, "one rule's decision is not another's");
    admin(&world, "DELETE", "/api/v1/groups/family/members/grace", Value::Null).await;
    assert_eq!(asked(&gate, "/family", &grace).await.0, 403);
    settle(&world, GateSettings { rules: vec![rule("/", Allow::SignedIn)], ..GateSettings::default() }).await;
    assert_eq!(asked(&gate, "/family", &grace).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_10_a_token_for_another_app_tells_nothing_of_its_owner_where_anyone_may_come() {
    let (world, gate) = ruled().await;
    let sample = json!({ "name": "other", "upstreams": ["builtin:sample"], "access": { "everyone": true } });
    admin(&world, "POST", "/api/v1/apps", sample).await;
    let token = json!({ "name": "other", "apps": ["other"] });
    let made = world.send(Kind::Member, json_request("POST", "/api/v1/tokens", &token)).await.1;
    let token = format!("Authorization: Bearer {}", text(&made, "/secret"));
    assert_eq!(asked(&gate, "/share", &token).await, (200, false));
    assert_eq!(asked(&gate, "/board", &token).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_app_and_a_spent_quota_say_so_and_when_to_come_again() {
    let (world, gate) = ruled().await;
    settle(
        &world,
        GateSettings {
            rules: vec![rule("/", Allow::Anyone)],
            limits: AppLimits { requests_per_minute: Some(1), ..AppLimits::default() },
            ..GateSettings::default()
        },
    )
    .await;
    let ask = ["GET / HTTP/1.1", "Host: notes.localhost:8080"];
    assert!(say(&gate, &ask).await.starts_with("HTTP/1.1 200"));
    let spent = say(&gate, &ask).await;
    assert!(spent.starts_with("HTTP/1.1 429") && spent.contains("retry-after: 60\r\n"), "{spent}");
    assert!(spent.contains("\"code\":\"too_many_requests\""), "{spent}");

    let maintenance = Some("Back at noon.".to_owned());
    settle(&world, GateSettings { maintenance, ..GateSettings::default() }).await;
    let shut = say(&gate, &[ask[0], ask[1], "Sec-Fetch-Mode: navigate"]).await;
    assert!(shut.starts_with("HTTP/1.1 503") && shut.contains("retry-after: 60\r\n"), "{shut}");
    assert!(shut.contains("notes is shut for a while") && shut.contains("Back at noon."), "{shut}");
}
