//! FB-06 to FB-11 and FB-21: the cookie, what it rests on, and which paths ask for it.

use crate::stage::{PASSWORD, Stage, code};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn fb_06_signing_in_sets_the_cookie_of_the_original() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    let made = stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(made.json()["authenticated"], true);
    let line = made.headers["set-cookie"].to_str().unwrap();
    let (value, rest) = line.split_once("; ").unwrap();
    assert_eq!(rest, "HttpOnly; Max-Age=2592000; Path=/; SameSite=Lax");
    let parts: Vec<_> = value.strip_prefix("fb_session=").unwrap().split('.').collect();
    assert_eq!((parts.len(), parts[0], parts[1].len(), parts[2].len()), (3, "admin", 6, 43));
    let wrong = stage.ask("POST", "/api/auth/login", "", json!({ "password": "wrong" })).await;
    assert_eq!(code(&wrong), (401, "invalid_credentials".to_owned()));
}

#[tokio::test]
async fn fb_07_the_cookie_is_secure_when_the_request_came_over_https() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    let secure = async |scheme: &str| {
        let headers = [("x-forwarded-proto", scheme)];
        let made = stage.ask_with("POST", "/api/auth/login", &headers, json!({ "password": PASSWORD })).await;
        made.headers["set-cookie"].to_str().unwrap().ends_with("; Secure")
    };
    assert!(secure("https").await);
    assert!(!secure("http").await);
    assert!(!secure("").await);
}

/// Another app on a sibling host can add a cookie of the same name, and never take the right one away.
#[tokio::test]
async fn of_two_different_cookies_of_one_name_neither_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    for both in [format!("{cookie}; fb_session=x"), format!("fb_session=x; {cookie}")] {
        let refused = stage.ask("GET", "/api/config", &both, Value::Null).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
    }
    assert!(stage.opens(&format!("{cookie}; {cookie}")).await);
}

#[tokio::test]
async fn fb_08_a_session_is_kept_nowhere_and_lasts_thirty_days() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let value = cookie.strip_prefix("fb_session=").unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(value.len()).any(|part| part == value.as_bytes()));
    }
    stage.app.clock.advance(Duration::from_secs(30 * 24 * 3600 - 1));
    assert!(stage.opens(&cookie).await);
    stage.app.clock.advance(Duration::from_secs(1));
    assert!(!stage.opens(&cookie).await);
}

#[tokio::test]
async fn fb_09_sessions_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let secret = async |stage: &Stage| {
        let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
        export["config"]["auth_secret"].as_str().unwrap().to_owned()
    };
    let before = secret(&stage).await;
    stage.app.doorward.stop().await;
    drop(stage);
    let stage = Stage::start(folder.path(), true).await;
    assert!(stage.opens(&cookie).await);
    assert_eq!(secret(&stage).await, before);
}

#[tokio::test]
async fn fb_10_every_path_of_the_api_asks_for_authentication_but_four() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let guarded = [
        ("GET", "/api/config"),
        ("PUT", "/api/config"),
        ("GET", "/api/mappings"),
        ("GET", "/api/conflicts"),
        ("POST", "/api/conflicts/spool-weight/x/resolve"),
        ("POST", "/api/sync/trigger"),
        ("POST", "/api/sync/dry-run"),
        ("GET", "/api/sync-log"),
        ("GET", "/api/backup/export"),
        ("POST", "/api/backup/import"),
        ("GET", "/api/backup/status"),
        ("POST", "/api/backup/spoolman"),
        ("POST", "/api/backup/filamentdb"),
        ("GET", "/api/backup/filamentdb"),
        ("POST", "/api/auth/logout"),
        ("POST", "/api/auth/change-password"),
        ("POST", "/api/auth/api-token/regenerate"),
        ("GET", "/api/nothing/here"),
        ("DELETE", "/api/config"),
        ("GET", "/api/health/"),
        ("GET", "/api/auth/status/x"),
    ];
    for (method, path) in guarded {
        let refused = stage.ask(method, path, "", json!({})).await;
        let expected = json!({ "detail": { "code": "unauthorized", "message": "Authentication required" } });
        assert_eq!((refused.status.as_u16(), refused.json()), (401, expected), "{method} {path}");
    }
    for (method, path) in [
        ("GET", "/api/health"),
        ("GET", "/api/auth/status"),
        ("POST", "/api/auth/login"),
        ("POST", "/api/auth/setup"),
    ] {
        assert_ne!(code(&stage.ask(method, path, "", json!({})).await).1, "unauthorized", "{method} {path}");
    }
    let left = stage.ask("POST", "/api/auth/logout", &cookie, Value::Null).await;
    assert_eq!(left.json(), json!({ "ok": true }));
    assert!(left.headers["set-cookie"].to_str().unwrap().starts_with("fb_session=; "));
}

#[tokio::test]
async fn fb_11_the_page_is_public_under_every_path_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    for path in ["/", "/settings/security", "/conflicts", "/assets/bridge.js"] {
        let shown = stage.ask("GET", path, "", Value::Null).await;
        assert_eq!(shown.status, 200, "{path}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
        ] {
            assert_eq!(shown.headers[name], value, "{path}");
        }
    }
}

#[tokio::test]
async fn fb_21_sessions_are_signed_by_hmac_sha_256_under_the_secret_of_the_backup() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let other = tempfile::tempdir().unwrap();
    let (_, foreign) = Stage::set_up(other.path()).await;
    assert!(!stage.opens(&foreign).await, "another installation's secret");
    let (head, tag) = cookie.rsplit_once('.').unwrap();
    assert!(!stage.opens(&format!("{head}.{}", tag.chars().rev().collect::<String>())).await);
    let (name, rest) = head.split_once('.').unwrap();
    let later = rest.chars().rev().collect::<String>();
    assert!(!stage.opens(&format!("{name}.{later}.{tag}")).await);
    assert!(stage.opens(&cookie).await);
}
