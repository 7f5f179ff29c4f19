//! Signed-in browsers.
//!
//! INVARIANT: a session that has ended stays so: every statement that extends one is conditional on its being
//! live (`security.md` 4).

use super::StoredDigest;
use crate::{FromRow, ReadTx, Row, StoreError, Touch, Value, WriteTx};
use domain::{App, AppName, Id, Page, Session, SessionState, Time, User};
use policy::{Action, Permit, Visible, actions};
use std::time::Duration;

macro_rules! columns {
    () => {
        "id, user_id, root_id, app_id, origin, created_at, used_at, address, agent, expires_at, ends_at, ended_at"
    };
}

impl FromRow for Session {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let state = match row.read(11)? {
            Some(at) => SessionState::Ended { at },
            None => SessionState::Live { expires_at: row.read(9)?, ends_at: row.read(10)? },
        };
        Ok(Self {
            id: row.read(0)?,
            user: row.read(1)?,
            root: row.read(2)?,
            app: row.read(3)?,
            origin: row.read(4)?,
            created_at: row.read(5)?,
            used_at: row.read(6)?,
            address: row.read(7)?,
            agent: row.read(8)?,
            state,
        })
    }
}

/// When the proof behind an app's session is as old as `$2`.
macro_rules! proof_ages {
    () => {
        "((SELECT root.proved_at FROM sessions root WHERE root.id = sessions.root_id) + $2)"
    };
}

/// What may begin a session: signing in at the home host, or going on from there to an app.
pub trait BeginsSessions: Action {}
impl BeginsSessions for actions::CompleteSetup {}
impl BeginsSessions for actions::SignIn {}
impl BeginsSessions for actions::OpenApp {}

/// What ends the other sessions of one account.
pub trait EndsSessionsOf: Action<On = User> {}
impl EndsSessionsOf for actions::ChangePassword {}
impl EndsSessionsOf for actions::EndOtherSessions {}
impl EndsSessionsOf for actions::UpdateUser {}

/// The session with this id, live or not.
pub fn find(tx: &mut ReadTx<'_>, id: Id<Session>) -> Result<Option<Session>, StoreError> {
    tx.find(concat!("SELECT ", columns!(), " FROM sessions WHERE id = $1"), &[id.into()])
}

/// The session whose secret has this digest, live or not.
pub fn find_by_digest(tx: &mut ReadTx<'_>, digest: &StoredDigest) -> Result<Option<Session>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM sessions WHERE digest = $1 AND key_id = $2");
    tx.find(sql, &[(&digest.bytes).into(), digest.key.into()])
}

/// When its person last proved who they are.
pub fn proved_at(tx: &mut ReadTx<'_>, id: Id<Session>) -> Result<Option<Time>, StoreError> {
    tx.find("SELECT proved_at FROM sessions WHERE id = $1", &[id.into()])
}

/// The live sign-ins that may be shown, newest first: home sessions, not those that came from them.
pub fn list(
    tx: &mut ReadTx<'_>,
    visible: &Visible<actions::ListSessions>,
    user: Option<Id<User>>,
    (after, limit): (Option<Id<Session>>, u32),
) -> Result<Page<Session>, StoreError> {
    let after = after.unwrap_or(Id::from_bytes([0xff; 16]));
    let (now, count) = (tx.now(), Value::from(limit.saturating_add(1)));
    let rows = if let Some(user) = visible.owner().or(user) {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM sessions WHERE user_id = $1 AND id < $2 AND root_id IS NULL AND ended_at IS NULL \
                 AND expires_at > $3 ORDER BY id DESC LIMIT $4"
        );
        tx.list(sql, &[user.into(), after.into(), now.into(), count])?
    } else {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM sessions WHERE id < $1 AND root_id IS NULL AND ended_at IS NULL AND expires_at > $2 \
                 ORDER BY id DESC LIMIT $3"
        );
        tx.list(sql, &[after.into(), now.into(), count])?
    };
    Ok(Page::cut(rows, limit, |session: &Session| session.id.to_string()))
}

/// The apps that were opened from a sign-in.
pub fn apps_opened(tx: &mut ReadTx<'_>, root: Id<Session>) -> Result<Vec<AppName>, StoreError> {
    let sql = "SELECT DISTINCT a.name FROM sessions s JOIN apps a ON a.id = s.app_id \
               WHERE s.root_id = $1 AND s.ended_at IS NULL ORDER BY a.name";
    tx.list(sql, &[root.into()])
}

/// The live session that came from `root` at an app's host, if there is one.
pub fn find_child(
    tx: &mut ReadTx<'_>,
    root: Id<Session>,
    app: Id<App>,
) -> Result<Option<Id<Session>>, StoreError> {
    let sql = "SELECT id FROM sessions WHERE root_id = $1 AND app_id = $2 AND ended_at IS NULL LIMIT 1";
    tx.find(sql, &[root.into(), app.into()])
}

/// Begins a session.
pub fn insert<'c, A: BeginsSessions>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, A>,
    session: &Session,
    digest: &StoredDigest,
) -> Result<(), StoreError> {
    let (expires_at, ends_at) = match session.state {
        SessionState::Live { expires_at, ends_at } => (expires_at, ends_at),
        SessionState::Ended { at } => (at, at),
    };
    let sql = "INSERT INTO sessions (id, digest, key_id, user_id, root_id, app_id, origin, created_at, proved_at, \
               used_at, expires_at, ends_at, address, agent) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12, $13)";
    let values: [Value; 13] = [
        session.id.into(),
        (&digest.bytes).into(),
        digest.key.into(),
        session.user.into(),
        session.root.into(),
        session.app.into(),
        session.origin.to_string().into(),
        session.created_at.into(),
        session.used_at.into(),
        expires_at.into(),
        ends_at.into(),
        session.address.map(|address| address.to_string()).into(),
        session.agent.as_str().into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Ends a sign-in: the session, the one it came from, and all that came from that; answers how many ended.
pub fn end<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::EndSession>,
    session: &Session,
) -> Result<u64, StoreError> {
    tx.touch(Touch::User(session.user));
    let sql = "UPDATE sessions SET ended_at = $2 WHERE ended_at IS NULL AND (id = $1 OR root_id = $1 \
               OR id = (SELECT root_id FROM sessions WHERE id = $1) \
               OR root_id = (SELECT root_id FROM sessions WHERE id = $1))";
    let now = tx.now();
    tx.execute(sql, &[permit.id().into(), now.into()])
}

/// Ends every sign-in of an account but the one that `keep` belongs to; answers how many sessions ended.
pub fn end_others<'c, A: EndsSessionsOf>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, A>,
    keep: Option<Id<Session>>,
) -> Result<u64, StoreError> {
    tx.touch(Touch::User(permit.id()));
    let keep = keep.unwrap_or(Id::from_bytes([0; 16]));
    let sql = "UPDATE sessions SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL \
               AND id <> $3 AND (root_id IS NULL OR root_id <> $3)";
    let now = tx.now();
    tx.execute(sql, &[permit.id().into(), now.into(), keep.into()])
}

/// Ends the sessions at an app's hosts no later than `life` after the last proof of the home session that each came
/// from.
pub fn shorten<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::UpdateApp>,
    life: Duration,
) -> Result<(), StoreError> {
    tx.touch(Touch::Apps);
    let life = i64::try_from(life.as_micros()).unwrap_or(i64::MAX);
    let sql = concat!(
        "UPDATE sessions SET ends_at = ",
        proof_ages!(),
        ", expires_at = CASE WHEN expires_at < ",
        proof_ages!(),
        " THEN expires_at ELSE ",
        proof_ages!(),
        " END WHERE app_id = $1 AND ended_at IS NULL AND ends_at > ",
        proof_ages!()
    );
    tx.execute(sql, &[permit.id().into(), life.into()]).map(drop)
}

/// Notes a fresh proof of who the person is.
pub fn prove<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::ProveAgain>,
    session: &Session,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(session.user));
    let now = tx.now();
    tx.execute("UPDATE sessions SET proved_at = $2 WHERE id = $1", &[permit.id().into(), now.into()])
        .map(drop)
}

/// Housekeeping: notes a use and extends the session and the one it came from, unless they have ended.
pub fn note_use(tx: &mut WriteTx<'_>, id: Id<Session>, at: Time, until: Time) -> Result<(), StoreError> {
    let sql = "UPDATE sessions SET used_at = $2, expires_at = CASE WHEN $3::bigint < ends_at THEN $3 ELSE ends_at END \
               WHERE (id = $1 OR id = (SELECT root_id FROM sessions WHERE id = $1)) AND ended_at IS NULL \
               AND expires_at > $2 AND used_at < $2";
    tx.execute(sql, &[id.into(), at.into(), until.into()]).map(drop)
}

/// Housekeeping: removes sessions that ended or expired before `before`; answers how many. Those that came from others
/// go first, because engines do not agree on who counts a row that its parent takes along.
pub fn sweep(tx: &mut WriteTx<'_>, before: Time) -> Result<u64, StoreError> {
    let children = "DELETE FROM sessions WHERE root_id IS NOT NULL AND (ended_at < $1 OR expires_at < $1)";
    let gone = tx.execute(children, &[before.into()])?;
    let others =
        tx.execute("DELETE FROM sessions WHERE ended_at < $1 OR expires_at < $1", &[before.into()])?;
    Ok(gone.saturating_add(others))
}
