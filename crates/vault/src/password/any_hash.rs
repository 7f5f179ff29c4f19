//! A stored hash of either kind, and which kind new ones are of.

use super::{
    Cost, Password,
    bcrypt_hash::{self, BcryptHash},
    hash::{Argon2Hash, UnreadableHash},
};
use argon2::Block;
use std::fmt;

/// How new passwords are hashed. A stored hash of another kind or cost verifies, and is replaced when its password is
/// next used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Argon2id (RFC 9106) at this cost.
    Argon2id(Cost),
    /// bcrypt at this cost, for whoever is bound to it: at most 72 bytes of a password.
    Bcrypt(u32),
}

impl Scheme {
    /// Whether a password can be hashed by it. SECURITY: bcrypt goes round and round a password that ends in NUL, so that
    /// `a` and `a\0a` would be one.
    pub fn takes(self, password: &Password) -> bool {
        let text = password.text();
        matches!(self, Self::Argon2id(_)) || (text.len() <= bcrypt_hash::LONGEST && !text.contains('\0'))
    }
}

impl From<Cost> for Scheme {
    fn from(cost: Cost) -> Self {
        Self::Argon2id(cost)
    }
}

/// A password's hash, as it is stored: the PHC string of Argon2id, or bcrypt's own form.
#[derive(Clone)]
pub struct PasswordHash(Kind);

#[derive(Clone)]
enum Kind {
    Argon2id(Argon2Hash),
    Bcrypt(BcryptHash),
}

impl PasswordHash {
    /// A hash that was stored or imported.
    pub fn from_stored(text: String) -> Result<Self, UnreadableHash> {
        if text.starts_with("$2") {
            return BcryptHash::from_stored(text).map(Kind::Bcrypt).map(Self);
        }
        Argon2Hash::from_stored(text).map(Kind::Argon2id).map(Self)
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Argon2id(hash) => hash.as_str(),
            Kind::Bcrypt(hash) => hash.as_str(),
        }
    }

    /// Whether guessing its password costs enough for it to be taken from elsewhere: bcrypt from a cost of 10 on,
    /// Argon2id from 32 MiB in one pass on, or the same work in more passes.
    pub fn resists_guessing(&self) -> bool {
        match self.scheme() {
            Scheme::Argon2id(cost) => cost.resists_guessing(),
            Scheme::Bcrypt(cost) => cost >= 10,
        }
    }

    /// What made it.
    pub(super) fn scheme(&self) -> Scheme {
        match &self.0 {
            Kind::Argon2id(hash) => Scheme::Argon2id(hash.cost()),
            Kind::Bcrypt(hash) => Scheme::Bcrypt(hash.cost()),
        }
    }

    /// A hash that stands for an account that is not there.
    pub(super) fn dummy(scheme: Scheme) -> Option<Self> {
        match scheme {
            Scheme::Argon2id(cost) => Some(Self(Kind::Argon2id(Argon2Hash::dummy(cost)))),
            Scheme::Bcrypt(cost) => {
                let text = format!("$2b${cost:02}${}", ".".repeat(53));
                BcryptHash::from_stored(text).ok().map(Kind::Bcrypt).map(Self)
            }
        }
    }

    /// Hashes `password`, in `memory` that may be used again; nothing where the scheme does not take it.
    pub(super) fn make(
        scheme: Scheme,
        salt: [u8; 16],
        password: &Password,
        memory: &mut Vec<Block>,
    ) -> Option<Self> {
        match scheme {
            Scheme::Argon2id(cost) => {
                Argon2Hash::make(cost, salt, password, memory).map(Kind::Argon2id).map(Self)
            }
            Scheme::Bcrypt(cost) => BcryptHash::make(cost, salt, password).map(Kind::Bcrypt).map(Self),
        }
    }

    /// Whether it was made of `password`; compares in constant time.
    pub(super) fn is_of(&self, password: &Password, memory: &mut Vec<Block>) -> Option<bool> {
        match &self.0 {
            Kind::Argon2id(hash) => hash.is_of(password, memory),
            Kind::Bcrypt(hash) => hash.is_of(password),
        }
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}
