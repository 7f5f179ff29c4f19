//! Which of an app's places a request goes to, and the places that are known.

use super::{
    health::Standing,
    place::{Place, Turn},
};
use access::AppRoute;
use domain::Upstream;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

/// The places of one route, and where the next choice among equals begins.
#[derive(Debug)]
pub(super) struct Choice {
    places: Vec<Arc<Place>>,
    turn: AtomicUsize,
}

/// Every place that a route leads to.
///
/// INVARIANT: one address has one place, however many routes lead there and however often they are made anew.
#[derive(Debug, Default)]
pub(super) struct Places {
    known: Mutex<HashMap<Upstream, Arc<Place>>>,
    made: AtomicU64,
}

impl Choice {
    pub(super) const fn new(places: Vec<Arc<Place>>) -> Self {
        Self { places, turn: AtomicUsize::new(0) }
    }

    pub(super) fn places(&self) -> &[Arc<Place>] {
        &self.places
    }

    /// The next place for a request that has been at those in `tried`: of the well ones the one with the fewest
    /// requests under way; when none is well, of all.
    pub(super) fn next(&self, tried: &[u64]) -> Option<Turn> {
        if let ([only], []) = (&*self.places, tried) {
            return Some(only.enter());
        }
        let first = self.turn.fetch_add(1, Ordering::Relaxed) % self.places.len().max(1);
        let (before, from) = self.places.split_at_checked(first)?;
        let untried = || from.iter().chain(before).filter(|place| !tried.contains(&place.id));
        let well = || {
            let able = untried().filter(|place| place.standing() != Standing::Unwell);
            able.min_by_key(|place| place.load())?.enter_if_well()
        };
        // Twice, since another request may take a place's one trial in between.
        well().or_else(well).or_else(|| untried().min_by_key(|place| place.load()).map(Place::enter))
    }
}

impl Places {
    /// The choice of a route, which is worked out once and kept with it.
    pub(super) fn of<'r>(&self, route: &'r AppRoute) -> Option<&'r Choice> {
        route.keep(|| {
            let upstreams = route.app.upstreams.iter();
            Choice::new(upstreams.filter_map(|upstream| self.at(upstream)).collect())
        })
    }

    fn at(&self, upstream: &Upstream) -> Option<Arc<Place>> {
        let Upstream::Http { host, port } = upstream else { return None };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = known
            .entry(upstream.clone())
            .or_insert_with(|| Arc::new(Place::new(self.made.fetch_add(1, Ordering::Relaxed), host, *port)));
        Some(Arc::clone(place))
    }

    /// Learns the places of `routes`, which are all there are, and forgets those that nobody uses any more.
    pub(super) fn follow(&self, routes: &[Arc<AppRoute>]) {
        for route in routes {
            self.of(route);
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, place| Arc::strong_count(place) > 1);
    }
}

#[cfg(test)]
mod tests;
