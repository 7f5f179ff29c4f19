//! The door: every change to Doorward's state goes through [`Door::write`].
//!
//! INVARIANT: a change is committed with its event or not at all; a denial is recorded although its transaction
//! is rolled back; the caches have forgotten whom a change concerns before anyone is answered.

mod deed;
mod job;
mod look;
mod upkeep;
mod work;

pub use deed::{Deed, Failure};
pub(crate) use job::{Asked, Isolation, Queued, Verdict};
pub use look::Look;
pub use work::{NotPermitted, Work};

use crate::{Committed, Engine, Hook, PostgresAddress, ReadTx, Refusals, StoreError, Touch, tables::events};
use arc_swap::ArcSwapOption;
use domain::{Actor, Clock, Entropy, Event};
use job::{News, ReadJob, WriteJob};
use policy::{Denied, Policy};
use std::{num::NonZeroUsize, path::Path, sync::Arc};
use tokio::sync::oneshot;

/// How a writing transaction ends. An `Err` beside it rolls back.
pub enum Ending<T, E> {
    /// Commit the change and its event.
    Done(T, Deed),
    /// Commit what the refusal leaves behind, such as a spent code, and its event, but answer the error.
    Refused(E, Failure),
    /// Commit a change that is no act of anyone: last-used times, sweeps.
    Housekeeping(T),
}

/// What a door is made of.
pub struct DoorParts {
    /// Decides.
    pub policy: Arc<Policy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// What every transaction needs beside its connection.
pub(crate) struct Shared {
    pub(crate) policy: Arc<Policy>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) refusals: Refusals,
    listener: ArcSwapOption<Box<dyn Committed>>,
    hook: ArcSwapOption<Box<dyn Hook>>,
}

impl Shared {
    fn of(parts: DoorParts) -> Arc<Self> {
        let DoorParts { policy, clock, entropy } = parts;
        let refusals = Refusals::new();
        let (listener, hook) = (ArcSwapOption::empty(), ArcSwapOption::empty());
        Arc::new(Self { policy, clock, entropy, refusals, listener, hook })
    }

    /// Tells the caches; runs on the writer's thread, after the commit and before the answers.
    pub(crate) fn committed(&self, touched: &[Touch], tx: &mut ReadTx<'_>) {
        if touched.is_empty() {
            return;
        }
        if let Some(listener) = self.listener.load().as_deref() {
            listener.committed(touched, tx);
        }
    }
}

impl Shared {
    /// Tells whoever wants to know of an event, after its commit.
    pub(crate) fn written(&self, event: &Event) {
        if let Some(hook) = self.hook.load().as_deref() {
            hook.written(event);
        }
    }
}

/// The one way to read and change Doorward's state.
pub struct Door {
    engine: Engine,
    shared: Arc<Shared>,
}

impl Door {
    /// Opens the SQLite file at `path`; makes it when it is missing and brings its schema up to date.
    pub fn open_sqlite(path: &Path, readers: usize, parts: DoorParts) -> Result<Self, StoreError> {
        let shared = Shared::of(parts);
        let engine = Engine::open_sqlite(path, readers, &shared)?;
        Ok(Self { engine, shared })
    }

    /// Opens the PostgreSQL database at `address`, over at most `connections` and one more that watches; brings its
    /// schema up to date.
    pub fn open_postgres(
        address: &PostgresAddress,
        connections: NonZeroUsize,
        parts: DoorParts,
    ) -> Result<Self, StoreError> {
        let shared = Shared::of(parts);
        let engine = Engine::open_postgres(address, connections, &shared)?;
        Ok(Self { engine, shared })
    }

    /// Has `listener` told of every commit from now on.
    pub fn listen(&self, listener: Box<dyn Committed>) {
        self.shared.listener.store(Some(Arc::new(listener)));
    }

    /// Whether other processes may change the same data, of which the listener is told.
    pub const fn is_shared(&self) -> bool {
        matches!(self.engine, Engine::Postgres(_))
    }

    /// Whether the listener has been told of everything that was committed more than a second ago, by whatever
    /// replica; false while the way to the others is broken.
    pub fn is_fed(&self) -> bool {
        self.engine.is_fed(self.shared.clock.now())
    }

    /// Has `hook` told of every event from now on.
    pub fn hook(&self, hook: Box<dyn Hook>) {
        self.shared.hook.store(Some(Arc::new(hook)));
    }

    /// Tells this process from every other that has the same database open.
    pub fn replica(&self) -> i64 {
        self.engine.replica()
    }

    /// What decides.
    pub fn policy(&self) -> &Policy {
        &self.shared.policy
    }

    /// Tells the time.
    pub fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }

    /// Gives randomness.
    pub fn entropy(&self) -> &dyn Entropy {
        &*self.shared.entropy
    }

    /// Denials and failures that wait to be written.
    pub fn refusals(&self) -> &Refusals {
        &self.shared.refusals
    }

    /// Records a failure that no transaction speaks of, such as a wrong password, without waiting.
    pub fn record_failure(&self, actor: &Actor, failure: Failure) {
        let event = failure.into_event(actor, self.shared.clock.now(), self.entropy());
        self.shared.refusals.add(event);
    }

    /// Writes the denials and failures that are due; answers how many events that made. What cannot be written
    /// now waits for the next time.
    pub async fn flush_refusals(&self) -> Result<usize, StoreError> {
        self.write_refusals(self.shared.refusals.take(self.shared.clock.now())).await
    }

    /// Writes every denial and failure that waits, due or not: the last thing before a stop.
    pub async fn flush_all_refusals(&self) -> Result<usize, StoreError> {
        self.write_refusals(self.shared.refusals.take_all()).await
    }

    async fn write_refusals(&self, events: Vec<Event>) -> Result<usize, StoreError> {
        if events.is_empty() {
            return Ok(0);
        }
        let actor = Actor::system("refusals");
        let written = self.write(&actor, events.clone(), |work, events| -> Result<_, StoreError> {
            events.iter().try_for_each(|event| events::insert_once(work, event))?;
            Ok(Ending::Housekeeping(events.len()))
        });
        written
            .await
            .inspect(|_| events.iter().for_each(|event| self.shared.written(event)))
            .inspect_err(|_| events.into_iter().for_each(|event| self.shared.refusals.put_back(event)))
    }

    /// Records a denial that was decided outside a transaction, such as the gateway's, without waiting.
    pub fn record_refusal(&self, actor: &Actor, denied: &Denied) {
        self.record_failure(actor, Failure::denied(denied));
    }

    /// Runs `work` on `input` in one writing transaction. It may run more than once, and runs to its end even
    /// when the caller goes away.
    pub async fn write<I, T, E, F>(&self, actor: &Actor, input: I, work: F) -> Result<T, E>
    where
        I: Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: Fn(&mut Work<'_, '_>, &I) -> Result<Ending<T, E>, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let listens = self.shared.hook.load().is_some();
        let news = News { shared: listens.then(|| Arc::clone(&self.shared)), event: None };
        let job = WriteJob::new(actor.clone(), input, work, (reply, news));
        self.engine.send_write(Box::new(job)).await?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Stopped.into()))
    }

    /// Runs `look` on `input` in one transaction that cannot write.
    pub async fn read<I, T, E, F>(&self, actor: &Actor, input: I, look: F) -> Result<T, E>
    where
        I: Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
        F: FnOnce(&mut Look<'_, '_>, I) -> Result<T, E> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = ReadJob::new(actor.clone(), input, look, reply);
        self.engine.send_read(Box::new(job)).await?;
        answer.await.unwrap_or_else(|_| Err(StoreError::Panicked.into()))
    }
}
