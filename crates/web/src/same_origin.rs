//! Unsafe requests must come from our own pages, unless a header token authorizes them (`security.md` 5).
//!
//! SECURITY: another site, or an app on a sibling host, can make a browser send our cookie along; it cannot make
//! the browser lie about where the request comes from.

use crate::Problem;
use access::Carrier;
use domain::Origin;
use http::{HeaderName, Method, header::ORIGIN, request::Parts};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const REQUESTED_WITH: HeaderName = HeaderName::from_static("x-requested-with");

/// Refuses an unsafe request that may come from elsewhere.
pub(crate) fn check(parts: &Parts, home: &Origin, carrier: Option<Carrier>) -> Result<(), Problem> {
    let safe = matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS);
    let by_header = carrier.is_some_and(|carrier| !carrier.is_ambient());
    let local = parts.extensions.get::<crate::Client>().is_some_and(|c| c.door == crate::Door::DataDirectory);
    if safe || by_header || local || is_ours(parts, home) { Ok(()) } else { Err(Problem::cross_site()) }
}

fn is_ours(parts: &Parts, home: &Origin) -> bool {
    let all = |name: &HeaderName| parts.headers.get_all(name).into_iter().collect::<Vec<_>>();
    let (sites, origins) = (all(&FETCH_SITE), all(&ORIGIN));
    if sites.is_empty() && origins.is_empty() {
        return all(&REQUESTED_WITH).iter().any(|value| value.as_bytes() == b"XMLHttpRequest");
    }
    let home = home.to_string();
    sites.iter().all(|site| site.as_bytes() == b"same-origin" || site.as_bytes() == b"none")
        && origins.iter().all(|origin| origin.as_bytes() == home.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn allowed(method: &str, headers: &[(&str, &str)], carrier: Option<Carrier>) -> bool {
        let mut request = Request::builder().method(method);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let home = "http://localhost:8080".parse().unwrap();
        check(&request.body(()).unwrap().into_parts().0, &home, carrier).is_ok()
    }

    #[test]
    fn rule_05_unsafe_requests_come_from_our_own_pages() {
        assert!(allowed("POST", &[("sec-fetch-site", "same-origin")], Some(Carrier::Cookie)));
        assert!(allowed("POST", &[("origin", "http://localhost:8080")], None));
        assert!(allowed("POST", &[("x-requested-with", "XMLHttpRequest")], None));
        assert!(allowed("GET", &[("sec-fetch-site", "cross-site")], Some(Carrier::Cookie)));
    }

    #[test]
    fn rule_05_what_is_present_and_disagrees_refuses() {
        for headers in [
            &[("sec-fetch-site", "same-site")][..],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "http://sample.localhost:8080")],
            &[("origin", "null")],
            &[("origin", "http://localhost:8080"), ("sec-fetch-site", "cross-site")],
            &[("origin", "http://evil.example"), ("x-requested-with", "XMLHttpRequest")],
            &[("origin", "http://localhost:8080"), ("origin", "http://evil.example")],
            &[],
        ] {
            assert!(!allowed("POST", headers, Some(Carrier::Cookie)), "{headers:?}");
            assert!(!allowed("DELETE", headers, None), "{headers:?}");
        }
    }

    #[test]
    fn rule_05_a_header_token_needs_no_origin_and_basic_does() {
        assert!(allowed("POST", &[], Some(Carrier::Bearer)));
        assert!(allowed("DELETE", &[("origin", "http://evil.example")], Some(Carrier::ApiKey)));
        assert!(!allowed("POST", &[("origin", "http://evil.example")], Some(Carrier::Basic)));
    }
}
