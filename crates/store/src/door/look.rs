//! What the author of a reading use case holds.

use super::{Failure, NotPermitted, Shared, work::Desk};
use crate::ReadTx;
use domain::Actor;
use policy::{Action, Denied, Permit, Visible};
use std::ops::{Deref, DerefMut};

/// A reading transaction and who asks for it.
pub struct Look<'w, 'c> {
    tx: &'w mut ReadTx<'c>,
    desk: Desk<'w>,
}

impl<'w, 'c> Look<'w, 'c> {
    pub(super) const fn new(tx: &'w mut ReadTx<'c>, actor: &'w Actor, shared: &'w Shared) -> Self {
        Self { tx, desk: Desk { actor, shared, principal: None } }
    }

    /// Asks the policy whether the actor may do `A` to this row; a denial is recorded.
    pub fn permit<A: Action>(&mut self, on: &A::On) -> Result<Permit<'c, A>, NotPermitted> {
        self.desk.load(self.tx)?;
        self.desk.permit(on).map_err(|denied| self.deny(denied))
    }

    /// Asks the policy which rows a list may show: all, or only the actor's own.
    pub fn visible<A: Action>(&mut self) -> Result<Visible<A>, NotPermitted> {
        self.desk.load(self.tx)?;
        let principal = self.desk.principal.as_ref().ok_or(crate::StoreError::Poisoned)?;
        self.desk.shared.policy.visible::<A>(principal).map_err(|denied| self.deny(denied))
    }

    /// Who asks.
    pub const fn actor(&self) -> &'w Actor {
        self.desk.actor
    }

    fn deny(&self, denied: Denied) -> NotPermitted {
        let (now, shared) = (self.tx.now(), self.desk.shared);
        shared.refusals.add(Failure::denied(&denied).into_event(self.desk.actor, now, &*shared.entropy));
        NotPermitted::Denied(denied)
    }
}

impl<'c> Deref for Look<'_, 'c> {
    type Target = ReadTx<'c>;

    fn deref(&self) -> &ReadTx<'c> {
        self.tx
    }
}

impl<'c> DerefMut for Look<'_, 'c> {
    fn deref_mut(&mut self) -> &mut ReadTx<'c> {
        self.tx
    }
}
