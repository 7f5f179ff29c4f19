//! The generic cell rate algorithm: a burst, and then one per interval, in one number a key.
//!
//! INVARIANT: of one key, no stretch of time admits more than the burst and one for each whole interval.

use crate::{
    Network, RetryAfter,
    bounded::{Bounded, Lapse},
};
use domain::Time;
use std::time::Duration;

/// How much is admitted: `burst` at once, and one more every `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    burst: u32,
    /// The emission interval, in whole microseconds as [`Time`] counts them.
    per: Duration,
}

impl Quota {
    /// `burst` at once (at least one), and one more every `per`, rounded up to whole microseconds.
    pub fn new(burst: u32, per: Duration) -> Self {
        let micros = u64::try_from(per.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
        Self { burst: burst.max(1), per: Duration::from_micros(micros) }
    }

    /// `number` at once, and as many evenly over each second.
    pub fn per_second(number: u32) -> Self {
        Self::evenly(number, Duration::from_secs(1))
    }

    /// `number` at once, and as many evenly over each minute.
    pub fn per_minute(number: u32) -> Self {
        Self::evenly(number, Duration::from_mins(1))
    }

    /// `number` at once, and as many evenly over each hour.
    pub fn per_hour(number: u32) -> Self {
        Self::evenly(number, Duration::from_hours(1))
    }

    fn evenly(number: u32, span: Duration) -> Self {
        let number = number.max(1);
        let nanos = span.as_nanos().div_ceil(u128::from(number));
        Self::new(number, Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX)))
    }

    /// Half as much.
    pub(crate) fn halved(self) -> Self {
        Self::new(self.burst / 2, self.per.saturating_mul(2))
    }

    /// How much is admitted at once.
    pub(crate) const fn burst(self) -> u32 {
        self.burst
    }

    /// The time in which one comes back.
    pub(crate) const fn per(self) -> Duration {
        self.per
    }

    /// The time in which the whole burst comes back.
    pub(crate) fn span(self) -> Duration {
        self.per.saturating_mul(self.burst)
    }
}

/// Whose tries are counted as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub [u8; 16]);

impl Key {
    /// The same visitor, counted apart for each place with an id of its own.
    ///
    /// INVARIANT: two visitors of one place have two keys. Ids are random, so that two places share one by chance
    /// alone.
    #[must_use]
    pub fn at(self, place: [u8; 16]) -> Self {
        Self((u128::from_be_bytes(self.0) ^ u128::from_be_bytes(place)).to_be_bytes())
    }
}

impl From<Network> for Key {
    fn from(network: Network) -> Self {
        Self(network.bytes())
    }
}

/// When the last of what was admitted would have been due, had it come at the even pace ("theoretical
/// arrival time").
struct Due(Time);

impl Default for Due {
    fn default() -> Self {
        Self(Time::from_micros(i64::MIN))
    }
}

impl Lapse for Due {
    fn lapses(&self) -> Time {
        self.0
    }
}

impl Due {
    fn take(&mut self, quota: Quota, now: Time) -> Result<(), RetryAfter> {
        // A clock that was set back must not shut the door for longer than a full burst does.
        let due = self.0.clamp(now, now.plus(quota.span()));
        let after = due.plus(quota.per);
        let wait = after.since(now).saturating_sub(quota.span());
        if !wait.is_zero() {
            return Err(RetryAfter(wait));
        }
        self.0 = after;
        Ok(())
    }
}

/// Rate limits by key, for a bounded number of keys.
pub struct Gcra {
    dues: Bounded<Key, Due>,
}

impl Gcra {
    /// Counts nothing yet, and never more than about `capacity` keys.
    pub fn new(capacity: usize) -> Self {
        Self { dues: Bounded::new(capacity) }
    }

    /// Counts one of `key`, or refuses it uncounted. One key is to be taken under one quota.
    pub fn take(&self, key: Key, quota: Quota, now: Time) -> Result<(), RetryAfter> {
        self.dues.change(key, now, |due| due.take(quota, now))
    }

    /// Takes back one that was counted.
    pub fn give_back(&self, key: Key, quota: Quota) {
        self.dues.change_existing(key, |due| due.0 = due.0.minus(quota.per));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: Key = Key([7; 16]);

    fn seconds(number: i64) -> Time {
        Time::from_micros(number * 1_000_000)
    }

    proptest! {
        #[test]
        fn no_stretch_of_time_admits_more_than_its_share(
            burst in 1_u32..20,
            interval in 1_u64..2_000,
            gaps in prop::collection::vec(0_u64..1_500, 1..200),
        ) {
            let (gcra, quota) = (Gcra::new(16), Quota::new(burst, Duration::from_micros(interval)));
            let mut now = seconds(0);
            let mut admitted = Vec::new();
            for gap in gaps {
                now = now.plus(Duration::from_micros(gap));
                if gcra.take(KEY, quota, now).is_ok() {
                    admitted.push(u64::try_from(now.micros()).unwrap());
                }
            }
            for (first, from) in admitted.iter().enumerate() {
                for (last, to) in admitted.iter().enumerate().skip(first) {
                    let allowed = u64::from(burst) + (to - from) / interval;
                    prop_assert!(u64::try_from(last - first).unwrap() < allowed);
                }
            }
        }

        #[test]
        fn whoever_waits_as_long_as_told_is_admitted_and_nobody_sooner(
            burst in 1_u32..20,
            tries in 1_usize..60,
        ) {
            let (gcra, quota) = (Gcra::new(16), Quota::new(burst, Duration::from_secs(3)));
            let mut now = seconds(0);
            for _ in 0..tries {
                if let Err(RetryAfter(wait)) = gcra.take(KEY, quota, now) {
                    let early = now.plus(wait.saturating_sub(Duration::from_micros(1)));
                    prop_assert!(gcra.take(KEY, quota, early).is_err());
                    now = now.plus(wait);
                    prop_assert!(gcra.take(KEY, quota, now).is_ok());
                }
            }
        }
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let (gcra, quota) = (Gcra::new(16), Quota::per_minute(1));
        gcra.take(KEY, quota, seconds(0)).unwrap();
        assert_eq!(gcra.take(KEY, quota, seconds(0)), Err(RetryAfter(Duration::from_mins(1))));
        gcra.give_back(KEY, quota);
        gcra.take(KEY, quota, seconds(0)).unwrap();
    }

    #[test]
    fn visitors_are_counted_apart_at_each_place() {
        let keys = [KEY.at([1; 16]), KEY.at([2; 16]), Key([8; 16]).at([1; 16]), Key([8; 16]).at([2; 16])];
        for (place, key) in keys.iter().enumerate() {
            assert!(!keys.iter().skip(place + 1).any(|other| other == key), "{place}");
        }
    }

    #[test]
    fn giving_back_more_than_was_taken_earns_nothing() {
        let (gcra, quota) = (Gcra::new(16), Quota::per_minute(1));
        gcra.take(KEY, quota, seconds(0)).unwrap();
        (0..9).for_each(|_| gcra.give_back(KEY, quota));
        gcra.take(KEY, quota, seconds(0)).unwrap();
        assert!(gcra.take(KEY, quota, seconds(0)).is_err());
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out_for_long() {
        let (gcra, quota) = (Gcra::new(16), Quota::per_minute(2));
        gcra.take(KEY, quota, seconds(1_000_000)).unwrap();
        assert_eq!(gcra.take(KEY, quota, seconds(0)), Err(RetryAfter(Duration::from_secs(30))));
    }

    #[test]
    fn a_quota_that_does_not_divide_evenly_is_never_exceeded() {
        assert_eq!(Quota::per_minute(7).per, Duration::from_micros(8_571_429));
        assert_eq!(Quota::per_second(4), Quota::new(4, Duration::from_millis(250)));
        assert_eq!(Quota::per_hour(60), Quota::new(60, Duration::from_mins(1)));
    }
}
