//! The checks behind the text types; each equals the pattern that its type publishes.

use unicode_normalization::UnicodeNormalization;

/// Characters that would let a name hide, reorder or break a line: controls and bidirectional overrides.
const HIDDEN: [(char, char); 5] = [
    ('\u{0}', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
];

/// Some visible character, and none that is hidden.
pub(super) const LABEL_PATTERN: &str = concat!(
    "^[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]*",
    "[^\\s\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff]",
    "[^\\u0000-\\u001f\\u007f-\\u009f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]*$"
);

pub(super) fn as_it_is(text: &str) -> String {
    text.to_owned()
}

pub(super) fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

pub(super) fn label(text: &str) -> String {
    text.nfc().collect()
}

pub(super) fn is_label(text: &str) -> bool {
    let hidden = |c: char| HIDDEN.iter().any(|(from, to)| (*from..=*to).contains(&c));
    !text.chars().any(hidden) && text.chars().any(|c| !c.is_whitespace() && c != '\u{feff}')
}

pub(super) fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let in_local = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&b);
    (1..=64).contains(&local.len()) && local.bytes().all(in_local) && is_host(host)
}

pub(super) fn is_handle(text: &str) -> bool {
    let in_handle = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric()) && text.bytes().all(in_handle)
}

pub(super) fn is_host(text: &str) -> bool {
    text.split('.').all(is_dns_label)
}

/// A host, or every host one label below one.
pub(super) fn is_app_host(text: &str) -> bool {
    is_host(text.strip_prefix("*.").unwrap_or(text))
}

pub(super) fn is_dns_label(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric());
    text.len() <= 63
        && edge(text.bytes().next())
        && edge(text.bytes().next_back())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// SECURITY: what an app, or a proxy before it, could read in two ways is in no rule: no empty segment, none of dots
/// alone, nothing encoded, no `;`, `\` or `*`.
pub(super) fn is_rule_path(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_~@:+=,$&!'()".contains(&b);
    let segment = |text: &str| text.bytes().all(|b| b == b'.' || plain(b)) && text.bytes().any(plain);
    text == "/" || text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(segment))
}

pub(super) fn is_method(text: &str) -> bool {
    let in_method = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b"_-".contains(&b);
    text.bytes().next().is_some_and(|b| b.is_ascii_uppercase()) && text.bytes().all(in_method)
}

/// RFC 9110 §5.6.2.
pub(super) fn is_token(text: &str) -> bool {
    let in_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(in_token)
}

pub(super) fn is_field_value(text: &str) -> bool {
    let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_graphic());
    edge(text.bytes().next())
        && edge(text.bytes().next_back())
        && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}
