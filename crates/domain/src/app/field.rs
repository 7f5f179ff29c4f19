//! Which header fields are Doorward's own, so that no app's settings can say them in its place.
//!
//! SECURITY: CGI, WSGI and their kin make variables of field names, so that `Remote_User`, `remote.user` and
//! `Remote-User` are one to the app. Names are therefore compared with every sign that is no letter and no digit
//! read as `-`.

use crate::forwarding::{ORIGIN_FAMILIES, ORIGINS};

/// Fields that tell an app who asks, that carry cookies, that speak to the next hop alone, or that say
/// where a message ends and whom it is for.
const OURS: [&str; 19] = [
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "set-cookie2",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
    "via",
];

const FAMILIES: [&str; 5] = ["remote-", "x-auth-request-", "x-doorward-", "x-remote-", "x-webauth-"];

/// Whether the field is Doorward's own, in whatever case and spelling.
pub(super) fn is_ours(name: &str) -> bool {
    let sign = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let read: String = name.chars().map(sign).collect();
    OURS.iter().chain(&ORIGINS).any(|field| read == *field)
        || FAMILIES.iter().chain(&ORIGIN_FAMILIES).any(|family| read.starts_with(family))
}
