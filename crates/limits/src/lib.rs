//! Rate limits and delays, in process: how often an address may try, and how long to wait after failures.
//!
//! Everything takes the time as an argument and keeps a bounded number of keys, whatever an attacker
//! sends. Nothing here waits: what is refused says after how long to come again.

mod address;
mod bounded;
mod gcra;
mod retry;
mod sign_in;

pub use address::Network;
pub use gcra::{Gcra, Key, Quota};
pub use retry::RetryAfter;
pub use sign_in::{Admitted, Attempt, SignInLimits};
