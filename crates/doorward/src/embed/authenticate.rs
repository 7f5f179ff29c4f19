//! Who asks, in the ways that an app has.

use super::{Accounts, Doorward, Error, settings::Danger, visit::Who};
use access::{Access, Carrier, CredentialError, headers::cookies};
use domain::Proof;
use http::{HeaderMap, StatusCode, request::Parts};
use identity::single::{self, Presented, Recognised};
use web::{Client, Problem, embed};

impl Doorward {
    /// Who asks, by what the headers present.
    pub(super) async fn authenticate(&self, client: &Client, parts: &Parts) -> Result<Who, Error> {
        let headers = &parts.headers;
        if self.policies().has(Danger::AuthenticationOff) {
            return by_loopback(client, parts);
        }
        match self.policies().accounts {
            Accounts::People => {
                let access = self.access();
                Ok(Who::Presented(access.authenticate_at(headers, access.home_site()).await))
            }
            Accounts::SingleAdministrator => Ok(Who::Presented(self.single(headers).await)),
        }
    }

    async fn single(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<std::sync::Arc<access::Snapshot>>, CredentialError> {
        let house = &self.desk().house;
        let cookie = one_cookie(headers, &self.cookie_name(headers).0)?;
        let readable = self.policies().has(Danger::ReadableToken);
        let token = if readable { self.policies().carriers.token(headers)? } else { None };
        let found = single::authenticate(house, Presented { cookie, token }).await;
        let now = self.desk().access.now();
        let unavailable = |error| {
            tracing::error!(%error, "a credential could not be looked up");
            CredentialError::Unavailable
        };
        match found.map_err(unavailable)? {
            Recognised::Nobody => Ok(None),
            Recognised::Session(found) => Ok(Some(Access::recognise(found, Carrier::Cookie, now))),
            Recognised::Token(found) => Ok(Some(Access::recognise(found, Carrier::Bearer, now))),
            Recognised::EndedSession => Err(CredentialError::SessionEnded),
            Recognised::WrongToken => Err(CredentialError::InvalidToken),
        }
    }
}

impl Doorward {
    /// The one name under which a request's session is read and set, and whether it is for secure connections alone.
    pub(super) fn cookie_name(&self, headers: &HeaderMap) -> (String, bool) {
        let policies = self.policies();
        let secure = policies.secure_cookie.holds(self.home().is_secure(), headers);
        let guard = if secure && !policies.has(Danger::BareCookieName) { "__Host-" } else { "" };
        (format!("{guard}{}", self.desk().house.settings().session_cookie.name), secure)
    }
}

/// The value of a cookie. SECURITY: another host of the same domain may add one of its name, and nobody can tell which is
/// whose; so of two that differ neither counts, as at the gateway.
pub(super) fn one_cookie(headers: &HeaderMap, name: &str) -> Result<Option<String>, CredentialError> {
    let mut values = cookies(headers).filter(|(found, _)| *found == name).map(|(_, value)| value);
    let first = values.next();
    if values.any(|other| Some(other) != first) {
        return Err(CredentialError::Ambiguous);
    }
    Ok(first.map(str::to_owned))
}

/// SECURITY: with authentication switched off, whoever comes from another machine is turned away; so is what a proxy on
/// this one passes on, and the page of another site whose name leads here (DNS rebinding).
fn by_loopback(client: &Client, parts: &Parts) -> Result<Who, Error> {
    let is_near = client.address.is_some_and(|address| address.to_canonical().is_loopback());
    if is_near && embed::says_loopback(parts) {
        return Ok(Who::Operator);
    }
    tracing::warn!(proof = %Proof::SwitchedOff.label(), "a request from another machine was refused");
    let detail = "authentication is switched off for a recovery: the app answers this machine alone";
    Err(Problem::new(StatusCode::FORBIDDEN, "loopback_only", detail).into())
}
