//! A Doorward of the release build, set up without anybody, and what its first account holds.

use super::{
    FOLDER,
    server::{Server, free_port},
    visitor::Visitor,
};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::process::Command;

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "kettle violin harbour moss";

/// The host of the app that stands behind every door.
pub(super) const APP: &str = "hello.localhost";

/// Starts a server with `words`, such as `serve`, on the one data directory of this run.
pub(super) fn start(words: &[&str]) -> Result<Server> {
    let port = free_port()?;
    let mut command = Command::new("target/release/doorward");
    command.args(words).args(["--data", &format!("{FOLDER}/data"), "--listen", &format!("127.0.0.1:{port}")]);
    command.env("DOORWARD_ADMIN_EMAIL", EMAIL).env("DOORWARD_ADMIN_PASSWORD", PASSWORD);
    Server::start("doorward", &mut command, port)
}

/// The first account, signed in at the home host.
pub(super) fn sign_in(door: &Server) -> Result<Visitor> {
    let mut visitor = Visitor::new(door.port);
    let words = json!({ "identifier": EMAIL, "password": PASSWORD });
    visitor.create("/api/v1/sessions", &words.to_string())?;
    Ok(visitor)
}

/// The field that carries a session at the app, got as a browser gets it.
pub(super) fn session(visitor: &mut Visitor) -> Result<String> {
    visitor.browse(APP)?;
    let cookies = visitor.cookies_for(APP).context("no session was carried over to the app")?;
    Ok(format!("Cookie: {cookies}"))
}

/// The field that carries a new token, which opens the app and nothing else.
pub(super) fn token(visitor: &mut Visitor) -> Result<String> {
    let wanted = json!({ "name": "load", "apps": ["hello"], "permissions": [] });
    let made: Value = serde_json::from_str(&visitor.create("/api/v1/tokens", &wanted.to_string())?.body)?;
    let secret = made.get("secret").and_then(Value::as_str).context("no secret came with the token")?;
    Ok(format!("Authorization: Bearer {secret}"))
}
