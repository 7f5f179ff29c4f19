//! Which root keys the installation is made with, told by their fingerprint.

use crate::{ReadTx, StoreError, WriteTx};

/// Housekeeping: keeps the first fingerprint that comes; answers the one that is kept.
pub fn remember(tx: &mut WriteTx<'_>, fingerprint: &str) -> Result<String, StoreError> {
    if let Some(known) = find(tx)? {
        return Ok(known);
    }
    let now = tx.now();
    let sql = "INSERT INTO root_keys (fingerprint, first_used_at) VALUES ($1, $2)";
    tx.execute(sql, &[fingerprint.into(), now.into()])?;
    Ok(fingerprint.to_owned())
}

/// The fingerprint that is kept.
pub(crate) const FIND: &str = "SELECT fingerprint FROM root_keys ORDER BY first_used_at LIMIT 1";

fn find(tx: &mut ReadTx<'_>) -> Result<Option<String>, StoreError> {
    tx.find(FIND, &[])
}
