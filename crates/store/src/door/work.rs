//! What the author of a writing use case holds.

use super::{Deed, Failure, Shared};
use crate::{ReadTx, StoreError, WriteTx, tables::principals};
use domain::{Actor, Event};
use policy::{Action, Denied, Permit, Principal};
use std::ops::{Deref, DerefMut};

/// The policy said no, or the database did not answer.
#[derive(Debug, thiserror::Error)]
pub enum NotPermitted {
    /// The policy said no.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// The facts could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A writing transaction and who asks for it.
pub struct Work<'w, 'c> {
    tx: &'w mut WriteTx<'c>,
    desk: Desk<'w>,
    denials: Vec<Event>,
}

impl<'w, 'c> Work<'w, 'c> {
    pub(super) const fn new(tx: &'w mut WriteTx<'c>, actor: &'w Actor, shared: &'w Shared) -> Self {
        Self { tx, desk: Desk { actor, shared, principal: None }, denials: Vec::new() }
    }

    /// Asks the policy whether the actor may do `A` to this row, as this transaction sees both. A denial is
    /// recorded even though the transaction rolls back.
    pub fn permit<A: Action>(&mut self, on: &A::On) -> Result<Permit<'c, A>, NotPermitted> {
        self.desk.load(self.tx)?;
        self.desk.permit(on).map_err(|denied| self.deny(denied))
    }

    /// Who asks, as the policy sees them.
    pub fn principal(&mut self) -> Result<&Principal, StoreError> {
        self.desk.load(self.tx)?;
        self.desk.principal.as_ref().ok_or(StoreError::Poisoned)
    }

    /// Who asks.
    pub const fn actor(&self) -> &'w Actor {
        self.desk.actor
    }

    /// Turns a permit into the event of what was done with it.
    #[must_use]
    pub fn deed<A: Action>(&self, permit: Permit<'c, A>) -> Deed {
        Deed::of(permit)
    }

    pub(super) fn take_denials(&mut self) -> Vec<Event> {
        std::mem::take(&mut self.denials)
    }

    fn deny(&mut self, denied: Denied) -> NotPermitted {
        let event =
            Failure::denied(&denied).into_event(self.desk.actor, self.tx.now(), &*self.desk.shared.entropy);
        self.denials.push(event);
        NotPermitted::Denied(denied)
    }
}

impl<'c> Deref for Work<'_, 'c> {
    type Target = WriteTx<'c>;

    fn deref(&self) -> &WriteTx<'c> {
        self.tx
    }
}

impl<'c> DerefMut for Work<'_, 'c> {
    fn deref_mut(&mut self) -> &mut WriteTx<'c> {
        self.tx
    }
}

/// Who asks, and what the policy knows of them, read once in the transaction.
pub(super) struct Desk<'w> {
    pub(super) actor: &'w Actor,
    pub(super) shared: &'w Shared,
    pub(super) principal: Option<Principal>,
}

impl Desk<'_> {
    pub(super) fn load(&mut self, tx: &mut ReadTx<'_>) -> Result<(), StoreError> {
        if self.principal.is_none() {
            self.principal = Some(principals::load(tx, self.actor)?);
        }
        Ok(())
    }

    pub(super) fn permit<'c, A: Action>(&self, on: &A::On) -> Result<Permit<'c, A>, Denied> {
        match &self.principal {
            Some(principal) => self.shared.policy.permit::<A>(principal, on),
            None => self.shared.policy.permit::<A>(&Principal::without_account(domain::Who::Anonymous), on),
        }
    }
}
