//! The one thread that writes: many transactions in turn, each in its savepoint, inside one durable commit.
//!
//! INVARIANT: nobody is answered before the commit that holds their transaction has reached the disk.

use crate::{
    StoreError, WriteTx,
    door::{Queued, Shared, Verdict},
    moving::{Mark, mark_of_file},
    tables::events,
    tx::{Inner, ReadTx},
};
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::mpsc;

/// The most transactions in one commit.
const LARGEST_BATCH: usize = 256;
/// How long is waited for those who were in the last commit, and how often at most.
const MOMENT: Duration = Duration::from_micros(50);
const MOMENTS: u32 = 2;
/// How many transactions may wait before their callers do.
const QUEUE: usize = 1024;

type Job = Box<dyn Queued>;

/// The thread that writes, and the queue in front of it.
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn open(path: &Path, shared: Arc<Shared>) -> Result<Self, StoreError> {
        let connection = super::open_writer(path)?;
        Mark::admit(mark_of_file(&connection)?)?;
        crate::migrations::apply(&connection, shared.clock.now())?;
        let (queue, mut jobs) = mpsc::channel(QUEUE);
        let work = move || {
            let (mut batch, mut before) = (Vec::with_capacity(LARGEST_BATCH), 0);
            while jobs.blocking_recv_many(&mut batch, LARGEST_BATCH) > 0 {
                gather(&mut jobs, &mut batch, before);
                before = batch.len();
                run_batch(&connection, &shared, &mut batch);
            }
        };
        let thread = std::thread::Builder::new().name("store-writer".to_owned()).spawn(work);
        let thread = thread.map_err(|_| StoreError::Stopped)?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(crate) async fn send(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Stopped)?;
        queue.send(job).await.map_err(|_| StoreError::Stopped)
    }
}

impl Drop for Writer {
    /// Lets the thread finish what is queued, then waits for it: what was promised is written.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// Those who were answered together often come back with their next together: one commit is to serve them again, so the
/// last of them are waited for, a small part of the time that a commit takes.
fn gather(jobs: &mut mpsc::Receiver<Job>, batch: &mut Vec<Job>, before: usize) {
    for _ in 0..MOMENTS {
        if batch.len() >= before {
            return;
        }
        std::thread::sleep(MOMENT);
        while batch.len() < LARGEST_BATCH
            && let Ok(job) = jobs.try_recv()
        {
            batch.push(job);
        }
    }
}

fn run_batch(connection: &Connection, shared: &Shared, batch: &mut Vec<Job>) {
    let mut open = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
    let mut touched = Vec::new();
    for job in batch.iter_mut() {
        if open.is_ok() {
            open = run_one(connection, shared, job.as_mut()).and_then(|touches| {
                touched.extend(touches);
                still_open(connection)
            });
        }
    }
    let committed = open.and_then(|()| Ok(connection.execute_batch("COMMIT")?));
    match &committed {
        Ok(()) => shared.committed(&touched, &mut ReadTx::new(Inner::Sqlite(connection), shared.clock.now())),
        Err(error) => {
            tracing::error!(%error, transactions = batch.len(), "a batch was not committed");
            roll_back(connection);
        }
    }
    for job in batch.drain(..) {
        let end = if committed.is_ok() { Ok(()) } else { Err(StoreError::NotCommitted) };
        job.answer(end, shared);
    }
}

/// A full disk, an I/O error or spent memory may end the outer transaction, not only the savepoint.
fn still_open(connection: &Connection) -> Result<(), StoreError> {
    if connection.is_autocommit() { Err(StoreError::NotCommitted) } else { Ok(()) }
}

fn roll_back(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(error) = connection.execute_batch("ROLLBACK") {
        tracing::error!(%error, "a failed batch could not be rolled back");
    }
}

fn run_one(
    connection: &Connection,
    shared: &Shared,
    job: &mut dyn Queued,
) -> Result<Vec<crate::Touch>, StoreError> {
    connection.prepare_cached("SAVEPOINT one")?.execute([])?;
    let read = ReadTx::new(Inner::Sqlite(connection), shared.clock.now());
    let mut tx = WriteTx::new(read, &*shared.entropy);
    // A panic in one transaction must not take its neighbours along.
    let verdict = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx, shared))).unwrap_or(Verdict::RollBack);
    match verdict {
        Verdict::Commit(event) => {
            if let Some(event) = event {
                events::insert(&mut tx, &event)?;
            }
        }
        Verdict::RollBack => {
            connection.prepare_cached("ROLLBACK TO one")?.execute([])?;
            tx.forgive();
        }
    }
    connection.prepare_cached("RELEASE one")?.execute([])?;
    Ok(tx.take_touched())
}
