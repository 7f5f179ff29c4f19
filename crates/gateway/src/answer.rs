//! The head of an app's answer on its way to the client, and what the gateway adds to its own answers.

use crate::{Asked, Body, REQUEST_ID, Refusal, changes, field, framing};
use access::AppRoute;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version,
    header::{CONNECTION, RETRY_AFTER, SET_COOKIE, UPGRADE, WWW_AUTHENTICATE},
};

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Takes out of an app's answer what is for this hop alone, and any cookie that passes for Doorward's.
pub(crate) fn clean(headers: &mut HeaderMap) {
    let connection = field::Connection::of(headers);
    let ends_here = |name: &&HeaderName| field::is_hop_by_hop(name) || connection.names(name);
    let ending: Vec<_> = headers.keys().filter(ends_here).cloned().collect();
    for name in ending {
        headers.remove(name);
    }
    drop_our_cookies(headers);
    keep_cookies(headers);
}

/// What of the fields behind an answer's body goes on to the client.
pub(crate) fn trailers(trailers: &HeaderMap, route: &AppRoute) -> HeaderMap {
    let fields = trailers.iter().filter(|(name, _)| field::may_trail(name) && **name != SET_COOKIE);
    let mut kept = fields.map(|(name, value)| (name.clone(), value.clone())).collect();
    changes::to_trailers(&mut kept, route.answer_edits());
    kept
}

/// SECURITY: browsers would forget Doorward's cookies at every host of the same site, and so sign people out.
fn keep_cookies(headers: &mut HeaderMap) {
    if !headers.contains_key(CLEAR_SITE_DATA) {
        return;
    }
    let fields = headers.get_all(CLEAR_SITE_DATA).iter();
    let cleared = fields.flat_map(|field| field.as_bytes().split(|&b| b == b',')).map(<[u8]>::trim_ascii);
    let kept: Vec<_> = cleared.filter(|what| ![&b"\"cookies\""[..], b"\"*\""].contains(what)).collect();
    match HeaderValue::try_from(kept.join(&b", "[..])) {
        Ok(value) if !value.is_empty() => drop(headers.insert(CLEAR_SITE_DATA, value)),
        _ => drop(headers.remove(CLEAR_SITE_DATA)),
    }
}

// SECURITY: an app that sets Doorward's cookie could sign its visitors in as somebody else (`security.md` 3).
fn drop_our_cookies(headers: &mut HeaderMap) {
    if !headers.get_all(SET_COOKIE).iter().any(sets_ours) {
        return;
    }
    let kept: Vec<_> =
        headers.get_all(SET_COOKIE).iter().filter(|field| !sets_ours(field)).cloned().collect();
    headers.remove(SET_COOKIE);
    for field in kept {
        headers.append(SET_COOKIE, field);
    }
}

/// Browsers send the nameless cookie `=doorward=x` back as `doorward=x`, so leading `=` are no part of the name.
pub(crate) fn sets_ours(field: &HeaderValue) -> bool {
    let bytes = field.as_bytes();
    let start = bytes.iter().position(|&b| b != b'=' && !b.is_ascii_whitespace()).unwrap_or(bytes.len());
    let name = bytes.get(start..).unwrap_or_default().split(|&b| b == b'=' || b == b';').next();
    name.is_some_and(|name| access::headers::is_doorward_cookie(name.trim_ascii()))
}

/// Lets an answer say that the connection becomes a WebSocket.
pub(crate) fn switch_protocols(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// Closes the connection behind a request that another server may end elsewhere.
pub(crate) fn close_if_last(response: &mut Response<Body>, asked: &Asked) {
    if framing::is_last(&asked.head) && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// Names the request that `response` answers, whatever the app has said of it.
pub(crate) fn name(response: &mut Response<Body>, asked: &Asked) {
    response.headers_mut().insert(REQUEST_ID, asked.id.header());
}

/// Adds to the gateway's own answer what every face would have to add.
pub(crate) fn complete(response: &mut Response<Body>, refusal: &Refusal, asked: &Asked) {
    let status = response.status();
    // SECURITY: what follows a request that could not be read may be a part of it.
    let is_unread = status == StatusCode::BAD_REQUEST || status == StatusCode::METHOD_NOT_ALLOWED;
    if is_unread && asked.head.version <= Version::HTTP_11 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge(asked));
    }
    if let Some(seconds) = refusal.retry_after() {
        response.headers_mut().entry(RETRY_AFTER).or_insert(seconds.into());
    }
}

/// Basic only where the app has it switched on, for browsers would ask for a password in a box of their own.
fn challenge(asked: &Asked) -> HeaderValue {
    let basic = asked.route.as_ref().filter(|route| route.app.basic);
    let named = basic.map(|route| format!("Basic realm=\"{}\", charset=\"UTF-8\"", route.app.name));
    named
        .and_then(|text| HeaderValue::try_from(text).ok())
        .unwrap_or(HeaderValue::from_static("Bearer realm=\"doorward\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(fields: &[(&'static str, &'static str)]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        clean(&mut headers);
        headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect()
    }

    #[test]
    fn what_is_for_this_hop_alone_ends_here() {
        let fields = [
            ("connection", "close, X-Internal"),
            ("x-internal", "1"),
            ("transfer-encoding", "chunked"),
            ("content-type", "text/plain"),
        ];
        assert_eq!(cleaned(&fields), ["content-type: text/plain"]);
    }

    #[test]
    fn rule_03_an_app_makes_no_browser_forget_our_cookies() {
        let cleaned = |value| cleaned(&[("clear-site-data", value)]);
        assert!(cleaned("\"cookies\"").is_empty() && cleaned("\"*\"").is_empty());
        let rest = "clear-site-data: \"cache\", \"storage\"";
        assert_eq!(cleaned("\"cache\", \"cookies\",\"storage\""), [rest]);
    }

    #[test]
    fn rule_03_a_cookie_of_our_name_from_an_app_is_dropped() {
        for ours in [
            "doorward=x",
            " doorward = x; Path=/",
            "__Host-doorward=x",
            "=doorward=x",
            "doorward",
            "doorward-start-1=x",
        ] {
            assert_eq!(
                cleaned(&[("set-cookie", "a=b"), ("set-cookie", ours)]),
                ["set-cookie: a=b"],
                "{ours}"
            );
        }
        assert_eq!(cleaned(&[("set-cookie", "a=doorward"), ("set-cookie", "c=d")]).len(), 2);
    }
}
