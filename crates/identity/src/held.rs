//! Sessions that are held in a Valkey: what leads from a cookie to its session lies there, and nowhere else.
//!
//! The session itself is a row like any other: the policy decides on it inside the transaction, and its end is an act
//! with an event. SECURITY: so nothing that is written to the Valkey, or brought back in it, opens what has ended; what
//! lies there is sealed and bound to its name; and without it there is no session.

use crate::{Error, House, house::stored};
use domain::{Id, Session, SessionState, Time};
use limits::{Away, Shelf, ShelfName};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::tables::StoredDigest;
use vault::{Digest, Purpose, SessionSecret};

/// How long what is known of sessions counts after the last look.
const FRESH: Duration = Duration::from_secs(1);

/// What leads to a session, by the digest of its secret.
const BY_SECRET: &str = "session";
/// The digest of a session's secret, by the session's id.
const BY_ID: &str = "session-of";
/// What tells one filling of the Valkey from another.
const FILLING: &str = "filling";

/// The Valkey that holds what leads to sessions.
pub(crate) struct HeldSessions {
    shelf: Shelf,
    seen: Mutex<Option<Seen>>,
}

/// What the last look that succeeded has found.
struct Seen {
    at: Time,
    filling: Vec<u8>,
}

impl Seen {
    /// Whether that was less than a second ago; after a clock that was set back nobody can say.
    fn is_fresh(&self, now: Time) -> bool {
        self.at <= now && now.since(self.at) < FRESH
    }
}

/// A fresh secret, and what will be kept of it.
pub(crate) struct Fresh {
    pub(crate) secret: SessionSecret,
    /// What the session's row is found by.
    pub(crate) row: StoredDigest,
    lead: Digest,
}

impl HeldSessions {
    pub(crate) const fn on(shelf: Shelf) -> Self {
        Self { shelf, seen: Mutex::new(None) }
    }

    /// Whether it was there less than a second ago, by its last look.
    pub(crate) fn is_fresh(&self, now: Time) -> bool {
        self.seen().as_ref().is_some_and(|seen| seen.is_fresh(now))
    }

    /// Whether something may have been lost since the look before.
    fn may_have_lost(&self, now: &Seen) -> bool {
        !self.seen().as_ref().is_some_and(|before| before.filling == now.filling && before.is_fresh(now.at))
    }

    fn note(&self, now: Seen) {
        *self.seen() = Some(now);
    }

    fn seen(&self) -> MutexGuard<'_, Option<Seen>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl House {
    /// That a session could be begun now, as far as is known; asked before anything is spent on it.
    pub(crate) async fn has_room_for_sessions(&self) -> Result<(), Error> {
        match &self.held {
            Some(held) if !held.is_fresh(self.now()) => Ok(held.shelf.look().await?),
            Some(_) | None => Ok(()),
        }
    }

    /// A secret for a session that is to begin.
    pub(crate) fn fresh_secret(&self) -> Fresh {
        let secret = SessionSecret::generate(self.door.entropy());
        let lead = self.ring.digest(Purpose::Session, secret.bytes());
        let mut row = stored(lead);
        if self.held.is_some() {
            // No secret has this digest: the row alone leads nowhere.
            self.door.entropy().fill(&mut row.bytes);
        }
        Fresh { secret, row, lead }
    }

    /// Makes a session that has begun reachable by its secret. Where that fails nobody ever reaches it.
    pub(crate) async fn hold(&self, fresh: Fresh, session: &Session) -> Result<SessionSecret, Error> {
        let Fresh { secret, lead, .. } = fresh;
        if let (Some(held), SessionState::Live { ends_at, .. }) = (&self.held, session.state) {
            let sealed =
                self.ring.seal(Purpose::HeldSession, &lead.bytes, session.id.bytes(), self.door.entropy());
            let values = [
                (ShelfName::of(BY_SECRET, &lead.bytes), sealed),
                (ShelfName::of(BY_ID, session.id.bytes()), lead.bytes.to_vec()),
            ];
            held.shelf.put(&values, ends_at.since(self.now())).await?;
        }
        Ok(secret)
    }

    /// The session that one of these digests leads to, live or not.
    pub(crate) async fn find_held(
        &self,
        held: &HeldSessions,
        digests: &[Digest],
    ) -> Result<Option<Id<Session>>, Away> {
        let names: Vec<_> = digests.iter().map(|digest| ShelfName::of(BY_SECRET, &digest.bytes)).collect();
        let values = held.shelf.find(&names).await?;
        let opened = digests.iter().zip(values).find_map(|(digest, sealed)| {
            let opened = self.ring.open(Purpose::HeldSession, &digest.bytes, &sealed?);
            if opened.is_err() {
                tracing::warn!("the Valkey holds a session that was not sealed here: it is refused");
            }
            opened.ok()?.as_slice().try_into().ok()
        });
        Ok(opened.map(Id::from_bytes))
    }

    /// Removes what leads to a session that has ended. Where that fails it leads to what has ended.
    pub(crate) async fn let_go(&self, id: Id<Session>) {
        let Some(held) = &self.held else { return };
        let by_id = ShelfName::of(BY_ID, id.bytes());
        let Ok(values) = held.shelf.find(std::slice::from_ref(&by_id)).await else { return };
        let leads = values.into_iter().flatten().map(|lead| ShelfName::of(BY_SECRET, &lead));
        let names: Vec<_> = leads.chain([by_id]).collect();
        if let Err(Away) = held.shelf.remove(&names).await {
            tracing::debug!(session = %id, "what leads to an ended session stays in the Valkey until its time is over");
        }
    }

    /// Whether sessions are held in a Valkey, so that [`Self::watch_sessions`] is to be called again and again.
    pub const fn holds_sessions(&self) -> bool {
        self.held.is_some()
    }

    /// Looks after the Valkey that holds sessions. Where it may have lost some, `forget` drops what is known of them, so
    /// that they are looked up again.
    ///
    /// SECURITY: what is known counts again only after that.
    pub async fn watch_sessions(&self, forget: impl FnOnce() + Send) {
        let Some(held) = &self.held else { return };
        let (at, mut fresh) = (self.now(), [0; 16]);
        self.door.entropy().fill(&mut fresh);
        let Ok(filling) = held.shelf.find_or_put(&ShelfName::of(FILLING, &[]), &fresh).await else { return };
        let seen = Seen { at, filling };
        if held.may_have_lost(&seen) {
            forget();
        }
        held.note(seen);
    }
}
