//! Who may do what to this row, and why.
//!
//! Pure: facts in, a decision out, with its reasons. Cedar does the deciding and is seen nowhere outside this
//! crate. The store alone asks for a [`Permit`], inside a transaction, on the row as it is there.

mod action;
pub mod actions;
mod additions;
mod builtin;
mod cedar;
mod decision;
mod facts;
mod permit;
mod principal;
mod resource;

pub use action::{Action, Known, Reach};
pub use additions::Additions;
pub use cedar::{Policy, PolicyError};
pub use decision::{Decision, Denied, Hint, Reason};
pub use facts::{Fact, Facts};
pub use permit::{Permit, Visible};
pub use principal::{Account, Principal};
pub use resource::{AppHost, Installation, Resource};
