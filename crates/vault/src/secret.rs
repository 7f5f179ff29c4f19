//! Random secrets that Doorward makes and hands to a browser: of a session, of a one-time code.
//!
//! INVARIANT: a secret has exactly one text, 43 characters of base64url (RFC 4648 §5, unpadded).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Entropy;
use std::{fmt, marker::PhantomData, str::FromStr};
use zeroize::Zeroizing;

/// What a session's cookie carries.
pub type SessionSecret = Secret<Session>;

/// What a one-time link or code carries.
pub type CodeSecret = Secret<Code>;

/// 256 random bits with one use.
pub struct Secret<U> {
    bytes: Zeroizing<[u8; 32]>,
    of: PhantomData<fn() -> U>,
}

/// Marks the secret of a session.
pub enum Session {}

/// Marks the secret of a one-time code.
pub enum Code {}

/// The text is not 43 characters of base64url.
#[derive(Debug, thiserror::Error)]
#[error("not a secret that was made here")]
pub struct MalformedSecret;

impl<U> Secret<U> {
    /// A fresh secret.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self { bytes, of: PhantomData }
    }

    /// The bytes, of which a digest is to be made.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The text for whom the secret was made.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes.as_ref())
    }
}

impl<U> FromStr for Secret<U> {
    type Err = MalformedSecret;

    fn from_str(text: &str) -> Result<Self, MalformedSecret> {
        let mut bytes = Zeroizing::new([0; 32]);
        match URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut()) {
            Ok(32) => Ok(Self { bytes, of: PhantomData }),
            _ => Err(MalformedSecret),
        }
    }
}

impl<U> fmt::Debug for Secret<U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{KeyRing, Password, SigningKey, TokenSecret};
    use domain::{FixedEntropy, Time};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_secret_reads_back_from_its_text(seed: u64) {
            let secret = SessionSecret::generate(&FixedEntropy::new(seed));
            let text = secret.reveal();
            prop_assert_eq!(text.len(), 43);
            let read: SessionSecret = text.parse().unwrap();
            prop_assert_eq!(read.bytes(), secret.bytes());
        }

        #[test]
        fn no_two_texts_are_one_secret(text in "[-_A-Za-z0-9]{42,44}=?") {
            if let Ok(secret) = text.parse::<CodeSecret>() {
                prop_assert_eq!(secret.reveal(), text);
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,60}") {
            prop_assume!(text.len() != 43);
            prop_assert!(text.parse::<CodeSecret>().is_err());
        }
    }

    #[test]
    fn no_secret_shows_its_content_to_a_log() {
        let entropy = FixedEntropy::new(1);
        let session = SessionSecret::generate(&entropy);
        let token = TokenSecret::generate(&entropy);
        let ring = KeyRing::create(&entropy, Time::from_micros(0));
        assert_eq!(format!("{session:?}"), "Secret(…)");
        assert_eq!(format!("{token:?}"), "TokenSecret(…)");
        assert_eq!(format!("{:?}", Password::new("canary".to_owned()).unwrap()), "Password(…)");
        assert_eq!(format!("{ring:?}"), format!("[{:?}]", ring.current()));
        let key = SigningKey::generate();
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
    }
}
