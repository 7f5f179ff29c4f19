//! How much of an app its visitors may take: requests a minute of each, requests at once of all, bytes of one.

use crate::{Asked, Limits, Refusal};
use access::AppRoute;
use domain::{App, Id, Time};
use limits::{Key, Network, Quota, VisitLimits};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// What visitors have taken of the apps that limit them.
pub(crate) struct Quotas {
    visits: VisitLimits,
    under_way: Mutex<HashMap<Id<App>, Arc<AtomicU32>>>,
}

/// One of an app's seats for requests under way; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat(Arc<AtomicU32>);

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Quotas {
    pub(crate) fn new(visits: VisitLimits) -> Self {
        Self { visits, under_way: Mutex::default() }
    }

    /// Counts a request, and gives its seat where the app has a certain number; or refuses it.
    pub(crate) async fn admit(
        &self,
        asked: &Asked,
        route: &AppRoute,
        now: impl FnOnce() -> Time,
    ) -> Result<Option<Arc<Seat>>, Refusal> {
        let limits = &route.app.gate.limits;
        let seat = limits.requests_at_once.map(|most| self.seat(route.app.id, most)).transpose()?;
        if let Some(number) = limits.requests_per_minute {
            let key = visitor(asked).at(*route.app.id.bytes());
            self.visits.take(key, Quota::per_minute(number), now()).await.map_err(Refusal::TooMany)?;
        }
        Ok(seat)
    }

    fn seat(&self, app: Id<App>, most: u32) -> Result<Arc<Seat>, Refusal> {
        let taken = self.taken(app);
        let one_more = |number: u32| (number < most).then(|| number.saturating_add(1));
        let counted = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more);
        counted.map_err(|_| Refusal::Crowded)?;
        Ok(Arc::new(Seat(taken)))
    }

    /// The number of an app's seats that are taken. One that is in nobody's hands is zero, and may be forgotten.
    fn taken(&self, app: Id<App>) -> Arc<AtomicU32> {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = under_way.get(&app) {
            return Arc::clone(taken);
        }
        under_way.retain(|_, taken| Arc::strong_count(taken) > 1);
        Arc::clone(under_way.entry(app).or_default())
    }
}

/// The person, or the network where nobody is signed in.
fn visitor(asked: &Asked) -> Key {
    match &asked.snapshot {
        Some(who) => Key(*who.user.bytes()),
        None => Key::from(Network::of(asked.client.address)),
    }
}

/// The most bytes of one request's body: what the gateway takes, and the app.
pub(crate) fn body_bytes(limits: &Limits, route: &AppRoute) -> Option<u64> {
    limits.body_bytes.into_iter().chain(route.app.gate.limits.body_bytes).min()
}
