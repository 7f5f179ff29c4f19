//! The secrets of an installation, put into a backup and taken back.
//!
//! SECURITY: whoever may restore secrets sets the password. So a backup is taken back by a signed-in browser or the local
//! operator, never by a token; and what it holds is read as strictly as what we make.

use super::{API_TOKEN, AUTH_SECRET, SingleError, in_a_session, open, row, seal};
use crate::House;
use domain::Actor;
use policy::actions::single::{ExportSecrets, RestoreSecrets};
use store::{
    Ending,
    tables::{single, single::Single, users},
};
use vault::{PasswordHash, ReadableSecret};

/// The secrets of an installation.
#[derive(Debug, Clone)]
pub struct Secrets {
    /// What sessions are signed with.
    pub auth_secret: ReadableSecret,
    /// The hash of the password, as it is stored.
    pub password_hash: PasswordHash,
    /// The token, if there is one.
    pub api_token: Option<ReadableSecret>,
    /// Whether it is taken.
    pub token_enabled: bool,
}

/// The secrets, for a backup; `None` before a password was set.
pub async fn export(house: &House, actor: &Actor) -> Result<Option<Secrets>, SingleError> {
    let write = house.door.write(actor, (), |work, ()| -> Result<_, SingleError> {
        let single = row(work)?;
        let Some(id) = single.user else { return Ok(Ending::Housekeeping(None)) };
        let user = users::find(work, id)?.ok_or(SingleError::NotSet)?;
        let hash = users::find_own_password(work, id)?.ok_or(SingleError::NotSet)?.hash;
        let permit = work.permit::<ExportSecrets>(&user)?;
        Ok(Ending::Done(Some((single, hash)), work.deed(permit)))
    });
    let Some((single, hash)) = write.await? else { return Ok(None) };
    let unreadable = |name| move || SingleError::Unreadable(name);
    let token =
        single.api_token.map(|sealed| open(house, API_TOKEN, &sealed).ok_or_else(unreadable("api_token")));
    Ok(Some(Secrets {
        auth_secret: open(house, AUTH_SECRET, &single.auth_secret).ok_or_else(unreadable("auth_secret"))?,
        password_hash: PasswordHash::from_stored(hash)
            .map_err(|_| SingleError::Unreadable("password_hash"))?,
        api_token: token.transpose()?,
        token_enabled: single.token_enabled,
    }))
}

/// Takes the secrets of a backup back: its password, its sessions and its token are good again. Secrets that are those
/// of the installation already change nothing, and anyone who may be here may bring them.
pub async fn restore(house: &House, actor: &Actor, secrets: Secrets) -> Result<(), SingleError> {
    if export_is(house, actor, &secrets).await? {
        return Ok(());
    }
    in_a_session(actor)?;
    let sealed = Single {
        user: None,
        auth_secret: seal(house, AUTH_SECRET, &secrets.auth_secret),
        api_token: secrets.api_token.as_ref().map(|token| seal(house, API_TOKEN, token)),
        token_enabled: secrets.token_enabled,
        token_version: 0,
        epoch: domain::Time::from_micros(0),
    };
    let hash = secrets.password_hash.as_str().to_owned();
    let write = house.door.write(actor, (sealed, hash), |work, (sealed, hash)| -> Result<_, SingleError> {
        let id = row(work)?.user.ok_or(SingleError::NotSet)?;
        let user = users::find(work, id)?.ok_or(SingleError::NotSet)?;
        let permit = work.permit::<RestoreSecrets>(&user)?;
        single::restore(work, &permit, (sealed, hash))?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    write.await
}

/// Whether the installation has these secrets already.
async fn export_is(house: &House, actor: &Actor, secrets: &Secrets) -> Result<bool, SingleError> {
    let read = house.door.read(actor, (), |look, ()| -> Result<_, SingleError> {
        let single = row(look)?;
        let hash = single.user.map(|id| users::find_own_password(look, id)).transpose()?.flatten();
        Ok((single, hash.map(|row| row.hash)))
    });
    let (single, hash) = read.await?;
    let same = |place: &[u8], sealed: &[u8], other: &ReadableSecret| {
        open(house, place, sealed).is_some_and(|own| own.matches(other.reveal()))
    };
    let token = match (&single.api_token, &secrets.api_token) {
        (None, None) => true,
        (Some(sealed), Some(other)) => same(API_TOKEN, sealed, other),
        _ => false,
    };
    Ok(token
        && single.token_enabled == secrets.token_enabled
        && hash.as_deref() == Some(secrets.password_hash.as_str())
        && same(AUTH_SECRET, &single.auth_secret, &secrets.auth_secret))
}
