//! The one way in which this crate says no.

use std::time::Duration;

/// Refused for now; the same may be tried again after this long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("too many tries; the next is welcome in {} s", self.seconds())]
pub struct RetryAfter(pub Duration);

impl RetryAfter {
    /// Whole seconds, rounded up, as the `Retry-After` header wants them (RFC 9110 §10.2.3).
    pub const fn seconds(self) -> u64 {
        let part = if self.0.subsec_nanos() > 0 { 1 } else { 0 };
        self.0.as_secs().saturating_add(part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_comes_back_after_the_seconds_told_is_not_early() {
        assert_eq!(RetryAfter(Duration::from_millis(1)).seconds(), 1);
        assert_eq!(RetryAfter(Duration::from_secs(2)).seconds(), 2);
        assert_eq!(
            RetryAfter(Duration::from_millis(2_001)).to_string(),
            "too many tries; the next is welcome in 3 s"
        );
    }
}
