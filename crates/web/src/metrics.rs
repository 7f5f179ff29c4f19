//! `/metrics`: what is measured, for Prometheus to fetch.
//!
//! SECURITY: the figures tell which apps there are and how they are used. They are for whoever has the permission
//! `metrics:read`, and for programs on this machine (`security.md` 11).

use crate::{Caller, Client, Desk, Door, Problem};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::forwarding::betrays_proxy;
use http::{
    HeaderMap, HeaderName, Request, Uri,
    header::{CONTENT_TYPE, HOST},
    request::Parts,
    uri::Authority,
};
use std::net::IpAddr;

/// The text format of Prometheus.
const FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is measured, as the binary gathers it.
pub trait Figures: Send + Sync {
    /// All of it in Prometheus's text format.
    fn text(&self, desk: &Desk) -> String;
}

pub(crate) async fn show(State(desk): State<Desk>, parts: Parts) -> Response {
    match may_read(&desk, &parts).await {
        Ok(()) => ([(CONTENT_TYPE, FORMAT)], desk.figures.text(&desk)).into_response(),
        Err(problem) => {
            let id = parts.extensions.get::<Client>().map(|client| client.request.to_string());
            problem.with_request(&id.unwrap_or_default()).into_response()
        }
    }
}

/// A credential is judged for itself; only without one does it count where the request comes from.
async fn may_read(desk: &Desk, parts: &Parts) -> Result<(), Problem> {
    match Caller::known(desk, parts).await {
        Ok(caller) => Ok(identity::metrics::check(&desk.house, &caller.actor).await?),
        Err(problem) if problem.code == "sign_in_required" && is_local(parts) => Ok(()),
        Err(problem) => Err(problem),
    }
}

/// Whether the request comes from a program on this machine, straight.
///
/// SECURITY: what a proxy on this machine passes on comes from loopback as well; its forwarding fields give it away. A
/// page on the internet that has a browser here ask for it names its own host.
fn is_local(parts: &Parts) -> bool {
    let client = parts.extensions.get::<Client>();
    let from_here = client.filter(|client| client.door == Door::Network).and_then(|client| client.address);
    from_here.is_some_and(|address| address.to_canonical().is_loopback())
        && names_loopback(&parts.uri, &parts.headers)
        && !parts.headers.keys().any(is_forwarding)
}

/// Whether the request asks for the metrics by a loopback name, as programs on this machine do whatever the home host
/// is called.
pub fn is_for_loopback<B>(request: &Request<B>) -> bool {
    request.uri().path() == "/metrics" && names_loopback(request.uri(), request.headers())
}

/// Whether nothing in the request says that it began on another machine, or was meant for another host. That its peer
/// is a loopback address is for the caller to know.
pub(crate) fn says_loopback(target: &Uri, headers: &HeaderMap) -> bool {
    names_loopback(target, headers) && !headers.keys().any(is_forwarding)
}

/// Whether the host is a loopback name in all the places that name one (in HTTP/2 the target alone).
fn names_loopback(target: &Uri, headers: &HeaderMap) -> bool {
    let fields = headers.get_all(HOST).iter().map(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let mut named = fields.chain(target.authority().cloned().map(Some)).peekable();
    let is_named = named.peek().is_some() && headers.get_all(HOST).iter().count() < 2;
    is_named && named.all(|host| host.is_some_and(|host| is_loopback(host.host())))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let is_address = bare.parse().is_ok_and(|address: IpAddr| address.is_loopback());
    let lower = host.to_ascii_lowercase();
    is_address || lower == "localhost" || lower.ends_with(".localhost")
}

fn is_forwarding(name: &HeaderName) -> bool {
    betrays_proxy(name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(address: &str, fields: &[(&str, &str)]) -> bool {
        let mut request = Request::get("/metrics");
        for (name, value) in fields {
            request = request.header(*name, *value);
        }
        let client =
            Client { address: Some(address.parse().unwrap()), request: "id".into(), door: Door::Network };
        is_local(&request.extension(client).body(()).unwrap().into_parts().0)
    }

    #[test]
    fn rule_11_loopback_is_a_loopback_peer_at_a_loopback_host() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "home.LOCALHOST"] {
            assert!(local("127.0.0.1", &[("host", host)]), "{host}");
            assert!(local("::ffff:127.0.0.1", &[("host", host)]), "{host}");
            assert!(!local("192.0.2.1", &[("host", host)]), "{host}");
        }
        for host in
            ["home.example.org", "127.0.0.1.example.org", "localhost.example.org", "", "[::]", "0.0.0.0"]
        {
            assert!(!local("::1", &[("host", host)]), "{host}");
        }
        assert!(!local("::1", &[]));
        assert!(!local("::1", &[("host", "localhost"), ("host", "localhost")]));
    }

    #[test]
    fn rule_11_what_a_proxy_passes_on_is_not_from_loopback() {
        for name in [
            "Forwarded",
            "Via",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Forwarded-Anything",
            "X-Real-IP",
            "X-Original-URL",
            "CF-Connecting-IP",
            "Fly-Client-IP",
            "CDN-Loop",
            "X_Real_IP",
        ] {
            assert!(!local("127.0.0.1", &[("host", "localhost"), (name, "")]), "{name}");
        }
    }
}
