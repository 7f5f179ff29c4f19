//! What one thread does with its connection: it runs transactions, again where PostgreSQL asks for that, and finds
//! out what became of a commit whose answer was lost.
//!
//! INVARIANT: a transaction runs again only when it certainly was not committed (`security.md` 15).

use super::{
    Running,
    address::PostgresAddress,
    connection::Connection,
    feed::{self, Heartbeat},
    link::Link,
};
use crate::{
    PostgresFailure, ReadTx, StoreError, Touch, WriteTx,
    door::{Asked, Isolation, Queued, Shared, Verdict},
    error::Interruption,
    moving::Mark,
    tables::events,
    tx::Inner,
};
use domain::{Event, Id};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

/// How often a transaction that others are in the way of is tried.
const TRIES: u32 = 30;
/// How often a transaction is begun anew on another connection.
const CONNECTIONS: u32 = 2;
/// How often the outcome of a commit is asked for, and how long is waited before the second time.
const ASKED: u32 = 4;
const PAUSE: Duration = Duration::from_millis(150);

/// A thread's own connection, if it has one.
pub(super) struct Session {
    address: PostgresAddress,
    connection: Option<Connection>,
    link: Arc<Link>,
    shared: Arc<Shared>,
    heartbeat: Arc<Heartbeat>,
}

/// How one try went.
enum Try {
    Ended(Vec<Touch>),
    Interrupted(Interruption),
    Failed(StoreError),
    /// The connection broke during the commit.
    InDoubt(Option<Id<Event>>, Vec<Touch>),
}

impl Session {
    pub(super) const fn new(
        address: PostgresAddress,
        link: Arc<Link>,
        shared: Arc<Shared>,
        heartbeat: Arc<Heartbeat>,
    ) -> Self {
        Self { address, connection: None, link, shared, heartbeat }
    }

    /// Runs a writing transaction to its end, and answers its caller.
    pub(super) fn write(&mut self, mut job: Box<dyn Queued>) {
        let end = self.complete(job.as_mut());
        match &end {
            Err(error) if error.is_told() => tracing::debug!(%error, "a transaction was not committed"),
            Err(error) => tracing::error!(%error, "a transaction was not committed"),
            Ok(()) => {}
        }
        job.answer(end, &self.shared);
    }

    fn complete(&mut self, job: &mut dyn Queued) -> Result<(), StoreError> {
        let (mut conflicts, mut losses) = (0, 0);
        loop {
            let shared = Arc::clone(&self.shared);
            let replica = self.link.replica();
            match try_once(self.connected()?, &shared, replica, job) {
                Try::Ended(touched) => {
                    self.tell(&touched);
                    return Ok(());
                }
                Try::Interrupted(Interruption::Conflict) if conflicts < TRIES => {
                    conflicts += 1;
                    give_way(conflicts);
                }
                Try::Interrupted(Interruption::Lost) if losses < CONNECTIONS => {
                    losses += 1;
                    self.connection = None;
                }
                Try::Interrupted(Interruption::Conflict) => return Err(StoreError::Contended),
                Try::Interrupted(Interruption::Lost) => return Err(self.lost()),
                Try::Failed(error) => return Err(error),
                Try::InDoubt(event, touched) => return self.settle(event, &touched),
            }
        }
    }

    /// Runs a reading transaction, and answers its caller.
    pub(super) fn read(&mut self, job: Box<dyn Asked>) {
        let shared = Arc::clone(&self.shared);
        let lost = match self.looking() {
            Ok(running) => {
                let mut tx = ReadTx::new(Inner::Postgres(running), shared.clock.now());
                // The job's reply is dropped by a panic, which its caller sees as `Panicked`.
                let run = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx, &shared)));
                if run.is_err() {
                    tracing::error!("a reading transaction broke off");
                }
                tx.interruption() == Some(Interruption::Lost)
            }
            Err(error) => {
                job.refuse(error);
                false
            }
        };
        if lost {
            self.connection = None;
        }
    }

    /// A transaction that reads; on a new connection when the old one turns out to be gone.
    fn looking(&mut self) -> Result<Running<'_>, StoreError> {
        // What it begins cannot be handed out from here: the borrow would last although the connection is replaced.
        let broken = self.connected()?.look().is_err_and(|error| error.interruption().is_some());
        if broken {
            self.connection = None;
        }
        self.connected()?.look()
    }

    /// The connection; a new one if there is none. While the feed does not say whether the installation was moved, the
    /// database itself is asked, each time.
    fn connected(&mut self) -> Result<&mut Connection, StoreError> {
        if self.link.is_left() {
            return Err(StoreError::Moved(Mark::of_departure()));
        }
        if self.connection.is_none() {
            if self.link.is_away() {
                return Err(StoreError::Away("it is looked for".to_owned()));
            }
            let opened = Connection::open(&self.address).inspect_err(|error| self.link.miss(error))?;
            self.connection = Some(opened);
        } else if !self.heartbeat.is_fresh(self.shared.clock.now()) {
            self.ask_again()?;
        }
        self.connection.as_mut().ok_or(StoreError::Stopped)
    }

    /// Asks whether the installation was moved; a connection that breaks at that is replaced by one that has asked.
    fn ask_again(&mut self) -> Result<(), StoreError> {
        let Some(connection) = self.connection.as_mut() else { return Ok(()) };
        match connection.refuse_gone() {
            Err(error @ StoreError::Moved(_)) => {
                self.link.leave();
                Err(error)
            }
            Err(error) if error.interruption().is_some() => {
                self.connection = None;
                let opened = Connection::open(&self.address).inspect_err(|error| self.link.miss(error))?;
                self.connection = Some(opened);
                Ok(())
            }
            asked => asked,
        }
    }

    fn lost(&mut self) -> StoreError {
        self.connection = None;
        StoreError::Away("connections break as soon as they are made".to_owned())
    }

    /// Tells this replica's caches, and the others' meanwhile.
    fn tell(&mut self, touched: &[Touch]) {
        if !touched.is_empty() {
            self.link.ring();
            self.link.tell(self.connection.as_mut(), &self.shared, touched);
        }
    }

    /// Finds out what became of a commit, and says so.
    fn settle(&mut self, event: Option<Id<Event>>, touched: &[Touch]) -> Result<(), StoreError> {
        self.connection = None;
        let happened = event.and_then(|event| self.look_up(event));
        if happened != Some(false) {
            self.tell(touched);
        }
        match happened {
            Some(true) => Ok(()),
            Some(false) => Err(StoreError::NotCommitted),
            None => Err(StoreError::Unknown),
        }
    }

    /// Whether an event was committed; `None` when nobody can say.
    fn look_up(&mut self, event: Id<Event>) -> Option<bool> {
        for asked in 1..=ASKED {
            if let Ok(connection) = Connection::open(&self.address)
                && let Ok(happened) = is_committed(self.connection.insert(connection), event, &self.shared)
            {
                return Some(happened);
            }
            self.connection = None;
            std::thread::sleep(PAUSE * asked);
        }
        self.link.lose();
        None
    }
}

/// Takes the event's place for a moment: that waits for a transaction which has it and has not ended yet, and finds
/// it taken if that was committed.
fn is_committed(connection: &mut Connection, event: Id<Event>, shared: &Shared) -> Result<bool, StoreError> {
    let read = ReadTx::new(Inner::Postgres(connection.watch()?), shared.clock.now());
    let mut tx = WriteTx::new(read, &*shared.entropy);
    Ok(!events::reserve(&mut tx, event)?)
}

/// Lets others go first: the later, the longer.
fn give_way(conflicts: u32) {
    if conflicts > 3 {
        std::thread::sleep(Duration::from_millis(u64::from(conflicts.min(20))));
    }
}

fn try_once(connection: &mut Connection, shared: &Shared, replica: i64, job: &mut dyn Queued) -> Try {
    let begun = match job.isolation() {
        Isolation::Serializable => connection.begin(),
        Isolation::RowLocks => connection.watch(),
    };
    let running = match begun {
        Ok(running) => running,
        Err(error) => return broken(error),
    };
    let read = ReadTx::new(Inner::Postgres(running), shared.clock.now());
    let mut tx = WriteTx::new(read, &*shared.entropy);
    let verdict = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx, shared))).unwrap_or(Verdict::RollBack);
    // The function may have made an error of its own of what the engine said: the transaction remembers it.
    if let Some(interruption) = tx.interruption() {
        return Try::Interrupted(interruption);
    }
    match verdict {
        Verdict::RollBack => Try::Ended(Vec::new()),
        Verdict::Commit(event) => commit(tx, replica, event.as_deref()),
    }
}

fn commit(mut tx: WriteTx<'_>, replica: i64, event: Option<&Event>) -> Try {
    if let Some(event) = event
        && let Err(error) = events::insert(&mut tx, event)
    {
        return broken(error);
    }
    let touched = tx.take_touched();
    if let Err(error) = feed::insert(&mut tx, replica, &touched) {
        return broken(error);
    }
    match tx.commit() {
        Ok(()) => Try::Ended(touched),
        Err(error) if error.interruption() == Some(Interruption::Lost) => {
            Try::InDoubt(event.map(|event| event.id), touched)
        }
        Err(error) => broken(error),
    }
}

fn broken(error: StoreError) -> Try {
    error.interruption().map_or(Try::Failed(error), Try::Interrupted)
}

impl WriteTx<'_> {
    fn commit(self) -> Result<(), StoreError> {
        match self.into_inner() {
            Inner::Postgres(running) => Ok(running.transaction.commit()?),
            Inner::Sqlite(_) | Inner::Nowhere => {
                Err(StoreError::Postgres(PostgresFailure::here("not a transaction of PostgreSQL's")))
            }
        }
    }
}
