//! What apps differ in: how people sign in, how strict cookies and origins are, how refusals are written.
//!
//! Each setting is a type with a safe value to begin with; another contract is another variant. A value that weakens the
//! app is spelled `danger_…` at the builder, is set in code alone, and is logged at each start (`security.md` 23).

use access::{Carrier, CredentialError, headers::X_API_KEY};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde_json::json;
use std::{collections::BTreeSet, time::Duration};
use vault::{Cost, Scheme};
use web::{Problem, embed};

/// Who has an account, and how they sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Accounts {
    /// People with an e-mail address; sessions and tokens are kept as digests.
    #[default]
    People,
    /// One administrator with a password alone; sessions are signed and kept nowhere. Handlers take
    /// [`Single`](super::Single).
    SingleAdministrator,
}

/// How new passwords are hashed. Every kind verifies; one that is not this is hashed again when it is next used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum PasswordHashing {
    /// Argon2id with 64 MiB, three passes, four lanes.
    #[default]
    Argon2id,
    /// bcrypt at this cost, from 10 on. It looks at 72 bytes; a longer password is refused.
    Bcrypt {
        /// The binary logarithm of the rounds.
        cost: u32,
    },
}

/// When the session's cookie is for secure connections only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SecureCookie {
    /// When browsers reach the app over https.
    #[default]
    ByHome,
    /// When the request came over https, at our listener or at a proxy that says so. What a client claims there can
    /// only make its own cookie stricter.
    ByRequest,
}

/// In which headers a token may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carriers {
    /// `Authorization: Bearer`, the word in any case.
    pub bearer: bool,
    /// `X-API-Key`.
    pub api_key: bool,
}

/// How a refusal is written.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub enum ErrorBody {
    /// A problem (RFC 9457).
    #[default]
    Problem,
    /// `{"detail":{"code","message"}}`. The codes here are said in the app's own words: each of ours with the app's code
    /// and, where it has one, its message.
    Detail(&'static [(&'static str, &'static str, Option<&'static str>)]),
}

/// How long a request's body may take in all.
#[derive(Debug, Clone, Copy)]
pub(super) struct BodyTime(pub(super) Duration);

/// A setting that weakens the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Danger {
    JsonIsSameOrigin,
    ReadableToken,
    BackupWithSecrets,
    AuthenticationOff,
    AnyPassword,
    BareCookieName,
}

/// What an app is like, beside Doorward's own settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Policies {
    pub(super) accounts: Accounts,
    pub(super) hashing: PasswordHashing,
    pub(super) secure_cookie: SecureCookie,
    pub(super) carriers: Carriers,
    pub(super) errors: ErrorBody,
    pub(super) body_time: BodyTime,
    pub(super) dangers: BTreeSet<Danger>,
}

impl Default for Carriers {
    fn default() -> Self {
        Self { bearer: true, api_key: true }
    }
}

impl Default for BodyTime {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

impl PasswordHashing {
    pub(super) fn scheme(self) -> Scheme {
        match self {
            Self::Argon2id => Cost::STANDARD.into(),
            Self::Bcrypt { cost } => Scheme::Bcrypt(cost.clamp(10, 16)),
        }
    }
}

impl Policies {
    /// Whether the app said so.
    pub(super) fn has(&self, danger: Danger) -> bool {
        self.dangers.contains(&danger)
    }
}

impl Danger {
    /// As the builder spells it, and the log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::JsonIsSameOrigin => "danger_json_is_same_origin",
            Self::ReadableToken => "danger_readable_token",
            Self::BackupWithSecrets => "danger_backup_with_secrets",
            Self::AuthenticationOff => "danger_authentication_off",
            Self::AnyPassword => "danger_any_password",
            Self::BareCookieName => "danger_bare_cookie_name",
        }
    }
}

impl Carriers {
    /// The token that a request carries, where one does; two that differ are neither.
    pub(super) fn token(self, headers: &HeaderMap) -> Result<Option<String>, CredentialError> {
        let bearers = headers.get_all(header::AUTHORIZATION).iter().filter_map(|value| {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let keys = headers.get_all(X_API_KEY).iter().filter_map(|value| Some(value.to_str().ok()?.trim()));
        let mut tokens = bearers.filter(|_| self.bearer).chain(keys.filter(|_| self.api_key));
        let first = tokens.next();
        if tokens.any(|other| Some(other) != first) {
            return Err(CredentialError::Ambiguous);
        }
        Ok(first.map(str::to_owned))
    }
}

impl SecureCookie {
    pub(super) fn holds(self, home_is_secure: bool, headers: &HeaderMap) -> bool {
        let forwarded = || text(headers, "x-forwarded-proto").is_some_and(|scheme| scheme == "https");
        home_is_secure || (self == Self::ByRequest && forwarded())
    }
}

impl ErrorBody {
    pub(super) fn write(self, problem: Problem) -> Response {
        let Self::Detail(words) = self else { return problem.into_response() };
        let own = words.iter().find(|(code, _, _)| *code == problem.code);
        let (code, message) = match own {
            Some((_, code, message)) => (*code, message.unwrap_or(&problem.detail).to_owned()),
            None => (problem.code, problem.detail.to_string()),
        };
        let body = json!({ "detail": { "code": code, "message": message } }).to_string();
        let mut response = (problem.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(seconds) = problem.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if problem.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Refuses what another site's page may have sent. Where JSON counts as one's own, a request that says nothing of where
/// it comes from passes with it, since no page can send that elsewhere unasked; one that says so is believed.
pub(super) fn check_origin(
    policies: &Policies,
    parts: &Parts,
    (home, carrier): (&domain::Origin, Option<Carrier>),
) -> Result<(), Problem> {
    let silent = !parts.headers.contains_key("origin") && !parts.headers.contains_key("sec-fetch-site");
    if policies.has(Danger::JsonIsSameOrigin) && silent && is_json(&parts.headers) {
        return Ok(());
    }
    embed::check_same_origin(parts, home, carrier)
}

/// Whether the body is JSON, or there is none at all.
fn is_json(headers: &HeaderMap) -> bool {
    let length = text(headers, "content-length");
    let no_body = length.is_none_or(|length| length == "0") && !headers.contains_key("transfer-encoding");
    match text(headers, "content-type") {
        Some(kind) => {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        }
        None => no_body,
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn parts(headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method("POST");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_token_is_read_where_the_app_takes_one() {
        let read =
            |carriers: Carriers, headers: &[(&str, &str)]| carriers.token(&parts(headers).headers).unwrap();
        let both = Carriers::default();
        for word in ["Bearer x", "bearer x", "BEARER x"] {
            assert_eq!(read(both, &[("authorization", word)]).as_deref(), Some("x"));
        }
        assert_eq!(read(both, &[("x-api-key", "x")]).as_deref(), Some("x"));
        for other in [&[("authorization", "x")][..], &[("authorization", "Basic x")], &[("cookie", "x")]] {
            assert_eq!(read(both, other), None, "{other:?}");
        }
        let differ = parts(&[("authorization", "Bearer x"), ("x-api-key", "y")]).headers;
        assert_eq!(both.token(&differ), Err(CredentialError::Ambiguous));
        assert_eq!(read(both, &[("authorization", "Bearer x"), ("x-api-key", "x")]).as_deref(), Some("x"));
        let neither = Carriers { bearer: false, api_key: false };
        assert_eq!(read(neither, &[("authorization", "Bearer x"), ("x-api-key", "x")]), None);
    }

    #[test]
    fn rule_23_json_proves_the_origin_only_where_the_app_says_so_and_nothing_disagrees() {
        let home = "http://localhost:8080".parse().unwrap();
        let allowed = |policies: &Policies, headers: &[(&str, &str)]| {
            check_origin(policies, &parts(headers), (&home, Some(Carrier::Cookie))).is_ok()
        };
        let strict = Policies::default();
        let loose = Policies { dangers: BTreeSet::from([Danger::JsonIsSameOrigin]), ..Policies::default() };
        let json = ("content-type", "application/json");
        assert!(!allowed(&strict, &[json]));
        assert!(allowed(&loose, &[json]));
        assert!(allowed(&loose, &[("content-type", "Application/JSON; charset=utf-8")]));
        for headers in [
            &[json, ("origin", "http://evil.example")][..],
            &[json, ("origin", "null")],
            &[json, ("sec-fetch-site", "same-site")],
            &[("content-type", "text/plain")],
            &[("content-type", "application/json-evil")],
            &[("content-length", "4")],
            &[("transfer-encoding", "chunked")],
        ] {
            assert!(!allowed(&loose, headers), "{headers:?}");
        }
    }

    #[test]
    fn a_cookie_is_secure_where_the_app_or_the_request_is() {
        let forwarded = parts(&[("x-forwarded-proto", "https")]).headers;
        let plain = HeaderMap::new();
        assert!(SecureCookie::ByHome.holds(true, &plain) && !SecureCookie::ByHome.holds(false, &forwarded));
        assert!(
            SecureCookie::ByRequest.holds(false, &forwarded) && !SecureCookie::ByRequest.holds(false, &plain)
        );
    }

    #[test]
    fn bcrypt_is_never_cheaper_than_ten() {
        assert_eq!(PasswordHashing::Bcrypt { cost: 4 }.scheme(), Scheme::Bcrypt(10));
        assert_eq!(PasswordHashing::default().scheme(), Cost::STANDARD.into());
    }
}
