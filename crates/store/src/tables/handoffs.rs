//! One-time codes that carry a sign-in from the home host to an app's host (`security.md` 1).

use super::StoredDigest;
use crate::{FromRow, ReadTx, Row, StoreError, Value, WriteTx};
use domain::{App, Id, Origin, Session, Time};
use policy::{Permit, actions};

/// What a code is bound to.
#[derive(Debug, Clone)]
pub struct Handoff {
    /// SHA-256 of the nonce that only the browser which started holds.
    pub challenge: [u8; 32],
    /// The app that it opens.
    pub app: Id<App>,
    /// The exact origin that it opens it at.
    pub origin: Origin,
    /// The home session that it came from.
    pub session: Id<Session>,
    /// When it lapses.
    pub expires_at: Time,
}

impl FromRow for Handoff {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            challenge: row.read(0)?,
            app: row.read(1)?,
            origin: row.read(2)?,
            session: row.read(3)?,
            expires_at: row.read(4)?,
        })
    }
}

/// Keeps a fresh code, and removes those of the same session that have lapsed.
pub fn insert<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::OpenApp>,
    digest: &StoredDigest,
    handoff: &Handoff,
) -> Result<(), StoreError> {
    let now = tx.now();
    let lapsed = "DELETE FROM handoff_codes WHERE session_id = $1 AND expires_at < $2";
    tx.execute(lapsed, &[handoff.session.into(), now.into()])?;
    let sql = "INSERT INTO handoff_codes (digest, key_id, challenge, app_id, origin, session_id, expires_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: [Value; 7] = [
        (&digest.bytes).into(),
        digest.key.into(),
        (&handoff.challenge).into(),
        permit.id().into(),
        handoff.origin.to_string().into(),
        handoff.session.into(),
        handoff.expires_at.into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// What an unspent code is bound to, if `challenge` is among it. Spends nothing, so that a browser which did not
/// start cannot spend another's code.
pub fn find(
    tx: &mut ReadTx<'_>,
    digests: &[StoredDigest],
    challenge: &[u8; 32],
) -> Result<Option<Handoff>, StoreError> {
    let sql = "SELECT challenge, app_id, origin, session_id, expires_at FROM handoff_codes \
               WHERE digest = $1 AND key_id = $2 AND used_at IS NULL AND expires_at > $3 AND challenge = $4";
    let now = tx.now();
    for digest in digests {
        let found =
            tx.find(sql, &[(&digest.bytes).into(), digest.key.into(), now.into(), challenge.into()])?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Spends a code for the app of the permit; answers whether it was still there. One caller in all wins.
pub fn spend<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::OpenApp>,
    digests: &[StoredDigest],
) -> Result<bool, StoreError> {
    let sql = "UPDATE handoff_codes SET used_at = $3 WHERE digest = $1 AND key_id = $2 AND app_id = $4 \
               AND used_at IS NULL AND expires_at > $3";
    let now = tx.now();
    for digest in digests {
        let values = [(&digest.bytes).into(), digest.key.into(), now.into(), permit.id().into()];
        if tx.execute(sql, &values)? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Housekeeping: removes codes that lapsed before `before`.
pub fn sweep(tx: &mut WriteTx<'_>, before: Time) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM handoff_codes WHERE expires_at < $1", &[before.into()])
}
