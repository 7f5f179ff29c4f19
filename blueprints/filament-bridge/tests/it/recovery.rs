//! FB-03, FB-18 and FB-19: authentication switched off, and the way back in.

use crate::stage::{PASSWORD, Stage, code};
use axum::body::Body;
use http::{HeaderValue, Request};
use serde_json::{Value, json};
use std::{net::SocketAddr, path::Path};

/// The bridge, started again on the same data.
async fn restart(stage: Stage, folder: &Path, auth_enabled: bool) -> Stage {
    stage.app.doorward.stop().await;
    drop(stage);
    Stage::start(folder, auth_enabled).await
}

#[tokio::test]
async fn fb_03_with_authentication_off_everything_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    stage.token(&cookie).await;
    let stage = restart(stage, folder.path(), false).await;
    let status = stage.ask("GET", "/api/auth/status", "", Value::Null).await.json();
    assert_eq!((&status["auth_enabled"], &status["authenticated"]), (&json!(false), &json!(true)));
    let no_store = HeaderValue::from_static("private, no-store");
    for path in ["/api/config", "/api/mappings", "/api/conflicts", "/api/backup/export", "/api/sync-log"] {
        let shown = stage.ask("GET", path, "", Value::Null).await;
        assert_eq!((shown.status.as_u16(), &shown.headers["cache-control"]), (200, &no_store), "{path}");
    }
    let changed = stage.ask("PUT", "/api/config", "", json!({ "theme": "dark" })).await;
    assert_eq!(changed.json()["theme"], "dark");
    assert!(stage.app.doorward.dangers().contains(&"danger_authentication_off"));
}

#[tokio::test]
async fn fb_18_with_authentication_off_the_password_is_changed_without_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, _) = Stage::set_up(folder.path()).await;
    for path in ["/api/auth/reset", "/api/auth/forgot-password", "/api/auth/recover"] {
        assert_eq!(stage.ask("POST", path, "", json!({})).await.status, 401, "there is no reset in the app");
    }
    let stage = restart(stage, folder.path(), false).await;
    let change = json!({ "current_password": "", "new_password": "found again" });
    let changed = stage.ask("POST", "/api/auth/change-password", "", change).await;
    assert_eq!((changed.status.as_u16(), changed.json()), (200, json!({ "ok": true })));

    let empty = tempfile::tempdir().unwrap();
    let stage = Stage::start(empty.path(), false).await;
    let none = stage.ask("POST", "/api/auth/change-password", "", json!({ "new_password": "x" })).await;
    assert_eq!(code(&none), (400, "no_password_set".to_owned()));
}

#[tokio::test]
async fn fb_19_whoever_is_locked_out_comes_in_again() {
    let folder = tempfile::tempdir().unwrap();
    let (stage, cookie) = Stage::set_up(folder.path()).await;
    let stage = restart(stage, folder.path(), false).await;
    stage.ask("POST", "/api/auth/change-password", "", json!({ "new_password": "found again" })).await;
    let stage = restart(stage, folder.path(), true).await;
    assert_eq!(stage.ask("GET", "/api/config", "", Value::Null).await.status, 401, "it is asked for again");
    let old = stage.ask("POST", "/api/auth/login", "", json!({ "password": PASSWORD })).await;
    assert_eq!(code(&old), (401, "invalid_credentials".to_owned()));
    let new = stage.ask("POST", "/api/auth/login", "", json!({ "password": "found again" })).await;
    assert!(stage.opens(&new.cookie()).await);
    assert!(!stage.opens(&cookie).await, "what was signed before the new password has ended");
}

#[tokio::test]
async fn with_authentication_off_other_machines_are_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::start(folder.path(), false).await;
    let peer = SocketAddr::from(([192, 168, 1, 20], 50_000));
    let request = Request::get("/api/config").body(Body::empty()).unwrap();
    assert_eq!(stage.app.send_from(peer, request).await.status, 403);
    let here = SocketAddr::from(([127, 0, 0, 1], 50_000));
    let proxies = [
        ("host", "evil.example"),
        ("x-forwarded-for", "203.0.113.9"),
        ("via", "1.1 proxy"),
        ("fly-client-ip", "203.0.113.9"),
        ("fastly-client-ip", "203.0.113.9"),
        ("x-cluster-client-ip", "203.0.113.9"),
        ("true-client-ip", "203.0.113.9"),
        ("cf-connecting-ip", "203.0.113.9"),
        ("cf-ray", "1"),
        ("cdn-loop", "cloudflare"),
        ("x_real_ip", "203.0.113.9"),
        ("x-envoy-external-address", "203.0.113.9"),
        ("x-amzn-trace-id", "Root=1"),
    ];
    for (name, value) in proxies {
        let host = if name == "host" { value } else { "localhost:8080" };
        let mut request = Request::get("/api/backup/export").header("host", host);
        if name != "host" {
            request = request.header(name, value);
        }
        let refused = stage.app.send_from(here, request.body(Body::empty()).unwrap()).await;
        assert_eq!(refused.status, 403, "{name}: {value}");
    }
    let elsewhere = [("sec-fetch-site", "cross-site")];
    let forged = stage.ask_with("PUT", "/api/config", &elsewhere, json!({ "theme": "evil" })).await;
    assert_eq!(forged.status, 403, "a page of another site is no operator");
}
