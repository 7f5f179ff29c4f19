//! Who is told that something changed: whatever outlives a request and rests on what the request was let in by.

use domain::{Id, User};
use std::sync::{PoisonError, RwLock, Weak};

/// Something that must look again when what it rests on may have changed.
pub trait Onlooker: Send + Sync {
    /// The account `user`, or everyone and everything, is no longer as it was. The caches are empty of it already.
    ///
    /// Called between a commit and its answer, on the thread that writes: it must be quick.
    fn touched(&self, user: Option<Id<User>>);
}

#[derive(Default)]
pub(crate) struct Onlookers(RwLock<Vec<Weak<dyn Onlooker>>>);

impl Onlookers {
    pub(crate) fn add(&self, onlooker: Weak<dyn Onlooker>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.retain(|known| known.strong_count() > 0);
        all.push(onlooker);
    }

    pub(crate) fn tell(&self, user: Option<Id<User>>) {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for onlooker in all.iter().filter_map(Weak::upgrade) {
            onlooker.touched(user);
        }
    }
}
