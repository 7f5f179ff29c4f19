//! What a process has fetched ahead of one visitor's allowance, so that most requests ask nobody.
//!
//! INVARIANT: what is fetched is counted already, and is used within [`Slice::LIFE`] or never. One asker at a time
//! fetches ahead, and never more than twice what was used up of late.

use crate::{Quota, RetryAfter, bounded::Lapse};
use domain::Time;
use std::time::Duration;

/// What is known of one visitor's allowance.
#[derive(Default)]
pub(super) struct Slice {
    known: Known,
    /// Until when somebody fetches ahead; others ask for their own request alone.
    fetched_until: Option<Time>,
}

#[derive(Default)]
enum Known {
    #[default]
    Nothing,
    /// `left` of `size` requests may still be let in.
    Granted { left: u32, size: u32, ends: Time },
    /// Nothing is left before `due`, which is believed for a while.
    Spent { due: Time, believed_until: Time },
}

/// What is to be done with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It was paid for.
    Admit,
    /// Nobody would admit it.
    Refuse(RetryAfter),
    /// For as many is to be asked.
    Ask { number: u32, is_ahead: bool },
}

/// What was asked for, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) at: Time,
    pub(super) is_ahead: bool,
}

impl Slice {
    /// How long what was fetched may be used, and how long a refusal is believed.
    pub(super) const LIFE: Duration = Duration::from_secs(1);
    /// The most that is fetched at once.
    const MOST: u32 = 64;
    /// The part of a burst that may be fetched at once. What is not used of it is lost.
    const PART: u32 = 20;

    /// Decides on a request, or says what to ask for. Asking ahead takes at most `patience`.
    pub(super) fn step(&mut self, quota: Quota, now: Time, patience: Duration) -> Step {
        let size = match &mut self.known {
            Known::Granted { left, ends, .. } if *left > 0 && is_ahead(*ends, now) => {
                *left -= 1;
                return Step::Admit;
            }
            Known::Spent { due, believed_until } if *due > now && is_ahead(*believed_until, now) => {
                return Step::Refuse(RetryAfter(due.since(now)));
            }
            Known::Granted { left: 0, size, ends } if is_ahead(*ends, now) => size.saturating_mul(2),
            Known::Granted { .. } | Known::Spent { .. } | Known::Nothing => 1,
        };
        if self.fetched_until.is_some_and(|until| is_ahead(until, now)) {
            return Step::Ask { number: 1, is_ahead: false };
        }
        self.fetched_until = Some(now.plus(patience));
        let most = (quota.burst() / Self::PART).clamp(1, Self::MOST);
        Step::Ask { number: size.min(most), is_ahead: true }
    }

    /// So many were granted, the asker's own among them.
    pub(super) fn granted(&mut self, asked: Asked, number: u32) {
        if asked.is_ahead {
            let ends = asked.at.plus(Self::LIFE);
            self.known = Known::Granted { left: number.saturating_sub(1), size: number, ends };
            self.fetched_until = None;
        }
    }

    /// None was granted: the next is due after `wait`.
    pub(super) fn refused(&mut self, asked: Asked, wait: Duration) {
        if asked.is_ahead {
            self.fetched_until = None;
        }
        if !matches!(self.known, Known::Granted { left: 1.., ends, .. } if is_ahead(ends, asked.at)) {
            let believed_until = asked.at.plus(Self::LIFE);
            self.known = Known::Spent { due: asked.at.plus(wait), believed_until };
        }
    }
}

impl Lapse for Slice {
    fn lapses(&self) -> Time {
        let known = match self.known {
            Known::Nothing => None,
            Known::Granted { ends, .. } => Some(ends),
            Known::Spent { believed_until, .. } => Some(believed_until),
        };
        known.max(self.fetched_until).unwrap_or(Time::from_micros(i64::MIN))
    }
}

/// Whether a moment is yet to come that was at most [`Slice::LIFE`] away when it was set. A clock that was set back
/// since must not bring it back.
fn is_ahead(end: Time, now: Time) -> bool {
    now < end && end <= now.plus(Slice::LIFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> Time {
        Time::from_micros(0).plus(Duration::from_millis(millis))
    }

    /// Asks, is given all, and uses it up; how many that was.
    fn use_up(slice: &mut Slice, quota: Quota, now: Time) -> u32 {
        let Step::Ask { number, is_ahead } = slice.step(quota, now, PATIENCE) else { panic!("it asks") };
        slice.granted(Asked { at: now, is_ahead }, number);
        let admitted = (1..number).filter(|_| slice.step(quota, now, PATIENCE) == Step::Admit).count();
        assert_eq!(u32::try_from(admitted + 1), Ok(number));
        number
    }

    #[test]
    fn more_is_fetched_the_more_was_used_up_and_never_more_than_a_part() {
        let (mut slice, quota) = (Slice::default(), Quota::per_minute(200));
        let sizes: Vec<_> = (0..6).map(|_| use_up(&mut slice, quota, at(0))).collect();
        assert_eq!(sizes, [1, 2, 4, 8, 10, 10]);
        assert_eq!(use_up(&mut slice, quota, at(1_000)), 1, "it was long ago");
        let mut slice = Slice::default();
        let number: u32 = (0..9).map(|_| use_up(&mut slice, Quota::per_minute(39), at(0))).max().unwrap();
        assert_eq!(number, 1, "a small quota is counted one by one");
    }

    #[test]
    fn while_one_fetches_ahead_the_others_ask_for_themselves() {
        let (mut slice, quota) = (Slice::default(), Quota::per_minute(200));
        (0..5).for_each(|_| assert!(use_up(&mut slice, quota, at(0)) > 0));
        assert_eq!(slice.step(quota, at(1), PATIENCE), Step::Ask { number: 10, is_ahead: true });
        assert_eq!(slice.step(quota, at(1), PATIENCE), Step::Ask { number: 1, is_ahead: false });
        // The one who fetched has gone away.
        assert_eq!(slice.step(quota, at(101), PATIENCE), Step::Ask { number: 10, is_ahead: true });
    }

    #[test]
    fn what_is_not_used_in_its_life_is_lost() {
        let (mut slice, quota) = (Slice::default(), Quota::per_minute(200));
        slice.granted(Asked { at: at(0), is_ahead: true }, 10);
        assert_eq!(slice.step(quota, at(999), PATIENCE), Step::Admit);
        assert_eq!(slice.step(quota, at(1_000), PATIENCE), Step::Ask { number: 1, is_ahead: true });
    }

    #[test]
    fn a_refusal_is_believed_for_a_while_and_not_after_the_clock_was_set_back() {
        let (mut slice, quota) = (Slice::default(), Quota::per_minute(1));
        slice.refused(Asked { at: at(60_000), is_ahead: true }, Duration::from_mins(1));
        let refused = Step::Refuse(RetryAfter(Duration::from_millis(59_500)));
        assert_eq!(slice.step(quota, at(60_500), PATIENCE), refused);
        for now in [at(61_000), at(0)] {
            assert!(matches!(slice.step(quota, now, PATIENCE), Step::Ask { number: 1, .. }));
        }
    }
}
