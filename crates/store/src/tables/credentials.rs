//! What every request needs to know of a session or token, in one transaction: whose it is, and what they are.

use super::{StoredDigest, groups, sessions, tokens, users};
use crate::{ReadTx, StoreError};
use domain::{ApiToken, Group, GroupName, Id, Session, Time, TokenState, User};

/// A live session and whose it is.
#[derive(Debug, Clone)]
pub struct SessionFacts {
    /// The session.
    pub session: Session,
    /// When its person last proved who they are.
    pub proved_at: Time,
    /// Whose it is.
    pub holder: Holder,
}

/// A token, live or not, and whose it is.
#[derive(Debug, Clone)]
pub struct TokenFacts {
    /// The token.
    pub token: ApiToken,
    /// Whose it is.
    pub holder: Holder,
}

/// An account and its groups.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The account.
    pub user: User,
    /// The groups it is in, by name.
    pub groups: Vec<(Id<Group>, GroupName)>,
}

/// The live session with one of these digests, at an account that is open. A session that came from a home
/// session is live only while that one is.
pub fn find_session(
    tx: &mut ReadTx<'_>,
    digests: &[StoredDigest],
) -> Result<Option<SessionFacts>, StoreError> {
    let now = tx.now();
    for digest in digests {
        let Some(session) = sessions::find_by_digest(tx, digest)?.filter(|s| s.state.is_live(now)) else {
            continue;
        };
        return facts_of(tx, session);
    }
    Ok(None)
}

/// The same of the session with this id, for what found it elsewhere.
pub fn find_session_by_id(tx: &mut ReadTx<'_>, id: Id<Session>) -> Result<Option<SessionFacts>, StoreError> {
    let now = tx.now();
    let Some(session) = sessions::find(tx, id)?.filter(|session| session.state.is_live(now)) else {
        return Ok(None);
    };
    facts_of(tx, session)
}

fn facts_of(tx: &mut ReadTx<'_>, session: Session) -> Result<Option<SessionFacts>, StoreError> {
    let now = tx.now();
    if let Some(root) = session.root
        && !sessions::find(tx, root)?.is_some_and(|root| root.state.is_live(now))
    {
        return Ok(None);
    }
    let proved_at = sessions::proved_at(tx, session.id)?.unwrap_or(session.created_at);
    let holder = find_holder(tx, session.user)?;
    Ok(holder.map(|holder| SessionFacts { session, proved_at, holder }))
}

/// The token with one of these digests, at an account that is open, and where it is in its life.
pub fn find_token(
    tx: &mut ReadTx<'_>,
    digests: &[StoredDigest],
) -> Result<Option<(TokenFacts, TokenState)>, StoreError> {
    let now = tx.now();
    for digest in digests {
        let Some(token) = tokens::find_by_digest(tx, digest)? else { continue };
        let state = token.state(now);
        let holder = find_holder(tx, token.owner)?;
        return Ok(holder.map(|holder| (TokenFacts { token, holder }, state)));
    }
    Ok(None)
}

fn find_holder(tx: &mut ReadTx<'_>, user: Id<User>) -> Result<Option<Holder>, StoreError> {
    let Some(user) = users::find(tx, user)?.filter(|user| user.disabled_at.is_none()) else {
        return Ok(None);
    };
    let groups = groups::named_of(tx, user.id)?;
    Ok(Some(Holder { user, groups }))
}
