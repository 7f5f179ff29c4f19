//! An app with a single administrator: a password and nothing else to sign in with, sessions that are signed and kept
//! nowhere, one token that its owner may read again.
//!
//! INVARIANT: what a session or the token rests on is read in the transaction that asks; a new password ends every
//! session that was signed before it.

mod backup;
mod credentials;
mod tries;

pub use backup::{Secrets, check_restore, export, restore};
pub use credentials::{Presented, Recognised, authenticate};

use crate::{
    Error, House,
    sign_in::{check, network, store_rehash},
    users::{NewUser, free_handle},
};
use domain::{Actor, Id, Proof, Role, Time, User, Who};
use policy::{
    Installation,
    actions::{
        CompleteSetup, SignIn,
        single::{BeginSingle, ManageSharedToken, ResetPassword},
    },
};
use store::{
    Ending, Failure, ReadTx, Work,
    tables::{
        installation, single,
        single::{SESSION_LIFE, Single},
        users,
        users::PasswordRow,
    },
};
use vault::{KeyRing, Lane, Password, Purpose, ReadableSecret, Verdict, sign_value};

/// What a signed session says of whose it is.
const VALUE: &str = "admin";
/// What the sealed secrets are bound to beside their key.
const AUTH_SECRET: &[u8] = b"single auth_secret";
const API_TOKEN: &[u8] = b"single api_token";

/// Why a use case of a single administrator did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum SingleError {
    /// A password was set already.
    #[error("a password was set already")]
    AlreadySet,
    /// No password was set yet.
    #[error("no password was set yet")]
    NotSet,
    /// The password is empty, or longer than is looked at.
    #[error("the password must not be empty, and has at most {} bytes", LONGEST)]
    InvalidPassword,
    /// The password is wrong.
    #[error("the password is wrong")]
    WrongPassword,
    /// A token may not do this.
    #[error("sign in for this: a token may not do it")]
    SessionNeeded,
    /// The password of a backup is hashed so cheaply that it can be guessed.
    #[error("the hash of the password is too cheap: set a password, and make the backup anew")]
    WeakHash,
    /// What was to be taken back is no backup of secrets.
    #[error("`{0}` cannot be read")]
    Unreadable(&'static str),
    /// What goes wrong elsewhere, too.
    #[error(transparent)]
    Other(#[from] Error),
}

/// The bytes of a password that bcrypt looks at.
const LONGEST: usize = 72;

macro_rules! through_error {
    ($($source:ty),+) => {
        $(
            impl From<$source> for SingleError {
                fn from(error: $source) -> Self {
                    Self::Other(error.into())
                }
            }
        )+
    };
}

through_error!(store::StoreError, store::NotPermitted, limits::RetryAfter, vault::Busy, vault::WeakPassword);

/// What anyone may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Whether a password was set.
    pub password_set: bool,
    /// Whether there is a token, and it is taken.
    pub token_enabled: bool,
}

/// Makes what sessions are signed with, at the first start.
pub async fn begin(house: &House) -> Result<(), SingleError> {
    let secret = ReadableSecret::generate(house.door.entropy());
    let sealed = seal(house, AUTH_SECRET, &secret);
    let actor = Actor::system("start");
    let write = house.door.write(&actor, sealed, |work, sealed| -> Result<_, SingleError> {
        if single::find(work)?.is_some() {
            return Ok(Ending::Housekeeping(()));
        }
        let permit = work.permit::<BeginSingle>(&Installation)?;
        single::begin(work, &permit, sealed)?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    write.await
}

/// What anyone may know of it.
pub async fn status(house: &House, actor: &Actor) -> Result<Status, SingleError> {
    let read = house.door.read(actor, (), |look, ()| -> Result<_, SingleError> {
        let single = row(look)?;
        Ok(Status { password_set: single.user.is_some(), token_enabled: single.token_enabled })
    });
    read.await
}

/// Sets the first password, and signs in with it; answers what the cookie carries. It works once.
pub async fn set_up(house: &House, actor: &Actor, password: Password) -> Result<String, SingleError> {
    if status(house, actor).await?.password_set {
        return Err(SingleError::AlreadySet);
    }
    let hash = hash(house, password).await?;
    let write = house.door.write(actor, hash, |work, hash| -> Result<_, SingleError> {
        let single = row(work)?;
        if single.user.is_some() || installation::is_set_up(work)? {
            return Err(SingleError::AlreadySet);
        }
        let permit = work.permit::<CompleteSetup>(&Installation)?;
        installation::close_setup(work, &permit)?;
        let new = NewUser { role: Role::Admin, ..administrator() };
        let handle = free_handle(work, &new.email)?;
        let user = new.into_user(work, handle);
        users::insert(work, &permit, &user, hash)?;
        single::claim(work, &permit, user.id)?;
        let deed = work.deed(permit).about(user.id).by(Who::User(user.id));
        Ok(Ending::Done((single, work.now()), deed))
    });
    let (single, now) = write.await?;
    cookie(house, &single, now)
}

/// Signs in; answers what the cookie carries. `before` is the cookie that the browser brings along: one that was signed
/// here, however old, shows that it signed in before.
pub async fn sign_in(
    house: &House,
    actor: &Actor,
    (password, before): (Password, Option<String>),
) -> Result<String, SingleError> {
    let known = |single: &Single| {
        before.is_some_and(|cookie| credentials::signed_at(&house.ring, single, &cookie).is_some())
    };
    let Checked { row: checked, rehash } = check_password(house, actor, password.clone(), known).await?;
    let write = house.door.write(actor, checked.clone(), |work, checked| -> Result<_, SingleError> {
        still_the_password(work, checked.user, checked.version)?;
        let permit = work.permit::<SignIn>(&Installation)?;
        let deed = work.deed(permit).about(checked.user).by(Who::User(checked.user));
        Ok(Ending::Done((row(work)?, work.now()), deed))
    });
    let (single, now) = write.await?;
    if rehash && house.hashers.scheme().takes(&password) {
        store_rehash(house, actor, checked, password).await?;
    }
    cookie(house, &single, now)
}

/// Sets another password; every session that was signed before ends, and what the cookie of a new one carries is
/// answered. The old password is asked for, but of the local operator, who may do without it.
pub async fn change_password(
    house: &House,
    actor: &Actor,
    (current, new): (Password, Password),
) -> Result<String, SingleError> {
    let Some(user) = owner(house, actor).await? else { return Err(SingleError::NotSet) };
    let checked = if actor.who == Who::LocalOperator {
        None
    } else {
        Some(check_password(house, actor, current, |_| true).await?.row.version)
    };
    let secret = seal(house, AUTH_SECRET, &ReadableSecret::generate(house.door.entropy()));
    let input = ((user, checked), hash(house, new).await?, secret);
    let write = house.door.write(actor, input, |work, input| -> Result<_, SingleError> {
        let ((user, checked), hash, secret) = input;
        if let Some(version) = checked {
            still_the_password(work, *user, *version)?;
        }
        let user = users::find(work, *user)?.ok_or(SingleError::NotSet)?;
        let permit = work.permit::<ResetPassword>(&user)?;
        let epoch = single::reset_password(work, &permit, (hash, secret))?;
        Ok(Ending::Done((row(work)?, epoch), work.deed(permit)))
    });
    let (single, epoch) = write.await?;
    cookie(house, &single, epoch)
}

/// Makes a fresh token; the old one is refused from now on, and is not what asks for it.
pub async fn regenerate_token(house: &House, actor: &Actor) -> Result<ReadableSecret, SingleError> {
    in_a_session(actor)?;
    let user = owner(house, actor).await?.ok_or(SingleError::NotSet)?;
    let token = ReadableSecret::generate(house.door.entropy());
    let sealed = seal(house, API_TOKEN, &token);
    let write = house.door.write(actor, (user, sealed), |work, (user, sealed)| -> Result<_, SingleError> {
        let user = users::find(work, *user)?.ok_or(SingleError::NotSet)?;
        let permit = work.permit::<ManageSharedToken>(&user)?;
        single::set_token(work, &permit, sealed)?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    write.await?;
    Ok(token)
}

/// Says whether the token is taken.
pub async fn enable_token(house: &House, actor: &Actor, enabled: bool) -> Result<(), SingleError> {
    in_a_session(actor)?;
    let user = owner(house, actor).await?.ok_or(SingleError::NotSet)?;
    let write = house.door.write(actor, (user, enabled), |work, (user, enabled)| -> Result<_, SingleError> {
        let user = users::find(work, *user)?.ok_or(SingleError::NotSet)?;
        let permit = work.permit::<ManageSharedToken>(&user)?;
        single::enable_token(work, &permit, *enabled)?;
        let after = serde_json::json!({ "enabled": enabled });
        Ok(Ending::Done((), work.deed(permit).change(serde_json::json!({}), after)))
    });
    write.await
}

/// The token, for its owner to read; a token reads none.
///
/// SECURITY: whoever has the old one must not learn the new one by it.
pub async fn token(house: &House, actor: &Actor) -> Result<Option<ReadableSecret>, SingleError> {
    if in_a_session(actor).is_err() {
        return Ok(None);
    }
    let read = house.door.read(actor, (), |look, ()| -> Result<_, SingleError> {
        let single = row(look)?;
        let Some(id) = single.user else { return Ok(None) };
        let user = users::find(look, id)?.ok_or(SingleError::NotSet)?;
        look.permit::<ManageSharedToken>(&user)?;
        Ok(single.api_token)
    });
    let sealed = read.await?;
    sealed
        .map(|sealed| open(&house.ring, API_TOKEN, &sealed).ok_or(SingleError::Unreadable("api_token")))
        .transpose()
}

/// A password that was right.
struct Checked {
    row: PasswordRow,
    /// Whether it is to be hashed anew.
    rehash: bool,
}

/// Checks the password under the limits on tries. Whoever signed in before is `known`.
async fn check_password(
    house: &House,
    actor: &Actor,
    password: Password,
    known: impl FnOnce(&Single) -> bool,
) -> Result<Checked, SingleError> {
    let read = house.door.read(actor, (), |look, ()| -> Result<_, SingleError> {
        let single = row(look)?;
        let user = single.user.ok_or(SingleError::NotSet)?;
        Ok((users::find_own_password(look, user)?.ok_or(SingleError::NotSet)?, single))
    });
    let (row, single) = read.await?;
    let known = actor.who == Who::LocalOperator || known(&single);
    let attempt = tries::attempt(house, network(actor), known);
    let fails = |reason| Failure::of::<SignIn>(reason).about(row.user);
    let admitted = tries::admit(house, &attempt).await.inspect_err(|_| {
        house.door.record_failure(actor, fails("too many tries"));
    })?;
    let lane = if attempt.known_device { Lane::Known } else { Lane::Stranger };
    match check(house, lane, password, Some(&row)).await {
        Err(error) => {
            tries::untried(house, admitted, &attempt).await;
            Err(error.into())
        }
        Ok(Verdict::Right { rehash }) => {
            tries::succeeded(house, admitted, &attempt).await;
            Ok(Checked { row, rehash })
        }
        Ok(Verdict::Wrong) => {
            tries::failed(house, admitted, &attempt).await;
            house.door.record_failure(actor, fails("wrong password"));
            Err(SingleError::WrongPassword)
        }
    }
}

/// What was checked outside the transaction must still be so inside it (`security.md` 13).
fn still_the_password(work: &mut Work<'_, '_>, user: Id<User>, version: i64) -> Result<(), SingleError> {
    let same = users::find_own_password(work, user)?.is_some_and(|row| row.version == version);
    if same { Ok(()) } else { Err(SingleError::WrongPassword) }
}

async fn hash(house: &House, password: Password) -> Result<String, SingleError> {
    if password.is_empty() || !house.hashers.scheme().takes(&password) {
        return Err(SingleError::InvalidPassword);
    }
    house.check_strength(&password, &[])?;
    Ok(house.hashers.hash(Lane::Known, password).await?.as_str().to_owned())
}

async fn owner(house: &House, actor: &Actor) -> Result<Option<Id<User>>, SingleError> {
    let read = house.door.read(actor, (), |look, ()| -> Result<_, SingleError> { Ok(row(look)?.user) });
    read.await
}

/// A session that is signed now, or as early as the last new password lets one be.
fn cookie(house: &House, single: &Single, at: Time) -> Result<String, SingleError> {
    let secret =
        open(&house.ring, AUTH_SECRET, &single.auth_secret).ok_or(SingleError::Unreadable("auth_secret"))?;
    let at = at.max(single.epoch).unix_seconds();
    Ok(sign_value(&secret, VALUE, u64::try_from(at).unwrap_or(0)))
}

/// SECURITY: a token that could do this would outlive its own end.
const fn in_a_session(actor: &Actor) -> Result<(), SingleError> {
    match actor.proof {
        Proof::SharedToken(_) => Err(SingleError::SessionNeeded),
        _ => Ok(()),
    }
}

fn row(tx: &mut ReadTx<'_>) -> Result<Single, SingleError> {
    single::find(tx)?.ok_or(SingleError::NotSet)
}

fn seal(house: &House, place: &[u8], secret: &ReadableSecret) -> Vec<u8> {
    house.ring.seal(Purpose::Seal, place, secret.reveal().as_bytes(), house.door.entropy())
}

fn open(ring: &KeyRing, place: &[u8], sealed: &[u8]) -> Option<ReadableSecret> {
    let plain = ring.open(Purpose::Seal, place, sealed).ok()?;
    std::str::from_utf8(&plain).ok().and_then(ReadableSecret::read)
}

fn administrator() -> NewUser {
    let email = domain::Email::from_stored("admin@localhost".to_owned());
    NewUser::first(email, domain::DisplayName::from_stored("Administrator".to_owned()))
}
