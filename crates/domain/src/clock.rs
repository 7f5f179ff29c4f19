//! The clock is an argument: only the binary reads the machine's.

use crate::Time;
use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

/// Tells the time. The machine's clock is `doorward::SystemClock`.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Time;
}

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `time`.
    pub const fn at(time: Time) -> Self {
        Self(AtomicI64::new(time.micros()))
    }

    /// Moves the clock on by `span`.
    pub fn advance(&self, span: Duration) {
        let next = self.now().plus(span);
        self.set(next);
    }

    /// Sets the clock to `time`, be it earlier or later.
    pub fn set(&self, time: Time) {
        self.0.store(time.micros(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Time {
        Time::from_micros(self.0.load(Ordering::SeqCst))
    }
}
