//! The keys that sign assertions to apps, sealed.

use crate::{FromRow, ReadTx, Row, StoreError, Value, WriteTx};
use domain::Time;
use policy::{Permit, actions};

/// A sealed private key and its public half.
#[derive(Debug, Clone)]
pub struct SigningKeyRow {
    /// The RFC 7638 thumbprint of the public key.
    pub id: String,
    /// The private key, sealed under the key ring.
    pub sealed: Vec<u8>,
    /// The public key as a JWK.
    pub public_jwk: String,
    /// When it was made.
    pub created_at: Time,
}

impl FromRow for SigningKeyRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.read(0)?,
            sealed: row.read(1)?,
            public_jwk: row.read(2)?,
            created_at: row.read(3)?,
        })
    }
}

/// The keys that are not retired, newest first: the first signs, all verify.
pub fn live(tx: &mut ReadTx<'_>) -> Result<Vec<SigningKeyRow>, StoreError> {
    let sql = "SELECT id, sealed, public_jwk, created_at FROM signing_keys WHERE retired_at IS NULL \
               ORDER BY created_at DESC, id LIMIT 16";
    tx.list(sql, &[])
}

/// Whether the database has been one whose keys are exchanged since before `time`. Programs that served it before read the
/// list of keys once, at their start.
pub fn are_exchanged_since(tx: &mut ReadTx<'_>, time: Time) -> Result<bool, StoreError> {
    tx.any("SELECT 1 FROM schema_migrations WHERE version = 8 AND applied_at <= $1", &[time.into()])
}

/// Housekeeping: takes a key off the list, and forgets its private half.
pub fn retire(tx: &mut WriteTx<'_>, id: &str) -> Result<(), StoreError> {
    let sql = "UPDATE signing_keys SET retired_at = $2, sealed = $3 WHERE id = $1 AND retired_at IS NULL";
    let now = tx.now();
    tx.execute(sql, &[id.into(), now.into(), Vec::<u8>::new().as_slice().into()]).map(drop)
}

/// Keeps a fresh key.
pub fn insert<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::CreateSigningKey>,
    key: &SigningKeyRow,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO signing_keys (id, sealed, public_jwk, created_at) VALUES ($1, $2, $3, $4)";
    let values: [Value; 4] = [
        key.id.as_str().into(),
        key.sealed.as_slice().into(),
        key.public_jwk.as_str().into(),
        key.created_at.into(),
    ];
    tx.execute(sql, &values).map(drop)
}
