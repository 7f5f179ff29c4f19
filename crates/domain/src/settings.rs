//! What an installation can set; every default is the safe one.

use crate::Origin;
use std::time::Duration;

/// What an installation can set.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the home host is, as browsers reach it.
    pub home: Origin,
    /// How long a browser stays signed in.
    pub sessions: SessionLife,
    /// What a new password must be.
    pub passwords: PasswordRules,
    /// What a failed sign-in takes at least, so that its time tells nothing (`security.md` 22).
    pub failure_floor: Duration,
    /// The path that Doorward's own pages and REST lie under, without a slash at its end; empty for the root.
    pub mount: String,
    /// The cookie of a signed-in browser.
    pub session_cookie: SessionCookie,
    /// Whether the first account is made by a link with a code; otherwise the app asks for it in its own way.
    pub setup_by_link: bool,
}

/// What the cookie of a signed-in browser is like. It is `HttpOnly` and for one host alone, whatever is set here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie {
    /// Its name, before the `__Host-` that it has on secure connections.
    pub name: String,
    /// Whether links from other sites bring it along.
    pub same_site: SameSite,
}

/// Which requests that begin on another site carry a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// Links that somebody follows.
    Lax,
    /// None.
    Strict,
}

impl SameSite {
    /// As the `Set-Cookie` field writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::Strict => "Strict",
        }
    }
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self { name: "doorward".to_owned(), same_site: SameSite::Lax }
    }
}

/// How long a browser stays signed in.
#[derive(Debug, Clone, Copy)]
pub struct SessionLife {
    /// Without use.
    pub idle: Duration,
    /// However much it is used.
    pub longest: Duration,
}

/// What a new password must be, beside hard to guess.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRules {
    /// The fewest characters, never below [`PasswordRules::FLOOR`].
    pub min_length: usize,
    /// Whether any password will do that is not empty.
    pub danger_any: bool,
}

impl PasswordRules {
    /// No setting goes below this many characters.
    pub const FLOOR: usize = 8;
}

impl Settings {
    /// The defaults of an installation at `home`.
    pub fn at(home: Origin) -> Self {
        Self {
            home,
            sessions: SessionLife { idle: Duration::from_hours(24), longest: Duration::from_hours(30 * 24) },
            passwords: PasswordRules { min_length: 12, danger_any: false },
            failure_floor: Duration::from_millis(400),
            mount: String::new(),
            session_cookie: SessionCookie::default(),
            setup_by_link: true,
        }
    }
}

/// How long a proof of who one is counts as recent, for what asks for one (`security.md` 8).
pub const RECENT_PROOF: Duration = Duration::from_mins(30);
