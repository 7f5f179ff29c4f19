//! The threads that hold the connections, and the queues in front of them: some write, some read, one watches.

use super::{
    address::PostgresAddress,
    feed::{self, Heartbeat},
    link::Link,
    session::Session,
};
use crate::{
    StoreError,
    door::{Asked, Queued, Shared},
    migrations,
    moving::{Mark, mark_of_server},
};
use domain::Time;
use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    thread::{Builder, JoinHandle},
};
use tokio::sync::mpsc;

/// How many transactions may wait before their callers do.
const QUEUE: usize = 1024;

/// The threads, and what is sent to them.
pub(crate) struct Threads {
    writing: Option<mpsc::Sender<Box<dyn Queued>>>,
    reading: Option<mpsc::Sender<Box<dyn Asked>>>,
    link: Arc<Link>,
    workers: Vec<JoinHandle<()>>,
    watches: Vec<JoinHandle<()>>,
    heartbeat: Arc<Heartbeat>,
}

impl Threads {
    /// Brings the schema up to date and starts the threads: of `connections`, half write and half read, and at least
    /// one does either.
    pub(crate) fn start(
        address: &PostgresAddress,
        connections: NonZeroUsize,
        shared: &Arc<Shared>,
    ) -> Result<Self, StoreError> {
        let now = shared.clock.now();
        let replica = super::apart(address, move |client| {
            Mark::admit(mark_of_server(client)?)?;
            migrations::postgresql::apply(client, now)?;
            feed::new_replica(client)
        })?;
        tracing::info!(replica, "one of the replicas on this database");
        let (half, link) = (connections.get().div_ceil(2), Arc::new(Link::new(replica)));
        let heartbeat = Arc::new(Heartbeat::new());
        let parts = || (Arc::clone(&link), Arc::clone(shared), Arc::clone(&heartbeat));
        let session = || {
            let (link, shared, heartbeat) = parts();
            Session::new(address.clone(), link, shared, heartbeat)
        };
        let (writing, mut workers) = start("store-writer", half, session, Session::write)?;
        let (reading, readers) = start("store-reader", half, session, Session::read)?;
        workers.extend(readers);
        let watches = watches(address, &link, shared, &heartbeat)?;
        Ok(Self { writing: Some(writing), reading: Some(reading), link, workers, watches, heartbeat })
    }

    /// Whether other replicas' changes are heard of, on a database that the installation has not left.
    pub(crate) fn is_fed(&self, now: Time) -> bool {
        !self.link.is_left() && self.heartbeat.is_fresh(now)
    }

    /// Tells this replica from the others.
    pub(crate) fn replica(&self) -> i64 {
        self.link.replica()
    }

    pub(crate) async fn send_write(&self, job: Box<dyn Queued>) -> Result<(), StoreError> {
        let queue = self.writing.as_ref().ok_or(StoreError::Stopped)?;
        queue.send(job).await.map_err(|_| StoreError::Stopped)
    }

    pub(crate) async fn send_read(&self, job: Box<dyn Asked>) -> Result<(), StoreError> {
        let queue = self.reading.as_ref().ok_or(StoreError::Stopped)?;
        queue.send(job).await.map_err(|_| StoreError::Stopped)
    }
}

impl Drop for Threads {
    /// Lets the threads finish what is queued, then waits for them: what was promised is written.
    fn drop(&mut self) {
        drop(self.writing.take());
        drop(self.reading.take());
        for worker in self.workers.drain(..) {
            worker.join().ok();
        }
        self.link.stop();
        for watch in self.watches.drain(..) {
            watch.join().ok();
        }
    }
}

/// Three threads beside the transactions: one looks for a database that is away, one reads other replicas' changes, one
/// rings for them.
fn watches(
    address: &PostgresAddress,
    link: &Arc<Link>,
    shared: &Arc<Shared>,
    heartbeat: &Arc<Heartbeat>,
) -> Result<Vec<JoinHandle<()>>, StoreError> {
    let parts = || (address.clone(), Arc::clone(link), Arc::clone(shared));
    let (place, away, told) = parts();
    let watch = named("store-watch", move || away.keep_watch(&place, &told))?;
    let ((place, end, told), heartbeat) = (parts(), Arc::clone(heartbeat));
    let feed = named("store-feed", move || feed::keep_reading(&place, &end, &told, &heartbeat))?;
    let (place, asked, _) = parts();
    let bell = named("store-bell", move || feed::keep_ringing(&place, &asked))?;
    Ok(vec![watch, feed, bell])
}

type Started<J> = (mpsc::Sender<J>, Vec<JoinHandle<()>>);

/// Starts `count` threads that take what is sent, each with a session of its own.
fn start<J: Send + 'static>(
    name: &str,
    count: usize,
    session: impl Fn() -> Session,
    run: fn(&mut Session, J),
) -> Result<Started<J>, StoreError> {
    let (queue, jobs) = mpsc::channel(QUEUE);
    let jobs = Arc::new(Mutex::new(jobs));
    let one = |_| {
        let (mut session, jobs) = (session(), Arc::clone(&jobs));
        named(name, move || {
            while let Some(job) = next(&jobs) {
                run(&mut session, job);
            }
        })
    };
    Ok((queue, (0..count).map(one).collect::<Result<_, _>>()?))
}

fn next<J>(jobs: &Mutex<mpsc::Receiver<J>>) -> Option<J> {
    jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
}

fn named(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    Builder::new().name(name.to_owned()).spawn(work).map_err(|_| StoreError::Stopped)
}
