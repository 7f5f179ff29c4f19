//! All cryptography: key ring, sealing, hashing, signing, token format.
//!
//! Nothing here reads a file, a clock or a database. A secret's type shows its content to nobody who does
//! not ask for it by name (`reveal`), and is wiped from memory when it is dropped.

mod api_token;
mod key_ring;
mod password;
mod readable;
mod secret;
mod signing;
mod strength;
mod timestamp;

pub use api_token::{MalformedToken, TokenSecret};
pub use key_ring::{Digest, KeyId, KeyRing, KeyRingError, Purpose, Unopenable};
pub use password::{
    Busy, Cost, Hashers, Lane, Password, PasswordHash, PasswordRefused, Scheme, UnreadableHash, Verdict,
};
pub use readable::ReadableSecret;
pub use secret::{CodeSecret, MalformedSecret, SessionSecret};
pub use signing::SigningKey;
pub use strength::{PasswordRules, WeakPassword, check};
pub use timestamp::{Signed, sign_value, unsign_value};
