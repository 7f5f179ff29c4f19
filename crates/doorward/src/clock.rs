//! The machine's clock: the one place that reads it.

use domain::{Clock, Time};
use std::time::SystemTime;

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "everything else takes its time from here")]
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(0).plus(since)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_shows_the_present() {
        let built = "2026-01-01T00:00:00Z".parse().unwrap();
        assert!(SystemClock.now() > built);
    }
}
