//! Who asks, in the ways that an app has.

use super::{Accounts, Doorward, Error, settings::Danger, visit::Who};
use access::{Access, Carrier, CredentialError, headers::cookies};
use domain::Proof;
use http::{HeaderMap, StatusCode};
use identity::single::{self, Presented, Recognised};
use web::{Client, Problem};

impl Doorward {
    /// Who asks, by what the headers present.
    pub(super) async fn authenticate(&self, client: &Client, headers: &HeaderMap) -> Result<Who, Error> {
        if self.policies().has(Danger::AuthenticationOff) {
            return by_loopback(client);
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
        let name = &house.settings().session_cookie.name;
        let cookie = cookies(headers).find(|(found, _)| found == name).map(|(_, value)| value.to_owned());
        let readable = self.policies().has(Danger::ReadableToken);
        let token = self.policies().carriers.token(headers).filter(|_| readable);
        let found = single::authenticate(house, Presented { cookie, token }).await;
        let unavailable = |error| {
            tracing::error!(%error, "a credential could not be looked up");
            CredentialError::Unavailable
        };
        match found.map_err(unavailable)? {
            Recognised::Nobody => Ok(None),
            Recognised::Session(found) => Ok(Some(Access::recognise(found, Carrier::Cookie))),
            Recognised::Token(found) => Ok(Some(Access::recognise(found, Carrier::Bearer))),
            Recognised::EndedSession => Err(CredentialError::SessionEnded),
            Recognised::WrongToken => Err(CredentialError::InvalidToken),
        }
    }
}

/// SECURITY: with authentication switched off, whoever comes from another machine is turned away.
fn by_loopback(client: &Client) -> Result<Who, Error> {
    if client.address.is_some_and(|address| address.to_canonical().is_loopback()) {
        return Ok(Who::Operator);
    }
    tracing::warn!(proof = %Proof::SwitchedOff.label(), "a request from another machine was refused");
    let detail = "authentication is switched off for a recovery: the app answers this machine alone";
    Err(Problem::new(StatusCode::FORBIDDEN, "loopback_only", detail).into())
}
