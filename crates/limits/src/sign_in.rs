//! Who may try to sign in, and when again after failures.
//!
//! Two things are counted: tries per network, and failures per identifier, whether an account has it or
//! not. Devices that signed in before with the identifier are counted apart from strangers, so that an
//! attack on an account does not lock its owner out.
//!
//! INVARIANT: a try counts as failed from its admission on and is given back when it succeeds, so that
//! tries in parallel cannot slip in before the first of them has failed.

mod local;
mod shared;

use crate::{Network, Quota, RetryAfter, Valkey};
use domain::Time;
use local::Book;
use shared::SharedBook;
use std::{sync::Arc, time::Duration};

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
pub struct Admitted {
    is_shared: bool,
    at: Time,
}

/// How strictly is counted.
#[derive(Debug, Clone, Copy)]
struct Rules {
    /// The tries of a network.
    quota: Quota,
    /// So many failures of an identifier cost no delay.
    free_failures: u32,
}

impl Rules {
    /// The delay doubles up to this.
    const LONGEST_DELAY: Duration = Duration::from_mins(15);
    /// How long a single failure is remembered; several are for their number's square as long after the last one, so that
    /// names that are made up take room for minutes.
    ///
    /// SECURITY: whoever waits until they are forgotten must not try more often than who bears the longest delay.
    const MEMORY: Duration = Self::LONGEST_DELAY;
    const LONGEST_MEMORY: Duration = Duration::from_hours(24);

    fn usual() -> Self {
        Self { quota: Quota::new(30, Duration::from_secs(2)), free_failures: 5 }
    }

    /// For a process that cannot know what the others count: even of several, all together let in little more than
    /// one with the usual rules does.
    fn strict() -> Self {
        Self { quota: Quota::new(10, Duration::from_secs(6)), free_failures: 2 }
    }
}

/// The limits on signing in: those of one process, or of several that share a Valkey.
///
/// When the Valkey is away, each process counts by itself, more strictly, until it is back.
pub struct SignInLimits {
    shared: Option<SharedBook>,
    own: Book,
}

impl Default for SignInLimits {
    fn default() -> Self {
        Self { shared: None, own: Book::new(Rules::usual(), COUNTERS) }
    }
}

impl SignInLimits {
    /// The limits that all processes keep together that are given this Valkey.
    pub fn shared(valkey: Arc<Valkey>) -> Self {
        let shared = SharedBook::new(valkey, Rules::usual());
        Self { shared: Some(shared), own: Book::new(Rules::strict(), COUNTERS) }
    }

    /// Whether the Valkey is there; `None` where there is to be none.
    pub async fn look(&self) -> Option<bool> {
        match &self.shared {
            Some(shared) => Some(shared.look().await),
            None => None,
        }
    }

    /// Counts the attempt, or refuses it uncounted; to be asked before the password is looked at.
    ///
    /// What is admitted ends in one call of [`Self::failed`], [`Self::succeeded`] or [`Self::untried`].
    pub async fn admit(&self, attempt: &Attempt, now: Time) -> Result<Admitted, RetryAfter> {
        if let Some(shared) = &self.shared
            && let Some(counted) = shared.admit(attempt, now).await
        {
            return counted.map(|()| Admitted { is_shared: true, at: now });
        }
        self.own.admit(attempt, now).map(|()| Admitted { is_shared: false, at: now })
    }

    /// The password was wrong or the account unknown: the delay runs from now.
    pub async fn failed(&self, admitted: Admitted, attempt: &Attempt, now: Time) {
        match self.book_of(&admitted) {
            Some(shared) => shared.failed(attempt, now).await,
            None => self.own.failed(attempt, now),
        }
    }

    /// The password was right: the failures of this kind of device are forgiven, and its own try is given back.
    ///
    /// SECURITY: that try alone, or an attacker would renew a network's tries with an account of theirs.
    pub async fn succeeded(&self, admitted: Admitted, attempt: &Attempt) {
        match self.book_of(&admitted) {
            Some(shared) => shared.succeeded(attempt, admitted.at).await,
            None => self.own.succeeded(attempt),
        }
    }

    /// The password was not looked at, because the house was busy, or it was right and led nowhere: the attempt counts for
    /// nothing.
    pub async fn untried(&self, admitted: Admitted, attempt: &Attempt) {
        match self.book_of(&admitted) {
            Some(shared) => shared.untried(attempt, admitted.at).await,
            None => self.own.untried(attempt),
        }
    }

    fn book_of(&self, admitted: &Admitted) -> Option<&SharedBook> {
        self.shared.as_ref().filter(|_| admitted.is_shared)
    }
}
