//! Typed ids: UUIDv7 inside, a prefixed `TypeID` string outside (`usr_01j9z6…`).
//!
//! INVARIANT: an id of one entity cannot stand where another's is wanted; there is no `Deref` and no
//! conversion from a bare UUID but [`Id::from_bytes`], which the store alone calls.

use crate::{Entropy, Time};
use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

/// What an id belongs to.
pub trait Kind: 'static {
    /// The lower-case prefix that is printed before the `_`.
    const PREFIX: &'static str;
}

/// The id of one `K`, ordered by the time it was made.
pub struct Id<K> {
    bytes: [u8; 16],
    kind: PhantomData<fn() -> K>,
}

/// The text is no id of the wanted kind.
#[derive(Debug, thiserror::Error)]
#[error("not an id that begins with `{prefix}_`")]
pub struct UnreadableId {
    prefix: &'static str,
}

impl<K> Id<K> {
    /// A fresh UUIDv7 (RFC 9562 §5.7): milliseconds of `now`, twelve bits of the fraction (§6.2, method 3), so
    /// that ids of one millisecond keep their order, and 62 random bits.
    pub fn new(now: Time, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 10];
        entropy.fill(&mut random);
        let [high, low] = now.millis_fraction().to_be_bytes();
        let [first, second, ..] = &mut random;
        (*first, *second) = (high, low);
        let uuid = uuid::Builder::from_unix_timestamp_millis(now.unix_millis(), &random).into_uuid();
        Self::from_bytes(uuid.into_bytes())
    }

    /// An id read back from the store.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The sixteen bytes that the store keeps.
    pub const fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

fn digit(value: u128) -> char {
    let index = usize::try_from(value & 31).unwrap_or(0);
    ALPHABET.get(index).copied().map_or('0', char::from)
}

fn value(character: u8) -> Option<u128> {
    ALPHABET.iter().position(|&c| c == character).and_then(|p| u128::try_from(p).ok())
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = u128::from_be_bytes(self.bytes);
        let text: String = (0..LENGTH).rev().map(|place| digit(number >> (place * 5))).collect();
        write!(f, "{}_{text}", K::PREFIX)
    }
}

impl<K: Kind> FromStr for Id<K> {
    type Err = UnreadableId;

    fn from_str(text: &str) -> Result<Self, UnreadableId> {
        let unreadable = UnreadableId { prefix: K::PREFIX };
        let Some(body) = text.strip_prefix(K::PREFIX).and_then(|t| t.strip_prefix('_')) else {
            return Err(unreadable);
        };
        // 26 digits of five bits hold 130: the first may be 7 at most, or the top would be lost.
        if body.len() != LENGTH || body.as_bytes().first().is_none_or(|first| *first > b'7') {
            return Err(unreadable);
        }
        let number = body.bytes().try_fold(0_u128, |sum, c| value(c).map(|v| (sum << 5) | v));
        number.map(|n| Self::from_bytes(n.to_be_bytes())).ok_or(unreadable)
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl<K> hash::Hash for Id<K> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<K: Kind> serde::Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> serde::Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<K: Kind> schemars::JsonSchema for Id<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("Id_{}", K::PREFIX).into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let pattern = format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::PREFIX);
        schemars::json_schema!({ "type": "string", "pattern": pattern })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FixedEntropy;
    use proptest::prelude::*;

    struct Thing;
    impl Kind for Thing {
        const PREFIX: &'static str = "thg";
    }

    proptest! {
        #[test]
        fn an_id_reads_back_from_its_text(bytes: [u8; 16]) {
            let id = Id::<Thing>::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<Id<Thing>>().unwrap(), id);
        }

        #[test]
        fn no_text_is_read_as_two_ids(text in "thg_[0-9a-z]{24,28}") {
            if let Ok(id) = text.parse::<Id<Thing>>() {
                prop_assert_eq!(id.to_string(), text);
            }
        }
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let entropy = FixedEntropy::new(1);
        let early = Id::<Thing>::new(Time::from_micros(1_000_000), &entropy);
        let late = Id::<Thing>::new(Time::from_micros(1_000_001), &entropy);
        assert!(early < late);
        assert!(early.to_string() < late.to_string());
    }
}
