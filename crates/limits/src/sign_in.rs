//! Who may try to sign in, and when again after failures.
//!
//! Two things are counted: tries per network, and failures per identifier, whether an account has it or
//! not. Devices that signed in before with the identifier are counted apart from strangers, so that an
//! attack on an account does not lock its owner out.
//!
//! INVARIANT: a try counts as failed from its admission on and is given back when it succeeds, so that
//! tries in parallel cannot slip in before the first of them has failed.

use crate::{
    Gcra, Network, Quota, RetryAfter,
    bounded::{Bounded, Lapse},
};
use domain::Time;
use std::time::Duration;

const FREE_FAILURES: u32 = 5;
const LONGEST_DELAY: Duration = Duration::from_mins(15);
/// For each failure, the counter is kept this long after the last one.
const MEMORY: Duration = Duration::from_hours(1);
const LONGEST_MEMORY: Duration = Duration::from_hours(24);
const COUNTERS: usize = 65_536;

/// One try to sign in.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    /// The HMAC of what the visitor calls themselves.
    pub identifier: [u8; 32],
    /// Where the visitor comes from.
    pub network: Network,
    /// The browser has proved that it signed in before with this identifier.
    pub known_device: bool,
}

/// An attempt that was counted and may go on to the password.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub struct Admitted(());

/// Whose failures are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Bucket {
    identifier: [u8; 32],
    known_device: bool,
}

impl Attempt {
    fn bucket(&self) -> Bucket {
        Bucket { identifier: self.identifier, known_device: self.known_device }
    }
}

struct Failures {
    number: u32,
    last: Time,
}

impl Default for Failures {
    fn default() -> Self {
        Self { number: 0, last: Time::from_micros(i64::MIN) }
    }
}

impl Lapse for Failures {
    fn lapses(&self) -> Time {
        self.last.plus(MEMORY.saturating_mul(self.number).min(LONGEST_MEMORY))
    }
}

impl Failures {
    /// None for the first few, then 1 s, 2 s, 4 s and so on.
    fn delay(&self) -> Duration {
        let Some(doublings) = self.number.checked_sub(FREE_FAILURES) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Duration::from_secs(1).saturating_mul(factor).min(LONGEST_DELAY)
    }

    fn count(&mut self, now: Time) -> Result<(), RetryAfter> {
        // A clock that was set back must not prolong the delay.
        let wait = self.last.min(now).plus(self.delay()).since(now);
        if !wait.is_zero() {
            return Err(RetryAfter(wait));
        }
        self.number = self.number.saturating_add(1);
        self.last = now;
        Ok(())
    }
}

/// The limits on signing in.
pub struct SignInLimits {
    tries: Gcra,
    failures: Bounded<Bucket, Failures>,
    quota: Quota,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self::with_capacity(COUNTERS)
    }
}

impl SignInLimits {
    /// Keeps about `capacity` networks and twice as many identifiers in mind.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            tries: Gcra::new(capacity),
            failures: Bounded::new(capacity.saturating_mul(2)),
            quota: Quota::new(30, Duration::from_secs(2)),
        }
    }

    /// Counts the attempt, or refuses it uncounted; to be asked before the password is looked at.
    ///
    /// Each admitted attempt ends in one call of [`Self::failed`], [`Self::succeeded`] or
    /// [`Self::untried`].
    pub fn admit(&self, attempt: &Attempt, now: Time) -> Result<Admitted, RetryAfter> {
        // SECURITY: asked first, so that one network cannot fill the counters with made-up identifiers.
        // A known device is spared it: behind a shared address an attacker would use up its tries.
        if !attempt.known_device {
            self.tries.take(attempt.network.into(), self.quota, now)?;
        }
        let counted = self.failures.change(attempt.bucket(), now, |failures| failures.count(now));
        if counted.is_err() {
            self.give_try_back(attempt);
        }
        counted.map(|()| Admitted(()))
    }

    /// The password was wrong or the account unknown: the delay runs from now.
    pub fn failed(&self, attempt: &Attempt, now: Time) {
        self.failures.change_existing(attempt.bucket(), |failures| failures.last = failures.last.max(now));
    }

    /// The password was right: the failures of this kind of device are forgiven.
    pub fn succeeded(&self, attempt: &Attempt) {
        self.failures.change_existing(attempt.bucket(), |failures| *failures = Failures::default());
        // SECURITY: its own try alone, or an attacker would renew a network's tries with an account of theirs.
        self.give_try_back(attempt);
    }

    /// The password was not looked at, because the house was busy: the attempt counts for nothing.
    pub fn untried(&self, attempt: &Attempt) {
        self.failures.change_existing(attempt.bucket(), |failures| {
            failures.number = failures.number.saturating_sub(1);
        });
        self.give_try_back(attempt);
    }

    fn give_try_back(&self, attempt: &Attempt) {
        if !attempt.known_device {
            self.tries.give_back(attempt.network.into(), self.quota);
        }
    }
}

#[cfg(test)]
mod tests;
