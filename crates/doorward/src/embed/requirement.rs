//! What a request must fulfil before the app sees it.

use super::{Error, visit::Visit};
use access::Snapshot;
use policy::{Action, Denied, Hint, Policy};
use std::fmt;

/// What a request must fulfil before the app sees it.
#[derive(Clone, Copy)]
pub struct Requirement(Need);

#[derive(Clone, Copy)]
enum Need {
    Nothing,
    SignedIn,
    Permission(Asked),
}

/// A permission, and the way to ask for it.
#[derive(Clone, Copy)]
struct Asked {
    name: &'static str,
    decide: fn(&Policy, &Snapshot) -> Result<(), Denied>,
    decide_in_transaction: for<'v> fn(&'v Visit) -> super::visit::Answer<'v>,
}

impl Requirement {
    /// Nothing: anyone may, signed in or not. Said, it cannot have been forgotten.
    pub const fn public() -> Self {
        Self(Need::Nothing)
    }

    /// A credential of whatever scope.
    pub const fn signed_in() -> Self {
        Self(Need::SignedIn)
    }

    /// That who asks may do `A` to something: to anything, or to what is their own. To which, the handler asks.
    pub fn permission<A: Action>() -> Self {
        Self(Need::Permission(Asked {
            name: A::NAME,
            decide: |policy, who| who.visible::<A>(policy).map(drop),
            decide_in_transaction: |visit| Box::pin(visit.decide_in_transaction::<A>()),
        }))
    }

    /// The permission that it names, if it names one.
    pub(super) const fn permission_name(&self) -> Option<&'static str> {
        match self.0 {
            Need::Permission(asked) => Some(asked.name),
            Need::Nothing | Need::SignedIn => None,
        }
    }

    /// Whether the visit fulfils it; a denial is recorded.
    pub(super) async fn check(&self, visit: &Visit) -> Result<(), Error> {
        let asked = match self.0 {
            Need::Nothing => return Ok(()),
            Need::SignedIn if visit.is_operator() => return Ok(()),
            Need::SignedIn => return visit.known().map(drop),
            Need::Permission(asked) if visit.is_operator() => {
                return (asked.decide_in_transaction)(visit).await;
            }
            Need::Permission(asked) => asked,
        };
        match (asked.decide)(visit.doorward().policy(), visit.known()?) {
            Ok(()) => Ok(()),
            // When who asks last proved who they are is known to the database alone.
            Err(denied) if denied.hint == Hint::ProveAgain => (asked.decide_in_transaction)(visit).await,
            Err(denied) => {
                visit.doorward().door().record_refusal(&visit.actor(), &denied);
                Err(denied.into())
            }
        }
    }
}

impl fmt::Debug for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Need::Nothing => f.write_str("Requirement(nothing)"),
            Need::SignedIn => f.write_str("Requirement(signed in)"),
            Need::Permission(asked) => write!(f, "Requirement({})", asked.name),
        }
    }
}
