//! What the bridge asks of Doorward: its settings, its permissions, and the routes of its password and token. Nothing else
//! of the bridge is about security; `cargo xtask contracts` counts these lines.

use crate::tables::TABLES;
use axum::{
    Json,
    routing::{any, get, post},
};
use doorward::{
    Accounts, Builder, Doorward, Error, ErrorBody, Installation, PasswordHashing, Routes, SecureCookie,
    SessionCookie, Single, SingleStatus,
};
use serde::Deserialize;
use serde_json::{Value, json};

doorward::actions! {
    /// Look at the bridge: its settings, mappings, conflicts and log.
    pub(crate) ViewBridge = "bridge:view" on Installation, Administer System;
    /// Change its settings, and settle conflicts.
    pub(crate) ChangeBridge = "bridge:change" on Installation, Administer;
    /// Carry over what one inventory lacks.
    pub(crate) Synchronise = "bridge:synchronise" on Installation, Administer System;
    /// Put the bridge into a backup, and take it back.
    pub(crate) BackUp = "bridge:back_up" on Installation, Administer System;
}

/// Doorward's codes in the words of the bridge's clients.
const WORDS: &[(&str, &str, Option<&str>)] = &[
    ("sign_in_required", "unauthorized", Some("Authentication required")),
    ("session_ended", "unauthorized", Some("Authentication required")),
    ("invalid_token", "unauthorized", Some("Authentication required")),
    ("too_many_requests", "too_many_attempts", None),
];

/// The bridge, before it has a place for its data.
pub fn app(auth_enabled: bool) -> Builder {
    Doorward::builder("filament-bridge")
        .actions(ACTIONS)
        .tables(TABLES)
        .accounts(Accounts::SingleAdministrator)
        .session_cookie("fb_session")
        .danger_bare_cookie_name()
        .secure_cookie(SecureCookie::ByRequest)
        .password_hashing(PasswordHashing::Bcrypt { cost: 12 })
        .error_body(ErrorBody::Detail(WORDS))
        .danger_any_password()
        .danger_readable_token()
        .danger_backup_with_secrets()
        .danger_json_is_same_origin()
        .danger_authentication_off(!auth_enabled)
}

/// The routes of the password and the token, and what every other path under `/api` takes.
pub(crate) fn routes() -> Routes {
    Routes::new()
        .public("/api/auth/status", get(status))
        .public("/api/auth/setup", post(set_up))
        .public("/api/auth/login", post(log_in))
        .signed_in("/api/auth/logout", post(log_out))
        .signed_in("/api/auth/change-password", post(change_password))
        .signed_in("/api/auth/api-token/regenerate", post(regenerate))
        .signed_in("/api/{*rest}", any(|| async { Err::<(), _>(Error::NotFound("path")) }))
}

/// A password, and nothing else.
#[derive(Deserialize)]
struct Typed {
    #[serde(default)]
    password: String,
}

/// The old password and the new one.
#[derive(Deserialize)]
struct Change {
    #[serde(default)]
    current_password: String,
    #[serde(default)]
    new_password: String,
}

async fn status(single: Single) -> Result<Json<SingleStatus>, Error> {
    single.status().await.map(Json)
}

async fn set_up(
    single: Single,
    Json(typed): Json<Typed>,
) -> Result<(SessionCookie, Json<SingleStatus>), Error> {
    let cookie = single.set_up(typed.password).await?;
    signed_in(&single, cookie).await
}

async fn log_in(
    single: Single,
    Json(typed): Json<Typed>,
) -> Result<(SessionCookie, Json<SingleStatus>), Error> {
    let cookie = single.sign_in(typed.password).await?;
    signed_in(&single, cookie).await
}

/// How things stand for whoever has just signed in.
async fn signed_in(
    single: &Single,
    cookie: SessionCookie,
) -> Result<(SessionCookie, Json<SingleStatus>), Error> {
    let status = single.status().await?;
    Ok((cookie, Json(SingleStatus { authenticated: true, ..status })))
}

async fn log_out(single: Single) -> Result<(SessionCookie, Json<Value>), Error> {
    Ok((single.sign_out()?, Json(json!({ "ok": true }))))
}

async fn change_password(
    single: Single,
    Json(change): Json<Change>,
) -> Result<(SessionCookie, Json<Value>), Error> {
    let cookie = single.change_password(change.current_password, change.new_password).await?;
    Ok((cookie, Json(json!({ "ok": true }))))
}

async fn regenerate(single: Single) -> Result<Json<Value>, Error> {
    Ok(Json(json!({ "api_token": single.regenerate_token().await? })))
}
