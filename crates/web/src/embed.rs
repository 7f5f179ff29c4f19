//! What of the home host an embedding app mounts, and what guards the app's own routes.

use crate::{Desk, Problem, home, metrics, pages, rest, same_origin, shield};
use access::Carrier;
use axum::{Router, middleware::from_fn_with_state, response::Response, routing::get};
use domain::Origin;
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};

/// The pages and their assets, under the path that the settings name.
pub fn pages(desk: &Desk) -> Router {
    pages::mounted(desk)
        .route(&desk.at("/assets/{name}"), get(home::asset))
        .with_state(desk.clone())
        .layer(from_fn_with_state(desk.clone(), shield::layer))
}

/// The operations by REST, under the path that the settings name.
pub fn rest(desk: &Desk) -> Router {
    rest::router(desk, &desk.at("")).layer(from_fn_with_state(desk.clone(), shield::layer))
}

/// Refuses an unsafe request that may come from another site's page, unless a header token authorizes it.
pub fn check_same_origin(parts: &Parts, home: &Origin, carrier: Option<Carrier>) -> Result<(), Problem> {
    same_origin::check(parts, home, carrier)
}

/// Adds the headers that an app's own answers lack. What its pages may load is the app's to say; an answer to
/// somebody who is `known` is kept in no shared cache.
pub fn cover(headers: &mut HeaderMap, known: bool) {
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::X_FRAME_OPTIONS, "DENY");
    add(header::REFERRER_POLICY, "same-origin");
    if known {
        add(header::CACHE_CONTROL, "private, no-store");
    }
}

/// Whether nothing in the request says that it began on another machine, or was meant for another host. That its peer is a
/// loopback address is for the caller to know.
pub fn says_loopback(parts: &Parts) -> bool {
    metrics::says_loopback(&parts.uri, &parts.headers)
}

/// Whether a person waits for a page, rather than a program for an answer.
pub fn wants_page(parts: &Parts) -> bool {
    pages::wants_page(parts)
}

/// Leads to the sign-in page, and from there back to what was asked for.
pub fn to_sign_in(desk: &Desk, parts: &Parts) -> Response {
    pages::see_other(&pages::LocalPath::of(&parts.uri).after(&desk.at("/login")))
}
