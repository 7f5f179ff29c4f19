//! A few threads that read, each with a connection that cannot write.

use crate::{
    ReadTx, StoreError,
    door::{Asked, Shared},
    tx::Inner,
};
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};
use tokio::sync::mpsc;

const QUEUE: usize = 1024;

type Job = Box<dyn Asked>;

/// The threads that read, and the queue in front of them.
pub(crate) struct Readers {
    queue: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    pub(crate) fn open(path: &Path, count: usize, shared: &Arc<Shared>) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let jobs = Arc::new(Mutex::new(jobs));
        let open = |_| {
            let connection = super::open_reader(path)?;
            let (jobs, shared) = (Arc::clone(&jobs), Arc::clone(shared));
            let work = move || read_all(&connection, &jobs, &shared);
            let thread = std::thread::Builder::new().name("store-reader".to_owned()).spawn(work);
            thread.map_err(|_| StoreError::Stopped)
        };
        let threads = (0..count.max(1)).map(open).collect::<Result<_, _>>()?;
        Ok(Self { queue: Some(queue), threads })
    }

    pub(crate) async fn send(&self, job: Job) -> Result<(), StoreError> {
        let queue = self.queue.as_ref().ok_or(StoreError::Stopped)?;
        queue.send(job).await.map_err(|_| StoreError::Stopped)
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        drop(self.queue.take());
        for thread in self.threads.drain(..) {
            thread.join().ok();
        }
    }
}

fn read_all(connection: &Connection, jobs: &Mutex<mpsc::Receiver<Job>>, shared: &Shared) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(job) = next else { return };
        // The job's reply is dropped by a panic, which its caller sees as `Panicked`.
        let run = AssertUnwindSafe(|| read_one(connection, job, shared));
        if let Err(error) = catch_unwind(run).unwrap_or(Err(StoreError::Panicked)) {
            tracing::error!(%error, "a reading transaction broke off");
        }
    }
}

/// One transaction, so that all its statements see the same state.
fn read_one(connection: &Connection, job: Job, shared: &Shared) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction()?;
    let mut tx = ReadTx::new(Inner::Sqlite(&transaction), shared.clock.now());
    job.run(&mut tx, shared);
    drop(tx);
    Ok(transaction.rollback()?)
}
