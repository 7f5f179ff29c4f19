//! Counters that come into being when they are first needed, in a room that is fixed from the start.
//!
//! INVARIANT: counting takes no lock and no memory, and labels are texts of the program itself: no client can make
//! another one.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

/// The two labels of a counter.
pub(super) type Labels = (&'static str, &'static str);

/// What finds no room is counted under this.
pub(super) const OTHER: Labels = ("other", "");

/// At most `N` counters, and one for the rest.
pub(super) struct Counts<const N: usize> {
    slots: [Slot; N],
    rest: AtomicU64,
}

#[derive(Default)]
struct Slot {
    labels: OnceLock<Labels>,
    count: AtomicU64,
}

impl<const N: usize> Counts<N> {
    pub(super) fn new() -> Self {
        Self { slots: std::array::from_fn(|_| Slot::default()), rest: AtomicU64::new(0) }
    }

    /// Adds one.
    pub(super) fn add(&self, labels: Labels) {
        let mine = self.slots.iter().find(|slot| *slot.labels.get_or_init(|| labels) == labels);
        mine.map_or(&self.rest, |slot| &slot.count).fetch_add(1, Ordering::Relaxed);
    }

    /// The counters that were needed so far.
    pub(super) fn each(&self) -> impl Iterator<Item = (Labels, u64)> {
        let named = self.slots.iter().filter_map(|slot| Some((*slot.labels.get()?, &slot.count)));
        let rest = std::iter::once((OTHER, &self.rest));
        let all = named.chain(rest).map(|(labels, count)| (labels, count.load(Ordering::Relaxed)));
        all.filter(|(_, count)| *count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn what_finds_no_room_is_counted_as_the_rest() {
        let counts = Counts::<2>::new();
        for labels in [("a", ""), ("b", ""), ("c", ""), ("a", ""), ("d", "")] {
            counts.add(labels);
        }
        assert_eq!(counts.each().collect::<Vec<_>>(), [(("a", ""), 2), (("b", ""), 1), (OTHER, 2)]);
    }

    #[test]
    fn nothing_is_lost_between_threads() {
        let counts = Counts::<8>::new();
        let names = ["a", "b", "c", "d", "e"];
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1_000).for_each(|n| counts.add((names[n % names.len()], ""))));
            }
        });
        let mut all: Vec<_> = counts.each().collect();
        all.sort_unstable();
        assert_eq!(all, names.map(|name| ((name, ""), 800)));
    }
}
