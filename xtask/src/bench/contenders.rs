//! Who is measured: the ways in which a request can reach the app, each with what it must carry.

use super::{
    caddy,
    door::{self, APP},
    load::Target,
    nginx::{self, Check},
    server::Server,
};
use anyhow::Result;

pub(super) struct Contender {
    pub(super) letter: char,
    pub(super) what: &'static str,
    pub(super) target: Target,
}

/// All contenders before the app, and the servers that must live as long as they are asked.
pub(super) fn start() -> Result<(Vec<Contender>, Vec<Server>)> {
    let app = Server::of_ours("hello", &[])?;
    let plain = nginx::start("nginx", &app.address(), Check::Nobody)?;
    let bare = Server::of_ours("bare_proxy", &[&app.address()])?;
    let doorward =
        door::start(&["protect", &format!("http://{}", app.address()), "--name", "hello", "--host", APP])?;
    let asking = nginx::start("nginx-auth", &app.address(), Check::App)?;
    let caddy = caddy::start(&app.address())?;

    let mut visitor = door::sign_in(&doorward)?;
    let (session, token) = (door::session(&mut visitor)?, door::token(&mut visitor)?);
    let of = |letter, what, server: &Server, status, field: &[&str]| {
        let mut fields = vec![format!("Host: {APP}:{}", server.port)];
        fields.extend(field.iter().map(|field| (*field).to_owned()));
        Contender { letter, what, target: Target { port: server.port, status, fields } }
    };
    let contenders = vec![
        of('A', "nginx `proxy_pass`, no check", &plain, 200, &[]),
        of('B', "bare hyper proxy, no check", &bare, 200, &[]),
        of('C', "Doorward, session cookie", &doorward, 200, &[&session]),
        of('D', "Doorward, token of the app", &doorward, 200, &[&token]),
        of('E', "Doorward, anonymous: 401", &doorward, 401, &[]),
        of('F', "nginx `auth_request`, checker says yes", &asking, 200, &[]),
        of('G', "Caddy `forward_auth`, checker says yes", &caddy, 200, &[]),
    ];
    Ok((contenders, vec![app, plain, bare, doorward, asking, caddy]))
}
