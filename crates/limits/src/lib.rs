//! Rate limits and delays: how often an address may try, and how long to wait after failures; in process, or shared by
//! several in a Valkey. What else lies in a Valkey lies on a [`Shelf`]: nobody but this crate speaks to one.
//!
//! Everything takes the time as an argument and keeps a bounded number of keys, whatever an attacker
//! sends. Nothing here waits for its turn: what is refused says after how long to come again.

mod address;
mod bounded;
mod gcra;
mod retry;
mod shelf;
mod sign_in;
mod strangers;
mod valkey;
mod visits;

pub use address::Network;
pub use gcra::{Gcra, Key, Quota};
pub use retry::RetryAfter;
pub use shelf::{Away, Shelf, ShelfName};
pub use sign_in::{Admitted, Attempt, SignInLimits};
pub use strangers::Strangers;
pub use valkey::{UnreadableAddress, Valkey, ValkeyAddress};
pub use visits::VisitLimits;
