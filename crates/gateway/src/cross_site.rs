//! Requests that another site's page made a browser send (`security.md` 6).

use crate::Refusal;
use domain::Origin;
use http::{
    HeaderMap, HeaderName, HeaderValue, Method,
    header::{
        ACCESS_CONTROL_REQUEST_METHOD, AUTHORIZATION, CONTENT_LENGTH, COOKIE, ORIGIN, TRANSFER_ENCODING,
        UPGRADE,
    },
    request::Parts,
};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another origin may have made the browser send with a credential that browsers add by themselves,
/// unless the app lists that origin.
///
/// Reads change nothing and pass; an upgrade begins with a read and is no read. A client that sends neither
/// `Sec-Fetch-Site` nor `Origin` is no browser of this decade.
pub(crate) fn check(
    method: &Method,
    headers: &HeaderMap,
    is_upgrade: bool,
    (own, listed): (&Origin, &[Origin]),
) -> Result<(), Refusal> {
    let is_guarded = is_upgrade || !method.is_safe();
    let passes = || (is_fetched_here(headers) && is_from(headers, own)) || is_from_one_of(headers, listed);
    if is_guarded && !passes() { Err(Refusal::CrossSite) } else { Ok(()) }
}

/// Whether a browser asks, as it does without credentials, if a page of an origin that the app lists may send what
/// it wants to send (Fetch §4.8).
///
/// SECURITY: the app is asked without sign-in, so this lets nothing through that a browser would not send then.
pub(crate) fn is_preflight(head: &Parts, listed: &[Origin]) -> bool {
    let headers = &head.headers;
    let has = |name: &HeaderName| headers.contains_key(name);
    let has_body =
        || has(&TRANSFER_ENCODING) || headers.get_all(CONTENT_LENGTH).iter().any(|length| length != "0");
    head.method == Method::OPTIONS
        && has(&ACCESS_CONTROL_REQUEST_METHOD)
        && ![COOKIE, AUTHORIZATION, UPGRADE].iter().any(has)
        && !has_body()
        && is_from_one_of(headers, listed)
}

fn is_fetched_here(headers: &HeaderMap) -> bool {
    headers.get_all(FETCH_SITE).iter().all(|site| site == "same-origin" || site == "none")
}

// SECURITY: a sandboxed frame and a redirect across sites both send `Origin: null`, which is no origin of ours.
fn is_from(headers: &HeaderMap, own: &Origin) -> bool {
    headers.get_all(ORIGIN).iter().all(|field| named(field).is_some_and(|origin| origin == *own))
}

fn is_from_one_of(headers: &HeaderMap, listed: &[Origin]) -> bool {
    let mut fields = headers.get_all(ORIGIN).iter();
    let (false, Some(only), None) = (listed.is_empty(), fields.next(), fields.next()) else { return false };
    named(only).is_some_and(|origin| listed.contains(&origin))
}

fn named(field: &HeaderValue) -> Option<Origin> {
    field.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "https://board.example.net";

    fn passes(method: Method, is_upgrade: bool, fields: &[(HeaderName, &'static str)]) -> bool {
        let headers =
            fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        let (own, listed) = ("https://notes.example.org".parse().unwrap(), [LISTED.parse().unwrap()]);
        check(&method, &headers, is_upgrade, (&own, &listed)).is_ok()
    }

    #[test]
    fn rule_06_an_origin_that_the_app_lists_may_send_what_the_app_s_own_may() {
        for site in ["cross-site", "same-site"] {
            assert!(passes(Method::POST, false, &[(FETCH_SITE, site), (ORIGIN, LISTED)]), "{site}");
            assert!(!passes(Method::POST, false, &[(FETCH_SITE, site)]), "{site}");
        }
        assert!(passes(Method::GET, true, &[(ORIGIN, LISTED)]));
        for other in
            ["https://board.example.net:8443", "http://board.example.net", "https://example.net", "null"]
        {
            assert!(!passes(Method::POST, false, &[(ORIGIN, other)]), "{other}");
        }
        assert!(!passes(Method::POST, false, &[(ORIGIN, LISTED), (ORIGIN, "null")]));
        assert!(!passes(Method::POST, false, &[(ORIGIN, LISTED), (ORIGIN, "https://notes.example.org")]));
    }

    fn is_asked_before(method: &str, fields: &[(&str, &str)]) -> bool {
        let builder = http::Request::builder().method(method).uri("/");
        let request = fields.iter().fold(builder, |request, (name, value)| request.header(*name, *value));
        is_preflight(&request.body(()).unwrap().into_parts().0, &[LISTED.parse().unwrap()])
    }

    #[test]
    fn rule_06_only_the_bare_question_of_a_browser_is_a_preflight() {
        let bare = [("origin", LISTED), ("access-control-request-method", "PUT")];
        let with = |field| is_asked_before("OPTIONS", &[&bare[..], &[field]].concat());
        assert!(is_asked_before("OPTIONS", &bare) && with(("content-length", "0")));
        assert!(!is_asked_before("PUT", &bare) && !is_asked_before("OPTIONS", &bare[..1]));
        assert!(!is_asked_before("OPTIONS", &[("origin", "https://evil.example"), bare[1]]));
        for more in [
            ("cookie", "a=b"),
            ("authorization", "Basic eDp5"),
            ("content-length", "5"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
        ] {
            assert!(!with(more), "{more:?}");
        }
    }

    #[test]
    fn rule_06_an_unsafe_request_from_another_origin_is_refused() {
        for site in ["cross-site", "same-site", "Same-Origin", ""] {
            assert!(!passes(Method::POST, false, &[(FETCH_SITE, site)]), "{site}");
        }
        for origin in
            ["null", "http://notes.example.org", "https://example.org", "https://notes.example.org:8443"]
        {
            assert!(!passes(Method::DELETE, false, &[(ORIGIN, origin)]), "{origin}");
        }
        assert!(!passes(
            Method::POST,
            false,
            &[(FETCH_SITE, "same-origin"), (ORIGIN, "https://other.example.org")]
        ));
        assert!(!passes(Method::POST, false, &[(ORIGIN, "https://notes.example.org"), (ORIGIN, "null")]));
    }

    #[test]
    fn rule_06_an_upgrade_from_another_origin_is_refused() {
        assert!(!passes(Method::GET, true, &[(ORIGIN, "https://evil.example")]));
        assert!(passes(Method::GET, true, &[(ORIGIN, "https://notes.example.org")]));
    }

    #[test]
    fn rule_06_what_the_app_s_own_pages_and_other_programs_send_passes() {
        assert!(passes(Method::POST, false, &[]));
        assert!(passes(Method::POST, false, &[(FETCH_SITE, "same-origin")]));
        assert!(passes(Method::POST, false, &[(FETCH_SITE, "none"), (ORIGIN, "https://notes.example.org")]));
        assert!(passes(Method::POST, false, &[(ORIGIN, "https://notes.example.org:443")]));
    }

    #[test]
    fn rule_06_reads_pass_from_anywhere() {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            assert!(passes(method, false, &[(FETCH_SITE, "cross-site"), (ORIGIN, "https://evil.example")]));
        }
    }

    #[test]
    fn rule_06_a_method_that_nobody_knows_is_unsafe() {
        let method = Method::from_bytes(b"get").unwrap();
        assert!(!passes(method, false, &[(FETCH_SITE, "cross-site")]));
    }
}
