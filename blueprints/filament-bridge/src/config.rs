//! The bridge's own settings, by key, and the two that are Doorward's: whether the token is taken, and the token itself.

use crate::security::{ChangeBridge, ViewBridge};
use axum::Json;
use doorward::{
    Db, Error, Installation, Single,
    db::{self, Ending, ReadTx},
};
use serde_json::{Map, Value, json};

/// Keys that say who may come in: they are no settings, and nobody sets them here.
const GUARDED: [&str; 5] = ["auth_secret", "admin_password_hash", "auth_epoch", "api_token", "auth_enabled"];
const TOKEN_ENABLED: &str = "api_token_enabled";
const MOST: usize = 200;

/// The bridge's own settings.
pub(crate) fn all(tx: &mut ReadTx<'_>) -> Result<Map<String, Value>, db::Error> {
    let rows: Vec<(String, String)> =
        tx.list("SELECT key, value FROM bridge_config ORDER BY key LIMIT 1000", &[])?;
    let read = |text: String| serde_json::from_str(&text).unwrap_or(Value::Null);
    Ok(rows.into_iter().map(|(key, value)| (key, read(value))).collect())
}

/// Whether a key may be set like any other.
pub(crate) fn is_plain(key: &str) -> bool {
    let named = !key.is_empty() && key.len() <= 100;
    named && key != TOKEN_ENABLED && !GUARDED.contains(&key)
}

pub(crate) async fn show(single: Single, db: Db) -> Result<Json<Value>, Error> {
    let read = db.read((), |tx, ()| {
        tx.permit::<ViewBridge>(&Installation)?;
        Ok(all(tx)?)
    });
    let mut config = read.await?;
    config.insert(TOKEN_ENABLED.to_owned(), single.status().await?.api_token_enabled.into());
    if let Some(token) = single.token().await? {
        config.insert("api_token".to_owned(), token.into());
    }
    Ok(Json(config.into()))
}

pub(crate) async fn change(
    single: Single,
    db: Db,
    Json(wanted): Json<Map<String, Value>>,
) -> Result<Json<Value>, Error> {
    if let Some(key) = wanted.keys().find(|key| !is_plain(key) && *key != TOKEN_ENABLED) {
        return Err(Error::Refused(format!("`{key}` cannot be set here")));
    }
    if wanted.len() > MOST {
        return Err(Error::Refused(format!("at most {MOST} settings at once")));
    }
    if let Some(enabled) = wanted.get(TOKEN_ENABLED) {
        let enabled =
            enabled.as_bool().ok_or_else(|| Error::Refused(format!("`{TOKEN_ENABLED}` is true or false")))?;
        single.enable_token(enabled).await?;
    }
    let plain: Vec<_> = wanted.into_iter().filter(|(key, _)| is_plain(key)).collect();
    let write = db.write(plain, |tx, plain| {
        let permit = tx.permit::<ChangeBridge>(&Installation)?;
        let before = all(tx)?;
        for (key, value) in plain {
            let sql = "INSERT INTO bridge_config (key, value) VALUES ($1, $2) \
                       ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            tx.change(&permit, sql, &[key.as_str().into(), value.to_string().into()])?;
        }
        let changed = |from: &Map<String, Value>| -> Map<String, Value> {
            plain.iter().filter_map(|(key, _)| Some((key.clone(), from.get(key)?.clone()))).collect()
        };
        let deed = tx.deed(permit).change(json!(changed(&before)), json!(changed(&all(tx)?)));
        Ok(Ending::Done((), deed))
    });
    write.await?;
    show(single, db).await
}
