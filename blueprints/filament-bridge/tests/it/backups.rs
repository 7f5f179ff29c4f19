//! FB-24 and FB-25: a backup holds everything, and takes everything back.

use crate::stage::{PASSWORD, Stage, code};
use serde_json::{Value, json};

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

/// The cookie that opens the bridge now: the new one before the first import, the restored one after it.
async fn cookie_of(stage: &Stage, new: &str, restored: &str) -> String {
    if stage.opens(new).await { new.to_owned() } else { restored.to_owned() }
}
