//! A signed-in browser, at one origin.

use crate::{App, Id, Kind, Origin, Time, User, settings::SessionLife};
use std::net::IpAddr;

/// A signed-in browser at one origin: the home host, or one app's host.
///
/// INVARIANT: a session never opens another origin than its own (`security.md` 3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Public: shown in lists, not the cookie's secret.
    pub id: Id<Session>,
    /// Whose it is.
    pub user: Id<User>,
    /// The home session that it came from; `None` for a home session itself.
    pub root: Option<Id<Session>>,
    /// The app whose host it belongs to; `None` at the home host.
    pub app: Option<Id<App>>,
    /// The one origin that it is good for.
    pub origin: Origin,
    /// When the person signed in.
    pub created_at: Time,
    /// When it was last used, to the hour.
    pub used_at: Time,
    /// The address that it was made from.
    pub address: Option<IpAddr>,
    /// What the browser called itself.
    pub agent: String,
    /// Whether it still opens its origin.
    pub state: SessionState,
}

impl Kind for Session {
    const PREFIX: &'static str = "ses";
}

/// Where a session is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Good until `expires_at`, which use moves on, but never past `ends_at`.
    Live {
        /// When it ends unless it is used.
        expires_at: Time,
        /// When it ends however much it is used.
        ends_at: Time,
    },
    /// Signed out, or ended with what it came from.
    Ended {
        /// When it ended.
        at: Time,
    },
}

impl SessionState {
    /// A session that begins `now`.
    pub fn begin(now: Time, life: &SessionLife) -> Self {
        Self::Live { expires_at: now.plus(life.idle), ends_at: now.plus(life.longest) }
    }

    /// Whether it opens anything at `now`.
    pub fn is_live(self, now: Time) -> bool {
        matches!(self, Self::Live { expires_at, ends_at } if now < expires_at && now < ends_at)
    }

    /// The state after a use at `now`; a session that has ended stays so.
    #[must_use]
    pub fn used(self, now: Time, life: &SessionLife) -> Self {
        match self {
            Self::Live { ends_at, .. } if self.is_live(now) => {
                Self::Live { expires_at: now.plus(life.idle).min(ends_at), ends_at }
            }
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const HOUR: Duration = Duration::from_hours(1);
    const LIFE: SessionLife = SessionLife { idle: HOUR, longest: Duration::from_hours(2) };

    #[test]
    fn use_extends_a_session_but_not_past_its_end() {
        let start = Time::from_micros(0);
        let state = SessionState::begin(start, &LIFE);
        let later = start.plus(HOUR * 3 / 4);
        let state = state.used(later, &LIFE);
        assert!(state.is_live(start.plus(HOUR * 3 / 2)));
        let state = state.used(start.plus(HOUR * 3 / 2), &LIFE);
        assert!(!state.is_live(start.plus(HOUR * 2)));
    }

    #[test]
    fn use_never_brings_back_what_has_ended() {
        let start = Time::from_micros(0);
        let expired = SessionState::begin(start, &LIFE);
        assert_eq!(expired.used(start.plus(HOUR), &LIFE), expired);
        let ended = SessionState::Ended { at: start };
        assert_eq!(ended.used(start, &LIFE), ended);
    }
}
