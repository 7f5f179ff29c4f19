//! A map that never grows over its capacity, for counters whose keys an attacker chooses.
//!
//! INVARIANT: a lookup and an insertion cost a bounded number of steps, full or not: a newcomer takes the
//! place of the one that lapses first among a few neighbours, never after a scan of all.

use domain::Time;
use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A value that means nothing any more from some moment on.
pub(crate) trait Lapse: Default {
    /// From then on it is as good as `Self::default()`.
    fn lapses(&self) -> Time;
}

const SHARDS: usize = 16;
const NEIGHBOURS: usize = 8;

/// Up to `capacity` values by key, behind a few mutexes.
pub(crate) struct Bounded<K, V> {
    shards: [Mutex<Shard<K, V>>; SHARDS],
    /// SECURITY: randomly keyed, so that nobody can choose keys that meet in one shard.
    hasher: RandomState,
}

impl<K: Copy + Eq + Hash, V: Lapse> Bounded<K, V> {
    /// An empty map. The capacity is rounded up to a multiple of the number of shards.
    pub(crate) fn new(capacity: usize) -> Self {
        let room = capacity.div_ceil(SHARDS).max(1);
        let shards = std::array::from_fn(|_| Mutex::new(Shard::with_room(room)));
        Self { shards, hasher: RandomState::new() }
    }

    /// Runs `change` on the value of `key`, which is a fresh one where there was none or it had lapsed.
    pub(crate) fn change<R>(&self, key: K, now: Time, change: impl FnOnce(&mut V) -> R) -> R {
        let mut shard = self.shard(&key);
        let slot = shard.claim(key);
        if slot.value.lapses() <= now {
            slot.value = V::default();
        }
        change(&mut slot.value)
    }

    /// Runs `change` on the value of `key` if there is one.
    pub(crate) fn change_existing(&self, key: K, change: impl FnOnce(&mut V)) {
        if let Some(slot) = self.shard(&key).find(&key) {
            change(&mut slot.value);
        }
    }

    #[expect(clippy::indexing_slicing, reason = "a remainder of `SHARDS` is below it")]
    fn shard(&self, key: &K) -> MutexGuard<'_, Shard<K, V>> {
        let [byte, ..] = self.hasher.hash_one(key).to_le_bytes();
        self.shards[usize::from(byte) % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap().slots.len()).sum()
    }
}

struct Slot<K, V> {
    key: K,
    value: V,
}

struct Shard<K, V> {
    /// Where in `slots` a key is. INVARIANT: slots are reused, never removed.
    places: HashMap<K, usize>,
    slots: Vec<Slot<K, V>>,
    room: usize,
    /// Where the search for the next victim begins.
    hand: usize,
}

impl<K: Copy + Eq + Hash, V: Lapse> Shard<K, V> {
    fn with_room(room: usize) -> Self {
        Self { places: HashMap::new(), slots: Vec::new(), room, hand: 0 }
    }

    fn find(&mut self, key: &K) -> Option<&mut Slot<K, V>> {
        self.places.get(key).and_then(|&place| self.slots.get_mut(place))
    }

    #[expect(clippy::indexing_slicing, reason = "slots are never removed")]
    fn claim(&mut self, key: K) -> &mut Slot<K, V> {
        let known = self.places.get(&key).copied();
        let place = known.unwrap_or_else(|| self.settle(key));
        &mut self.slots[place]
    }

    fn settle(&mut self, key: K) -> usize {
        let newcomer = Slot { key, value: V::default() };
        let mut place = self.slots.len();
        if place < self.room {
            self.slots.push(newcomer);
        } else {
            place = self.first_to_lapse_nearby();
            self.replace(place, newcomer);
        }
        self.places.insert(key, place);
        place
    }

    fn replace(&mut self, place: usize, newcomer: Slot<K, V>) {
        if let Some(slot) = self.slots.get_mut(place) {
            let old = std::mem::replace(slot, newcomer);
            self.places.remove(&old.key);
        }
    }

    /// SECURITY: a flood of fresh keys lapses sooner than a counter that has run up, and so pushes out
    /// itself.
    fn first_to_lapse_nearby(&mut self) -> usize {
        let from = self.hand;
        self.hand = (from + NEIGHBOURS) % self.room;
        let places = (from..from + NEIGHBOURS).map(|place| place % self.room);
        places.min_by_key(|&place| self.slots.get(place).map(|slot| slot.value.lapses())).unwrap_or(from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Until(Time);

    impl Default for Until {
        fn default() -> Self {
            Self(Time::from_micros(0))
        }
    }

    impl Lapse for Until {
        fn lapses(&self) -> Time {
            self.0
        }
    }

    fn until(map: &Bounded<u64, Until>, key: u64) -> Option<i64> {
        let mut found = None;
        map.change_existing(key, |value| found = Some(value.0.micros()));
        found
    }

    #[test]
    fn a_flood_of_keys_takes_no_more_room_than_there_is() {
        let map = Bounded::<u64, Until>::new(1_024);
        let now = Time::from_micros(1);
        for key in 0..100_000 {
            map.change(key, now, |value| value.0 = Time::from_micros(10));
        }
        assert_eq!(map.len(), 1_024);
    }

    #[test]
    fn a_value_that_lapses_late_outlives_a_flood_of_values_that_lapse_soon() {
        let map = Bounded::<u64, Until>::new(1_024);
        let now = Time::from_micros(1);
        map.change(7, now, |value| value.0 = Time::from_micros(1_000));
        for key in 100..100_000 {
            map.change(key, now, |value| value.0 = Time::from_micros(10));
        }
        assert_eq!(until(&map, 7), Some(1_000));
    }

    #[test]
    fn a_value_that_has_lapsed_starts_afresh() {
        let map = Bounded::<u64, Until>::new(16);
        map.change(7, Time::from_micros(1), |value| value.0 = Time::from_micros(10));
        map.change(7, Time::from_micros(9), |_| ());
        assert_eq!(until(&map, 7), Some(10));
        map.change(7, Time::from_micros(10), |_| ());
        assert_eq!(until(&map, 7), Some(0));
    }

    #[test]
    fn looking_for_a_value_does_not_make_one() {
        let map = Bounded::<u64, Until>::new(16);
        assert_eq!(until(&map, 7), None);
        assert_eq!(map.len(), 0);
    }
}
