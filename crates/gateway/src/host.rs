//! Which host a request is for: named once, in one way (RFC 9112 §3.2, RFC 9113 §8.3.1).

use crate::Refusal;
use http::{HeaderMap, Uri, Version, header::HOST, uri::Authority};
use std::borrow::Cow;

const UNREADABLE: Refusal = Refusal::BadRequest("a request names its host in one `Host` field");

/// The host that a request names, in lower case and without its port.
///
/// Over HTTP/2 the target names it, and a `Host` field may be absent.
///
/// SECURITY: a second `Host`, or an absolute target that names another one, would let this gateway and the
/// app behind it read the same request as for two hosts.
pub fn named<'h>(version: Version, target: &'h Uri, headers: &'h HeaderMap) -> Result<Cow<'h, str>, Refusal> {
    let authority = target.authority().map(Authority::as_str);
    let mut fields = headers.get_all(HOST).iter();
    let written = match (fields.next(), fields.next()) {
        (Some(only), None) => only.to_str().map_err(|_| UNREADABLE)?,
        (None, _) if version == Version::HTTP_2 => authority.ok_or(UNREADABLE)?,
        _ => return Err(UNREADABLE),
    };
    if authority.is_some_and(|authority| !authority.eq_ignore_ascii_case(written)) {
        return Err(UNREADABLE);
    }
    let host = without_port(written).ok_or(UNREADABLE)?;
    let lower = !host.bytes().any(|b| b.is_ascii_uppercase());
    Ok(if lower { Cow::Borrowed(host) } else { Cow::Owned(host.to_ascii_lowercase()) })
}

fn without_port(field: &str) -> Option<&str> {
    let (host, port) = match field.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (field, "0"),
    };
    let is_port = port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (is_port && (is_name(host) || is_bracketed(host))).then_some(host)
}

const fn in_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

fn is_name(host: &str) -> bool {
    !host.is_empty() && !host.ends_with('.') && host.bytes().all(in_name)
}

fn is_bracketed(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    address.is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn host(target: &str, fields: &[&str]) -> Option<String> {
        host_over(Version::HTTP_11, target, fields)
    }

    fn host_over(version: Version, target: &str, fields: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(HOST, HeaderValue::from_str(field).unwrap());
        }
        named(version, &target.parse().unwrap(), &headers).ok().map(Cow::into_owned)
    }

    #[test]
    fn a_host_is_read_without_port_and_case() {
        for field in ["notes.localhost", "Notes.LOCALHOST:8080", "notes.localhost:80"] {
            assert_eq!(host("/", &[field]).as_deref(), Some("notes.localhost"), "{field}");
        }
        assert_eq!(host("/", &["[::1]:80"]).as_deref(), Some("[::1]"));
        assert_eq!(host("http://A.b:80/x", &["a.B:80"]).as_deref(), Some("a.b"));
    }

    #[test]
    fn a_host_named_twice_in_two_ways_or_not_at_all_is_refused() {
        assert_eq!(host("/", &[]), None);
        assert_eq!(host("/", &["a", "a"]), None);
        assert_eq!(host("http://b/", &["a"]), None);
        assert_eq!(host("http://u@a/", &["a"]), None);
        for field in [
            "", "a.", "a.:80", ":80", "a:", "a:b", "a:99999", "u@a", "a/b", "a b", "a,b", "[::1", "::1",
            "[a]",
        ] {
            assert_eq!(host("/", &[field]), None, "{field}");
        }
    }

    #[test]
    fn over_http_2_the_target_names_the_host_and_a_field_may_only_agree() {
        let host = |target: &str, fields: &[&str]| host_over(Version::HTTP_2, target, fields);
        assert_eq!(host("https://Notes.localhost:8443/x", &[]).as_deref(), Some("notes.localhost"));
        assert_eq!(host("https://a:80/", &["A:80"]).as_deref(), Some("a"));
        assert_eq!(host("/", &["a"]).as_deref(), Some("a"));
        assert_eq!(host("/", &[]), None);
        for field in ["b", "a", "a:81"] {
            assert_eq!(host("https://a:80/", &[field]), None, "{field}");
        }
        assert_eq!(host("https://a/", &["a", "a"]), None);
        assert_eq!(host("https://u@a/", &[]), None);
    }

    proptest! {
        #[test]
        fn no_host_that_is_read_holds_more_than_a_name(field in "[!-~]{0,24}") {
            if let Some(host) = host("/", &[&field]) {
                prop_assert!(is_bracketed(&host) || is_name(&host));
                prop_assert!(!host.bytes().any(|b| b.is_ascii_uppercase()));
            }
        }
    }
}
