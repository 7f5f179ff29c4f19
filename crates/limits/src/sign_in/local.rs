//! The limits of one process.

use super::{Attempt, Rules};
use crate::{
    Gcra, RetryAfter,
    bounded::{Bounded, Lapse},
};
use domain::Time;
use std::time::Duration;

/// Whose failures are counted together.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Bucket {
    identifier: [u8; 32],
    known_device: bool,
}

impl Bucket {
    const fn of(attempt: &Attempt) -> Self {
        Self { identifier: attempt.identifier, known_device: attempt.known_device }
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
        let square = self.number.saturating_mul(self.number);
        self.last.plus(Rules::MEMORY.saturating_mul(square).min(Rules::LONGEST_MEMORY))
    }
}

impl Failures {
    /// None for the first few, then 1 s, 2 s, 4 s and so on.
    fn delay(&self, rules: &Rules) -> Duration {
        let Some(doublings) = self.number.checked_sub(rules.free_failures) else {
            return Duration::ZERO;
        };
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        Duration::from_secs(1).saturating_mul(factor).min(Rules::LONGEST_DELAY)
    }

    fn count(&mut self, rules: &Rules, now: Time) -> Result<(), RetryAfter> {
        // A clock that was set back must not prolong the delay.
        let wait = self.last.min(now).plus(self.delay(rules)).since(now);
        if !wait.is_zero() {
            return Err(RetryAfter(wait));
        }
        self.number = self.number.saturating_add(1);
        self.last = now;
        Ok(())
    }
}

/// What one process has counted.
pub(super) struct Book {
    tries: Gcra,
    failures: Bounded<Bucket, Failures>,
    rules: Rules,
}

impl Book {
    /// Keeps about `capacity` networks and twice as many identifiers in mind.
    pub(super) fn new(rules: Rules, capacity: usize) -> Self {
        let failures = Bounded::new(capacity.saturating_mul(2));
        Self { tries: Gcra::new(capacity), failures, rules }
    }

    pub(super) fn admit(&self, attempt: &Attempt, now: Time) -> Result<(), RetryAfter> {
        // SECURITY: asked first, so that one network cannot fill the counters with made-up identifiers.
        // A known device is spared it: behind a shared address an attacker would use up its tries.
        if !attempt.known_device {
            self.tries.take(attempt.network.into(), self.rules.quota, now)?;
        }
        let counted =
            self.failures.change(Bucket::of(attempt), now, |failures| failures.count(&self.rules, now));
        if counted.is_err() {
            self.give_try_back(attempt);
        }
        counted
    }

    pub(super) fn failed(&self, attempt: &Attempt, now: Time) {
        self.failures.change_existing(Bucket::of(attempt), |failures| failures.last = failures.last.max(now));
    }

    pub(super) fn succeeded(&self, attempt: &Attempt) {
        self.failures.change_existing(Bucket::of(attempt), |failures| *failures = Failures::default());
        self.give_try_back(attempt);
    }

    pub(super) fn untried(&self, attempt: &Attempt) {
        self.failures.change_existing(Bucket::of(attempt), |failures| {
            failures.number = failures.number.saturating_sub(1);
        });
        self.give_try_back(attempt);
    }

    fn give_try_back(&self, attempt: &Attempt) {
        if !attempt.known_device {
            self.tries.give_back(attempt.network.into(), self.rules.quota);
        }
    }
}

#[cfg(test)]
mod tests;
