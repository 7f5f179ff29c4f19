//! A stored hash in the PHC string format: `$argon2id$v=19$m=65536,t=3,p=4$<salt>$<tag>`.
//!
//! SECURITY: hashes may be imported, so their costs are bounded before anything is hashed: one line must
//! not be able to take all memory, or a thread for hours.

use super::Password;
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use std::{fmt, ops::RangeInclusive};
use zeroize::Zeroizing;

const LARGEST_MEMORY_KIB: u32 = 256 * 1_024;
const MOST_PASSES: u32 = 16;
const MOST_LANES: u32 = 16;
const SALT: usize = 16;
const TAG: usize = 32;
/// The lengths in bytes that are read.
const SALTS: RangeInclusive<usize> = 8..=64;
const TAGS: RangeInclusive<usize> = 16..=64;

/// What a hash costs whoever makes or guesses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    /// 64 MiB, three passes, four lanes (RFC 9106 §4, second recommended option).
    pub const STANDARD: Self = Self { memory_kib: 64 * 1_024, passes: 3, lanes: 4 };

    /// Next to nothing, for tests alone.
    pub const fn danger_tiny() -> Self {
        Self { memory_kib: 8, passes: 1, lanes: 1 }
    }

    pub(super) fn resists_guessing(self) -> bool {
        self.memory_kib.saturating_mul(self.passes) >= 32 * 1_024
    }

    fn params(self) -> Option<Params> {
        let bounded =
            self.memory_kib <= LARGEST_MEMORY_KIB && self.passes <= MOST_PASSES && self.lanes <= MOST_LANES;
        bounded.then(|| Params::new(self.memory_kib, self.passes, self.lanes, None).ok())?
    }

    /// `m=65536,t=3,p=4`, in this order and with all three.
    fn parse(text: &str) -> Option<Self> {
        let [memory, passes, lanes] = text.split(',').collect::<Vec<_>>().try_into().ok()?;
        let number = |field: &str, name| field.strip_prefix(name)?.parse().ok();
        Some(Self {
            memory_kib: number(memory, "m=")?,
            passes: number(passes, "t=")?,
            lanes: number(lanes, "p=")?,
        })
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={},t={},p={}", self.memory_kib, self.passes, self.lanes)
    }
}

/// An Argon2id hash, as it is stored.
#[derive(Clone)]
pub(super) struct Argon2Hash {
    text: String,
    cost: Cost,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

/// The text is no hash of a known kind, or one whose cost is out of bounds.
#[derive(Debug, thiserror::Error)]
#[error("not an Argon2id or bcrypt hash of a bearable cost")]
pub struct UnreadableHash;

impl Argon2Hash {
    /// A hash that was stored or imported.
    pub(super) fn from_stored(text: String) -> Result<Self, UnreadableHash> {
        Self::read(text).ok_or(UnreadableHash)
    }

    /// The text to store.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// What checking a password against it costs.
    pub(super) fn cost(&self) -> Cost {
        self.cost
    }

    /// A hash of `cost` that stands for an account that is not there.
    pub(super) fn dummy(cost: Cost) -> Self {
        Self::new(cost, vec![0; SALT], vec![0; TAG])
    }

    /// Hashes `password`, in `memory` that may be used again.
    pub(super) fn make(
        cost: Cost,
        salt: [u8; SALT],
        password: &Password,
        memory: &mut Vec<Block>,
    ) -> Option<Self> {
        let mut tag = vec![0; TAG];
        argon2id(cost, &salt, password, memory, &mut tag)?;
        Some(Self::new(cost, salt.to_vec(), tag))
    }

    /// Whether it was made of `password`; compares in constant time.
    pub(super) fn is_of(&self, password: &Password, memory: &mut Vec<Block>) -> Option<bool> {
        let mut tag = Zeroizing::new(vec![0; self.tag.len()]);
        argon2id(self.cost, &self.salt, password, memory, &mut tag)?;
        Some(verify_slices_are_equal(&tag, &self.tag).is_ok())
    }

    fn new(cost: Cost, salt: Vec<u8>, tag: Vec<u8>) -> Self {
        let [salt_text, tag_text] = [&salt, &tag].map(|bytes| STANDARD_NO_PAD.encode(bytes));
        let text = format!("$argon2id$v=19${cost}${salt_text}${tag_text}");
        Self { text, cost, salt, tag }
    }

    fn read(text: String) -> Option<Self> {
        let fields = text.strip_prefix("$argon2id$v=19$")?;
        let [cost, salt, tag] = fields.split('$').collect::<Vec<_>>().try_into().ok()?;
        let cost = Cost::parse(cost).filter(|cost| cost.params().is_some())?;
        let [salt, tag] = [salt, tag].map(|field| STANDARD_NO_PAD.decode(field).ok());
        let salt = salt.filter(|salt| SALTS.contains(&salt.len()))?;
        let tag = tag.filter(|tag| TAGS.contains(&tag.len()))?;
        Some(Self { text, cost, salt, tag })
    }
}

impl fmt::Debug for Argon2Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Argon2Hash(…)")
    }
}

fn argon2id(
    cost: Cost,
    salt: &[u8],
    password: &Password,
    memory: &mut Vec<Block>,
    tag: &mut [u8],
) -> Option<()> {
    let params = cost.params()?;
    if memory.len() < params.block_count() {
        memory.resize(params.block_count(), Block::new());
    }
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into_with_memory(password.text().as_bytes(), salt, tag, memory).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Made by the reference implementation in C, with the salt `doorward-salt-16`.
    const REFERENCE: [(&str, &str); 2] = [
        (
            "correct horse battery staple",
            "$argon2id$v=19$m=65536,t=3,p=4$ZG9vcndhcmQtc2FsdC0xNg$UZfnu71EbLCiyf+jFQ2viaOwlDm7TaHFXQWqeT9e4d4",
        ),
        (
            "pässwörd",
            "$argon2id$v=19$m=64,t=1,p=1$ZG9vcndhcmQtc2FsdC0xNg$8Smxtn7gpz+zeOPRy66aqm7d108yd4UJuBF95Q35Wis",
        ),
    ];

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap()
    }

    fn read(text: &str) -> Option<Argon2Hash> {
        Argon2Hash::from_stored(text.to_owned()).ok()
    }

    #[test]
    fn hashes_agree_with_the_reference_implementation() {
        let mut memory = Vec::new();
        for (text, expected) in REFERENCE {
            let stored = read(expected).unwrap();
            assert_eq!(stored.is_of(&password(text), &mut memory), Some(true));
            assert_eq!(stored.is_of(&password("another"), &mut memory), Some(false));
            let made =
                Argon2Hash::make(stored.cost, *b"doorward-salt-16", &password(text), &mut memory).unwrap();
            assert_eq!(made.as_str(), expected);
        }
    }

    #[test]
    fn a_hash_that_would_cost_too_much_is_not_read() {
        let with =
            |cost: &str| format!("$argon2id$v=19${cost}$ZG9vcndhcmQtc2FsdC0xNg$8Smxtn7gpz+zeOPRy66aqg");
        assert!(read(&with("m=262144,t=16,p=16")).is_some());
        for cost in
            ["m=262145,t=1,p=1", "m=64,t=17,p=1", "m=512,t=1,p=17", "m=64,t=1,p=536870912", "m=7,t=1,p=1"]
        {
            assert!(read(&with(cost)).is_none(), "{cost}");
        }
    }

    #[test]
    fn other_algorithms_versions_and_orders_are_not_read() {
        let (_, good) = REFERENCE[1];
        for (from, to) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("m=64,t=1", "t=1,m=64"),
            (",p=1", ""),
            ("Wis", "Wi"),
            ("5Wis", "5Wis$"),
            ("ZG9vcndhcmQtc2FsdC0xNg", "ZG9v"),
        ] {
            assert!(read(&good.replace(from, to)).is_none(), "{from} as {to}");
        }
    }

    #[test]
    fn a_hash_is_not_shown_to_a_log() {
        assert_eq!(format!("{:?}", Argon2Hash::dummy(Cost::STANDARD)), "Argon2Hash(…)");
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(tail in ".{0,80}") {
            prop_assert!(read(&tail).is_none());
            let hash = format!("$argon2id$v=19$m=64,t=1,p=1${tail}!");
            prop_assert!(read(&hash).is_none());
        }
    }
}
