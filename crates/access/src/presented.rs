//! Which of Doorward's credentials a request presents, before anything is looked up.
//!
//! SECURITY: a credential of ours that is wrong is refused and never passed over for another one; one that is
//! not ours is the app's business (`security.md` 7).

use crate::{
    Carrier, Site,
    headers::{self, X_API_KEY},
};
use http::{HeaderMap, header};
use vault::{SessionSecret, TokenSecret};

/// Why a request's credentials do not let anyone in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The cookie names no session that is live here: sign in again.
    #[error("the session has ended")]
    SessionEnded,
    /// The token is cut short or mistyped.
    #[error("the token is malformed: it was cut short or mistyped")]
    MalformedToken,
    /// The token is unknown, revoked or expired, or its account is shut.
    #[error("the token is not valid")]
    InvalidToken,
    /// Basic credentials are not taken here.
    #[error("this app takes no Basic credentials")]
    BasicRefused,
    /// Two credentials of different principals.
    #[error("the request carries two credentials")]
    Ambiguous,
    /// Where credentials are looked up does not answer.
    #[error("who asks cannot be found out now: try again in a moment")]
    Unavailable,
}

/// What a request presents: at most one of each kind.
#[derive(Default)]
pub(crate) struct Presented {
    pub(crate) session: Option<SessionSecret>,
    pub(crate) token: Option<(TokenSecret, Carrier)>,
}

impl Presented {
    pub(crate) fn read(map: &HeaderMap, site: Site<'_>) -> Result<Self, CredentialError> {
        Ok(Self { session: session(map, site)?, token: token(map, site)? })
    }
}

fn session(map: &HeaderMap, site: Site<'_>) -> Result<Option<SessionSecret>, CredentialError> {
    let wanted = site.cookie.unwrap_or_else(|| headers::session_cookie(site.origin));
    let mut values = headers::cookies(map).filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    let Some(first) = values.next() else { return Ok(None) };
    if values.any(|other| other != first) {
        return Err(CredentialError::Ambiguous);
    }
    first.parse().map(Some).map_err(|_| CredentialError::SessionEnded)
}

fn token(map: &HeaderMap, site: Site<'_>) -> Result<Option<(TokenSecret, Carrier)>, CredentialError> {
    let mut texts = Vec::new();
    for value in map.get_all(header::AUTHORIZATION) {
        if let Some((basic, text)) = headers::token_in_authorization(value) {
            texts.push((text, if basic { Carrier::Basic } else { Carrier::Bearer }));
        }
    }
    for value in map.get_all(&X_API_KEY) {
        if let Ok(text) = value.to_str()
            && headers::is_ours(text)
        {
            texts.push((text.to_owned(), Carrier::ApiKey));
        }
    }
    let Some((text, carrier)) = texts.pop() else { return Ok(None) };
    if texts.iter().any(|(other, _)| *other != text) {
        return Err(CredentialError::Ambiguous);
    }
    if carrier == Carrier::Basic && !site.basic {
        return Err(CredentialError::BasicRefused);
    }
    let secret = text.parse().map_err(|_| CredentialError::MalformedToken)?;
    Ok(Some((secret, carrier)))
}
