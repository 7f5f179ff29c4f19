//! One file an aggregate: the statements that read and write it.
//!
//! INVARIANT: functions that write take a permit and take the id from it, or are housekeeping: they say so.

pub mod apps;
pub mod credentials;
pub mod duties;
pub mod events;
pub mod groups;
pub mod handoffs;
pub mod installation;
pub(crate) mod principals;
pub mod root_keys;
pub mod sessions;
pub mod signing_keys;
pub mod single;
pub mod tokens;
pub mod users;

/// A keyed digest of a secret, and which key made it: all that the store ever sees of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDigest {
    /// The key that made it.
    pub key: i64,
    /// HMAC-SHA-256 of the secret.
    pub bytes: [u8; 32],
}
