//! Requests that another site's page made a browser send (`security.md` 6).

use crate::Refusal;
use domain::Origin;
use http::{HeaderMap, HeaderName, Method, header::ORIGIN};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what another origin may have made the browser send with a credential that browsers add by themselves.
///
/// Reads change nothing and pass; an upgrade begins with a read and is no read. A client that sends neither
/// `Sec-Fetch-Site` nor `Origin` is no browser of this decade.
pub(crate) fn check(
    method: &Method,
    headers: &HeaderMap,
    is_upgrade: bool,
    own: &Origin,
) -> Result<(), Refusal> {
    let is_guarded = is_upgrade || !method.is_safe();
    if is_guarded && !(is_fetched_here(headers) && is_from(headers, own)) {
        return Err(Refusal::CrossSite);
    }
    Ok(())
}

fn is_fetched_here(headers: &HeaderMap) -> bool {
    headers.get_all(FETCH_SITE).iter().all(|site| site == "same-origin" || site == "none")
}

// SECURITY: a sandboxed frame and a redirect across sites both send `Origin: null`, which is no origin of ours.
fn is_from(headers: &HeaderMap, own: &Origin) -> bool {
    let names_us = |text: &str| text.parse::<Origin>().is_ok_and(|origin| origin == *own);
    headers.get_all(ORIGIN).iter().all(|origin| origin.to_str().is_ok_and(names_us))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn passes(method: Method, is_upgrade: bool, fields: &[(HeaderName, &'static str)]) -> bool {
        let headers =
            fields.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        check(&method, &headers, is_upgrade, &"https://notes.example.org".parse().unwrap()).is_ok()
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
