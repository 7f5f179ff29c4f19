//! The request that a proxy describes, read from the proxy's own request.
//!
//! INVARIANT: each field is there once and readable, or nothing is answered: a proxy that passes a client's field on
//! beside its own, or instead of it, would let the client say what it asks for.

use super::{ENVOY_PREFIX, Manner};
use crate::{Asked, Refusal, client, field};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Uri, Version,
    header::{ACCEPT, CONNECTION, HOST, UPGRADE},
    request::Parts,
};

const PROTO: &str = "X-Forwarded-Proto";
const HOST_FIELD: &str = "X-Forwarded-Host";
const URI: &str = "X-Forwarded-Uri";
const METHOD: &str = "X-Forwarded-Method";
const FOR: &str = "X-Forwarded-For";

/// What Envoy is to add to its questions.
///
/// SECURITY: `/.doorward/` of an app's host is led here by other proxies, too, which are trusted; a page's script could
/// ask there and read what only the app may see. Browsers let no script set a field that begins with `Sec-`.
const MARK: HeaderName = HeaderName::from_static("sec-doorward-check");

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Tell a request that wants a WebSocket where a proxy keeps `Upgrade` to itself (RFC 6455 §4.1).
const WEB_SOCKET: [HeaderName; 3] =
    [HeaderName::from_static("sec-websocket-key"), HeaderName::from_static("sec-websocket-version"), UPGRADE];

/// What a proxy asks, beside the request itself.
pub(super) struct Question {
    pub(super) manner: Manner,
    /// The fields by which the client, or the proxy, told who asks.
    pub(super) dropped: Vec<HeaderName>,
}

/// Makes `asked`, which is the proxy's own request, the one that it describes.
pub(super) fn read(asked: &mut Asked) -> Result<Question, Refusal> {
    let manner = manner(&asked.head.uri);
    let forwarded_for = only(&asked.head.headers, FOR)?;
    let nearest = forwarded_for.to_str().ok().and_then(|text| text.rsplit(',').next());
    nearest.and_then(|hop| client::address(hop.trim())).ok_or(Refusal::Forwarded(FOR))?;
    only(&asked.head.headers, PROTO)?;
    asked.client.scheme.ok_or(Refusal::Forwarded(PROTO))?;
    match manner {
        Manner::Envoy => from_line(&mut asked.head)?,
        Manner::HandsOn | Manner::StatusAlone => from_fields(&mut asked.head)?,
    }
    if asked.head.headers.get_all(UPGRADE).iter().any(|to| !to.as_bytes().eq_ignore_ascii_case(b"websocket"))
    {
        return Err(Refusal::BadRequest("no connection becomes anything but a WebSocket"));
    }
    show_web_socket(&mut asked.head);
    let dropped = drop_identity(&mut asked.head.headers);
    Ok(Question { manner, dropped })
}

/// Whoever set the proxy up reads what is wrong with its question, not the person whose browser it serves.
pub(super) fn want_no_page(asked: &mut Asked) {
    for name in [ACCEPT, FETCH_MODE] {
        asked.head.headers.remove(name);
    }
}

/// Any other query is the client's: Caddy leaves it on what it asks unless told otherwise.
fn manner(uri: &Uri) -> Manner {
    match uri.query() {
        _ if uri.path().starts_with(ENVOY_PREFIX) => Manner::Envoy,
        Some("redirect=no") => Manner::StatusAlone,
        Some(_) | None => Manner::HandsOn,
    }
}

fn from_fields(head: &mut Parts) -> Result<(), Refusal> {
    let method = only(&head.headers, METHOD)?.as_bytes();
    let method = Method::from_bytes(method).map_err(|_| Refusal::Forwarded(METHOD))?;
    let uri = target(only(&head.headers, URI)?).ok_or(Refusal::Forwarded(URI))?;
    let host = only(&head.headers, HOST_FIELD)?.clone();
    head.headers.insert(HOST, host);
    head.method = method;
    head.uri = uri;
    Ok(())
}

/// A path and query as they stand in a request line; what is cut off in reading would be another path to the app.
fn target(value: &HeaderValue) -> Option<Uri> {
    let bytes = value.as_bytes();
    let is_path = bytes.first() == Some(&b'/') && !bytes.contains(&b'#');
    is_path.then(|| Uri::try_from(bytes).ok()).flatten()
}

/// Envoy's question is the request itself, its path after the prefix.
fn from_line(head: &mut Parts) -> Result<(), Refusal> {
    if !head.headers.contains_key(MARK) {
        return Err(Refusal::BadRequest("Envoy is to add `Sec-Doorward-Check` to what it asks here"));
    }
    head.headers.remove(MARK);
    let target = head.uri.path_and_query().and_then(|target| target.as_str().strip_prefix(ENVOY_PREFIX));
    let target = target.filter(|target| target.starts_with('/')).and_then(|target| target.parse().ok());
    head.uri = target.ok_or(Refusal::BadRequest("Envoy's path prefix is to be followed by the path"))?;
    Ok(())
}

fn only<'h>(headers: &'h HeaderMap, name: &'static str) -> Result<&'h HeaderValue, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(Refusal::Forwarded(name)),
    }
}

// SECURITY: with half of its handshake the opening of a WebSocket looks like a harmless read, and would not be checked
// for the page that it comes from.
fn show_web_socket(head: &mut Parts) {
    if WEB_SOCKET.iter().any(|name| head.headers.contains_key(name)) {
        head.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        head.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        head.version = Version::HTTP_11;
    }
}

fn drop_identity(headers: &mut HeaderMap) -> Vec<HeaderName> {
    let names: Vec<_> = headers.keys().filter(|name| field::is_identity(name)).cloned().collect();
    for name in &names {
        headers.remove(name);
    }
    names
}
