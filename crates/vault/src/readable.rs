//! A secret that its owner may read again: the one token of an app with a single administrator, and the key that its
//! sessions are signed with.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Entropy;
use std::{fmt, ops::RangeInclusive};
use zeroize::Zeroizing;

/// As many characters as are read: 32 bytes in base64url are 43.
const LENGTHS: RangeInclusive<usize> = 32..=256;

/// A secret text of 43 characters of base64url, or one that was imported.
///
/// SECURITY: it is compared in constant time and in no other way:
///
/// ```compile_fail,E0369
/// # use doorward_vault::ReadableSecret;
/// fn same(one: ReadableSecret, other: ReadableSecret) -> bool {
///     one == other
/// }
/// ```
#[derive(Clone)]
pub struct ReadableSecret(Zeroizing<String>);

impl ReadableSecret {
    /// A fresh secret of 32 random bytes.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_ref())))
    }

    /// A secret that was kept or imported: 32 to 256 characters of base64url.
    pub fn read(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let good = LENGTHS.contains(&text.len()) && text.bytes().all(fits);
        good.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `claimed` is the secret; takes the same time wherever they differ.
    pub fn matches(&self, claimed: &str) -> bool {
        verify_slices_are_equal(self.0.as_bytes(), claimed.as_bytes()).is_ok()
    }
}

impl fmt::Debug for ReadableSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadableSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FixedEntropy;

    #[test]
    fn a_secret_matches_itself_alone() {
        let secret = ReadableSecret::generate(&FixedEntropy::new(1));
        assert_eq!(secret.reveal().len(), 43);
        assert!(secret.matches(ReadableSecret::read(secret.reveal()).unwrap().reveal()));
        let text = secret.reveal();
        for other in [text.get(..42).unwrap(), &format!("{text}x"), "", &text.to_uppercase()] {
            assert!(!secret.matches(other), "{other}");
        }
        assert_eq!(format!("{secret:?}"), "ReadableSecret(…)");
    }

    #[test]
    fn what_is_too_short_or_no_base64url_is_not_read() {
        for text in ["", "short", &"x".repeat(31), &"x".repeat(257), &format!("{} ", "x".repeat(43))] {
            assert!(ReadableSecret::read(text).is_none(), "{text}");
        }
    }
}
