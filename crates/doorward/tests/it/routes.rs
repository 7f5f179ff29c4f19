//! Every operation, tried by every kind of caller. A new one fails here until its row is in the tables.

use crate::world::{Ids, Kind, World};
use axum::body::Body;
use domain::Outcome;
use doorward::testing::{PASSWORD, json_request};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use std::fmt::Write as _;
use web::operations::{Entry, OPERATIONS};

/// What each operation is tried with: the path's names filled in, and a good body.
fn example(entry: &Entry, ids: &Ids) -> (String, Value) {
    let body = match entry.id {
        "setup.complete" => json!({ "code": "x", "email": "a@b.org", "name": "A", "password": PASSWORD }),
        "sessions.create" => json!({ "identifier": "grace", "password": PASSWORD }),
        "sessions.prove" => json!({ "password": PASSWORD }),
        "me.update" => json!({ "name": "Another Name" }),
        "me.change_password" => {
            json!({ "current_password": PASSWORD, "new_password": "eleven amber lanterns hum" })
        }
        "tokens.create" => json!({ "name": "new", "permissions": ["user:list"] }),
        "users.create" => json!({ "email": "alan@example.org", "name": "Alan", "password": PASSWORD }),
        "users.update" => json!({ "name": "Rear Admiral Hopper" }),
        "groups.create" => json!({ "name": "friends" }),
        "groups.update" => json!({ "name": "household" }),
        "apps.create" => json!({ "name": "wiki", "upstreams": ["http://127.0.0.1:3000"] }),
        "apps.update" => json!({
            "basic": true, "rules": [{ "path": "/share", "allow": "anyone" }], "limits": { "body_bytes": 4096 },
            "headers": { "answer": { "remove": ["Server"] } }, "sign_in_hours": 8,
        }),
        "sessions.list"
        | "sessions.end_others"
        | "sessions.end_current"
        | "sessions.end"
        | "me.show"
        | "tokens.list"
        | "tokens.revoke"
        | "users.list"
        | "users.show"
        | "groups.list"
        | "groups.show"
        | "groups.delete"
        | "groups.add_member"
        | "groups.remove_member"
        | "apps.list"
        | "apps.show"
        | "apps.delete"
        | "audit.list"
        | "audit.show"
        | "forward_auth.check" => Value::Null,
        other => panic!("`{other}` has no example yet: add its row here"),
    };
    let resource = entry.id.split('.').next().unwrap_or_default();
    let id = match resource {
        "sessions" => ids.session.as_str(),
        "tokens" => ids.token.as_str(),
        "users" => ids.user.as_str(),
        "groups" => "family",
        "apps" => "notes",
        _ => ids.event.as_str(),
    };
    (entry.path.replace("{id}", id).replace("{user}", "grace"), body)
}

fn request(entry: &Entry, ids: &Ids) -> Request<Body> {
    let (path, body) = example(entry, ids);
    json_request(entry.method, &path, &body)
}

/// What an operation needs before it can work.
async fn prepare(entry: &Entry, world: &World) {
    if entry.id == "groups.remove_member" {
        let add = json_request("PUT", "/api/v1/groups/family/members/grace", &Value::Null);
        assert_eq!(world.send(Kind::Admin, add).await.0, StatusCode::NO_CONTENT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_is_tried_by_every_kind_of_caller() {
    let mut table = format!("{:<22}", "");
    for kind in Kind::ALL {
        write!(table, " {:>12}", format!("{kind:?}")).unwrap();
    }
    for entry in OPERATIONS {
        write!(table, "\n{:<22}", entry.id).unwrap();
        for kind in Kind::ALL {
            let world = World::make().await;
            prepare(entry, &world).await;
            let status = try_it(entry, kind, &world).await;
            write!(table, " {:>12}", status.as_u16()).unwrap();
        }
    }
    insta::assert_snapshot!(table, @r"
                              Anonymous       Member  MemberToken        Admin   AdminToken     AppToken    ReadToken     Operator
    setup.complete                  410          410          410          410          410          410          410          410
    sessions.create                 201          201          201          201          201          201          201          403
    sessions.list                   401          200          200          200          200          403          403          200
    sessions.end_others             401          200          200          200          200          403          403          404
    sessions.end_current            401          204          404          204          404          404          404          404
    sessions.prove                  401          204          404          204          404          404          404          404
    sessions.end                    401          204          204          204          204          403          403          204
    me.show                         401          200          200          200          200          200          200          200
    me.update                       401          200          200          200          200          403          403          404
    me.change_password              401          204          204          204          204          403          403          404
    tokens.list                     401          200          200          200          200          403          200          200
    tokens.create                   401          201          201          201          201          403          403          404
    tokens.revoke                   401          204          204          204          204          403          403          204
    users.list                      401          403          403          200          200          403          200          200
    users.create                    401          403          403          201          201          403          403          201
    users.show                      401          200          200          200          200          403          403          200
    users.update                    401          404          404          200          200          403          403          200
    groups.list                     401          403          403          200          200          403          403          200
    groups.create                   401          403          403          201          201          403          403          201
    groups.show                     401          404          404          200          200          403          403          200
    groups.update                   401          404          404          200          200          403          403          200
    groups.delete                   401          404          404          204          204          403          403          204
    groups.add_member               401          404          404          204          204          403          403          204
    groups.remove_member            401          404          404          204          204          403          403          204
    apps.list                       401          403          403          200          200          403          403          200
    apps.create                     401          403          403          201          201          403          403          201
    apps.show                       401          404          404          200          200          403          403          200
    apps.update                     401          404          404          200          200          403          403          200
    apps.delete                     401          404          404          204          204          403          403          204
    audit.list                      401          403          403          200          200          403          403          200
    audit.show                      401          404          404          200          200          403          403          200
    forward_auth.check              403          403          403          403          403          403          403          403
    ");
}

/// Tries it, and checks what must be so whoever calls: nothing is cached, and a change leaves an event.
async fn try_it(entry: &Entry, kind: Kind, world: &World) -> StatusCode {
    let before = world.app.events().await;
    let response = world.ask(kind, request(entry, &world.ids)).await;
    let status = response.status();
    if kind != Kind::Operator {
        assert_eq!(
            response.headers().get(header::CACHE_CONTROL).unwrap(),
            "no-store",
            "{} {kind:?}",
            entry.id
        );
    }
    let mut events = world.app.events().await;
    events.retain(|event| !before.contains(event));
    let done = events.iter().any(|event| event.outcome == Outcome::Done);
    let changes = entry.method != "GET" && status.is_success();
    assert_eq!(done, changes, "{} by {kind:?} answered {status}: {events:?}", entry.id);
    status
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_05_every_unsafe_operation_refuses_a_cross_site_call() {
    let world = World::make().await;
    for entry in OPERATIONS.iter().filter(|entry| entry.method != "GET") {
        for kind in [Kind::Anonymous, Kind::Member, Kind::Admin] {
            let mut request = request(entry, &world.ids);
            request.headers_mut().insert(header::ORIGIN, "http://notes.localhost:8080".parse().unwrap());
            let (status, problem) = world.send(kind, request).await;
            let refused = status == StatusCode::FORBIDDEN && problem["code"] == "cross_site_request";
            // Without a credential, that comes first.
            let nobody = status == StatusCode::UNAUTHORIZED && !kind.is_browser();
            assert!(refused || nobody, "{} by {kind:?}: {status} {problem}", entry.id);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_denials_is_written_when_the_policy_allows_nothing() {
    let world = World::make().await;
    let before = world.app.events().await;
    let world = world.under(policy::Policy::danger_nothing_allowed()).await;
    for entry in OPERATIONS {
        for kind in Kind::ALL {
            let status = world.send(kind, request(entry, &world.ids)).await.0;
            let reads_itself = entry.id == "me.show";
            assert!(!status.is_success() || reads_itself, "{} by {kind:?}: {status}", entry.id);
        }
    }
    world.app.desk.house.flush_all_refusals().await.unwrap();
    let world = world.under(policy::Policy::builtin().unwrap()).await;
    let mut after = world.app.events().await;
    after.retain(|event| !before.contains(event));
    assert!(after.len() > 50, "the tries were seen: {}", after.len());
    after.retain(|event| event.outcome == Outcome::Done);
    assert!(after.is_empty(), "{after:?}");
}
