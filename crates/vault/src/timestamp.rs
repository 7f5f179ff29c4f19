//! Values that carry their time and a signature, in the form of `itsdangerous.TimestampSigner` (2.x) with SHA-256:
//! `value.time.signature`.
//!
//! The time is the seconds since 1970, big-endian without leading zeros, in base64url; the signature is HMAC-SHA-256 of
//! what stands before it, under SHA-256 of `itsdangerous.Signer`, `signer` and the secret.

use crate::ReadableSecret;
use aws_lc_rs::{digest, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

const SALT: &[u8] = b"itsdangerous.Signer";

/// A value whose signature was right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What was signed.
    pub value: String,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// Signs a value that holds no `.`; `at` is in seconds since 1970.
pub fn sign_value(secret: &ReadableSecret, value: &str, at: u64) -> String {
    let bytes = at.to_be_bytes();
    let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(bytes.len());
    let time = URL_SAFE_NO_PAD.encode(bytes.get(start..).unwrap_or_default());
    let text = format!("{value}.{time}");
    let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&key(secret), text.as_bytes()));
    format!("{text}.{tag}")
}

/// The value and its time, where the signature is right; compared in constant time. How old it may be is for the caller
/// to say.
pub fn unsign_value(secret: &ReadableSecret, text: &str) -> Option<Signed> {
    let (signed, tag) = text.rsplit_once('.')?;
    let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
    hmac::verify(&key(secret), signed.as_bytes(), &tag).ok()?;
    let (value, time) = signed.rsplit_once('.')?;
    let time = URL_SAFE_NO_PAD.decode(time).ok().filter(|bytes| bytes.len() <= 8)?;
    let at = time.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
    Some(Signed { value: value.to_owned(), at })
}

fn key(secret: &ReadableSecret) -> hmac::Key {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in [SALT, b"signer", secret.reveal().as_bytes()] {
        hash.update(part);
    }
    hmac::Key::new(hmac::HMAC_SHA256, hash.finish().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Made by `TimestampSigner(secret, digest_method=sha256)` of itsdangerous 2.2.0.
    const REFERENCE: &str = "admin.ZVPxAA.fJvm0gWTGHtFQw9TMARBCI0-W8WbItOUhLPQ2zrHpQ8";

    fn secret() -> ReadableSecret {
        ReadableSecret::read("0123456789abcdefghijklmnopqrstuvwxyzABCDEFG").unwrap()
    }

    #[test]
    fn a_signature_agrees_with_itsdangerous() {
        assert_eq!(sign_value(&secret(), "admin", 1_700_000_000), REFERENCE);
        assert_eq!(
            unsign_value(&secret(), REFERENCE),
            Some(Signed { value: "admin".into(), at: 1_700_000_000 })
        );
    }

    #[test]
    fn what_was_altered_is_not_read() {
        for place in 0..REFERENCE.len() {
            let mut bytes = REFERENCE.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(bytes).unwrap();
            let same_bits = text.get(..REFERENCE.len() - 1) == REFERENCE.get(..REFERENCE.len() - 1);
            assert!(unsign_value(&secret(), &text).is_none() || same_bits, "{text}");
        }
        let other = ReadableSecret::read(&"x".repeat(43)).unwrap();
        assert!(unsign_value(&other, REFERENCE).is_none());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,80}") {
            prop_assert!(unsign_value(&secret(), &text).is_none());
        }

        #[test]
        fn what_was_signed_is_read(at: u64) {
            let text = sign_value(&secret(), "admin", at);
            prop_assert_eq!(unsign_value(&secret(), &text).unwrap().at, at);
        }
    }
}
