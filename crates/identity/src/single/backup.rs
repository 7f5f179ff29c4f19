//! The secrets of an installation, put into a backup and taken back.
//!
//! SECURITY: whoever has the secrets signs themselves in, and whoever may restore others sets the password. So a
//! signed-in browser or the local operator takes them out and brings them, and a token neither; and what a backup holds
//! is read as strictly as what we make.

use super::{API_TOKEN, AUTH_SECRET, SingleError, in_a_session, open, row, seal};
use crate::House;
use domain::{Actor, Time, User};
use policy::actions::single::{ExportSecrets, RestoreSecrets};
use std::{sync::Arc, time::Duration};
use store::{
    Ending, ReadTx,
    tables::{single, single::Single, users},
};
use vault::{KeyRing, PasswordHash, ReadableSecret};

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
    /// Sessions that were signed before this moment have ended.
    pub epoch: Time,
}

/// The secrets, for a backup; `None` before a password was set, and where a token asks.
pub async fn export(house: &House, actor: &Actor) -> Result<Option<Secrets>, SingleError> {
    if in_a_session(actor).is_err() {
        return Ok(None);
    }
    let write = house.door.write(actor, (), |work, ()| -> Result<_, SingleError> {
        let single = row(work)?;
        let Some(id) = single.user else { return Ok(Ending::Housekeeping(None)) };
        let user = users::find(work, id)?.ok_or(SingleError::NotSet)?;
        let hash = users::find_own_password(work, id)?.ok_or(SingleError::NotSet)?.hash;
        let permit = work.permit::<ExportSecrets>(&user)?;
        Ok(Ending::Done(Some((single, hash)), work.deed(permit)))
    });
    let Some((single, hash)) = write.await? else { return Ok(None) };
    let read = |name, place: &[u8], sealed: &[u8]| {
        open(&house.ring, place, sealed).ok_or(SingleError::Unreadable(name))
    };
    let token = single.api_token.as_deref().map(|sealed| read("api_token", API_TOKEN, sealed));
    Ok(Some(Secrets {
        auth_secret: read("auth_secret", AUTH_SECRET, &single.auth_secret)?,
        password_hash: PasswordHash::from_stored(hash)
            .map_err(|_| SingleError::Unreadable("password_hash"))?,
        api_token: token.transpose()?,
        token_enabled: single.token_enabled,
        epoch: single.epoch,
    }))
}

/// Whether [`restore`] would take these secrets back now: for whoever takes back more than them, and that before.
pub async fn check_restore(house: &House, actor: &Actor, secrets: Secrets) -> Result<(), SingleError> {
    let (ring, by_token) = (Arc::clone(&house.ring), in_a_session(actor).is_err());
    let read = house.door.read(actor, secrets, move |look, secrets| -> Result<_, SingleError> {
        if let Some((user, _)) = weigh(look, &secrets, (&ring, by_token))? {
            look.permit::<RestoreSecrets>(&user)?;
        }
        Ok(())
    });
    read.await
}

/// Takes the secrets of a backup back: its password, its sessions and its token are good again. Secrets that are those
/// of the installation already change nothing, and anyone who may be here may bring them.
///
/// Where they are others, the session that brought them has ended by it: nothing can come after in its request.
pub async fn restore(house: &House, actor: &Actor, secrets: Secrets) -> Result<(), SingleError> {
    let (ring, by_token) = (Arc::clone(&house.ring), in_a_session(actor).is_err());
    let auth_secret = seal(house, AUTH_SECRET, &secrets.auth_secret);
    let api_token = secrets.api_token.as_ref().map(|token| seal(house, API_TOKEN, token));
    let input = (secrets, auth_secret, api_token);
    let write = house.door.write(actor, input, move |work, input| -> Result<_, SingleError> {
        let (secrets, auth_secret, api_token) = input;
        let Some((user, epoch)) = weigh(work, secrets, (&ring, by_token))? else {
            return Ok(Ending::Housekeeping(()));
        };
        let permit = work.permit::<RestoreSecrets>(&user)?;
        let restored = single::Restored {
            auth_secret,
            api_token: api_token.as_deref(),
            token_enabled: secrets.token_enabled,
            epoch,
            password_hash: secrets.password_hash.as_str(),
        };
        single::restore(work, &permit, &restored)?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    write.await
}

/// Whose secrets these replace, and since when sessions count then; `None` where they change nothing.
fn weigh(
    tx: &mut ReadTx<'_>,
    secrets: &Secrets,
    (ring, by_token): (&KeyRing, bool),
) -> Result<Option<(User, Time)>, SingleError> {
    if !secrets.password_hash.resists_guessing() {
        return Err(SingleError::WeakHash);
    }
    let before = row(tx)?;
    let id = before.user.ok_or(SingleError::NotSet)?;
    let hash = users::find_own_password(tx, id)?.ok_or(SingleError::NotSet)?.hash;
    // SECURITY: an epoch to come would let nobody in before it has.
    if secrets.epoch > tx.now().plus(Duration::from_secs(1)) {
        return Err(SingleError::Unreadable("auth_epoch"));
    }
    let same_secret = is(ring, (AUTH_SECRET, &before.auth_secret), &secrets.auth_secret);
    let epoch = if same_secret { before.epoch.max(secrets.epoch) } else { secrets.epoch };
    if same_secret && epoch == before.epoch && is_same(ring, (&before, &hash), secrets) {
        return Ok(None);
    }
    if by_token {
        return Err(SingleError::SessionNeeded);
    }
    Ok(Some((users::find(tx, id)?.ok_or(SingleError::NotSet)?, epoch)))
}

/// Whether the installation has this password and this token already.
fn is_same(ring: &KeyRing, (before, hash): (&Single, &str), secrets: &Secrets) -> bool {
    let token = match (&before.api_token, &secrets.api_token) {
        (None, None) => true,
        (Some(sealed), Some(other)) => is(ring, (API_TOKEN, sealed), other),
        _ => false,
    };
    token && before.token_enabled == secrets.token_enabled && hash == secrets.password_hash.as_str()
}

/// Whether what is sealed is this secret.
fn is(ring: &KeyRing, (place, sealed): (&[u8], &[u8]), secret: &ReadableSecret) -> bool {
    open(ring, place, sealed).is_some_and(|own| own.matches(secret.reveal()))
}
