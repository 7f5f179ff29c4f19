//! The one page: it asks for the password, or shows the bridge. It is public; all that it shows it asks the API for.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

const PAGE: &str = include_str!("page/index.html");
const SCRIPT: &str = include_str!("page/bridge.js");
const STYLE: &str = include_str!("page/bridge.css");
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; form-action 'none'; \
                      frame-ancestors 'none'; base-uri 'none'";

/// What every path answers that is none of the API's.
pub(crate) async fn show() -> Response {
    let policy: (HeaderName, HeaderValue) =
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    ([policy], Html(PAGE)).into_response()
}

pub(crate) async fn script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT).into_response()
}

pub(crate) async fn style() -> Response {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE).into_response()
}
