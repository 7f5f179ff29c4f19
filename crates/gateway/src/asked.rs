//! A request as it came, with what the pipeline has found out about it so far.

use crate::{Client, Refusal, RequestId, Watch, cross_site, field, framing};
use access::{AppRoute, Snapshot};
use http::{
    HeaderMap, HeaderName, Method, Version,
    header::{ACCEPT, UPGRADE},
    request::Parts,
};
use std::sync::Arc;

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// A request as it came, with what the pipeline has found out about it so far.
#[derive(Debug)]
pub struct Asked {
    /// The request as the client sent it, its body apart.
    pub head: Parts,
    /// Who sent it.
    pub client: Client,
    /// Its id.
    pub id: RequestId,
    /// Whether a body follows, announced or not.
    pub(crate) has_body: bool,
    /// The app that its host leads to.
    pub route: Option<Arc<AppRoute>>,
    /// Whose credential it carries.
    pub snapshot: Option<Arc<Snapshot>>,
    /// The eye on it.
    pub(crate) watch: Watch,
}

impl Asked {
    /// The path and query as the client sent them.
    pub fn target(&self) -> &str {
        self.head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
    }

    /// Whether a person waits for a page: such a request is led to sign in, any other is told 401.
    pub fn is_navigation(&self) -> bool {
        is_navigation(&self.head.method, &self.head.headers)
    }

    /// Whether it asks to become a WebSocket (RFC 6455 §4.1); no other upgrade is known here.
    ///
    /// SECURITY: an `h2c` upgrade would open a connection to the app on which nothing is checked any more. Half a
    /// handshake, which one of the two ends takes for a whole one, would leave them in disagreement on what follows.
    pub(crate) fn is_web_socket(&self) -> bool {
        let Parts { method, version, headers, .. } = &self.head;
        let mut protocols = headers.get_all(UPGRADE).iter();
        let (Some(only), None) = (protocols.next(), protocols.next()) else { return false };
        only.as_bytes().eq_ignore_ascii_case(b"websocket")
            && (*method == Method::GET && *version == Version::HTTP_11)
            && field::Connection::of(headers).names(&UPGRADE)
            && !framing::announces_body(headers)
    }

    /// Whether a browser asks here if a page of an origin that the app lists may send something.
    ///
    /// SECURITY: over HTTP/2 a body need not be announced, and a browser's question has none.
    pub(crate) fn is_preflight(&self, route: &AppRoute) -> bool {
        self.head.method == Method::OPTIONS
            && !self.has_body
            && cross_site::is_preflight(&self.head, &route.app.gate.origins)
    }

    /// Refuses the methods that no app is sent.
    ///
    /// SECURITY: `TRACE` would show a page's script the identity headers and the assertion that the app gets;
    /// `CONNECT` would make a tunnel of the gateway. No method has small letters, but many an app reads `trace`
    /// as `TRACE`, and would so be asked for what nobody has decided on.
    pub(crate) fn check_method(&self) -> Result<(), Refusal> {
        let method = &self.head.method;
        let is_barred = *method == Method::TRACE || *method == Method::CONNECT;
        let has_small_letters = method.as_str().bytes().any(|b| b.is_ascii_lowercase());
        if is_barred || has_small_letters { Err(Refusal::Method) } else { Ok(()) }
    }
}

fn is_navigation(method: &Method, headers: &HeaderMap) -> bool {
    let is_read = *method == Method::GET || *method == Method::HEAD;
    is_read && headers.get(FETCH_MODE).map_or_else(|| accepts_pages(headers), |mode| mode == "navigate")
}

fn accepts_pages(headers: &HeaderMap) -> bool {
    let ranges = headers.get_all(ACCEPT).iter().filter_map(|field| field.to_str().ok());
    let mut types = ranges.flat_map(|field| field.split(',')).map(|range| range.split(';').next());
    types.any(|name| name.is_some_and(|name| name.trim().eq_ignore_ascii_case("text/html")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn navigates(method: Method, fields: &[(HeaderName, &'static str)]) -> bool {
        let headers =
            fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        is_navigation(&method, &headers)
    }

    #[test]
    fn a_browser_s_word_on_navigation_stands_above_what_it_accepts() {
        assert!(navigates(Method::GET, &[(FETCH_MODE, "navigate")]));
        assert!(!navigates(Method::GET, &[(FETCH_MODE, "cors"), (ACCEPT, "text/html")]));
        assert!(!navigates(Method::POST, &[(FETCH_MODE, "navigate")]));
    }

    #[test]
    fn without_it_a_page_is_wanted_where_html_is_named() {
        assert!(navigates(Method::HEAD, &[(ACCEPT, "application/xml, Text/HTML;q=0.9")]));
        assert!(!navigates(Method::GET, &[(ACCEPT, "*/*")]));
        assert!(!navigates(Method::GET, &[]));
    }
}
