//! A request's head: what passes is written to the app as one request, which reads as the same again.

use crate::connection::{self, Read};
use gateway::fuzzing;
use http::{HeaderMap, request::Parts};

/// How the names begin under which an app is told who asks.
const FAMILIES: [&str; 6] =
    ["remote-", "x-forwarded-", "x-doorward-", "x-auth-request-", "x-webauth-", "x-remote-"];

/// Whole names of that kind.
const OURS: [&str; 5] = ["forwarded", "proxy", "x-forwarded", "x-real-ip", "x-request-id"];

/// Fields that end at this hop.
const OF_THIS_HOP: [&str; 5] = ["connection", "keep-alive", "te", "transfer-encoding", "upgrade"];

pub(crate) fn run(bytes: &[u8]) {
    for Read { head, body } in connection::read(bytes) {
        check_handshake(&head);
        let (Some(sent), Some(body)) = (fuzzing::sent_on(head), body) else { continue };
        check_names(&sent.headers);
        let written = written(&sent, &body);
        let mut again = connection::read(&written).into_iter();
        let (Some(only), None) = (again.next(), again.next()) else {
            panic!("not one request: {:?}", written.escape_ascii().to_string())
        };
        assert_eq!(only.body.as_deref(), Some(&*body), "another body");
        let twice = fuzzing::sent_on(only.head).expect("what has passed passes again");
        assert_eq!((&sent.method, &sent.uri), (&twice.method, &twice.uri), "another request");
        assert_eq!(fields(&sent.headers), fields(&twice.headers), "other fields");
    }
}

fn check_handshake(head: &Parts) {
    if !fuzzing::is_web_socket(head) {
        return;
    }
    let connection =
        head.headers.get_all("connection").iter().map(|field| field.as_bytes().to_ascii_lowercase());
    assert_eq!((head.method.as_str(), head.version), ("GET", http::Version::HTTP_11));
    assert!(connection.into_iter().any(|field| field.windows(7).any(|part| part == b"upgrade")));
    assert!(!head.headers.contains_key("transfer-encoding"), "a handshake with a body");
}

fn check_names(headers: &HeaderMap) {
    for name in headers.keys() {
        let read: String = name.as_str().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let is_ours = OURS.contains(&&*read) || FAMILIES.iter().any(|family| read.starts_with(family));
        assert!(!is_ours, "`{name}` passes for ours");
        assert!(!OF_THIS_HOP.contains(&&*read), "`{name}` goes on");
    }
}

fn written(head: &Parts, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{} {} HTTP/1.1\r\n", head.method, head.uri).into_bytes();
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != "content-length") {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            bytes.extend_from_slice(part);
        }
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(body);
    bytes
}

fn fields(headers: &HeaderMap) -> Vec<(&str, &[u8])> {
    let kept = headers.iter().filter(|(name, _)| *name != "content-length");
    let mut fields: Vec<_> = kept.map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    fields.sort_by_key(|(name, _)| *name);
    fields
}
