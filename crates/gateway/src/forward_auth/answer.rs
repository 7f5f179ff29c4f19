//! What a proxy is told: that the request may pass and with which fields, or where its client is to sign in.

use super::{Manner, described::Question};
use crate::{Asked, Body};
use access::{IdentityHeaders, headers::X_API_KEY};
use domain::Origin;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, LOCATION},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The fields that may carry a credential of ours, and what is the app's own beside it.
const CREDENTIALS: [HeaderName; 3] = [COOKIE, AUTHORIZATION, X_API_KEY];

/// What Envoy takes as the names of fields that the app is not to get.
const ENVOY_REMOVES: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// What Envoy itself tells the app under a name that clients may use, too.
const ENVOY_OWN: [&str; 4] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-request-id"];

const EMPTY: HeaderValue = HeaderValue::from_static("");

/// The request may pass: every field that says who asks, empty where nothing is to be said, and what is left of the
/// fields that may carry a credential of ours.
pub(super) fn pass(asked: &Asked, identity: &IdentityHeaders, question: &Question) -> Response<Body> {
    let mut fields: HeaderMap = IdentityHeaders::NAMES.into_iter().map(|name| (name, EMPTY)).collect();
    for (name, value) in identity.fields() {
        fields.insert(name.clone(), value.clone());
    }
    let kept = access::headers::without_credentials(&asked.head.headers);
    if question.manner == Manner::Envoy {
        let removed = removed(&kept, &question.dropped);
        fields.insert(ENVOY_REMOVES, removed);
    }
    for name in CREDENTIALS {
        match joined(&kept, &name) {
            Some(value) => drop(fields.insert(name, value)),
            None if question.manner == Manner::Envoy => {}
            None => drop(fields.insert(name, EMPTY)),
        }
    }
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let mut response = Response::new(Body::default());
    *response.headers_mut() = fields;
    response
}

/// The names of what the app must not get and the answer does not overwrite.
fn removed(kept: &HeaderMap, dropped: &[HeaderName]) -> HeaderValue {
    let is_overwritten =
        |name: &HeaderName| IdentityHeaders::NAMES.contains(name) || ENVOY_OWN.contains(&name.as_str());
    let forged = dropped.iter().filter(|name| !is_overwritten(name)).map(HeaderName::as_str);
    let spent: Vec<_> = CREDENTIALS.into_iter().filter(|name| !kept.contains_key(name)).collect();
    let mut names: Vec<&str> = forged.chain(spent.iter().map(HeaderName::as_str)).collect();
    names.sort_unstable();
    HeaderValue::try_from(names.join(",")).unwrap_or(EMPTY)
}

/// All values of a field as one: proxies copy one.
fn joined(headers: &HeaderMap, name: &HeaderName) -> Option<HeaderValue> {
    let sign: &[u8] = if *name == COOKIE { b"; " } else { b", " };
    let values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    if values.is_empty() { None } else { HeaderValue::from_bytes(&values.join(sign)).ok() }
}

/// Nobody is signed in, and the proxy can only say 401: where to lead the browser stands beside it.
pub(super) fn sign_in_at(origin: &Origin, back: &str) -> Response<Body> {
    let location = format!("{origin}/.doorward/start?rd={}", utf8_percent_encode(back, NON_ALPHANUMERIC));
    let mut response = Response::new(Body::default());
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// A redirect is 302 here, whatever the face says: some proxies know no other.
pub(super) fn found(mut response: Response<Body>) -> Response<Body> {
    if response.status().is_redirection() {
        *response.status_mut() = StatusCode::FOUND;
    }
    response
}
