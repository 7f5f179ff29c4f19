//! Who asks.

use super::{Error, visit::Visit};
use access::Snapshot;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use domain::{Group, GroupName, Id, Role, User};
use http::request::Parts;
use std::{fmt, sync::Arc};

/// Who asks, once their credential was checked. As an extractor it answers 401 where nobody is signed in;
/// `Option<Principal>` is for routes that anyone may see.
#[derive(Clone)]
pub struct Principal {
    /// Whose credential it is. Never changes, and is never used for another account.
    pub id: Id<User>,
    /// The name to show.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether somebody vouched for the address.
    pub email_verified: bool,
    /// Their role.
    pub role: Role,
    snapshot: Arc<Snapshot>,
}

impl Principal {
    fn of(snapshot: &Arc<Snapshot>) -> Self {
        Self {
            id: snapshot.user,
            name: snapshot.name.to_string(),
            email: snapshot.email.to_string(),
            email_verified: snapshot.email_verified,
            role: snapshot.role,
            snapshot: Arc::clone(snapshot),
        }
    }

    /// The name that is theirs alone and never changes.
    pub fn handle(&self) -> &str {
        self.snapshot.handle.as_str()
    }

    /// Their groups, by name.
    pub fn groups(&self) -> impl Iterator<Item = (Id<Group>, &GroupName)> {
        self.snapshot.groups.iter().map(|(id, name)| (*id, name))
    }

    /// Whether they came with a signed-in browser, rather than with a token.
    pub fn is_browser(&self) -> bool {
        self.snapshot.signed_in_at.is_some()
    }
}

impl fmt::Debug for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Principal({})", self.id)
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self::of(Visit::of(parts)?.known()?))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Error> {
        Ok(Visit::of(parts)?.maybe_known()?.map(Self::of))
    }
}
