//! Which host a request is for: named once, in one way (RFC 9112 §3.2).

use crate::Refusal;
use http::{HeaderMap, Uri, header::HOST};
use std::borrow::Cow;

const UNREADABLE: Refusal = Refusal::BadRequest("a request names its host in one `Host` field");

/// The host that a request names, in lower case and without its port.
///
/// SECURITY: a second `Host`, or an absolute target that names another one, would let this gateway and the
/// app behind it read the same request as for two hosts.
pub(crate) fn named<'h>(target: &Uri, headers: &'h HeaderMap) -> Result<Cow<'h, str>, Refusal> {
    let mut fields = headers.get_all(HOST).iter();
    let (Some(only), None) = (fields.next(), fields.next()) else { return Err(UNREADABLE) };
    let field = only.to_str().map_err(|_| UNREADABLE)?;
    if target.authority().is_some_and(|authority| !authority.as_str().eq_ignore_ascii_case(field)) {
        return Err(UNREADABLE);
    }
    let host = without_port(field).ok_or(UNREADABLE)?;
    let lower = !host.bytes().any(|b| b.is_ascii_uppercase());
    Ok(if lower { Cow::Borrowed(host) } else { Cow::Owned(host.to_ascii_lowercase()) })
}

fn without_port(field: &str) -> Option<&str> {
    let (host, port) = match field.rfind([':', ']']).and_then(|at| field.split_at_checked(at)) {
        Some((host, port)) if port.starts_with(':') => (host, port),
        _ => (field, ""),
    };
    let digits = port.strip_prefix(':').unwrap_or("0");
    let is_port = digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse::<u16>().is_ok();
    (is_port && (is_name(host) || is_bracketed(host))).then_some(host)
}

fn is_name(host: &str) -> bool {
    let in_name = |b: u8| b.is_ascii_alphanumeric() || b"-._".contains(&b);
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
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(HOST, HeaderValue::from_str(field).unwrap());
        }
        named(&target.parse().unwrap(), &headers).ok().map(Cow::into_owned)
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
