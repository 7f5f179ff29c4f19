//! The head that an app gets: what the client sent less what it may not say, and then Doorward's word.
//!
//! INVARIANT: no spelling of an identity field is taken over from the client (`security.md` 10), and no credential of
//! Doorward's goes on.

use crate::{Asked, REQUEST_ID, changes, field, trace};
use access::{AppRoute, IdentityHeaders};
use http::{
    HeaderMap, HeaderName, HeaderValue, Request, Uri, Version,
    header::{CONNECTION, HOST, TE, UPGRADE},
    request::Parts,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The head that the app gets for `asked`.
pub(crate) fn head(asked: &Asked, identity: &IdentityHeaders, route: &AppRoute) -> Parts {
    let (mut head, ()) = Request::new(()).into_parts();
    head.method = asked.head.method.clone();
    head.uri = path_of(&asked.head.uri);
    head.version = Version::HTTP_11;
    head.headers = identity.fields().clone();
    add_end_to_end(&mut head.headers, &asked.head.headers);
    trace::drop_malformed(&mut head.headers);
    changes::to_request(&mut head.headers, asked, route);
    add_way(&mut head.headers, asked, route);
    add_options(&mut head.headers, asked);
    head
}

/// What is asked for, without the host.
///
/// SECURITY: a target like `http://notes.example.org#x` leaves an empty path, which would be written as nothing
/// between two spaces; an app may read such a line as it likes.
pub(crate) fn path_of(target: &Uri) -> Uri {
    let path = target.path_and_query().cloned().map(Uri::from);
    path.filter(|path| !path.path().is_empty()).unwrap_or_default()
}

/// Adds what a client may say to an app: no field of this hop, none that only Doorward may send, and no credential of
/// Doorward's.
pub(crate) fn add_end_to_end(kept: &mut HeaderMap, headers: &HeaderMap) {
    kept.reserve(headers.len() + 8);
    let connection = field::Connection::of(headers);
    let may_pass = |name: &HeaderName| {
        !field::is_of_this_hop(name) && !field::is_identity(name) && !connection.names(name)
    };
    for (name, value) in headers.iter().filter(|(name, _)| may_pass(name)) {
        if let Some(value) = access::headers::passed_on(name, value) {
            kept.append(name.clone(), value.into_owned());
        }
    }
}

/// How the request came here, rewritten: nothing that the client said about it is passed on.
fn add_way(headers: &mut HeaderMap, asked: &Asked, route: &AppRoute) {
    let scheme = asked.client.scheme.unwrap_or(route.origin.scheme());
    // The configured host, not the client's spelling of it: an app may build links of it.
    if let Some(host) = route.authority() {
        headers.insert(HOST, host.clone());
        headers.insert(FORWARDED_HOST, host.clone());
    }
    if let Ok(address) = HeaderValue::try_from(asked.client.address.to_string()) {
        headers.insert(FORWARDED_FOR, address);
    }
    headers.insert(FORWARDED_PROTO, HeaderValue::from_static(scheme.as_str()));
    headers.insert(REQUEST_ID, asked.id.header());
}

/// What this hop may agree on with the app: trailers, and a WebSocket.
fn add_options(headers: &mut HeaderMap, asked: &Asked) {
    if takes_trailers(&asked.head.headers) {
        headers.insert(TE, HeaderValue::from_static("trailers"));
        headers.append(CONNECTION, HeaderValue::from_static("te"));
    }
    if asked.is_web_socket() {
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.append(CONNECTION, HeaderValue::from_static("upgrade"));
    }
}

fn takes_trailers(headers: &HeaderMap) -> bool {
    let mut codings = headers.get_all(TE).iter().flat_map(|field| field.as_bytes().split(|&b| b == b','));
    codings.any(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"trailers"))
}
