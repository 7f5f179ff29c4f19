//! Proof that the policy said yes: to this, on this row, in this transaction.

use crate::{Action, Reason, Resource};
use domain::{Id, User};
use std::{fmt, marker::PhantomData};

/// Proof that the policy allowed `A` on one thing; functions that write take it and take the id from it.
///
/// INVARIANT: only this crate makes it, it cannot be copied, and its brand `'c`, which neither grows nor shrinks,
/// keeps it inside its transaction (`security.md` 13). It can be handed on:
///
/// ```
/// use doorward_policy::{Permit, actions::RevokeToken};
/// fn hand_on<'c>(permit: Permit<'c, RevokeToken>) -> Permit<'c, RevokeToken> {
///     permit
/// }
/// ```
///
/// but not used twice,
///
/// ```compile_fail,E0599
/// # use doorward_policy::{Permit, actions::RevokeToken};
/// fn copy<'c>(permit: Permit<'c, RevokeToken>) {
///     let _two = (permit.clone(), permit);
/// }
/// ```
///
/// nor carried out of its transaction,
///
/// ```compile_fail
/// # use doorward_policy::{Permit, actions::RevokeToken};
/// fn carry_out<'c>(permit: Permit<'c, RevokeToken>) -> Permit<'static, RevokeToken> {
///     permit
/// }
/// ```
///
/// nor into one that is inside it.
///
/// ```compile_fail
/// # use doorward_policy::{Permit, actions::RevokeToken};
/// fn carry_in<'outer: 'inner, 'inner>(permit: Permit<'outer, RevokeToken>) -> Permit<'inner, RevokeToken> {
///     permit
/// }
/// ```
pub struct Permit<'c, A: Action> {
    id: <A::On as Resource>::Id,
    key: Option<String>,
    reasons: Vec<Reason>,
    brand: PhantomData<fn(&'c ()) -> &'c ()>,
}

impl<A: Action> Permit<'_, A> {
    pub(crate) fn new(on: &A::On, reasons: Vec<Reason>) -> Self {
        Self { id: on.id(), key: on.key(), reasons, brand: PhantomData }
    }

    /// What the policy allowed it on.
    pub const fn id(&self) -> <A::On as Resource>::Id {
        self.id
    }

    /// The same, as the audit log writes it.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }

    /// Why the policy allowed it.
    pub fn reasons(&self) -> &[Reason] {
        &self.reasons
    }
}

impl<A: Action> fmt::Debug for Permit<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Permit({} on {:?})", A::NAME, self.key)
    }
}

/// Which rows a list may show.
#[derive(Debug)]
pub enum Visible<A> {
    /// Every row.
    All(PhantomData<fn() -> A>),
    /// Only this account's own.
    OwnedBy(Id<User>),
}

impl<A> Visible<A> {
    /// The account whose rows alone may be shown; `None` for all.
    pub const fn owner(&self) -> Option<Id<User>> {
        match self {
            Self::All(_) => None,
            Self::OwnedBy(owner) => Some(*owner),
        }
    }
}
