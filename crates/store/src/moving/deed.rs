//! The event of a move, or of one that was given up: committed with the mark that ends it.

use super::Mark;
use crate::Deed;
use domain::{Actor, Entropy, Event, Time, Who};
use policy::{Action, Denied, Installation, Permit, Policy, Principal};

/// Asks whether whoever holds the data directory may do `A`, before anything is opened: the policy is sealed, and there is
/// no fact of an installation as a whole that a transaction could change.
pub(super) fn permit<A: Action<On = Installation>>(policy: &Policy) -> Result<Permit<'static, A>, Denied> {
    policy.permit(&Principal::without_account(Who::LocalOperator), &Installation)
}

/// The event of a deed, which has the number of the move for that of a request.
pub(super) fn event(deed: Deed, mark: &Mark, (now, entropy): (Time, &dyn Entropy)) -> Event {
    deed.into_event(&Actor::local_operator(&mark.id), now, entropy)
}
