//! API tokens. Their secrets are not here, only digests.

use super::StoredDigest;
use crate::{FromRow, ReadTx, Row, StoreError, Touch, Value, WriteTx};
use domain::{ApiToken, Id, Page, Scope, Selection, Time, User};
use policy::{Permit, Visible, actions};
use std::{fmt::Display, str::FromStr};

macro_rules! columns {
    () => {
        "id, owner_id, name, prefix, apps, permissions, created_at, used_at, expires_at, revoked_at"
    };
}

impl FromRow for ApiToken {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        let scope = Scope {
            apps: read_selection(row, 4, "apps")?,
            permissions: read_selection(row, 5, "permissions")?,
        };
        Ok(Self {
            id: row.read(0)?,
            owner: row.read(1)?,
            name: row.read(2)?,
            prefix: row.read(3)?,
            scope,
            created_at: row.read(6)?,
            used_at: row.read(7)?,
            expires_at: row.read(8)?,
            revoked_at: row.read(9)?,
        })
    }
}

/// A selection is kept as `*`, or as its items between spaces.
fn read_selection<T: FromStr>(row: &Row<'_>, index: usize, column: &str) -> Result<Selection<T>, StoreError> {
    let text: String = row.read(index)?;
    if text == "*" {
        return Ok(Selection::All);
    }
    let items: Result<Vec<T>, _> = text.split_whitespace().map(str::parse).collect();
    items.map(Selection::Only).map_err(|_| StoreError::Unreadable { column: column.to_owned() })
}

fn write_selection<T: Display>(selection: &Selection<T>) -> String {
    match selection {
        Selection::All => "*".to_owned(),
        Selection::Only(items) => items.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
    }
}

/// The token with this id, live or not.
pub fn find(tx: &mut ReadTx<'_>, id: Id<ApiToken>) -> Result<Option<ApiToken>, StoreError> {
    tx.find(concat!("SELECT ", columns!(), " FROM tokens WHERE id = $1"), &[id.into()])
}

/// The token whose secret has this digest, live or not.
pub fn find_by_digest(tx: &mut ReadTx<'_>, digest: &StoredDigest) -> Result<Option<ApiToken>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM tokens WHERE digest = $1 AND key_id = $2");
    tx.find(sql, &[(&digest.bytes).into(), digest.key.into()])
}

/// The tokens that may be shown, newest first.
pub fn list(
    tx: &mut ReadTx<'_>,
    visible: &Visible<actions::ListTokens>,
    owner: Option<Id<User>>,
    (after, limit): (Option<Id<ApiToken>>, u32),
) -> Result<Page<ApiToken>, StoreError> {
    let after = after.unwrap_or(Id::from_bytes([0xff; 16]));
    let count = Value::from(limit.saturating_add(1));
    let rows = if let Some(owner) = visible.owner().or(owner) {
        let sql = concat!(
            "SELECT ",
            columns!(),
            " FROM tokens WHERE owner_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        );
        tx.list(sql, &[owner.into(), after.into(), count])?
    } else {
        let sql = concat!("SELECT ", columns!(), " FROM tokens WHERE id < $1 ORDER BY id DESC LIMIT $2");
        tx.list(sql, &[after.into(), count])?
    };
    Ok(Page::cut(rows, limit, |token: &ApiToken| token.id.to_string()))
}

/// Makes a token for the account that the permit names.
pub fn insert<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::CreateToken>,
    token: &ApiToken,
    digest: &StoredDigest,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO tokens (id, digest, key_id, owner_id, name, prefix, apps, permissions, created_at, \
               expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let values: [Value; 10] = [
        token.id.into(),
        (&digest.bytes).into(),
        digest.key.into(),
        permit.id().into(),
        (&token.name).into(),
        token.prefix.as_str().into(),
        write_selection(&token.scope.apps).into(),
        write_selection(&token.scope.permissions).into(),
        token.created_at.into(),
        token.expires_at.into(),
    ];
    tx.execute(sql, &values).map(drop)
}

/// Ends a token.
pub fn revoke<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::RevokeToken>,
    token: &ApiToken,
) -> Result<(), StoreError> {
    tx.touch(Touch::User(token.owner));
    let now = tx.now();
    let sql = "UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL";
    tx.execute(sql, &[permit.id().into(), now.into()]).map(drop)
}

/// Housekeeping: notes a use.
pub fn note_use(tx: &mut WriteTx<'_>, id: Id<ApiToken>, at: Time) -> Result<(), StoreError> {
    let sql = "UPDATE tokens SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)";
    tx.execute(sql, &[id.into(), at.into()]).map(drop)
}
