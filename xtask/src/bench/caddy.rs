//! Debian's Caddy, unpacked beside the checkout, which asks somebody before it passes a request on.

use super::{
    FOLDER,
    server::{Server, free_port},
};
use crate::setup::proxies::CADDY;
use anyhow::Result;
use std::{env, fs, process::Command};

/// A Caddy before the app at the address `app`, which it asks whether each request may pass: the app says yes at once.
pub(super) fn start(app: &str) -> Result<Server> {
    let port = free_port()?;
    let folder = env::current_dir()?.join(FOLDER).join("caddy");
    fs::create_dir_all(&folder)?;
    let path = folder.join("Caddyfile");
    fs::write(&path, configuration(port, app))?;
    let mut command = Command::new(CADDY);
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&path);
    command.env("XDG_DATA_HOME", &folder).env("XDG_CONFIG_HOME", &folder);
    Server::start("caddy", &mut command, port)
}

fn configuration(port: u16, app: &str) -> String {
    format!(
        "{{
    admin off
    auto_https off
    log {{
        level ERROR
    }}
}}
http://:{port} {{
    bind 127.0.0.1
    forward_auth {app} {{
        uri /check
    }}
    reverse_proxy {app}
}}
"
    )
}
