//! File descriptors: as many as the system allows, and no more connections than they suffice for.

use gateway::Limits;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More are never asked for.
const MOST: u64 = 65_536;
/// Kept back for the database, the control socket and what is opened for a moment.
const KEPT_BACK: u64 = 128;

/// The gateway's limits, with as many connections as there are descriptors for: two for each, since a request for
/// an app takes one there, too.
///
/// SECURITY: whoever opens connections until none are left would lock out the owner's own commands as well.
pub(super) fn limits() -> Limits {
    let usual = Limits::default();
    let enough = usize::try_from(raise().saturating_sub(KEPT_BACK) / 2).unwrap_or(usize::MAX);
    let connections = usual.connections.min(enough.max(16));
    // However few there are, one network leaves half of them to others.
    let network_connections = usual.network_connections.min(connections / 2);
    Limits { connections, network_connections, ..usual }
}

/// Raises this process's own limit as far as it may; answers what it is then.
fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(MOST).min(MOST);
    let current = current.unwrap_or(MOST);
    if wanted <= current {
        return current;
    }
    match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
        Ok(()) => wanted,
        Err(error) => {
            tracing::warn!(%error, current, "the limit on open files stays as it is");
            current
        }
    }
}
