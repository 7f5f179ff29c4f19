//! Long-lived secrets that programs sign in with.

use crate::{Id, Kind, Scope, Time, TokenName, User};

/// A long-lived secret of a person, limited to a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Public: shown in lists, not the secret.
    pub id: Id<ApiToken>,
    /// Whose rights it carries, at most.
    pub owner: Id<User>,
    /// What its owner calls it.
    pub name: TokenName,
    /// The first characters of the secret, by which people tell tokens apart.
    pub prefix: String,
    /// What it may be used for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Time,
    /// When it was last used, to the minute.
    pub used_at: Option<Time>,
    /// When it stops; `None` for never.
    pub expires_at: Option<Time>,
    /// Since when it is revoked.
    pub revoked_at: Option<Time>,
}

impl Kind for ApiToken {
    const PREFIX: &'static str = "tok";
}

/// Where a token is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It signs in.
    Live,
    /// Its time has passed.
    Expired,
    /// Its owner or an administrator ended it.
    Revoked,
}

impl ApiToken {
    /// Where the token is in its life at `now`.
    pub fn state(&self, now: Time) -> TokenState {
        if self.revoked_at.is_some() {
            return TokenState::Revoked;
        }
        if self.expires_at.is_some_and(|end| end <= now) { TokenState::Expired } else { TokenState::Live }
    }
}
