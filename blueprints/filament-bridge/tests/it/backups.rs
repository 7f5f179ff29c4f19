//! FB-24 and FB-25: a backup holds everything, and takes everything back.

use crate::stage::{PASSWORD, Stage, code};
use serde_json::{Value, json};
use std::time::Duration;

/// The stage's password as bcrypt hashes it at a cost of 4, and of 10.
const COST_4: &str = "$2b$04$abcdefghijklmnopqrstuuV3duMsC0HpUex6N9qapiuOHHWkwRXVm";
const COST_10: &str = "$2b$10$abcdefghijklmnopqrstuu7gIUFBKrYXdzQy8HrouzMJyZ4cijAb2";

#[tokio::test]
async fn fb_24_the_export_holds_the_secrets_with_mappings_and_config() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    stage.ask("PUT", "/api/config", &cookie, json!({ "theme": "dark" })).await;
    let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    assert_eq!((&export["schema_version"], &export["config"]["theme"]), (&json!(1), &json!("dark")));
    assert_eq!(export["config"]["api_token"], token);
    for key in ["auth_secret", "admin_password_hash"] {
        assert!(export["config"][key].as_str().is_some_and(|text| text.len() >= 43), "{key}");
    }
    for key in ["exported_at", "filament_mappings", "spool_mappings", "open_conflicts"] {
        assert!(!export[key].is_null(), "{key}");
    }
    assert!(stage.app.events().await.iter().any(|event| event.action == "secrets:export"));
}

#[tokio::test]
async fn fb_25_after_a_restore_old_cookies_and_tokens_work_without_another_word() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    let mut export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    export["filament_mappings"] = json!([{ "filamentdb_id": "f1", "spoolman_id": 7, "name": "PLA" }]);

    let fresh = tempfile::tempdir().unwrap();
    let other = Stage::start(fresh.path(), true).await;
    let made = other.ask("POST", "/api/auth/setup", "", json!({ "password": "of the new machine" })).await;
    let new = made.cookie();
    assert!(!other.opens(&cookie).await && !other.takes(&token).await);
    for _ in 0..2 {
        let opens = cookie_of(&other, &new, &cookie).await;
        let counts = other.ask("POST", "/api/backup/import", &opens, export.clone());
        assert_eq!(counts.await.json()["filament_mappings"], 1, "the same document twice is as once");
    }
    assert!(other.opens(&cookie).await && other.takes(&token).await);
    assert!(!other.opens(&new).await, "what the new machine signed has ended with its secret");
    let login = other.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(login.status, 200);
    let mappings = other.ask("GET", "/api/mappings", &cookie, Value::Null).await.json();
    assert_eq!(mappings["filament_mappings"], export["filament_mappings"]);

    export["schema_version"] = json!(2);
    let newer = other.ask("POST", "/api/backup/import", &cookie, export).await;
    assert_eq!(code(&newer), (400, "unsupported_schema_version".to_owned()));
}

#[tokio::test]
async fn a_restore_brings_no_session_back_that_had_ended_before_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another" });
    let cookie = stage.ask("POST", "/api/auth/change-password", &cookie, change).await.cookie();
    let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    let epoch = export["config"]["auth_epoch"].clone();
    assert!(epoch.as_str().is_some_and(|text| text.starts_with("2026-01-01T00:00:01")), "{epoch}");

    let fresh = tempfile::tempdir().unwrap();
    let other = Stage::start(fresh.path(), true).await;
    other.app.clock.advance(Duration::from_mins(1));
    let made = other.ask("POST", "/api/auth/setup", "", json!({ "password": "of the new machine" })).await;
    assert_eq!(other.ask("POST", "/api/backup/import", &made.cookie(), export.clone()).await.status, 200);
    let shown = async || {
        let export = other.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
        export["config"]["auth_epoch"].clone()
    };
    assert_eq!(shown().await, epoch);
    let mut older = export.clone();
    older["config"].as_object_mut().unwrap().remove("auth_epoch");
    older["config"]["api_token_enabled"] = json!(true);
    assert_eq!(other.ask("POST", "/api/backup/import", &cookie, older).await.status, 200);
    assert_eq!(shown().await, epoch, "under one secret the later of both counts");
    let mut ahead = export;
    ahead["config"]["auth_epoch"] = json!("2099-01-01T00:00:00Z");
    assert_eq!(other.ask("POST", "/api/backup/import", &cookie, ahead).await.status, 422);
}

#[tokio::test]
async fn a_weak_hash_of_a_backup_is_refused_or_made_anew_at_the_next_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    let import = async |hash: &str| {
        let mut export = export.clone();
        export["config"]["admin_password_hash"] = json!(hash);
        stage.ask("POST", "/api/backup/import", &cookie, export).await.status.as_u16()
    };
    assert_eq!(import(COST_4).await, 422);
    assert_eq!(import(COST_10).await, 200);
    let login = stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(login.status, 200);
    let now = stage.ask("GET", "/api/backup/export", &login.cookie(), Value::Null).await.json();
    assert!(now["config"]["admin_password_hash"].as_str().unwrap().starts_with("$2b$12$"), "{now}");
    assert_eq!(stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await.status, 200);
}

/// The cookie that opens the bridge now: the new one before the first import, the restored one after it.
async fn cookie_of(stage: &Stage, new: &str, restored: &str) -> String {
    if stage.opens(new).await { new.to_owned() } else { restored.to_owned() }
}
