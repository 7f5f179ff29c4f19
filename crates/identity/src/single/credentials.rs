//! Who asks: by a signed session, or by the one token.

use super::{API_TOKEN, AUTH_SECRET, SESSION_LIFE, SingleError, VALUE, open, row};
use crate::House;
use access::{Found, FoundCredential};
use domain::{Actor, Time, User};
use std::fmt;
use store::tables::{single::Single, users};
use vault::{KeyRing, unsign_value};

/// What a request presents: texts, not looked at yet. `Debug` shows neither.
#[derive(Clone, Default)]
pub struct Presented {
    /// The value of the session's cookie.
    pub cookie: Option<String>,
    /// A token in a header.
    pub token: Option<String>,
}

/// What a request's credential came to.
#[derive(Debug)]
pub enum Recognised {
    /// None was presented.
    Nobody,
    /// A good session.
    Session(Found),
    /// The token.
    Token(Found),
    /// A session that has ended, or never was.
    EndedSession,
    /// A token that is wrong, or switched off.
    WrongToken,
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &Option<String>| text.as_ref().map(|_| "…");
        let (cookie, token) = (shown(&self.cookie), shown(&self.token));
        f.debug_struct("Presented").field("cookie", &cookie).field("token", &token).finish()
    }
}

/// Who asks. A token counts alone, so that a wrong one is never passed over for a session (`security.md` 7).
pub async fn authenticate(house: &House, presented: Presented) -> Result<Recognised, SingleError> {
    if presented.cookie.is_none() && presented.token.is_none() {
        return Ok(Recognised::Nobody);
    }
    let actor = Actor::system("access");
    let read = house.door.read(&actor, (), |look, ()| -> Result<_, SingleError> {
        let single = row(look)?;
        let user = single.user.map(|id| users::find(look, id)).transpose()?.flatten();
        Ok((single, user.filter(|user| user.disabled_at.is_none()), look.now()))
    });
    let (single, user, now) = read.await?;
    Ok(match (presented.token, presented.cookie) {
        (Some(token), _) => by_token(house, &single, user, &token),
        (None, Some(cookie)) => by_session(house, &single, user, (&cookie, now)),
        (None, None) => Recognised::Nobody,
    })
}

fn by_token(house: &House, single: &Single, user: Option<User>, claimed: &str) -> Recognised {
    let sealed = single.api_token.as_deref().filter(|_| single.token_enabled);
    let token = sealed.and_then(|sealed| open(&house.ring, API_TOKEN, sealed));
    match (user, token.filter(|token| token.matches(claimed))) {
        (Some(user), Some(_)) => {
            Recognised::Token(found(user, FoundCredential::Shared(single.token_version)))
        }
        _ => Recognised::WrongToken,
    }
}

fn by_session(house: &House, single: &Single, user: Option<User>, (cookie, now): (&str, Time)) -> Recognised {
    let at = signed_at(&house.ring, single, cookie);
    match (user, at.filter(|at| single.admits(*at, now))) {
        (Some(user), Some(at)) => {
            let (version, ends_at) = (single.session_version, at.plus(SESSION_LIFE));
            Recognised::Session(found(user, FoundCredential::Signed { at, version, ends_at }))
        }
        _ => Recognised::EndedSession,
    }
}

/// When a cookie was signed here; whether its session lives is another question.
pub(super) fn signed_at(ring: &KeyRing, single: &Single, cookie: &str) -> Option<Time> {
    let secret = open(ring, AUTH_SECRET, &single.auth_secret)?;
    let signed = unsign_value(&secret, cookie).filter(|signed| signed.value == VALUE)?;
    i64::try_from(signed.at).ok()?.checked_mul(1_000_000).map(Time::from_micros)
}

const fn found(user: User, credential: FoundCredential) -> Found {
    Found { user, groups: Vec::new(), credential }
}

#[cfg(test)]
mod tests {
    use super::Presented;

    #[test]
    fn what_a_request_presents_is_shown_nowhere() {
        let presented = Presented { cookie: Some("admin.x.y".into()), token: Some("secret".into()) };
        assert_eq!(format!("{presented:?}"), r#"Presented { cookie: Some("…"), token: Some("…") }"#);
    }
}
