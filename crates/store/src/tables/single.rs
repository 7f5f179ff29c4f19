//! An app with a single administrator: whose it is, what its sessions are signed with, and its one token.
//!
//! INVARIANT: there is one row at most. Both secrets are sealed; that their owner may read them again is a trade-off that
//! the app declares.

use crate::{FromRow, Migrations, ReadTx, Row, StoreError, Touch, WriteTx};
use domain::{Id, Time, User};
use policy::{Permit, actions};
use std::time::Duration;

/// How long a signed session lasts.
pub const SESSION_LIFE: Duration = Duration::from_hours(30 * 24);

/// Its table, made where an app has a single administrator.
pub const TABLES: Migrations = Migrations {
    app: "doorward/single",
    steps: &[
        "CREATE TABLE single_administrator (one {int} PRIMARY KEY CHECK (one = 1), \
         user_id {blob} REFERENCES users (id), auth_secret {blob} NOT NULL, api_token {blob}, \
         token_enabled {int} NOT NULL, epoch {int} NOT NULL) {strict}",
        "ALTER TABLE single_administrator ADD COLUMN token_version {int} NOT NULL DEFAULT 0",
        "ALTER TABLE single_administrator ADD COLUMN session_version {int} NOT NULL DEFAULT 0",
    ],
};

/// What there is of the single administrator.
#[derive(Debug, Clone)]
pub struct Single {
    /// Their account; `None` until they have set a password.
    pub user: Option<Id<User>>,
    /// What sessions are signed with, sealed.
    pub auth_secret: Vec<u8>,
    /// The one token, sealed; `None` until it was made.
    pub api_token: Option<Vec<u8>>,
    /// Whether the token is taken.
    pub token_enabled: bool,
    /// How often the token was replaced.
    pub token_version: i64,
    /// How often what sessions are signed with was replaced.
    pub session_version: i64,
    /// Sessions that were signed before this moment have ended.
    pub epoch: Time,
}

impl Single {
    /// Whether a session that was signed at `at` is live at `now`. A signature tells whole seconds; one that was made
    /// right behind an epoch may be dated a second ahead.
    pub fn admits(&self, at: Time, now: Time) -> bool {
        at >= self.epoch && at <= now.plus(Duration::from_secs(1)) && now.since(at) < SESSION_LIFE
    }
}

impl FromRow for Single {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            user: row.read(0)?,
            auth_secret: row.read(1)?,
            api_token: row.read(2)?,
            token_enabled: row.read(3)?,
            token_version: row.read(4)?,
            session_version: row.read(5)?,
            epoch: row.read(6)?,
        })
    }
}

/// What there is of the single administrator; `None` before the first start.
pub fn find(tx: &mut ReadTx<'_>) -> Result<Option<Single>, StoreError> {
    let columns = "SELECT user_id, auth_secret, api_token, token_enabled, token_version, \
                   session_version, epoch FROM single_administrator";
    tx.find(columns, &[])
}

/// Keeps the secret of the first start; answers whether there was none yet.
pub fn begin<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::single::BeginSingle>,
    auth_secret: &[u8],
) -> Result<bool, StoreError> {
    let sql = "INSERT INTO single_administrator (one, auth_secret, token_enabled, epoch) VALUES (1, $1, 0, 0) \
               ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, &[auth_secret.into()])? == 1)
}

/// Says whose the app is.
pub fn claim<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::CompleteSetup>,
    user: Id<User>,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(user));
    tx.execute("UPDATE single_administrator SET user_id = $1", &[user.into()]).map(drop)
}

/// Sets another password, whatever the old one was, and what sessions are signed with from now on; ends every session
/// that was signed before the next second. Answers the epoch.
///
/// SECURITY: whoever has read the old secret, in a backup for example, could go on signing sessions.
pub fn reset_password<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::single::ResetPassword>,
    (hash, auth_secret): (&str, &[u8]),
) -> Result<Time, StoreError> {
    tx.touch(Touch::User(permit.id()));
    let sql = "UPDATE users SET password_hash = $2, password_version = password_version + 1 WHERE id = $1";
    tx.execute(sql, &[permit.id().into(), hash.into()])?;
    let epoch = Time::from_micros((tx.now().unix_seconds() + 1) * 1_000_000);
    let sql =
        "UPDATE single_administrator SET epoch = $1, auth_secret = $2, session_version = session_version + 1";
    tx.execute(sql, &[epoch.into(), auth_secret.into()])?;
    Ok(epoch)
}

/// Replaces the token; what began with the old one may do nothing more.
pub fn set_token<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::single::ManageSharedToken>,
    sealed: &[u8],
) -> Result<(), StoreError> {
    tx.touch(Touch::User(permit.id()));
    let sql = "UPDATE single_administrator SET api_token = $1, token_version = token_version + 1";
    tx.execute(sql, &[sealed.into()]).map(drop)
}

/// Says whether the token is taken.
pub fn enable_token<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::single::ManageSharedToken>,
    enabled: bool,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(permit.id()));
    tx.execute("UPDATE single_administrator SET token_enabled = $1", &[enabled.into()]).map(drop)
}

/// What a backup holds, to be taken back.
pub struct Restored<'r> {
    /// What sessions are signed with, sealed.
    pub auth_secret: &'r [u8],
    /// The one token, sealed.
    pub api_token: Option<&'r [u8]>,
    /// Whether the token is taken.
    pub token_enabled: bool,
    /// Sessions that were signed before this moment have ended.
    pub epoch: Time,
    /// The hash of the password.
    pub password_hash: &'r str,
}

/// Takes back what a backup holds: its sessions are good again, those of today end where it signs with another secret.
/// What began in any of them, or with the token, may do nothing more.
pub fn restore<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::single::RestoreSecrets>,
    restored: &Restored<'_>,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(permit.id()));
    let sql = "UPDATE users SET password_hash = $2, password_version = password_version + 1 WHERE id = $1";
    tx.execute(sql, &[permit.id().into(), restored.password_hash.into()])?;
    let sql = "UPDATE single_administrator SET auth_secret = $1, api_token = $2, token_enabled = $3, \
               token_version = token_version + 1, session_version = session_version + 1, epoch = $4";
    let (secret, token) = (restored.auth_secret.into(), restored.api_token.into());
    tx.execute(sql, &[secret, token, restored.token_enabled.into(), restored.epoch.into()]).map(drop)
}
