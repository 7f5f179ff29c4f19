//! What there is only one of: whether the installation has been set up, and the codes that may do it.

use super::StoredDigest;
use crate::{ReadTx, StoreError, WriteTx};
use domain::Time;
use policy::{Permit, actions};

/// Whether the first account was ever made. Stays so, whatever becomes of the accounts (`security.md` 19).
pub fn is_set_up(tx: &mut ReadTx<'_>) -> Result<bool, StoreError> {
    tx.any("SELECT 1 FROM installation WHERE fact = 'set_up'", &[])
}

/// Closes the setup for good.
pub fn close_setup<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::CompleteSetup>,
) -> Result<(), StoreError> {
    let now = tx.now();
    tx.execute(
        "INSERT INTO installation (fact, at) VALUES ('set_up', $1) ON CONFLICT DO NOTHING",
        &[now.into()],
    )?;
    tx.execute("DELETE FROM setup_codes", &[]).map(drop)
}

/// Keeps a fresh setup code and voids every older one.
pub fn replace_setup_code<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::CreateSetupLink>,
    digest: &StoredDigest,
    expires_at: Time,
) -> Result<(), StoreError> {
    tx.execute("DELETE FROM setup_codes", &[])?;
    let sql = "INSERT INTO setup_codes (digest, key_id, expires_at) VALUES ($1, $2, $3)";
    tx.execute(sql, &[(&digest.bytes).into(), digest.key.into(), expires_at.into()]).map(drop)
}

/// Whether a setup code would be taken now. Spends nothing.
pub fn is_setup_code(tx: &mut ReadTx<'_>, digests: &[StoredDigest]) -> Result<bool, StoreError> {
    let sql =
        "SELECT 1 FROM setup_codes WHERE digest = $1 AND key_id = $2 AND used_at IS NULL AND expires_at > $3";
    let now = tx.now();
    for digest in digests {
        if tx.any(sql, &[(&digest.bytes).into(), digest.key.into(), now.into()])? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Spends a setup code; answers whether it was good. One caller in all wins.
pub fn spend_setup_code<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::CompleteSetup>,
    digests: &[StoredDigest],
) -> Result<bool, StoreError> {
    let sql = "UPDATE setup_codes SET used_at = $3 WHERE digest = $1 AND key_id = $2 AND used_at IS NULL \
               AND expires_at > $3";
    let now = tx.now();
    for digest in digests {
        if tx.execute(sql, &[(&digest.bytes).into(), digest.key.into(), now.into()])? == 1 {
            return Ok(true);
        }
    }
    Ok(false)
}
