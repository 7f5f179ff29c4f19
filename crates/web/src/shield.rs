//! Headers that every answer of ours carries.

use crate::Desk;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, header};

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// What pages may do: load our stylesheet and icon, and post to us.
pub(crate) const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                                      frame-ancestors 'none'; base-uri 'none'";

/// Adds the headers to what a handler answers; what it set itself stays.
pub(crate) async fn layer(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    cover(response.headers_mut(), desk.home().is_secure());
    response
}

/// Adds the headers that are missing.
pub(crate) fn cover(headers: &mut HeaderMap, secure: bool) {
    let mut add = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    add(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    add(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    add(header::X_FRAME_OPTIONS, "DENY");
    add(header::REFERRER_POLICY, "same-origin");
    add(header::CACHE_CONTROL, "no-store");
    add(CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    add(CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    add(PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
    if secure {
        add(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}
