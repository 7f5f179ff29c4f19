//! How many requests of one visitor an app takes: counted by one process, or by several that share a Valkey.
//!
//! INVARIANT: however many processes share it, no stretch of time admits more than the quota does of a stretch that is
//! [`Slice::LIFE`] longer.

mod shared;
mod slice;

use crate::{Gcra, Key, Quota, RetryAfter, Valkey};
use domain::Time;
use shared::SharedVisits;

/// As many visitors as are counted, of all apps together.
const VISITORS: usize = 65_536;

/// What visitors have taken of the apps that limit them.
///
/// When the Valkey is away, each process counts by itself, at half the quota, until it is back.
pub struct VisitLimits {
    shared: Option<SharedVisits>,
    own: Gcra,
}

impl Default for VisitLimits {
    fn default() -> Self {
        Self { shared: None, own: Gcra::new(VISITORS) }
    }
}

impl VisitLimits {
    /// What all processes count together that are given this Valkey, by its clock.
    pub fn shared(valkey: &Valkey) -> Self {
        Self { shared: Some(SharedVisits::by_its_clock(valkey)), ..Self::default() }
    }

    /// The same by the callers' clocks, so that a test can tell the time.
    #[doc(hidden)]
    pub fn shared_by_callers_clocks(valkey: &Valkey) -> Self {
        Self { shared: Some(SharedVisits::by_callers_clocks(valkey)), ..Self::default() }
    }

    /// Counts one request of `key`, or refuses it uncounted. One key is to be taken under one quota.
    ///
    /// It waits for nothing but the Valkey, and for that a moment, and only where what was fetched ahead is used up.
    pub async fn take(&self, key: Key, quota: Quota, now: Time) -> Result<(), RetryAfter> {
        let Some(shared) = &self.shared else { return self.own.take(key, quota, now) };
        match shared.take(key, quota, now).await {
            Some(taken) => taken,
            None => self.own.take(key, quota.halved(), now),
        }
    }
}
