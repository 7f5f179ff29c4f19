//! The keys that sign assertions to apps: one signs, those beside it are known already or still.

use arc_swap::ArcSwap;
use domain::Time;
use serde_json::Value;
use std::time::Duration;
use vault::SigningKey;

/// How long a key is listed before it signs: longer than a verifier keeps the list, and than a replica takes to hear of it.
const LEAD: Duration = Duration::from_mins(15);
/// How long a key is listed after the next one signs: what it signed last has lapsed, also at a replica that was cut
/// off from the database for a while.
const LAG: Duration = Duration::from_hours(1);

/// A key, and since when it is listed.
#[derive(Debug)]
pub struct ListedKey {
    /// The key.
    pub key: SigningKey,
    /// When it was made.
    pub since: Time,
}

/// All keys that are listed, which may be exchanged while they are used.
#[derive(Debug)]
pub struct SigningKeys(ArcSwap<Listed>);

/// Newest first; never none.
#[derive(Debug)]
struct Listed {
    newest: ListedKey,
    older: Vec<ListedKey>,
}

impl SigningKeys {
    /// The keys, newest first.
    pub fn new(newest: ListedKey, older: Vec<ListedKey>) -> Self {
        Self(ArcSwap::from_pointee(Listed { newest, older }))
    }

    /// Takes the place of these keys from here on.
    pub(crate) fn replace(&self, by: Self) {
        self.0.store(by.0.into_inner());
    }

    /// Signs `claims` as a JWT with the newest key that has been listed for long enough. The first of all signs at once.
    pub(crate) fn sign_jwt(&self, claims: &Value, now: Time) -> String {
        self.0.load().signer(now).sign_jwt(claims)
    }

    /// The public halves, as `/.well-known/jwks.json` lists them.
    pub fn public_jwks(&self) -> Vec<Value> {
        self.0.load().all().map(|listed| listed.key.public_jwk()).collect()
    }

    /// When a key may go that was followed by one made at `next`.
    pub fn may_go_at(next: Time) -> Time {
        next.plus(LEAD).plus(LAG)
    }
}

impl Listed {
    fn signer(&self, now: Time) -> &SigningKey {
        let known = self.all().find(|listed| listed.since.plus(LEAD) <= now);
        &known.or(self.older.last()).unwrap_or(&self.newest).key
    }

    fn all(&self) -> impl Iterator<Item = &ListedKey> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_once_it_has_been_listed_for_a_while_and_the_first_at_once() {
        let at = |minutes| Time::from_micros(0).plus(Duration::from_mins(minutes));
        let listed = |since| ListedKey { key: SigningKey::generate(), since };
        let one = Listed { newest: listed(at(5)), older: Vec::new() };
        assert_eq!(one.signer(at(5)).kid(), one.newest.key.kid());
        let two = Listed { newest: listed(at(100)), older: vec![listed(at(5))] };
        assert_eq!(two.signer(at(114)).kid(), two.older[0].key.kid());
        assert_eq!(two.signer(at(115)).kid(), two.newest.key.kid());
    }
}
