//! The text of an API token: `dwt_`, 43 base62 characters that write 32 random bytes as a big-endian
//! number, and 6 that write the CRC-32 of all before them.
//!
//! A scanner finds a leaked one by its shape, and a typo is told from a revoked token without a lookup.
//! INVARIANT: a token has exactly one text.

use domain::Entropy;
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

const PREFIX: &str = "dwt_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BODY: usize = 43;
const CHECKSUM: usize = 6;
const SHOWN: usize = 8;

/// The secret of an API token.
pub struct TokenSecret(Zeroizing<[u8; 32]>);

/// The text is no token: wrong prefix, length, character or checksum.
#[derive(Debug, thiserror::Error)]
#[error("not a token: it is `dwt_` and 49 letters and digits, exactly as shown when it was made")]
pub struct MalformedToken;

impl TokenSecret {
    /// A fresh token.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        entropy.fill(bytes.as_mut());
        Self(bytes)
    }

    /// The bytes, of which a digest is to be made.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The text for the token's owner.
    pub fn reveal(&self) -> String {
        let mut text = String::with_capacity(PREFIX.len() + BODY + CHECKSUM);
        text.push_str(PREFIX);
        text.extend(base62::<BODY>(self.0.clone().as_mut()));
        let checksum = crc32fast::hash(text.as_bytes());
        text.extend(base62::<CHECKSUM>(&mut checksum.to_be_bytes()));
        text
    }

    /// The first characters, by which the owner knows the token again in a list; no secret.
    pub fn prefix(&self) -> String {
        let text = Zeroizing::new(self.reveal());
        text.chars().take(SHOWN).collect()
    }
}

impl FromStr for TokenSecret {
    type Err = MalformedToken;

    fn from_str(text: &str) -> Result<Self, MalformedToken> {
        let (head, checksum) = text.split_at_checked(PREFIX.len() + BODY).ok_or(MalformedToken)?;
        let body = head.strip_prefix(PREFIX).ok_or(MalformedToken)?;
        let expected = base62::<CHECKSUM>(&mut crc32fast::hash(head.as_bytes()).to_be_bytes());
        if !checksum.chars().eq(expected) {
            return Err(MalformedToken);
        }
        number(body).map(Self).ok_or(MalformedToken)
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

/// The last `N` base62 digits of a big-endian number, which is divided down to what is left.
fn base62<const N: usize>(number: &mut [u8]) -> [char; N] {
    let mut digits = ['0'; N];
    for digit in digits.iter_mut().rev() {
        let rest = number.iter_mut().fold(0, |rest, byte| {
            let value = rest * 256 + u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            value % 62
        });
        *digit = ALPHABET.get(usize::from(rest)).copied().map_or('0', char::from);
    }
    digits
}

/// The big-endian number that the digits write, if it fits.
fn number(digits: &str) -> Option<Zeroizing<[u8; 32]>> {
    // Least limb first.
    let mut limbs = Zeroizing::new([0_u64; 4]);
    for digit in digits.bytes().map(value) {
        let mut carry = digit?;
        for limb in limbs.iter_mut() {
            (*limb, carry) = limb.carrying_mul(62, carry);
        }
        if carry != 0 {
            return None;
        }
    }
    let mut bytes = Zeroizing::new([0; 32]);
    for (to, limb) in bytes.chunks_exact_mut(8).zip(limbs.iter().rev()) {
        to.copy_from_slice(&limb.to_be_bytes());
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u64> {
    let offset = match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'Z' => digit - b'A' + 10,
        b'a'..=b'z' => digit - b'a' + 36,
        _ => return None,
    };
    Some(u64::from(offset))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::FixedEntropy;
    use proptest::prelude::*;

    /// `body` with the checksum that belongs to it.
    fn sealed(body: &str) -> String {
        let head = format!("{PREFIX}{body}");
        let checksum = base62::<CHECKSUM>(&mut crc32fast::hash(head.as_bytes()).to_be_bytes());
        head + &String::from_iter(checksum)
    }

    proptest! {
        #[test]
        fn a_token_reads_back_from_its_text(bytes: [u8; 32]) {
            let text = TokenSecret(Zeroizing::new(bytes)).reveal();
            prop_assert_eq!(text.len(), 53);
            let read: TokenSecret = text.parse().unwrap();
            prop_assert_eq!(read.bytes(), &bytes);
        }

        #[test]
        fn rule_09_no_two_texts_are_one_token(body in "[0-9A-Za-z]{42,44}") {
            let text = sealed(&body);
            if let Ok(token) = text.parse::<TokenSecret>() {
                prop_assert_eq!(token.reveal(), text);
            }
        }

        #[test]
        fn rule_09_one_wrong_character_is_a_typo(bytes: [u8; 32], place in 0_usize..53, wrong in "[ -~é]") {
            let text = TokenSecret(Zeroizing::new(bytes)).reveal();
            let mut typo = text.clone();
            typo.replace_range(place..=place, &wrong);
            prop_assume!(typo != text);
            prop_assert!(typo.parse::<TokenSecret>().is_err());
        }

        #[test]
        fn any_text_is_read_without_a_panic(text in ".{0,60}") {
            prop_assert!(text.parse::<TokenSecret>().is_err());
        }
    }

    #[test]
    fn rule_09_the_numbers_stand_as_they_are_written() {
        let one = sealed(&format!("{}1", "0".repeat(42)));
        assert_eq!(one.parse::<TokenSecret>().unwrap().bytes().last(), Some(&1));
        let largest = TokenSecret(Zeroizing::new([255; 32])).reveal();
        assert_eq!(largest, "dwt_yhjskwdA6OZ1AL1YmHWZWm8LLG7HjnuCA2j5rOw8Xp13c3LMT");
    }

    #[test]
    fn rule_09_a_number_over_256_bits_is_no_token() {
        assert!(sealed(&"z".repeat(43)).parse::<TokenSecret>().is_err());
        assert!(sealed(&"0".repeat(43)).parse::<TokenSecret>().is_ok());
    }

    #[test]
    fn a_list_shows_the_first_eight_characters() {
        let token = TokenSecret::generate(&FixedEntropy::new(1));
        assert_eq!(token.prefix().len(), 8);
        assert!(token.reveal().starts_with(&token.prefix()));
    }
}
