//! Who may read the metrics, and what this house adds to them.

use crate::{Error, House};
use domain::Actor;
use policy::{Installation, actions::ReadMetrics};
use std::sync::atomic::{AtomicU64, Ordering};

/// Checks that `actor` may read the metrics; a denial is recorded.
pub async fn check(house: &House, actor: &Actor) -> Result<(), Error> {
    let read = house.door.read(actor, (), |look, ()| -> Result<_, Error> {
        look.permit::<ReadMetrics>(&Installation)?;
        Ok(())
    });
    read.await
}

/// How tries to sign in ended, since the start.
#[derive(Debug, Default)]
pub struct SignInCounts {
    done: AtomicU64,
    failed: AtomicU64,
    too_many: AtomicU64,
    busy: AtomicU64,
    broken: AtomicU64,
}

impl SignInCounts {
    pub(crate) fn count<T>(&self, ended: &Result<T, Error>) {
        let counter = match ended {
            Ok(_) => &self.done,
            Err(Error::InvalidCredentials) => &self.failed,
            Err(Error::TooMany(_)) => &self.too_many,
            Err(Error::Busy) => &self.busy,
            Err(_) => &self.broken,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Each way of ending by its name, and how often it came.
    pub fn by_outcome(&self) -> [(&'static str, u64); 5] {
        let counters = [
            ("done", &self.done),
            ("failed", &self.failed),
            ("too_many_requests", &self.too_many),
            ("busy", &self.busy),
            ("broken", &self.broken),
        ];
        counters.map(|(name, counter)| (name, counter.load(Ordering::Relaxed)))
    }
}
