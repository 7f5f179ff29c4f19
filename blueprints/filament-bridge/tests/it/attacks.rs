//! What attackers of the original did, or could have done.

use crate::stage::{PASSWORD, Stage, code};
use axum::body::Body;
use futures_util::stream;
use http::Request;
use serde_json::{Value, json};
use std::{io, time::Duration};
use tokio::sync::oneshot;

/// 0.6.11 of the original: whoever had the token, or a victim's browser, took the app over by a crafted backup.
#[tokio::test]
async fn a_crafted_backup_takes_nothing_over() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    let attacker = tempfile::tempdir().unwrap();
    let (own, own_cookie) = Stage::set_up(attacker.path()).await;
    let crafted = own.ask("GET", "/api/backup/export", &own_cookie, Value::Null).await.json();

    let anonymous = stage.ask("POST", "/api/backup/import", "", crafted.clone()).await;
    assert_eq!(code(&anonymous), (401, "unauthorized".to_owned()));
    let by_token =
        stage.ask_with("POST", "/api/backup/import", &[("x-api-key", &token)], crafted.clone()).await;
    assert_eq!(code(&by_token), (403, "session_required".to_owned()));
    let elsewhere = [("cookie", cookie.as_str()), ("origin", "http://evil.example")];
    let forged = stage.ask_with("POST", "/api/backup/import", &elsewhere, crafted.clone()).await;
    assert_eq!(code(&forged), (403, "cross_site_request".to_owned()));
    let mut partial = crafted.clone();
    partial["config"].as_object_mut().unwrap().remove("auth_secret");
    let cheap = "$2b$04$......................................................";
    let broken = [("auth_secret", "short"), ("admin_password_hash", "plain"), ("admin_password_hash", cheap)];
    let mut refused = vec![partial];
    for (key, value) in broken {
        let mut altered = crafted.clone();
        altered["config"][key] = json!(value);
        refused.push(altered);
    }
    for altered in refused {
        let answer = stage.ask("POST", "/api/backup/import", &cookie, altered).await;
        assert_eq!(answer.status, 422, "{}", answer.text);
    }
    assert!(stage.opens(&cookie).await && stage.takes(&token).await && !stage.opens(&own_cookie).await);
}

/// Whoever has read what sessions are signed with signs themselves in, however often the token is made anew.
#[tokio::test]
async fn a_token_takes_no_secret_out() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let token = stage.token(&cookie).await;
    let full = stage.ask("GET", "/api/backup/export", &cookie, Value::Null).await.json();
    let by_token = [("x-api-key", token.as_str())];
    let export = stage.ask_with("GET", "/api/backup/export", &by_token, Value::Null).await;
    assert_eq!((export.status.as_u16(), &export.json()["schema_version"]), (200, &json!(1)));
    for key in ["auth_secret", "admin_password_hash", "api_token"] {
        assert!(!export.text.contains(full["config"][key].as_str().unwrap()), "{key}");
    }
    let import = stage.ask_with("POST", "/api/backup/import", &by_token, export.json()).await;
    assert_eq!(import.status, 200, "a backup without secrets leaves those alone that are there");
    assert!(stage.opens(&cookie).await && stage.takes(&token).await);
}

#[tokio::test]
async fn a_backup_sets_no_key_that_says_who_may_come_in() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    for key in ["auth_secret", "admin_password_hash", "api_token", "auth_enabled"] {
        let refused = stage.ask("PUT", "/api/config", &cookie, json!({ key: "mine" })).await;
        assert_eq!(refused.status, 422, "{key}");
    }
    let ids =
        json!({ "schema_version": 1, "filament_mappings": [{ "filamentdb_id": "../x", "spoolman_id": 1 }] });
    assert_eq!(stage.ask("POST", "/api/backup/import", &cookie, ids).await.status, 422);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_though_the_browser_sends_the_cookie() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let form = |kind: &'static str| {
        let request =
            Request::post("/api/sync/trigger").header("cookie", &cookie).header("content-type", kind);
        stage.app.send(request.body(Body::from(r#"{"a":1}"#)).unwrap())
    };
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"]
    {
        assert_eq!(form(kind).await.status, 403, "{kind}");
    }
    for site in ["cross-site", "same-site"] {
        let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", site)];
        let refused = stage.ask_with("POST", "/api/sync/trigger", &headers, json!({})).await;
        assert_eq!(code(&refused), (403, "cross_site_request".to_owned()));
    }
    assert_eq!(form("application/json").await.status, 200);
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down_and_says_when_to_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(stage.ask("POST", "/api/auth/login", "", json!({ "password": "wrong" })).await);
    }
    let slowed = answers.iter().find(|answer| answer.status == 429).expect("too many tries are told so");
    assert_eq!(code(slowed), (429, "too_many_attempts".to_owned()));
    let seconds: u64 = slowed.headers["retry-after"].to_str().unwrap().parse().unwrap();
    stage.app.clock.advance(Duration::from_secs(seconds + 3600));
    let right = stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(right.status, 200);
}

/// A restore is how the owner throws out whoever has a cookie as good as theirs.
#[tokio::test]
async fn what_a_thief_began_before_a_restore_ends_with_their_session() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, first) = Stage::set_up(folder.path()).await;
    let backup = stage.ask("GET", "/api/backup/export", &first, Value::Null).await.json();
    let change = json!({ "current_password": PASSWORD, "new_password": "another" });
    let stolen = stage.ask("POST", "/api/auth/change-password", &first, change).await.cookie();
    let (thief, of_thief) = Stage::set_up(tempfile::tempdir().unwrap().path()).await;
    let crafted = thief.ask("GET", "/api/backup/export", &of_thief, Value::Null).await.json();

    let (reading, is_reading) = oneshot::channel();
    let (finish, rest) = oneshot::channel::<String>();
    let dripping = Body::from_stream(stream::once(async move {
        reading.send(()).unwrap();
        rest.await.map_err(io::Error::other)
    }));
    let request = Request::post("/api/backup/import").header("host", "localhost:8080");
    let request = request.header("cookie", &stolen).header("content-type", "application/json");
    let theft = stage.app.send(request.body(dripping).unwrap());
    let restore = async {
        is_reading.await.unwrap();
        let restored = stage.ask("POST", "/api/backup/import", &stolen, backup).await;
        finish.send(crafted.to_string()).unwrap();
        restored
    };
    let (theft, restored) = tokio::join!(theft, restore);
    assert_eq!(restored.status, 200, "{}", restored.text);
    assert_eq!(code(&theft), (403, "forbidden".to_owned()));
    assert!(stage.opens(&first).await && !stage.opens(&of_thief).await);
}

/// Guesses a password from there until it is told to wait.
async fn guess_until_told_to_wait(stage: &Stage, peer: [u8; 4]) {
    for left in (0..60).rev() {
        if stage.sign_in_from(peer, "", "wrong").await.status == 429 {
            return;
        }
        assert!(left > 0, "nobody slows {peer:?} down");
    }
}

#[tokio::test]
async fn guesses_from_elsewhere_do_not_lock_the_owner_out() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    for last in 1..4 {
        guess_until_told_to_wait(&stage, [203, 0, 113, last]).await;
    }
    assert_eq!(stage.sign_in_from([192, 168, 1, 20], "", PASSWORD).await.status, 200);
}

#[tokio::test]
async fn guesses_from_beside_the_owner_do_not_lock_out_a_browser_that_signed_in_before() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let (_, foreign) = Stage::set_up(tempfile::tempdir().unwrap().path()).await;
    stage.app.clock.advance(Duration::from_hours(24 * 40));
    assert!(!stage.opens(&cookie).await, "the session itself has lapsed");
    let here = [192, 168, 1, 20];
    guess_until_told_to_wait(&stage, here).await;
    for stranger in ["", foreign.as_str(), "fb_session=admin.ZVPxAA.x"] {
        assert_eq!(stage.sign_in_from(here, stranger, PASSWORD).await.status, 429, "{stranger}");
    }
    assert_eq!(stage.sign_in_from(here, &cookie, PASSWORD).await.status, 200);
    let mut slowed = false;
    for _ in 0..12 {
        slowed |= stage.sign_in_from(here, &cookie, "wrong").await.status == 429;
    }
    assert!(slowed, "a stolen cookie is no way to guess on and on");
}

#[tokio::test]
async fn one_setup_wins_of_two_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start(folder.path(), true).await;
    let set =
        |password: &'static str| stage.ask("POST", "/api/auth/setup", "", json!({ "password": password }));
    let (one, two) = tokio::join!(set("one"), set("two"));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_wrong_token_is_not_passed_over_for_a_good_cookie() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let both = [("cookie", cookie.as_str()), ("x-api-key", "wrong")];
    assert_eq!(stage.ask_with("GET", "/api/config", &both, Value::Null).await.status, 401);
}
