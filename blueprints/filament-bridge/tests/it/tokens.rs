//! FB-12 to FB-17 and FB-23: the one token.

use crate::stage::{Stage, code};
use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::sync::oneshot;

#[tokio::test]
async fn fb_12_there_is_one_token_and_a_switch_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let config = stage.ask("GET", "/api/config", &cookie, Value::Null).await.json();
    assert_eq!((&config["api_token"], &config["api_token_enabled"]), (&Value::Null, &json!(false)));
    let token = stage.token(&cookie).await;
    let config = stage.ask("GET", "/api/config", &cookie, Value::Null).await.json();
    assert_eq!((&config["api_token"], &config["api_token_enabled"]), (&json!(token), &json!(true)));
    let status = stage.ask("GET", "/api/auth/status", "", Value::Null).await.json();
    assert_eq!(status["api_token_enabled"], true);
}

#[tokio::test]
async fn fb_13_the_token_is_taken_in_either_header_on_every_guarded_path() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    let bearers = [format!("Bearer {token}"), format!("bearer {token}")];
    let carriers = [("authorization", &bearers[0]), ("authorization", &bearers[1]), ("x-api-key", &token)];
    for (name, value) in carriers {
        for path in ["/api/config", "/api/mappings", "/api/backup/export", "/api/sync-log"] {
            let asked = stage.ask_with("GET", path, &[(name, value)], Value::Null).await;
            assert_eq!(asked.status, 200, "{name} {path}");
        }
        let ran = stage.ask_with("POST", "/api/sync/trigger", &[(name, value)], Value::Null).await;
        assert_eq!(ran.status, 200, "{}", ran.text);
    }
    let in_the_query = stage.ask("GET", &format!("/api/config?token={token}"), "", Value::Null).await;
    assert_eq!(in_the_query.status, 401);
}

#[tokio::test]
async fn fb_14_a_token_that_is_switched_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    assert!(stage.takes(&token).await);
    stage.ask("PUT", "/api/config", &cookie, json!({ "api_token_enabled": false })).await;
    assert!(!stage.takes(&token).await);
    stage.ask("PUT", "/api/config", &cookie, json!({ "api_token_enabled": true })).await;
    assert!(stage.takes(&token).await);
}

/// That the comparison takes the same time is kept by the type: `ReadableSecret` has no other (its doctest).
#[tokio::test]
async fn fb_15_a_token_that_differs_anywhere_is_refused_alike() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    let flipped = |place: usize| {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    for wrong in
        [flipped(0), flipped(21), flipped(42), token.get(..42).unwrap().to_owned(), format!("{token}A")]
    {
        let refused = stage.ask_with("GET", "/api/config", &[("x-api-key", &wrong)], Value::Null).await;
        assert_eq!(code(&refused), (401, "unauthorized".to_owned()), "{wrong}");
    }
}

#[tokio::test]
async fn fb_16_the_token_can_be_read_again_by_whoever_is_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    for _ in 0..2 {
        let config = stage.ask("GET", "/api/config", &cookie, Value::Null).await.json();
        assert_eq!(config["api_token"], token);
        assert!(
            config.get("auth_secret").is_none() && config.get("admin_password_hash").is_none(),
            "{config}"
        );
    }
    assert!(stage.app.doorward.dangers().contains(&"danger_readable_token"), "a trade-off that is declared");
    let page = stage.ask("GET", "/assets/bridge.js", "", Value::Null).await.text;
    assert!(page.contains("token.slice(0, 4)") && page.contains("clipboard"), "masked, with a copy");
}

#[tokio::test]
async fn fb_17_a_token_never_expires_and_dies_when_it_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    stage.app.clock.advance(Duration::from_hours(24 * 365 * 10));
    assert!(stage.takes(&token).await);
    let login = stage.ask("POST", "/api/auth/login", "", json!({ "password": crate::stage::PASSWORD })).await;
    let fresh = stage.token(&login.cookie()).await;
    assert!(stage.takes(&fresh).await);
    assert!(!stage.takes(&token).await);
}

/// A request that began with the old token, and whose body came only after the token was made anew.
#[tokio::test]
async fn a_request_that_began_with_the_old_token_does_nothing_with_the_new_one() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let old = stage.token(&cookie).await;
    let (begin, has_begun) = oneshot::channel::<()>();
    let (open, opened) = oneshot::channel::<()>();
    let slow = async {
        begin.send(()).unwrap();
        opened.await.unwrap();
        Ok::<_, std::io::Error>(r#"{"theme":"evil"}"#)
    };
    let request = Request::put("/api/config").header("host", "localhost:8080").header("x-api-key", &old);
    let request = request.header("content-type", "application/json");
    let request = request.body(Body::from_stream(futures_util::stream::once(slow))).unwrap();
    let rotate = async {
        has_begun.await.unwrap();
        let fresh = stage.token(&cookie).await;
        open.send(()).unwrap();
        fresh
    };
    let (answer, fresh) = tokio::join!(stage.app.send(request), rotate);
    assert_ne!(answer.status, 200, "{}", answer.text);
    assert!(!answer.text.contains(&fresh), "{}", answer.text);
    let config = stage.ask("GET", "/api/config", &cookie, Value::Null).await.json();
    assert!(config.get("theme").is_none(), "{config}");
}

#[tokio::test]
async fn a_token_reads_no_token() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    let by_token = [("x-api-key", token.as_str())];
    let config = stage.ask_with("GET", "/api/config", &by_token, Value::Null).await;
    assert_eq!(config.json()["api_token_enabled"], true);
    assert!(!config.text.contains(&token), "{}", config.text);
}

#[tokio::test]
async fn fb_23_secrets_are_32_random_bytes_in_43_characters() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let (one, two) = (stage.token(&cookie).await, stage.token(&cookie).await);
    let export = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    let secret = export["config"]["auth_secret"].as_str().unwrap();
    for text in [one.as_str(), two.as_str(), secret] {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        assert!(text.len() == 43 && plain, "{text}");
    }
    assert!(one != two && two != secret);
}
