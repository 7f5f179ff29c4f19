//! Empties the caches of `access` after each commit, before anyone is answered.

use access::Access;
use std::sync::Weak;
use store::{Committed, ReadTx, Touch, tables::apps};

/// Tells the gate whom a commit concerned.
pub struct Caches(Weak<Access>);

impl Caches {
    /// Keeps `access` up to date for as long as it lives.
    pub const fn of(access: Weak<Access>) -> Self {
        Self(access)
    }
}

impl Committed for Caches {
    fn committed(&self, touched: &[Touch], tx: &mut ReadTx<'_>) {
        let Some(access) = self.0.upgrade() else { return };
        for touch in touched {
            match touch {
                Touch::User(user) => access.touch_user(*user),
                Touch::Everyone => access.touch_everyone(),
                Touch::Apps => reload_apps(&access, tx),
            }
        }
    }
}

/// SECURITY: apps that cannot be read any more are closed, rather than left open to whom they were open before.
fn reload_apps(access: &Access, tx: &mut ReadTx<'_>) {
    match apps::all(tx) {
        Ok(apps) => access.replace_apps_read_at(&apps, tx.now()),
        Err(error) => {
            tracing::error!(%error, "the apps could not be read after a change: all are closed until they are");
            access.doubt_apps();
        }
    }
}
