//! FB-01 to FB-05, FB-20 and FB-22: one account, its password, and how it is kept.

use crate::stage::{PASSWORD, Stage, code};
use serde_json::{Value, json};

#[tokio::test]
async fn fb_01_there_is_one_account_and_no_way_to_make_another() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let again = stage.ask("POST", "/api/auth/setup", "", json!({ "password": "another" })).await;
    assert_eq!(code(&again), (409, "password_already_set".to_owned()));
    for path in ["/auth/api/v1/users", "/api/v1/users", "/api/users"] {
        let made = stage.ask("POST", path, &cookie, json!({ "email": "b@example.org" })).await;
        assert!(matches!(made.status.as_u16(), 404 | 405), "{path}: {}", made.status);
    }
    assert!(stage.opens(&cookie).await);
}

#[tokio::test]
async fn fb_02_authentication_is_on_unless_it_is_said_otherwise() {
    let urls = [("SPOOLMAN_URL", "http://a"), ("FILAMENTDB_URL", "http://b")];
    let read = |more: &[(&str, &str)]| {
        let all = urls.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        filament_bridge::Settings::read(&all.collect()).map(|settings| settings.auth_enabled)
    };
    assert_eq!(read(&[]), Ok(true));
    assert_eq!(read(&[("AUTH_ENABLED", "")]), Ok(true));
    assert_eq!(read(&[("AUTH_ENABLED", "false")]), Ok(false));
    assert!(read(&[("AUTH_ENABLED", "flase")]).is_err(), "a mistyped word opens nothing");

    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start(folder.path(), true).await;
    let status = stage.ask("GET", "/api/auth/status", "", Value::Null).await.json();
    assert_eq!(status["auth_enabled"], true);
    assert_eq!(code(&stage.ask("GET", "/api/config", "", Value::Null).await).0, 401);
}

#[tokio::test]
async fn fb_04_without_a_password_the_status_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start(folder.path(), true).await;
    let status = stage.ask("GET", "/api/auth/status", "", Value::Null).await.json();
    let expected = json!({ "auth_enabled": true, "password_set": false, "authenticated": false,
                           "api_token_enabled": false });
    assert_eq!(status, expected);
    assert_eq!(stage.app.doorward.setup_link().await.unwrap(), None, "a link would lead nowhere");
    let early = stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(code(&early), (401, "no_password_set".to_owned()));
    let made = stage.ask("POST", "/api/auth/setup", "", json!({ "password": PASSWORD })).await;
    assert_eq!(made.json()["password_set"], true);
    assert_eq!(made.json()["authenticated"], true);
}

#[tokio::test]
async fn fb_05_the_password_is_kept_as_a_bcrypt_hash_and_nowhere_else() {
    let folder = tempfile::tempdir().unwrap();
    let password = "a password that nobody types";
    let stage = Stage::start(folder.path(), true).await;
    let made = stage.ask("POST", "/api/auth/setup", "", json!({ "password": password })).await;
    stage.ask("POST", "/api/auth/login", "", json!({ "password": password })).await;
    let events = stage.app.events().await;
    assert!(!format!("{events:?}").contains(password));
    let export = stage.ask("GET", "/api/backup/export", &made.cookie(), Value::Null).await.json();
    assert!(export["config"]["admin_password_hash"].as_str().unwrap().starts_with("$2b$12$"));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(password.len()).any(|part| part == password.as_bytes()));
    }
    let empty = stage.ask("POST", "/api/auth/setup", "", json!({ "password": "" })).await;
    assert_eq!(code(&empty).0, 409);
}

#[tokio::test]
async fn fb_20_a_known_password_without_a_session_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let change = json!({ "current_password": PASSWORD, "new_password": "another" });
    let refused = stage.ask("POST", "/api/auth/change-password", "", change.clone()).await;
    assert_eq!(code(&refused), (401, "unauthorized".to_owned()));
    let refused = stage.ask("POST", "/api/auth/api-token/regenerate", "", Value::Null).await;
    assert_eq!(code(&refused), (401, "unauthorized".to_owned()));

    let token = stage.token(&cookie).await;
    let by_token = [("x-api-key", token.as_str())];
    for (path, body) in
        [("/api/auth/change-password", change.clone()), ("/api/auth/api-token/regenerate", Value::Null)]
    {
        let refused = stage.ask_with("POST", path, &by_token, body).await;
        assert_eq!(code(&refused), (401, "unauthorized".to_owned()), "{path}");
    }
    let wrong = json!({ "current_password": "wrong", "new_password": "another" });
    let wrong = stage.ask("POST", "/api/auth/change-password", &cookie, wrong).await;
    assert_eq!(code(&wrong), (401, "invalid_credentials".to_owned()));
    let changed = stage.ask("POST", "/api/auth/change-password", &cookie, change).await;
    assert_eq!((changed.status.as_u16(), changed.json()), (200, json!({ "ok": true })));
    let old = stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(code(&old), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn one_of_two_new_passwords_at_once_wins() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let change = |new: &'static str| {
        let body = json!({ "current_password": PASSWORD, "new_password": new });
        stage.ask("POST", "/api/auth/change-password", &cookie, body)
    };
    let (one, two) = tokio::join!(change("one"), change("two"));
    let wins = [one.status, two.status].iter().filter(|status| **status == 200).count();
    assert_eq!(wins, 1, "{} {}", one.text, two.text);
}

#[tokio::test]
async fn fb_22_passwords_are_hashed_by_bcrypt_at_cost_12_with_a_salt_of_their_own() {
    let mut hashes = Vec::new();
    for _ in 0..2 {
        let folder = tempfile::tempdir().unwrap();
        let (stage, cookie) = Stage::set_up(folder.path()).await;
        let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
        hashes.push(export["config"]["admin_password_hash"].as_str().unwrap().to_owned());
        let long = json!({ "current_password": PASSWORD, "new_password": "x".repeat(73) });
        let refused = stage.ask("POST", "/api/auth/change-password", &cookie, long).await;
        assert_eq!(code(&refused), (422, "invalid_password".to_owned()), "refused, never cut");
    }
    assert!(hashes.iter().all(|hash| hash.starts_with("$2b$12$") && hash.len() == 60), "{hashes:?}");
    assert_ne!(hashes[0], hashes[1]);
}
