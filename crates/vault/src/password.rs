//! Passwords: the text, its hash (Argon2id, RFC 9106, or bcrypt), and the threads that do the hashing.
//!
//! INVARIANT: nothing hashes a password but [`Hashers`], so that hashing never takes a thread from
//! requests, nor more memory than was planned.

mod any_hash;
mod bcrypt_hash;
mod hash;
mod hashers;
mod queue;

use std::fmt;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

pub use any_hash::{PasswordHash, Scheme};
pub use hash::{Cost, UnreadableHash};
pub use hashers::{Hashers, Verdict};
pub use queue::{Busy, Lane};

const LARGEST: usize = 1_024;

/// What somebody typed as their password, NFC-normalised, so that it is the same from every keyboard.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

/// The text is too long for a password.
#[derive(Debug, thiserror::Error)]
#[error("a password has at most {LARGEST} bytes")]
pub struct PasswordRefused;

impl Password {
    /// Takes any text of up to 1,024 bytes after normalisation.
    pub fn new(text: String) -> Result<Self, PasswordRefused> {
        let text = Zeroizing::new(text);
        // Enough room from the start: a text that grows leaves copies of itself in memory.
        let mut normal = Zeroizing::new(String::with_capacity(LARGEST));
        for character in text.nfc() {
            if normal.len() + character.len_utf8() > LARGEST {
                return Err(PasswordRefused);
            }
            normal.push(character);
        }
        Ok(Self(normal))
    }

    /// Whether nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Password;

    #[test]
    fn a_password_is_the_same_however_its_accents_are_typed() {
        let [composed, decomposed] =
            ["caf\u{e9}", "cafe\u{301}"].map(|t| Password::new(t.to_owned()).unwrap());
        assert_eq!(composed.text(), decomposed.text());
    }

    #[test]
    fn a_password_of_more_than_1024_bytes_is_refused_and_not_cut() {
        assert!(Password::new("é".repeat(512)).is_ok());
        assert!(Password::new("é".repeat(512) + "x").is_err());
    }
}
