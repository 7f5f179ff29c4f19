//! Gives events their numbers: after the commit, in order, in batches.
//!
//! INVARIANT: numbers begin with 1 and have neither a gap nor a double. Whoever gives them holds a lease, and says so in
//! the transaction that gives them: of two who believe to have it, one changes nothing. An event is found by having no
//! number yet, whenever it was committed, and not by its place behind the last.

use crate::{
    Door, StoreError,
    tables::{
        duties::{self, Lease},
        events,
    },
};
use domain::{Actor, Event, Id, Time};
use std::time::Duration;

const DUTY: &str = "event_numbers";
/// For how long nobody numbers anything when whoever did is gone.
const LEASE: Duration = Duration::from_secs(5);
/// How far back is looked for what waits, and how often through all of the log. PostgreSQL keeps what had no number once
/// among what has none until it is vacuumed, and would pass over all that each time.
const NEAR: Duration = Duration::from_mins(10);
const WHOLE_EVERY: Duration = Duration::from_mins(10);

/// Numbers events, for as long as it has the lease.
#[derive(Debug, Default)]
pub struct Sequencer {
    lease: Option<Lease>,
    /// When nothing waited in all of the log.
    whole_at: Option<Time>,
}

impl Sequencer {
    /// Numbers a batch of what waits, unless another does; answers whether there may be more.
    pub async fn number(&mut self, door: &Door) -> Result<bool, StoreError> {
        let now = door.clock().now();
        let from = self.begin(now);
        let actor = Actor::system("numbers");
        if !door.read(&actor, from, |look, from| events::is_waiting(look, from)).await? {
            self.note(from, now);
            return Ok(false);
        }
        if self.lease.is_none() {
            self.lease = door.take_duty(DUTY, LEASE).await?;
        }
        let Some(lease) = self.lease.clone() else { return Ok(false) };
        let numbered = door.tend(move |tx| {
            duties::hold(tx, &lease, LEASE)?;
            events::number(tx, from)
        });
        match numbered.await {
            Ok(events::BATCH) => Ok(true),
            Ok(_) => {
                self.note(from, now);
                Ok(false)
            }
            Err(StoreError::LeaseLost) => {
                self.lease = None;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Leaves the lease to whoever comes next.
    pub async fn rest(self, door: &Door) -> Result<(), StoreError> {
        let Some(lease) = self.lease else { return Ok(()) };
        match door.tend(move |tx| duties::defer(tx, &lease, tx.now())).await {
            Ok(()) | Err(StoreError::LeaseLost) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Behind which id is looked for what waits.
    fn begin(&self, now: Time) -> Id<Event> {
        match self.whole_at {
            Some(at) if now.since(at) < WHOLE_EVERY => events::first_id_at(now.minus(NEAR)),
            _ => events::FIRST,
        }
    }

    fn note(&mut self, from: Id<Event>, now: Time) {
        if from == events::FIRST {
            self.whole_at = Some(now);
        }
    }
}
