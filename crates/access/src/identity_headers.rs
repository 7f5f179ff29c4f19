//! What an app is told of who asks (`security.md` 10).

use crate::{AppRoute, Snapshot};
use domain::{Origin, Time};
use http::{HeaderName, HeaderValue};
use serde_json::json;
use std::{fmt::Write as _, time::Duration};
use vault::SigningKey;

/// How long an assertion is good.
const LIFE: Duration = Duration::from_mins(1);
/// How long one is used again before a fresh one is made, so that every app gets one with half its life left.
const REUSE: Duration = Duration::from_secs(30);

const USER: HeaderName = HeaderName::from_static("remote-user");
const NAME: HeaderName = HeaderName::from_static("remote-name");
const EMAIL: HeaderName = HeaderName::from_static("remote-email");
const GROUPS: HeaderName = HeaderName::from_static("remote-groups");
const ASSERTION: HeaderName = HeaderName::from_static("x-doorward-assertion");

/// The headers that tell an app who asks.
#[derive(Debug, Clone, Default)]
pub struct IdentityHeaders(Vec<(HeaderName, HeaderValue)>);

impl IdentityHeaders {
    /// Every name that they may have.
    pub const NAMES: [HeaderName; 5] = [USER, NAME, EMAIL, GROUPS, ASSERTION];

    /// The names and values; each name once.
    pub fn iter(&self) -> impl Iterator<Item = &(HeaderName, HeaderValue)> {
        self.0.iter()
    }

    /// The headers for `route` at `now`, and until when they may be used again.
    pub(crate) fn make(
        who: &Snapshot,
        route: &AppRoute,
        (home, key): (&Origin, &SigningKey),
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
            (ASSERTION, key.sign_jwt(&claims)),
        ];
        let headers = pairs.into_iter().filter_map(|(name, text)| value(&text).map(|value| (name, value)));
        (Self(headers.collect()), now.plus(REUSE))
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
