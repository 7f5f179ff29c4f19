//! What the policy may know of who asks, read in the transaction that it decides in.

use super::{groups, sessions, single, tokens, users};
use crate::{ReadTx, StoreError};
use domain::{Actor, Id, Proof, Scope, Time, User, Who, settings::RECENT_PROOF};
use policy::{Account, Principal};

/// Reads what is known of the actor. An actor whose session or token has ended since is nobody.
pub(crate) fn load(tx: &mut ReadTx<'_>, actor: &Actor) -> Result<Principal, StoreError> {
    let Who::User(user) = actor.who else { return Ok(Principal::without_account(actor.who)) };
    let credential = match actor.proof {
        Proof::Session(id) => session_credential(tx, id)?,
        Proof::Token(id) => token_credential(tx, id)?,
        Proof::Signed { at, version } => signed_credential(tx, user, (at, version))?,
        Proof::SharedToken(version) => shared_credential(tx, (user, version))?,
        Proof::None | Proof::SwitchedOff | Proof::DataDirectory => None,
    };
    let (Some((owner, scope, recent_proof)), Some(account)) = (credential, users::find(tx, user)?) else {
        return Ok(Principal::without_account(Who::Anonymous));
    };
    if owner != user {
        return Ok(Principal::without_account(Who::Anonymous));
    }
    let groups = groups::ids_of(tx, user)?;
    let disabled = account.disabled_at.is_some();
    let account = Some(Account { id: user, role: account.role, groups, disabled });
    Ok(Principal { who: actor.who, account, scope, recent_proof })
}

type Credential = Option<(Id<User>, Scope, bool)>;

fn session_credential(tx: &mut ReadTx<'_>, id: Id<domain::Session>) -> Result<Credential, StoreError> {
    let now = tx.now();
    let Some(session) = sessions::find(tx, id)?.filter(|session| session.state.is_live(now)) else {
        return Ok(None);
    };
    let recent = now.since(sessions::proved_at(tx, id)?.unwrap_or(session.created_at)) < RECENT_PROOF;
    Ok(Some((session.user, Scope::FULL, recent)))
}

/// SECURITY: a session that is kept nowhere still ends: with its time, with the epoch of its account, and with the secret
/// that it was signed with. The epoch alone does not do, since a restore sets an older one.
fn signed_credential(
    tx: &mut ReadTx<'_>,
    user: Id<User>,
    (at, version): (Time, i64),
) -> Result<Credential, StoreError> {
    let now = tx.now();
    let same = |single: &single::Single| single.user == Some(user) && single.session_version == version;
    let single = single::find(tx)?.filter(|single| same(single) && single.admits(at, now));
    Ok(single.map(|_| (user, Scope::FULL, now.since(at) < RECENT_PROOF)))
}

/// SECURITY: the token that was checked when the request began must still be the token.
fn shared_credential(
    tx: &mut ReadTx<'_>,
    (user, version): (Id<User>, i64),
) -> Result<Credential, StoreError> {
    let same = |single: &single::Single| single.user == Some(user) && single.token_version == version;
    let single = single::find(tx)?.filter(|single| single.token_enabled && same(single));
    Ok(single.map(|_| (user, Scope::FULL, true)))
}

fn token_credential(tx: &mut ReadTx<'_>, id: Id<domain::ApiToken>) -> Result<Credential, StoreError> {
    let now = tx.now();
    let token = tokens::find(tx, id)?.filter(|token| token.state(now) == domain::TokenState::Live);
    Ok(token.map(|token| (token.owner, token.scope, true)))
}
