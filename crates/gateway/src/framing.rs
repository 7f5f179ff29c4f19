//! How a request is framed and aimed: in the one way that every server reads alike (RFC 9112 §3.2 and §6).
//!
//! hyper refuses most of what can be read in two ways. What it lets through and this gateway does not is here.

use crate::{Refusal, field};
use http::{
    HeaderMap, HeaderValue, Method, Uri, Version,
    header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING},
    request::Parts,
};

const MOST_OPTIONS: usize = 32;

const TARGET: Refusal = Refusal::BadRequest("a request is aimed at a path that begins with `/`");
const LENGTH: Refusal = Refusal::BadRequest("a length is one plain decimal number");
const OPTIONS: Refusal = Refusal::BadRequest("`Connection` names at most 32 fields and options");
const CODING: Refusal = Refusal::BadRequest("no transfer coding but `chunked` is understood");

/// Refuses a head that another server could take for the head of another request, or of more than one.
pub(crate) fn check(head: &Parts) -> Result<(), Refusal> {
    check_target(&head.method, &head.uri)?;
    // SECURITY: each is compared with each field of the head.
    if field::Connection::of(&head.headers).len() > MOST_OPTIONS {
        return Err(OPTIONS);
    }
    if !head.headers.get_all(CONTENT_LENGTH).iter().all(is_plain) {
        return Err(LENGTH);
    }
    let mut codings = head.headers.get_all(TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(only), None) if only.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        // SECURITY: hyper takes `gzip, chunked` for chunks; its codings end here, so the app would take what
        // is packed for what was meant.
        _ => Err(CODING),
    }
}

/// Whether the head announces a body that is not empty.
pub(crate) fn announces_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING) || headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0")
}

/// Whether fields may follow the body: where they need no ends of lines, or are announced.
pub(crate) fn may_have_trailers(head: &Parts) -> bool {
    head.version > Version::HTTP_11 || head.headers.contains_key(TRAILER)
}

/// Whether nothing more is read from the connection that the request came on.
///
/// SECURITY: hyper ends trailers at `CRLF CRLF` alone. A proxy before this one that is content with `LF CRLF` would
/// send another visitor's request behind them, and wait for an answer to what was passed over here as a trailer.
pub(crate) fn is_last(head: &Parts) -> bool {
    head.version <= Version::HTTP_11 && head.headers.contains_key(TRAILER)
}

/// SECURITY: `GET notes.example.org` asks for no path. It would be sent on as `/`, which is another request.
fn check_target(method: &Method, target: &Uri) -> Result<(), Refusal> {
    let scheme = target.scheme_str();
    let is_known = scheme.is_none_or(|scheme| scheme == "http" || scheme == "https");
    match target.path_and_query().map(http::uri::PathAndQuery::as_str) {
        Some("*") if *method == Method::OPTIONS => Ok(()),
        Some(path) if is_known && path.starts_with('/') => Ok(()),
        Some(_) | None => Err(TARGET),
    }
}

/// SECURITY: to a reader of numbers in the manner of C, `010` is eight, and one of more than 18 digits may be below
/// nothing.
fn is_plain(length: &HeaderValue) -> bool {
    match length.as_bytes() {
        b"0" => true,
        [b'1'..=b'9', rest @ ..] => rest.len() < 18 && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, Request};

    fn is_read(line: (&str, &str), fields: &[(HeaderName, &str)]) -> bool {
        let mut request = Request::builder().method(line.0).uri(line.1);
        for (name, value) in fields {
            request = request.header(name, *value);
        }
        check(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn a_length_is_written_in_one_way() {
        for length in ["0", "5", "10", "999999999999999999"] {
            assert!(is_read(("POST", "/"), &[(CONTENT_LENGTH, length)]), "{length}");
        }
        for length in ["", "00", "05", "+5", "-5", "0x5", "5, 5", "5,5", "5.0", " 5", "9223372036854775808"] {
            assert!(!is_read(("POST", "/"), &[(CONTENT_LENGTH, length)]), "{length}");
        }
    }

    #[test]
    fn chunked_is_the_only_coding_and_named_once() {
        for coding in ["chunked", "Chunked"] {
            assert!(is_read(("POST", "/"), &[(TRANSFER_ENCODING, coding)]), "{coding}");
        }
        for coding in ["", "gzip, chunked", "identity", "chunked, chunked", ",chunked", "chunked;q=1"] {
            assert!(!is_read(("POST", "/"), &[(TRANSFER_ENCODING, coding)]), "{coding}");
        }
        let twice = [(TRANSFER_ENCODING, "chunked"), (TRANSFER_ENCODING, "chunked")];
        assert!(!is_read(("POST", "/"), &twice));
    }

    #[test]
    fn a_target_is_a_path_or_the_asterisk_of_options() {
        for target in ["/", "/a?b", "http://a", "http://a#b", "http://a/b", "https://a:1/b"] {
            assert!(is_read(("GET", target), &[]), "{target}");
        }
        for target in ["*", "a", "a:80", "http://a?b", "ftp://a/b", "ws://a/"] {
            assert!(!is_read(("GET", target), &[]), "{target}");
        }
        assert!(is_read(("OPTIONS", "*"), &[]));
    }
}
