//! The threads that serve connections: one a core, each with a runtime of its own.
//!
//! INVARIANT: a connection, and all that it starts, stays on one worker from its beginning to its end. So a request
//! meets the app's idle connections of its own thread, and waking whoever waits crosses no core.

use futures_util::future::BoxFuture;
use std::{
    cell::Cell,
    io,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

thread_local! {
    static NUMBER: Cell<usize> = const { Cell::new(0) };
}

/// Which worker this thread is, counted from 0; 0 on a thread that is none.
pub(crate) fn current() -> usize {
    NUMBER.get()
}

/// What a worker is given: made elsewhere, run there.
type Job = Box<dyn FnOnce() -> BoxFuture<'static, ()> + Send>;

/// The threads that serve connections.
pub struct Workers(Vec<Worker>);

struct Worker {
    jobs: UnboundedSender<Job>,
    load: Arc<AtomicUsize>,
}

/// One connection more on a worker, for as long as this lives.
struct Load(Arc<AtomicUsize>);

impl Workers {
    /// Starts `number` threads. They go on with what is in `tasks` after `shutdown`, and end with it; when this is
    /// dropped before, they end at once.
    pub fn start(
        number: NonZeroUsize,
        tasks: &TaskTracker,
        shutdown: &CancellationToken,
    ) -> io::Result<Self> {
        let each = (0..number.get()).map(|number| Worker::start(number, tasks.clone(), shutdown.clone()));
        each.collect::<io::Result<_>>().map(Self)
    }

    /// Runs a connection on the worker that has the fewest. There are no more jobs than connections may be open.
    pub(crate) fn run<C, F>(&self, connection: C)
    where
        C: FnOnce() -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let least = self.0.iter().min_by_key(|worker| worker.load.load(Ordering::Relaxed));
        let Some(worker) = least else { return };
        let load = Load::one_more(&worker.load);
        let job = move || -> BoxFuture<'static, ()> {
            Box::pin(async move {
                connection().await;
                drop(load);
            })
        };
        // A worker that has ended takes nothing more: the connection closes.
        worker.jobs.send(Box::new(job)).ok();
    }
}

impl Worker {
    fn start(number: usize, tasks: TaskTracker, shutdown: CancellationToken) -> io::Result<Self> {
        let (jobs, waiting) = mpsc::unbounded_channel();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let name = format!("worker-{number}");
        thread::Builder::new().name(name).spawn(move || {
            NUMBER.set(number);
            work(&runtime, waiting, &tasks, &shutdown);
        })?;
        Ok(Self { jobs, load: Arc::default() })
    }
}

fn work(
    runtime: &Runtime,
    mut jobs: UnboundedReceiver<Job>,
    tasks: &TaskTracker,
    shutdown: &CancellationToken,
) {
    runtime.block_on(async {
        loop {
            match shutdown.run_until_cancelled(jobs.recv()).await {
                Some(Some(job)) => drop(tasks.spawn(job())),
                Some(None) if !shutdown.is_cancelled() => return,
                Some(None) | None => break,
            }
        }
        tasks.wait().await;
    });
}

impl Load {
    fn one_more(of: &Arc<AtomicUsize>) -> Self {
        of.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(of))
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tokio::sync::oneshot;

    fn workers(number: usize) -> (Workers, TaskTracker, CancellationToken) {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let workers = Workers::start(NonZeroUsize::new(number).unwrap(), &tasks, &shutdown).unwrap();
        (workers, tasks, shutdown)
    }

    #[tokio::test]
    async fn connections_are_spread_evenly_and_stay_where_they_are() {
        let (workers, ..) = workers(3);
        let mut met = BTreeSet::new();
        let mut held = Vec::new();
        for _ in 0..3 {
            let (tell, told) = oneshot::channel();
            let (release, until) = oneshot::channel::<()>();
            workers.run(move || async move {
                tell.send(current()).unwrap();
                until.await.unwrap_err();
            });
            met.insert(told.await.unwrap());
            held.push(release);
        }
        assert_eq!(met, BTreeSet::from([0, 1, 2]));
    }

    #[tokio::test]
    async fn what_is_under_way_at_the_shutdown_is_finished() {
        let (workers, tasks, shutdown) = workers(1);
        let (release, until) = oneshot::channel::<()>();
        let (signal, started) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        workers.run(move || async move {
            signal.send(()).unwrap();
            until.await.unwrap();
            tell.send(()).unwrap();
        });
        started.await.unwrap();
        shutdown.cancel();
        tasks.close();
        release.send(()).unwrap();
        told.await.unwrap();
        tasks.wait().await;
    }
}
