//! What the gateway knows of header fields: which belong to one connection, which tell an app who asks, and
//! how their names can be misspelled.
//!
//! SECURITY: CGI, WSGI and their kin make variables of field names, so that `Remote_User`, `remote.user` and
//! `Remote-User` are one to the app. Names are therefore compared with every sign that is no letter and no
//! digit read as `-`.

use domain::forwarding::{ORIGIN_FAMILIES, ORIGINS, begins_as};
use http::{HeaderMap, HeaderName, header::CONNECTION};

/// Fields that speak to the next hop alone (RFC 9110 §7.6.1), beside those that `Connection` names.
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Fields by which proxies tell apps who asks, beside those that say from where (`domain::forwarding`). `Proxy` would
/// become `HTTP_PROXY`, which many programs take for their own proxy.
const IDENTITY: [&str; 2] = ["proxy", "x-request-id"];
const IDENTITY_FAMILIES: [&str; 5] = ["remote-", "x-auth-request-", "x-doorward-", "x-remote-", "x-webauth-"];
/// The first letters of them all.
const IDENTITY_LETTERS: &[u8] = b"acdfhiprtwx";

/// Fields that say where a message ends and whom it is for: right as they are, never in another spelling.
const FRAMING: [&str; 2] = ["content-length", "host"];

/// Fields that say, beside those, how a request is meant, and so come before its body or never (RFC 9110 §6.5.1).
const LEADING: [&str; 17] = [
    "authorization",
    "cache-control",
    "content-encoding",
    "content-range",
    "content-type",
    "cookie",
    "expect",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "max-forwards",
    "pragma",
    "range",
    "trailer",
    "x-api-key",
];

/// Fields that ask an app to take a request for one of another method.
pub(crate) const METHOD_OVERRIDES: [&str; 3] =
    ["x-http-method", "x-http-method-override", "x-method-override"];
/// Fields that ask an app to take a request for one of another path.
pub(crate) const PATH_OVERRIDES: [&str; 3] = ["x-original-url", "x-rewrite-url", "x-script-name"];

/// Whether an app may take the field for Doorward's word on who asks.
pub(crate) fn is_identity(name: &HeaderName) -> bool {
    let (fields, families) =
        (IDENTITY.iter().chain(&ORIGINS), IDENTITY_FAMILIES.iter().chain(&ORIGIN_FAMILIES));
    begins_with_one_of(name, IDENTITY_LETTERS)
        && (fields.into_iter().any(|field| reads_as(name, field))
            || families.into_iter().any(|family| begins_as(name.as_str(), family)))
}

/// Whether the field ends at this hop, or is a misspelling that only the app would take for framing.
pub(crate) fn is_of_this_hop(name: &HeaderName) -> bool {
    begins_with_one_of(name, b"chkptu")
        && (HOP_BY_HOP.iter().any(|field| reads_as(name, field))
            || FRAMING.iter().any(|field| name != field && reads_as(name, field)))
}

/// Whether the field ends at this hop, by the one name that it is sent under.
pub(crate) fn is_hop_by_hop(name: &HeaderName) -> bool {
    begins_with_one_of(name, b"chkptu") && HOP_BY_HOP.iter().any(|field| name == field)
}

/// Whether a client may send the field behind a body.
pub(crate) fn may_trail(name: &HeaderName) -> bool {
    let leading = FRAMING.iter().chain(&LEADING).chain(&METHOD_OVERRIDES).chain(&PATH_OVERRIDES);
    let leads = leading.into_iter().any(|field| reads_as(name, field));
    !leads && !is_identity(name) && !is_of_this_hop(name)
}

/// What a message's `Connection` fields name.
pub(crate) struct Connection<'m>(Vec<&'m [u8]>);

impl<'m> Connection<'m> {
    pub(crate) fn of(headers: &'m HeaderMap) -> Self {
        let fields = headers.get_all(CONNECTION).iter();
        let options = fields.flat_map(|field| field.as_bytes().split(|&b| b == b','));
        Self(options.map(<[u8]>::trim_ascii).filter(|option| !option.is_empty()).collect())
    }

    /// How many fields and options they name.
    pub(crate) const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether one of them names `name`.
    pub(crate) fn names(&self, name: &HeaderName) -> bool {
        self.0.iter().any(|option| option.eq_ignore_ascii_case(name.as_str().as_bytes()))
    }
}

/// A quick no for most fields: names begin with a letter or sign that none of those meant begins with.
fn begins_with_one_of(name: &HeaderName, letters: &[u8]) -> bool {
    name.as_str().bytes().next().is_some_and(|first| letters.contains(&first))
}

/// Whether an app may take `name` for `field`.
pub(crate) fn reads_as(name: &HeaderName, field: &str) -> bool {
    name.as_str().len() == field.len() && begins_as(name.as_str(), field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const OURS: [&str; 12] = [
        "remote-user",
        "remote-groups",
        "x-forwarded-for",
        "x-forwarded-proto",
        "forwarded",
        "x-real-ip",
        "x-doorward-assertion",
        "x-remote-user",
        "x-auth-request-email",
        "x-webauth-user",
        "x-request-id",
        "proxy",
    ];

    fn name(text: &str) -> HeaderName {
        HeaderName::from_bytes(text.as_bytes()).unwrap()
    }

    proptest! {
        #[test]
        fn rule_10_no_spelling_of_an_identity_header_gets_through(
            which in 0..OURS.len(),
            upper: u32,
            signs in "[-_.!~*'^`|#$%&+]{3}",
        ) {
            let mut signs = signs.chars();
            let spelled: String = OURS[which].chars().enumerate().map(|(at, c)| match c {
                '-' => signs.next().unwrap(),
                c if upper >> at & 1 == 1 => c.to_ascii_uppercase(),
                c => c,
            }).collect();
            prop_assert!(is_identity(&name(&spelled)), "{}", spelled);
        }

        #[test]
        fn rule_10_framing_is_passed_in_its_own_spelling_alone(sign in "[_.!~]") {
            let misspelled = ["Content{}Length", "Transfer{}Encoding", "Keep{}Alive"];
            for field in misspelled {
                prop_assert!(is_of_this_hop(&name(&field.replace("{}", &sign))), "{}", field);
            }
        }
    }

    #[test]
    fn what_an_app_needs_is_left_alone() {
        for field in
            ["host", "content-length", "authorization", "cookie", "range", "remotely", "proxy-status", "tea"]
        {
            assert!(!is_identity(&name(field)) && !is_of_this_hop(&name(field)), "{field}");
        }
    }

    #[test]
    fn connection_names_fields_in_any_case_and_any_of_its_lines() {
        let mut headers = HeaderMap::new();
        headers.append(CONNECTION, "close , X-One".parse().unwrap());
        headers.append(CONNECTION, "x-two".parse().unwrap());
        let connection = Connection::of(&headers);
        assert!(connection.names(&name("x-one")) && connection.names(&name("x-two")));
        assert!(!connection.names(&name("x-three")));
    }

    #[test]
    fn the_first_letters_leave_no_field_out() {
        for field in HOP_BY_HOP.iter().chain(&FRAMING) {
            assert!(begins_with_one_of(&name(field), b"chkptu"), "{field}");
        }
        let families = IDENTITY_FAMILIES.iter().chain(&ORIGIN_FAMILIES);
        for field in IDENTITY.iter().chain(&ORIGINS).chain(families) {
            assert!(begins_with_one_of(&name(field), IDENTITY_LETTERS), "{field}");
        }
    }
}
