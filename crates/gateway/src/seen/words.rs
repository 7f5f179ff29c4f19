//! What a request asked for, as text that may stand in a log.
//!
//! INVARIANT: every text is short and holds printable ASCII alone, whatever the client has sent.

use crate::trace;
use http::{header::HOST, request::Parts};

const LONGEST_HOST: usize = 255;
const LONGEST_PATH: usize = 2_048;

/// What a request asked for: its host, and its path without the query, which may hold secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The host that it named, with its port.
    pub host: String,
    /// The path.
    pub path: String,
    /// The trace that it belongs to (W3C Trace Context), where it carries a valid one.
    pub trace: Option<String>,
}

impl Words {
    pub(super) fn of(head: &Parts) -> Self {
        let named = head.headers.get(HOST).map(http::HeaderValue::as_bytes);
        let host = named.or_else(|| head.uri.authority().map(|named| named.as_str().as_bytes()));
        Self {
            host: plain(host.unwrap_or_default(), LONGEST_HOST),
            path: plain(head.uri.path().as_bytes(), LONGEST_PATH),
            trace: trace::id(&head.headers).map(str::to_owned),
        }
    }
}

/// SECURITY: what is no printable ASCII is percent-encoded, so that no sign that ends a line anywhere, and none that a
/// terminal obeys, gets into a log.
fn plain(bytes: &[u8], longest: usize) -> String {
    let mut text = String::with_capacity(bytes.len().min(longest));
    for byte in bytes.iter().copied().take(longest) {
        if byte.is_ascii_graphic() {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.extend(
                [byte >> 4, byte & 15].iter().filter_map(|half| char::from_digit((*half).into(), 16)),
            );
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;
    use proptest::prelude::*;

    #[test]
    fn a_path_is_kept_without_its_query() {
        let request = Request::get("http://a.example/way/in?code=secret").header(HOST, "a.example:80");
        let words = Words::of(&request.body(()).unwrap().into_parts().0);
        assert_eq!((words.host.as_str(), words.path.as_str()), ("a.example:80", "/way/in"));
        assert!(!format!("{words:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn no_bytes_forge_a_line_or_grow_beyond_bounds(bytes: Vec<u8>, longest in 0..64_usize) {
            let text = plain(&bytes, longest);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(text.len() <= longest * 3);
        }
    }
}
