//! The same bridge on either engine: its handlers know neither.

use crate::{
    domain::fill,
    stage::{PASSWORD, Stage},
};
use doorward::testing::Postgresql;
use serde_json::{Value, json};
use std::time::Duration;

/// Everything that the bridge is asked for in a day, and what it answers but for secrets and ids.
async fn a_day(stage: &Stage) -> Vec<(u16, Value)> {
    fill(stage);
    let made = stage.ask("POST", "/api/auth/setup", "", json!({ "password": PASSWORD })).await;
    let cookie = made.cookie();
    let token = stage.token(&cookie).await;
    let mut said = vec![(made.status.as_u16(), made.json())];
    for (method, path, body) in [
        ("POST", "/api/auth/setup", json!({ "password": "again" })),
        ("PUT", "/api/config", json!({ "theme": "dark", "api_token_enabled": true })),
        ("POST", "/api/sync/dry-run", Value::Null),
        ("POST", "/api/sync/trigger", Value::Null),
        ("POST", "/api/sync/trigger", Value::Null),
        ("GET", "/api/mappings", Value::Null),
        ("GET", "/api/conflicts", Value::Null),
        ("POST", "/api/conflicts/filament-name/f1/resolve", json!({ "use": "filamentdb" })),
        ("POST", "/api/conflicts/filament-name/f1/resolve", json!({ "use": "filamentdb" })),
        ("POST", "/api/backup/spoolman", Value::Null),
        ("GET", "/api/backup/status", Value::Null),
        ("GET", "/api/backup/export", Value::Null),
        ("GET", "/api/sync-log", Value::Null),
    ] {
        // The log is in the order of its ids, which is that of time.
        stage.app.clock.advance(Duration::from_millis(1));
        let answer = stage.ask(method, path, &cookie, body).await;
        said.push((answer.status.as_u16(), without_secrets(answer.json())));
    }
    let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    let import = stage.ask("POST", "/api/backup/import", &cookie, export).await;
    said.push((import.status.as_u16(), import.json()));
    assert!(stage.takes(&token).await && stage.opens(&cookie).await);
    said
}

fn without_secrets(mut answer: Value) -> Value {
    for place in ["/config", ""] {
        if let Some(config) = answer.pointer_mut(place).and_then(Value::as_object_mut) {
            for key in ["api_token", "auth_secret", "admin_password_hash"] {
                config.remove(key);
            }
        }
    }
    if let Some(rows) = answer.as_array_mut() {
        rows.iter_mut().filter_map(Value::as_object_mut).for_each(|row| drop(row.remove("id")));
    }
    answer
}

#[tokio::test]
async fn its_handlers_do_the_same_on_sqlite_and_on_postgresql() {
    let server = Postgresql::start();
    let (file, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let on_sqlite = a_day(&Stage::start(file.path(), true).await).await;
    let on_postgresql = a_day(&Stage::start_on(other.path(), true, Some(server.url())).await).await;
    assert_eq!(on_sqlite, on_postgresql);
    assert!(on_sqlite.iter().filter(|(status, _)| *status == 200).count() >= 13, "{on_sqlite:?}");
}

#[tokio::test]
async fn two_replicas_that_start_at_once_are_one_bridge() {
    let server = Postgresql::start();
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = |folder| Stage::start_on(folder, true, Some(server.url()));
    let (one, two) = tokio::join!(start(here.path()), start(there.path()));
    let made = one.ask("POST", "/api/auth/setup", "", json!({ "password": PASSWORD })).await;
    let cookie = made.cookie();
    assert!(two.opens(&cookie).await, "what one has signed, the other takes");
    let token = one.token(&cookie).await;
    assert!(two.takes(&token).await);
    two.token(&cookie).await;
    assert!(!one.takes(&token).await, "what one ended, the other refuses");
}
