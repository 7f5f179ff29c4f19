//! Whom a committed change concerns, so that caches forget them.

use crate::ReadTx;
use domain::{Id, User};

/// Whom a committed change concerns. Functions that write say it; use cases need not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// What is known of this account: its credentials, groups, role, name.
    User(Id<User>),
    /// What is known of every account: a group was renamed or removed.
    Everyone,
    /// The apps and who may open them.
    Apps,
}

/// Is told of every commit, before anyone is answered.
pub trait Committed: Send + Sync {
    /// Runs on the writer's thread: must be quick and must not wait. `tx` reads what was just committed, by this process
    /// or by another replica. Where the connection is gone it reads nothing, and the same is told again later.
    fn committed(&self, touched: &[Touch], tx: &mut ReadTx<'_>);
}
