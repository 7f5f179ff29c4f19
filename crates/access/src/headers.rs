//! The names that Doorward's credentials travel under, and how they are taken out of what goes on to an app.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use domain::Origin;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use std::borrow::Cow;

/// Carries an API token where `Authorization` is taken.
pub const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

const SESSION: &str = "doorward";
const SESSION_HOST: &str = "__Host-doorward";

/// Decodes Basic credentials however they are padded.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What tells an API token from any other secret.
const TOKEN_PREFIX: &str = "dwt_";

/// The one name under which a session's cookie is read and set at `origin` (`security.md` 3).
pub fn session_cookie(origin: &Origin) -> &'static str {
    if origin.is_secure() { SESSION_HOST } else { SESSION }
}

/// Whether a cookie is one of Doorward's, under any name that one of ours ever has.
pub fn is_doorward_cookie(name: &[u8]) -> bool {
    let bare = strip_prefix(name, b"__host-").or_else(|| strip_prefix(name, b"__secure-")).unwrap_or(name);
    bare.eq_ignore_ascii_case(SESSION.as_bytes()) || strip_prefix(bare, b"doorward-").is_some()
}

fn strip_prefix<'a>(text: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    let (head, tail) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(tail)
}

/// The name–value pairs of every `Cookie` header (RFC 6265 §4.2.1); a pair that is no readable text is passed
/// over, and the others are not.
///
/// SECURITY: any app of the same domain may set a cookie with odd bytes; it must not hide ours beside it.
pub fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let pairs =
        headers.get_all(header::COOKIE).into_iter().flat_map(|line| line.as_bytes().split(|b| *b == b';'));
    let texts = pairs.filter_map(|pair| std::str::from_utf8(pair).ok());
    texts.filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.trim_ascii(), value.trim_ascii()))
}

/// The token in a `Bearer` or `Basic` value; `None` when the value is not Doorward's.
pub(crate) fn token_in_authorization(value: &HeaderValue) -> Option<(bool, String)> {
    let (scheme, rest) = value.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return is_ours(rest.trim()).then(|| (false, rest.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (_, password) = pair.split_once(':')?;
    is_ours(password).then(|| (true, password.to_owned()))
}

/// Whether a secret claims to be an API token of Doorward's.
pub(crate) fn is_ours(secret: &str) -> bool {
    secret.starts_with(TOKEN_PREFIX)
}

/// What of a field may go on to an app: what is the app's own, and none of Doorward's cookies and tokens.
///
/// SECURITY: a token that is misspelt, or in a field that is, lets nobody in here, but would let the app in.
pub fn passed_on<'v>(name: &HeaderName, value: &'v HeaderValue) -> Option<Cow<'v, HeaderValue>> {
    if *name == header::COOKIE {
        return without_our_cookies(value);
    }
    let is_carrier = *name == header::AUTHORIZATION || is_api_key(name);
    (!is_carrier || !may_hold_token(value)).then_some(Cow::Borrowed(value))
}

/// The fields that may go on to an app.
pub fn without_credentials(headers: &HeaderMap) -> HeaderMap {
    let passed_on =
        |(name, value): (&HeaderName, _)| Some((name.clone(), passed_on(name, value)?.into_owned()));
    headers.iter().filter_map(passed_on).collect()
}

/// Whether an app may take `name` for `X-API-Key`.
fn is_api_key(name: &HeaderName) -> bool {
    let folded = name.as_str().bytes().map(|byte| if byte.is_ascii_alphanumeric() { byte } else { b'-' });
    folded.eq(X_API_KEY.as_str().bytes())
}

/// Whether a value holds a token of ours in any spelling, Basic included.
fn may_hold_token(value: &HeaderValue) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(TOKEN_PREFIX.len()).any(|part| part == TOKEN_PREFIX.as_bytes());
    let mut words = value.as_bytes().split(|byte| byte.is_ascii_whitespace() || *byte == b',');
    holds(value.as_bytes()) || words.any(|word| LENIENT.decode(word).is_ok_and(|decoded| holds(&decoded)))
}

/// A `Cookie` line without our pairs; nothing when no pair is left. Bytes that are no text stay the app's.
fn without_our_cookies(line: &HeaderValue) -> Option<Cow<'_, HeaderValue>> {
    if !pairs(line).any(is_our_pair) {
        return Some(Cow::Borrowed(line));
    }
    let mut kept = Vec::new();
    for pair in pairs(line).filter(|pair| !pair.is_empty() && !is_our_pair(pair)) {
        if !kept.is_empty() {
            kept.extend_from_slice(b"; ");
        }
        kept.extend_from_slice(pair);
    }
    if kept.is_empty() { None } else { HeaderValue::try_from(kept).ok().map(Cow::Owned) }
}

fn pairs(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b';').map(<[u8]>::trim_ascii)
}

fn is_our_pair(pair: &[u8]) -> bool {
    pair.split(|byte| *byte == b'=').next().is_some_and(|name| is_doorward_cookie(name.trim_ascii()))
}

#[cfg(test)]
mod tests;
