//! Snapshots by the digest of their credential, and the marks that no old one passes.
//!
//! INVARIANT: a snapshot that was read before its principal was last touched is never served: an entry carries
//! the position of its read, a touch leaves a mark, and a late fill finds the mark (`security.md` 17).

use crate::{Carrier, Snapshot};
use domain::{Id, User};
use quick_cache::sync::Cache;
use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

const CAPACITY: usize = 100_000;
/// With more marks than this, one floor replaces them all.
const MOST_MARKS: usize = 10_000;

/// The digest of a credential, and how it came.
pub(crate) type Key = ([u8; 32], Carrier);

pub(crate) struct Snapshots {
    entries: Cache<Key, Entry>,
    position: AtomicU64,
    floor: AtomicU64,
    marks: RwLock<HashMap<Id<User>, u64>>,
}

#[derive(Clone)]
struct Entry {
    snapshot: Arc<Snapshot>,
    read_at: u64,
}

impl Snapshots {
    pub(crate) fn new() -> Self {
        Self {
            entries: Cache::new(CAPACITY),
            position: AtomicU64::new(0),
            floor: AtomicU64::new(0),
            marks: RwLock::default(),
        }
    }

    /// To be taken before a snapshot is read from the database, and given to [`Self::insert`].
    pub(crate) fn position(&self) -> u64 {
        self.position.load(Ordering::SeqCst)
    }

    pub(crate) fn find(&self, key: &Key) -> Option<Arc<Snapshot>> {
        let entry = self.entries.get(key)?;
        self.is_current(&entry).then_some(entry.snapshot)
    }

    pub(crate) fn insert(&self, key: Key, snapshot: Arc<Snapshot>, read_at: u64) {
        let entry = Entry { snapshot, read_at };
        if self.is_current(&entry) {
            self.entries.insert(key, entry);
        }
    }

    /// Forgets what is known of one account.
    pub(crate) fn touch_user(&self, user: Id<User>) {
        let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
        let mark = self.step();
        if marks.len() >= MOST_MARKS {
            marks.clear();
            self.floor.store(mark, Ordering::SeqCst);
        }
        marks.insert(user, mark);
    }

    /// Forgets everything.
    pub(crate) fn touch_all(&self) {
        let mut marks = self.marks.write().unwrap_or_else(PoisonError::into_inner);
        marks.clear();
        self.floor.store(self.step(), Ordering::SeqCst);
        self.entries.clear();
    }

    fn step(&self) -> u64 {
        self.position.fetch_add(1, Ordering::SeqCst).saturating_add(1)
    }

    fn is_current(&self, entry: &Entry) -> bool {
        // Floor and marks are read as one: a touch may replace marks by a floor in between.
        let marks = self.marks.read().unwrap_or_else(PoisonError::into_inner);
        if entry.read_at < self.floor.load(Ordering::SeqCst) {
            return false;
        }
        marks.get(&entry.snapshot.user).is_none_or(|mark| entry.read_at >= *mark)
    }
}
