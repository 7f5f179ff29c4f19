//! The root keys and what is made with them: digests of secrets, and sealed bytes.
//!
//! Every purpose has keys of its own, derived once at load (HKDF-SHA256, RFC 5869). What is stored names
//! the root key it was made with; older keys go on verifying and opening until they are retired, which is
//! to say until their line is gone. Reading and writing the key file is not done here.

mod root;
mod text;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::aead::Payload;
use domain::{Entropy, Time};
use root::Root;
use std::{fmt, iter};
use zeroize::Zeroizing;

pub use root::{KeyId, Purpose};
pub use text::KeyRingError;

/// The root keys: one that new things are made with, and older ones that still verify.
pub struct KeyRing {
    /// The oldest first, as in the file.
    older: Vec<Root>,
    current: Root,
}

/// An HMAC-SHA256 under a purpose's key, and which root key that came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest {
    /// The root key.
    pub key: KeyId,
    /// The HMAC.
    pub bytes: [u8; 32],
}

/// The bytes were not sealed for this purpose and context under a key of this ring, or were altered.
#[derive(Debug, thiserror::Error)]
#[error("sealed bytes cannot be opened: they were altered, or belong to another key or place")]
pub struct Unopenable;

impl KeyRing {
    /// A ring with one fresh root key.
    pub fn create(entropy: &dyn Entropy, now: Time) -> Self {
        Self { older: Vec::new(), current: Root::generate(entropy, now) }
    }

    /// Makes a fresh root key the current one; the others go on verifying and opening.
    pub fn rotate(&mut self, entropy: &dyn Entropy, now: Time) {
        let mut fresh = Root::generate(entropy, now);
        while self.roots().any(|root| root.id == fresh.id) {
            fresh = Root::generate(entropy, now);
        }
        self.older.push(std::mem::replace(&mut self.current, fresh));
    }

    /// The root key that new things are made with.
    pub fn current(&self) -> KeyId {
        self.current.id
    }

    /// The digest of `bytes` under the current key, for what is made now.
    pub fn digest(&self, purpose: Purpose, bytes: &[u8]) -> Digest {
        self.current.digest(purpose, bytes)
    }

    /// The digests of `bytes` under all live keys, the current first, to look up what was made earlier.
    pub fn digests(&self, purpose: Purpose, bytes: &[u8]) -> impl Iterator<Item = Digest> {
        self.roots().map(move |root| root.digest(purpose, bytes))
    }

    /// Encrypts and authenticates `plain` under the current key (XChaCha20-Poly1305).
    ///
    /// `aad` is the place where the bytes belong, such as table, column and row: they open nowhere else.
    pub fn seal(&self, purpose: Purpose, aad: &[u8], plain: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
        let mut nonce = [0; 24];
        entropy.fill(&mut nonce);
        let header = header(self.current.id);
        let payload = Payload { msg: plain, aad: &[&header, aad].concat() };
        let body = self.current.encrypt(purpose, &nonce.into(), payload);
        [header.as_slice(), &nonce, &body].concat()
    }

    /// Opens what [`Self::seal`] made for the same purpose and place, under any live key.
    pub fn open(
        &self,
        purpose: Purpose,
        aad: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
        let (start, rest) = sealed.split_first_chunk::<5>().ok_or(Unopenable)?;
        let (nonce, body) = rest.split_first_chunk::<24>().ok_or(Unopenable)?;
        let root = self.roots().find(|root| header(root.id) == *start).ok_or(Unopenable)?;
        let payload = Payload { msg: body, aad: &[start, aad].concat() };
        root.decrypt(purpose, nonce.into(), payload)
    }

    /// Tells rings apart, so that replicas can compare theirs; reveals nothing of the keys.
    pub fn fingerprint(&self) -> String {
        let prints: Vec<u8> = self.roots().flat_map(|root| root.print).collect();
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, &prints))
    }

    /// The current one first, then from the youngest to the oldest.
    fn roots(&self) -> impl Iterator<Item = &Root> {
        iter::once(&self.current).chain(self.older.iter().rev())
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.roots().map(|root| root.id)).finish()
    }
}

/// How sealed bytes begin: the version of their form, and the root key.
fn header(id: KeyId) -> [u8; 5] {
    let [a, b, c, d] = id.0.to_be_bytes();
    [1, a, b, c, d]
}

#[cfg(test)]
mod tests;
