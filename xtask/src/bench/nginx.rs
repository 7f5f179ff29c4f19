//! nginx as a contender: what others do who pass requests on.

use super::{
    FOLDER,
    server::{Server, free_port},
};
use crate::setup::proxies::NGINX;
use anyhow::Result;
use std::{env, fs, process::Command};

/// Whether nginx asks somebody before it passes a request on.
#[derive(Clone, Copy)]
pub(super) enum Check {
    Nobody,
    /// The app itself, which says yes to everything at once.
    App,
}

/// An nginx with two workers before the app at the address `app`.
pub(super) fn start(name: &str, app: &str, check: Check) -> Result<Server> {
    let port = free_port()?;
    let folder = env::current_dir()?.join(FOLDER).join(name);
    fs::create_dir_all(&folder)?;
    let path = folder.join("nginx.conf");
    fs::write(&path, configuration(port, app, check))?;
    let mut command = Command::new(NGINX);
    command.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(&path);
    Server::start(name, &mut command, port)
}

/// Connections are kept on both sides for as long as the load lasts; nothing is logged.
fn configuration(port: u16, app: &str, check: Check) -> String {
    let ask = match check {
        Check::Nobody => "",
        Check::App => "auth_request /check;",
    };
    format!(
        r#"worker_processes 2; daemon off; pid nginx.pid; error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    access_log off; keepalive_requests 1000000000;
    client_body_temp_path t1; proxy_temp_path t2; fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
    proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
    upstream app {{ server {app}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{ {ask} proxy_pass http://app; }}
        location = /check {{
            internal; proxy_pass http://app; proxy_pass_request_body off;
            proxy_set_header Connection ""; proxy_set_header Content-Length "";
        }}
    }}
}}
"#
    )
}
