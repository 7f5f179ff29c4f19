//! What an app is told of who asks (`security.md` 10).

use crate::{AppRoute, SigningKeys, Snapshot};
use domain::{Origin, Time};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use std::{fmt::Write as _, time::Duration};

/// How long an assertion is good.
const LIFE: Duration = Duration::from_mins(1);
/// How long one is used again before a fresh one is made, so that every app gets one with half its life left.
const REUSE: Duration = Duration::from_secs(30);

/// As many fields as a copy has room for without growing.
const ROOM: usize = 32;

const USER: HeaderName = HeaderName::from_static("remote-user");
const NAME: HeaderName = HeaderName::from_static("remote-name");
const EMAIL: HeaderName = HeaderName::from_static("remote-email");
const GROUPS: HeaderName = HeaderName::from_static("remote-groups");
const ASSERTION: HeaderName = HeaderName::from_static("x-doorward-assertion");

/// The headers that tell an app who asks.
#[derive(Debug, Clone)]
pub struct IdentityHeaders(HeaderMap);

/// Nobody asks.
impl Default for IdentityHeaders {
    fn default() -> Self {
        Self(HeaderMap::with_capacity(ROOM))
    }
}

impl IdentityHeaders {
    /// Every name that they may have.
    pub const NAMES: [HeaderName; 5] = [USER, NAME, EMAIL, GROUPS, ASSERTION];

    /// The fields, each name once. A copy has room for those of most requests beside them.
    pub const fn fields(&self) -> &HeaderMap {
        &self.0
    }

    /// The headers for `route` at `now`, and until when they may be used again.
    pub(crate) fn make(
        who: &Snapshot,
        route: &AppRoute,
        (home, keys): (&Origin, &SigningKeys),
        now: Time,
    ) -> (Self, Time) {
        let groups: Vec<&str> = who.groups.iter().map(|(_, name)| name.as_str()).collect();
        let email = if who.email_verified { who.email.as_str() } else { "" };
        let claims = json!({
            "iss": home.to_string(),
            "aud": route.origin.to_string(),
            "sub": who.user.to_string(),
            "iat": now.unix_seconds(),
            "nbf": now.unix_seconds(),
            "exp": now.plus(LIFE).unix_seconds(),
            "preferred_username": who.handle.as_str(),
            "name": who.name.as_str(),
            "email": who.email.as_str(),
            "email_verified": who.email_verified,
            "groups": groups,
        });
        let pairs = [
            (USER, who.handle.as_str().to_owned()),
            (NAME, who.name.as_str().to_owned()),
            (EMAIL, email.to_owned()),
            (GROUPS, groups.join(",")),
            (ASSERTION, keys.sign_jwt(&claims, now)),
        ];
        let mut headers = Self::default();
        headers.0.extend(pairs.into_iter().filter_map(|(name, text)| Some((name, value(&text)?))));
        (headers, now.plus(REUSE))
    }
}

/// A text as a header value: what is not printable ASCII is percent-encoded, and so is the percent sign.
fn value(text: &str) -> Option<HeaderValue> {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if matches!(byte, b' '..=b'~') && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").ok()?;
        }
    }
    HeaderValue::from_str(&encoded).ok()
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn rule_10_non_ascii_is_percent_encoded() {
        assert_eq!(value("Ada Lovelace").unwrap(), "Ada Lovelace");
        assert_eq!(value("Zoë 100%").unwrap(), "Zo%C3%AB 100%25");
        assert_eq!(value("a\r\nb").unwrap(), "a%0D%0Ab");
    }
}
