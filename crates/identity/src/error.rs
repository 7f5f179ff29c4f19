//! What a caller of a use case can act on.

use limits::{Away, RetryAfter};
use policy::{Denied, Hint};
use store::{NotPermitted, StoreError};
use vault::{Busy, PasswordRefused, WeakPassword};

/// Why a use case did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or none that the actor may know of.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// It cannot be so while something else is as it is.
    #[error("{0}")]
    Conflict(String),
    /// It is well formed, but cannot be so.
    #[error("{0}")]
    Refused(String),
    /// A token that would be good for nothing.
    #[error("say what the token is for: name `apps`, `permissions` or both; [\"*\"] means all that you may")]
    ScopeRequired,
    /// The new password is too easy to guess.
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    /// The password is longer than can be taken.
    #[error(transparent)]
    LongPassword(#[from] PasswordRefused),
    /// The account and the password do not belong together. Never says which is wrong.
    #[error("the e-mail address or the password is wrong")]
    InvalidCredentials,
    /// The current password is wrong.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The setup code is wrong, spent or too old.
    #[error("this setup link is not valid any more: run `doorward setup-link` for a fresh one")]
    SetupCodeInvalid,
    /// The first account was made already.
    #[error("the first account was made already: sign in")]
    SetupDone,
    /// The code from the home host is wrong, spent, too old, or another browser's.
    #[error("this sign-in was not finished in time, or another browser began it: open the app again")]
    HandoffInvalid,
    /// Too many tries; the same again is welcome later.
    #[error("too many tries: wait {} seconds", .0.seconds())]
    TooMany(RetryAfter),
    /// More passwords are being checked than there is room for.
    #[error("too many sign-ins at once: try again in a moment")]
    Busy,
    /// Sessions are held where nobody answers now.
    #[error("sessions cannot be kept now: try again in a moment")]
    NoSessions,
    /// Something broke; the log says what.
    #[error("something went wrong inside")]
    Internal(#[source] StoreError),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Internal(error)
    }
}

impl From<domain::UnfitApp> for Error {
    fn from(unfit: domain::UnfitApp) -> Self {
        Self::Refused(unfit.to_string())
    }
}

impl From<NotPermitted> for Error {
    fn from(error: NotPermitted) -> Self {
        match error {
            NotPermitted::Denied(denied) => Self::Denied(denied),
            NotPermitted::Store(error) => Self::Internal(error),
        }
    }
}

impl From<Away> for Error {
    fn from(_: Away) -> Self {
        Self::NoSessions
    }
}

impl From<Busy> for Error {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl From<RetryAfter> for Error {
    fn from(wait: RetryAfter) -> Self {
        Self::TooMany(wait)
    }
}

/// Whoever may not do this at all is not told whether the thing is there; the denial is in the log.
pub(crate) fn unseen(what: &'static str) -> impl Fn(NotPermitted) -> Error {
    move |error| match error {
        NotPermitted::Denied(denied) if denied.hint == Hint::Nothing => Error::NotFound(what),
        other => other.into(),
    }
}
