//! Accounts.

use crate::{FromRow, ReadTx, Row, StoreError, Touch, Value, WriteTx};
use domain::{DisplayName, Email, Handle, Id, Page, Role, Time, User};
use policy::{Action, Permit, Visible, actions};

macro_rules! columns {
    () => {
        "id, handle, name, email, email_verified, role, created_at, disabled_at"
    };
}

impl FromRow for User {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.read(0)?,
            handle: row.read(1)?,
            name: row.read(2)?,
            email: row.read(3)?,
            email_verified: row.read(4)?,
            role: row.read(5)?,
            created_at: row.read(6)?,
            disabled_at: row.read(7)?,
        })
    }
}

/// What a password is checked against.
#[derive(Clone)]
pub struct PasswordRow {
    /// Whose it is.
    pub user: Id<User>,
    /// The Argon2id hash in PHC form.
    pub hash: String,
    /// Counts the changes, so that a check outside the transaction can be compared inside it.
    pub version: i64,
}

impl FromRow for PasswordRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { user: row.read(0)?, hash: row.read(1)?, version: row.read(2)? })
    }
}

/// What may make accounts.
pub trait MakesUsers: Action {}
impl MakesUsers for actions::CompleteSetup {}
impl MakesUsers for actions::CreateUser {}

/// The account with this id.
pub fn find(tx: &mut ReadTx<'_>, id: Id<User>) -> Result<Option<User>, StoreError> {
    tx.find(concat!("SELECT ", columns!(), " FROM users WHERE id = $1"), &[id.into()])
}

/// The account with this address.
pub fn find_by_email(tx: &mut ReadTx<'_>, email: &Email) -> Result<Option<User>, StoreError> {
    tx.find(concat!("SELECT ", columns!(), " FROM users WHERE email = $1"), &[email.into()])
}

/// The account with this handle.
pub fn find_by_handle(tx: &mut ReadTx<'_>, handle: &Handle) -> Result<Option<User>, StoreError> {
    tx.find(concat!("SELECT ", columns!(), " FROM users WHERE handle = $1"), &[handle.into()])
}

/// What the password of the account with this address is checked against.
pub fn find_password(tx: &mut ReadTx<'_>, email: &Email) -> Result<Option<PasswordRow>, StoreError> {
    tx.find("SELECT id, password_hash, password_version FROM users WHERE email = $1", &[email.into()])
}

/// What this account's password is checked against.
pub fn find_own_password(tx: &mut ReadTx<'_>, id: Id<User>) -> Result<Option<PasswordRow>, StoreError> {
    tx.find("SELECT id, password_hash, password_version FROM users WHERE id = $1", &[id.into()])
}

/// Accounts in the order in which they were made.
pub fn list(
    tx: &mut ReadTx<'_>,
    _visible: &Visible<actions::ListUsers>,
    after: Option<Id<User>>,
    limit: u32,
) -> Result<Page<User>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM users WHERE id > $1 ORDER BY id LIMIT $2");
    let after = after.unwrap_or(Id::from_bytes([0; 16]));
    let rows = tx.list(sql, &[after.into(), (limit.saturating_add(1)).into()])?;
    Ok(Page::cut(rows, limit, |user: &User| user.id.to_string()))
}

/// The names of administrators whose accounts are open: whom to ask.
pub fn administrators(tx: &mut ReadTx<'_>) -> Result<Vec<DisplayName>, StoreError> {
    tx.list("SELECT name FROM users WHERE role = 'admin' AND disabled_at IS NULL ORDER BY id LIMIT 5", &[])
}

/// Whether an administrator other than `id` has an open account.
pub fn has_other_administrator(tx: &mut ReadTx<'_>, id: Id<User>) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM users WHERE role = 'admin' AND disabled_at IS NULL AND id <> $1 LIMIT 1";
    tx.any(sql, &[id.into()])
}

/// Makes an account.
pub fn insert<'c, A: MakesUsers>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, A>,
    user: &User,
    password_hash: &str,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO users (id, handle, name, email, email_verified, role, password_hash, password_version, \
               created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)";
    tx.execute(
        sql,
        &[
            user.id.into(),
            (&user.handle).into(),
            (&user.name).into(),
            (&user.email).into(),
            user.email_verified.into(),
            user.role.as_str().into(),
            password_hash.into(),
            user.created_at.into(),
        ],
    )?;
    Ok(())
}

/// Changes one's own name.
pub fn rename<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::RenameSelf>,
    name: &DisplayName,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(permit.id()));
    tx.execute("UPDATE users SET name = $2 WHERE id = $1", &[permit.id().into(), name.into()]).map(drop)
}

/// What an administrator may change of an account.
#[derive(Debug, Clone)]
pub struct UserState {
    /// What the person is called.
    pub name: DisplayName,
    /// What they may do in Doorward.
    pub role: Role,
    /// Since when the account is shut.
    pub disabled_at: Option<Time>,
}

/// Changes an account.
pub fn update<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::UpdateUser>,
    state: &UserState,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(permit.id()));
    let sql = "UPDATE users SET name = $2, role = $3, disabled_at = $4 WHERE id = $1";
    let values: [Value; 4] =
        [permit.id().into(), (&state.name).into(), state.role.as_str().into(), state.disabled_at.into()];
    tx.execute(sql, &values).map(drop)
}

/// Sets a new password if the old one is still the one that was checked; answers whether it was.
pub fn set_password<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::ChangePassword>,
    checked_version: i64,
    hash: &str,
) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET password_hash = $3, password_version = password_version + 1 \
               WHERE id = $1 AND password_version = $2";
    Ok(tx.execute(sql, &[permit.id().into(), checked_version.into(), hash.into()])? == 1)
}

/// Housekeeping: stores the same password hashed at today's cost, unless it was changed meanwhile.
pub fn rehash(tx: &mut WriteTx<'_>, checked: &PasswordRow, hash: &str) -> Result<(), StoreError> {
    let sql = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_version = $2";
    tx.execute(sql, &[checked.user.into(), checked.version.into(), hash.into()]).map(drop)
}
