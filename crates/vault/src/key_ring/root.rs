//! One root key, and the keys derived from it.
//!
//! INVARIANT: no key is used for two purposes or two algorithms; the labels never change, or everything
//! that was made with them is lost.

use super::{Digest, Unopenable};
use aws_lc_rs::{hkdf, hmac};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use domain::{Entropy, Time};
use std::{fmt, num::TryFromIntError};
use zeroize::Zeroizing;

/// Names a root key in the key file and in what is stored. It is random and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub(super) u32);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

impl From<KeyId> for i64 {
    fn from(id: KeyId) -> Self {
        id.0.into()
    }
}

impl TryFrom<i64> for KeyId {
    type Error = TryFromIntError;

    fn try_from(stored: i64) -> Result<Self, TryFromIntError> {
        stored.try_into().map(Self)
    }
}

/// What a digest or sealed bytes are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Digests of session secrets.
    Session,
    /// Digests of one-time codes.
    Code,
    /// Digests of API tokens.
    Token,
    /// Digests of what visitors call themselves when they sign in, for limits.
    SignInName,
    /// The cookie by which a browser proves that it signed in before.
    Device,
    /// The cookie that an app host sets when it sends a browser to sign in.
    Start,
    /// Sealing of secrets in the database.
    Seal,
    /// Sealing of the keys that sign assertions.
    SigningKeys,
    /// Sealing of what leads from a session's secret to the session, where that is not in the database.
    HeldSession,
}

impl Purpose {
    const ALL: [Self; 9] = [
        Self::Session,
        Self::Code,
        Self::Token,
        Self::SignInName,
        Self::Device,
        Self::Start,
        Self::Seal,
        Self::SigningKeys,
        Self::HeldSession,
    ];

    const fn label(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Code => "code",
            Self::Token => "token",
            Self::SignInName => "sign-in name",
            Self::Device => "device",
            Self::Start => "start",
            Self::Seal => "seal",
            Self::SigningKeys => "signing keys",
            Self::HeldSession => "held session",
        }
    }
}

/// A purpose's keys under one root.
struct Subkeys {
    mac: hmac::Key,
    cipher: XChaCha20Poly1305,
}

/// A root key with its derived keys.
pub(super) struct Root {
    pub(super) id: KeyId,
    pub(super) created: Time,
    pub(super) secret: Zeroizing<[u8; 32]>,
    /// A value by which rings are compared, which tells nothing about the key.
    pub(super) print: [u8; 32],
    /// In the order of `Purpose::ALL`.
    subkeys: [Subkeys; Purpose::ALL.len()],
}

impl Root {
    pub(super) fn generate(entropy: &dyn Entropy, now: Time) -> Self {
        let (mut id, mut secret) = ([0; 4], Zeroizing::new([0; 32]));
        entropy.fill(&mut id);
        entropy.fill(secret.as_mut());
        Self::new(KeyId(u32::from_be_bytes(id)), now, secret)
    }

    pub(super) fn new(id: KeyId, created: Time, secret: Zeroizing<[u8; 32]>) -> Self {
        let derivation = hkdf::Salt::new(hkdf::HKDF_SHA256, b"doorward root key").extract(secret.as_ref());
        let print = *derive(&derivation, "print", "ring");
        let subkeys = Purpose::ALL.map(|purpose| Subkeys {
            mac: hmac::Key::new(hmac::HMAC_SHA256, derive(&derivation, "mac", purpose.label()).as_ref()),
            cipher: XChaCha20Poly1305::new((&*derive(&derivation, "seal", purpose.label())).into()),
        });
        Self { id, created, secret, print, subkeys }
    }

    pub(super) fn digest(&self, purpose: Purpose, bytes: &[u8]) -> Digest {
        let tag = hmac::sign(&self.subkeys(purpose).mac, bytes);
        let mut digest = Digest { key: self.id, bytes: [0; 32] };
        digest.bytes.copy_from_slice(tag.as_ref());
        digest
    }

    #[expect(clippy::expect_used, reason = "fails only beyond 256 GiB, more than any request brings")]
    pub(super) fn encrypt(&self, purpose: Purpose, nonce: &XNonce, payload: Payload<'_, '_>) -> Vec<u8> {
        self.subkeys(purpose).cipher.encrypt(nonce, payload).expect("the text is short enough to seal")
    }

    pub(super) fn decrypt(
        &self,
        purpose: Purpose,
        nonce: &XNonce,
        payload: Payload<'_, '_>,
    ) -> Result<Zeroizing<Vec<u8>>, Unopenable> {
        let plain = self.subkeys(purpose).cipher.decrypt(nonce, payload);
        plain.map(Zeroizing::new).map_err(|_| Unopenable)
    }

    #[expect(clippy::indexing_slicing, reason = "there are as many subkeys as purposes, in their order")]
    fn subkeys(&self, purpose: Purpose) -> &Subkeys {
        &self.subkeys[purpose as usize]
    }
}

#[expect(clippy::expect_used, reason = "fails only for outputs longer than 255 hashes")]
fn derive(root: &hkdf::Prk, usage: &str, label: &str) -> Zeroizing<[u8; 32]> {
    let mut key = Zeroizing::new([0; 32]);
    let info = [b"doorward/1/", usage.as_bytes(), b"/", label.as_bytes()];
    root.expand(&info, hkdf::HKDF_SHA256)
        .and_then(|okm| okm.fill(key.as_mut()))
        .expect("HKDF gives one hash of output");
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_purpose_finds_its_own_keys() {
        for (place, purpose) in Purpose::ALL.into_iter().enumerate() {
            assert_eq!(place, purpose as usize);
        }
        let mut labels = Purpose::ALL.map(Purpose::label).to_vec();
        labels.sort_unstable();
        labels.dedup();
        assert_eq!(labels.len(), Purpose::ALL.len());
    }
}
