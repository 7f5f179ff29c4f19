//! A host: what is read is a plain name, and the one that a reader of URLs finds there.

use gateway::fuzzing;
use http::{HeaderMap, HeaderValue, Uri, header::HOST, uri::Authority};

pub(crate) fn run(bytes: &[u8]) {
    let Ok(field) = HeaderValue::from_bytes(bytes) else { return };
    let headers = HeaderMap::from_iter([(HOST, field)]);
    let Some(host) = fuzzing::host(&Uri::default(), &headers) else { return };
    let text = std::str::from_utf8(bytes).expect("a host is text");
    let authority: Authority = text.parse().unwrap_or_else(|_| panic!("{text:?} is no authority"));
    assert!(authority.host().eq_ignore_ascii_case(&host), "{host:?} is not the host of {text:?}");
    assert!(
        !host.bytes().any(|b| b.is_ascii_uppercase() || b.is_ascii_whitespace() || b == b'@'),
        "{host:?}"
    );
    let mut twice = headers.clone();
    twice.append(HOST, HeaderValue::from_static("other.example"));
    assert_eq!(fuzzing::host(&Uri::default(), &twice), None, "a second host is passed over");
}
