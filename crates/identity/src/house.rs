//! What every use case needs: the door, the keys, the hashing threads, the limits and the settings.

use crate::{held::HeldSessions, metrics::SignInCounts};
use domain::{Settings, Time};
use limits::{Shelf, SignInLimits, Strangers};
use std::sync::Arc;
use store::{Door, tables::StoredDigest};
use vault::{Digest, Hashers, KeyRing, Purpose};

/// What a house is made of.
pub struct HouseParts {
    /// The way to the database.
    pub door: Arc<Door>,
    /// The keys.
    pub ring: Arc<KeyRing>,
    /// The hashing threads.
    pub hashers: Hashers,
    /// What the installation has set.
    pub settings: Settings,
}

/// What use cases work with.
pub struct House {
    pub(crate) door: Arc<Door>,
    pub(crate) ring: Arc<KeyRing>,
    pub(crate) hashers: Hashers,
    pub(crate) settings: Settings,
    pub(crate) sign_ins: SignInLimits,
    /// Who tries the one password of an app with a single administrator.
    pub(crate) strangers: Strangers,
    pub(crate) sign_in_counts: SignInCounts,
    /// Where cookies lead to their sessions from, if not from the database.
    pub(crate) held: Option<HeldSessions>,
}

impl House {
    /// A house with nobody in its limits yet.
    pub fn new(parts: HouseParts) -> Self {
        let HouseParts { door, ring, hashers, settings } = parts;
        let (sign_ins, sign_in_counts) = (SignInLimits::default(), SignInCounts::default());
        let strangers = Strangers::default();
        Self { door, ring, hashers, settings, sign_ins, strangers, sign_in_counts, held: None }
    }

    /// The same house, whose tries to sign in are counted like this.
    #[must_use]
    pub fn counting(self, sign_ins: SignInLimits) -> Self {
        Self { sign_ins, ..self }
    }

    /// The same house, in which what leads to sessions lies in this place.
    #[must_use]
    pub fn holding_sessions(self, place: Shelf) -> Self {
        Self { held: Some(HeldSessions::on(place)), ..self }
    }

    /// Whether the Valkey is there that tries to sign in are counted in; `None` where they are counted here.
    pub async fn has_valkey(&self) -> Option<bool> {
        self.sign_ins.look().await
    }

    /// What the installation has set.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The way to the database.
    pub fn door(&self) -> &Door {
        &self.door
    }

    /// The keys.
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// How often Argon2 has run: equal work is asserted by counting.
    pub fn password_runs(&self) -> u64 {
        self.hashers.runs()
    }

    /// Passwords that wait for a hashing thread.
    pub fn passwords_waiting(&self) -> usize {
        self.hashers.waiting()
    }

    /// How tries to sign in ended, since the start.
    pub const fn sign_in_counts(&self) -> &SignInCounts {
        &self.sign_in_counts
    }

    pub(crate) fn now(&self) -> Time {
        self.door.clock().now()
    }

    pub(crate) fn digest(&self, purpose: Purpose, secret: &[u8]) -> StoredDigest {
        stored(self.ring.digest(purpose, secret))
    }

    pub(crate) fn digests(&self, purpose: Purpose, secret: &[u8]) -> Vec<StoredDigest> {
        self.ring.digests(purpose, secret).map(stored).collect()
    }
}

pub(crate) fn stored(digest: Digest) -> StoredDigest {
    StoredDigest { key: digest.key.into(), bytes: digest.bytes }
}
