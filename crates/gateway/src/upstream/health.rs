//! What is known of a place's health, from requests and from checks. Time is an argument here.
//!
//! Requests tell by failing: then the place rests, longer each time, and after that one request at a time tries
//! it. Checks tell by themselves: two that fail take the place out until one succeeds.

use std::time::Duration;
use tokio::time::Instant;

const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(30);
/// One check may fail by chance.
const FAILED_CHECKS: u32 = 2;

/// What is known of a place's health.
#[derive(Debug, Default)]
pub(super) struct Health {
    failures: u32,
    rests_until: Option<Instant>,
    is_tried: bool,
    failed_checks: u32,
}

/// What requests may do with a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Send to it.
    Well,
    /// One may find out whether it is well again.
    OnTrial,
    /// Leave it alone, while there is another.
    Unwell,
}

impl Health {
    pub(super) fn standing(&self, now: Instant) -> Standing {
        match self.rests_until {
            _ if self.failed_checks >= FAILED_CHECKS => Standing::Unwell,
            None => Standing::Well,
            Some(until) if now < until || self.is_tried => Standing::Unwell,
            Some(_) => Standing::OnTrial,
        }
    }

    /// Whether anything at all speaks against the place.
    pub(super) const fn is_suspect(&self) -> bool {
        self.failures > 0 || self.failed_checks > 0
    }

    /// Takes the one trial that there is; `false` when another request has it.
    pub(super) fn begin_trial(&mut self, now: Instant) -> bool {
        let is_free = self.standing(now) == Standing::OnTrial;
        self.is_tried |= is_free;
        is_free
    }

    /// The request that tried it went away before it knew.
    pub(super) fn end_trial(&mut self) {
        self.is_tried = false;
    }

    /// A request got an answer; `true` when that was no longer expected.
    pub(super) fn answered(&mut self) -> bool {
        let was_unwell = self.failures > 0;
        (self.failures, self.rests_until) = (0, None);
        was_unwell
    }

    /// A request found nobody there. Those that fail while the place rests already are no further sign.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        if self.rests_until.is_some_and(|until| now < until) {
            return false;
        }
        let rest = FIRST_REST.saturating_mul(1 << self.failures.min(5)).min(LONGEST_REST);
        self.failures = self.failures.saturating_add(1);
        self.rests_until = Some(now + rest);
        self.failures == 1
    }

    /// A check has been made; `true` when it changes what requests may do.
    pub(super) fn checked(&mut self, is_well: bool) -> bool {
        if is_well {
            let was_out = self.failed_checks >= FAILED_CHECKS;
            self.failed_checks = 0;
            return self.answered() || was_out;
        }
        self.failed_checks = self.failed_checks.saturating_add(1);
        self.failed_checks == FAILED_CHECKS
    }

    /// Nobody checks it any more: what checks found says nothing from now on.
    pub(super) fn forget_checks(&mut self) {
        self.failed_checks = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_place_that_fails_rests_longer_each_time_and_then_is_tried_by_one() {
        let mut now = Instant::now();
        let mut health = Health::default();
        for rest in [1, 2, 4, 8, 16, 30, 30] {
            health.failed(now);
            health.end_trial();
            assert_eq!(health.standing(now + SECOND * (rest - 1)), Standing::Unwell, "{rest}");
            now += SECOND * rest;
            assert_eq!(health.standing(now), Standing::OnTrial, "{rest}");
            assert!(health.begin_trial(now) && !health.begin_trial(now));
            assert_eq!(health.standing(now), Standing::Unwell);
        }
        assert!(health.answered());
        assert_eq!(health.standing(now), Standing::Well);
        assert!(!health.is_suspect());
    }

    #[test]
    fn requests_that_fail_together_count_once() {
        let now = Instant::now();
        let mut health = Health::default();
        assert!(health.failed(now));
        for _ in 0..9 {
            assert!(!health.failed(now));
        }
        assert_eq!(health.standing(now + SECOND), Standing::OnTrial);
    }

    #[test]
    fn a_trial_that_was_broken_off_leaves_room_for_another() {
        let now = Instant::now();
        let mut health = Health::default();
        health.failed(now);
        assert!(health.begin_trial(now + SECOND));
        health.end_trial();
        assert!(health.begin_trial(now + SECOND));
    }

    #[test]
    fn two_failed_checks_take_a_place_out_and_one_that_succeeds_brings_it_back() {
        let now = Instant::now();
        let mut health = Health::default();
        assert!(!health.checked(false));
        assert_eq!(health.standing(now), Standing::Well);
        assert!(health.checked(false));
        assert_eq!(health.standing(now), Standing::Unwell);
        health.failed(now);
        health.answered();
        assert_eq!(health.standing(now), Standing::Unwell, "only a check may say that it is back");
        assert!(health.checked(true));
        assert_eq!(health.standing(now), Standing::Well);
    }

    #[test]
    fn checks_that_are_no_longer_made_say_nothing() {
        let mut health = Health::default();
        health.checked(false);
        health.checked(false);
        health.forget_checks();
        assert_eq!(health.standing(Instant::now()), Standing::Well);
    }
}
