//! A bcrypt hash, `$2b$12$…`, for apps whose contract asks for it.
//!
//! SECURITY: bcrypt looks at 72 bytes. A longer password is refused where it is made and never right where it is
//! checked, rather than cut (`security.md` 23).

use super::{Password, hash::UnreadableHash};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use bcrypt::{HashParts, Version};
use std::ops::RangeInclusive;

/// The costs that are read: one line must not take a thread for hours.
const COSTS: RangeInclusive<u32> = 4..=16;
/// As many bytes of a password as bcrypt looks at.
pub(super) const LONGEST: usize = 72;

/// A bcrypt hash, as it is stored.
#[derive(Clone)]
pub(super) struct BcryptHash {
    text: String,
    cost: u32,
    salt: [u8; 16],
}

impl BcryptHash {
    /// A hash that was stored or imported, `$2a$`, `$2b$` or `$2y$`.
    pub(super) fn from_stored(text: String) -> Result<Self, UnreadableHash> {
        let known = ["$2a$", "$2b$", "$2y$"].iter().any(|start| text.starts_with(start));
        let parts: HashParts = text.parse().map_err(|_| UnreadableHash)?;
        let (cost, salt) = (parts.get_cost(), parts.get_salt_raw());
        let form = known && text.len() == 60 && COSTS.contains(&cost);
        if form { Ok(Self { text, cost, salt }) } else { Err(UnreadableHash) }
    }

    /// Hashes a password of at most 72 bytes.
    pub(super) fn make(cost: u32, salt: [u8; 16], password: &Password) -> Option<Self> {
        let text = hash(cost, salt, password)?;
        Some(Self { text, cost, salt })
    }

    pub(super) fn is_of(&self, password: &Password) -> Option<bool> {
        // The work is done for a password that is too long, too: its time tells nothing.
        let made = hash(self.cost, self.salt, password);
        let Some(made) = made else {
            hash(self.cost, self.salt, &Password::new(String::new()).ok()?)?;
            return Some(false);
        };
        // What differs is the tag alone: the letter of the version stands for one algorithm.
        let tag = |text: &str| text.as_bytes().get(4..).map(<[u8]>::to_vec);
        Some(verify_slices_are_equal(&tag(&made)?, &tag(&self.text)?).is_ok())
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) const fn cost(&self) -> u32 {
        self.cost
    }
}

fn hash(cost: u32, salt: [u8; 16], password: &Password) -> Option<String> {
    let bytes = password.text().as_bytes();
    if bytes.len() > LONGEST || !COSTS.contains(&cost) {
        return None;
    }
    let parts = bcrypt::hash_with_salt(bytes, cost, salt).ok()?;
    Some(parts.format_for_version(Version::TwoB))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap()
    }

    const REFERENCE: &str = "correct horse";

    #[test]
    fn a_hash_is_of_its_password_alone() {
        let made = BcryptHash::make(4, *b"doorward-salt-16", &password(REFERENCE)).unwrap();
        assert!(made.as_str().starts_with("$2b$04$"));
        assert_eq!(made.is_of(&password(REFERENCE)), Some(true));
        assert_eq!(made.is_of(&password("another")), Some(false));
        let other_letter = made.as_str().replacen("$2b$", "$2y$", 1);
        assert_eq!(BcryptHash::from_stored(other_letter).unwrap().is_of(&password(REFERENCE)), Some(true));
    }

    #[test]
    fn rule_23_a_password_of_more_than_72_bytes_is_refused_and_never_cut() {
        let longest = "x".repeat(LONGEST);
        let made = BcryptHash::make(4, *b"doorward-salt-16", &password(&longest)).unwrap();
        assert_eq!(made.is_of(&password(&longest)), Some(true));
        assert!(BcryptHash::make(4, *b"doorward-salt-16", &password(&format!("{longest}y"))).is_none());
        assert_eq!(made.is_of(&password(&format!("{longest}y"))), Some(false));
    }

    #[test]
    fn what_is_no_bearable_hash_is_not_read() {
        let good = BcryptHash::make(4, *b"doorward-salt-16", &password("x")).unwrap();
        for (from, to) in [("$2b$", "$2x$"), ("$04$", "$31$"), ("$04$", "$03$"), ("$2b$04$", "$2b$4$")] {
            assert!(BcryptHash::from_stored(good.as_str().replacen(from, to, 1)).is_err(), "{from} as {to}");
        }
        for text in ["", "$2b$", "$argon2id$v=19$m=64,t=1,p=1$x$y", good.as_str().get(..59).unwrap()] {
            assert!(BcryptHash::from_stored(text.to_owned()).is_err(), "{text}");
        }
    }
}
