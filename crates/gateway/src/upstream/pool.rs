//! Connections to places that wait for their next request.
//!
//! INVARIANT: a connection waits here only when nothing of its last answer is outstanding, and only for the worker that
//! it lives on (`workers.rs`).

use super::{
    connection::Connection,
    place::{Place, Turn},
};
use crate::{Limits, workers};
use std::{
    array,
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{
    net::TcpStream,
    time::{interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// With more workers than this, some share a shelf, and their connections.
const SHELVES: usize = 32;

/// Connections that wait for their next request, a shelf for each worker.
pub(super) struct Pool {
    shelves: [Mutex<Shelf>; SHELVES],
    pub(super) limits: Limits,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

/// The connections of one worker, by the id of their place.
type Shelf = HashMap<u64, Vec<Idle>>;

struct Idle {
    connection: Connection,
    was_swept_past: bool,
}

/// A connection that belongs to one request until the answer's end.
pub(crate) struct Lease {
    pub(super) connection: Connection,
    pub(super) turn: Turn,
    /// Whether the app may take the rest of a request that it has answered already.
    pub(super) may_linger: bool,
    pub(super) is_spent: bool,
    pub(super) pool: Arc<Pool>,
}

impl Pool {
    /// An empty pool, which a task of its own sweeps until the shutdown.
    pub(super) fn start(limits: Limits, tasks: TaskTracker, shutdown: CancellationToken) -> Arc<Self> {
        let shelves = array::from_fn(|_| Mutex::default());
        let pool = Arc::new(Self { shelves, limits, tasks, shutdown });
        pool.tasks.spawn(Arc::clone(&pool).sweep_every(limits.idle_time));
        pool
    }

    /// The connection to the place that was used last, if one waits.
    pub(super) fn find(&self, place: &Place) -> Option<Connection> {
        let mut own = self.own_shelf()?;
        let waiting = own.get_mut(&place.id)?;
        let mut latest = std::iter::from_fn(|| waiting.pop()).map(|idle| idle.connection);
        latest.find(|connection| connection.sender.is_ready())
    }

    /// Speaks HTTP/1.1 over a fresh connection.
    pub(super) async fn adopt(&self, stream: TcpStream) -> hyper::Result<Connection> {
        Connection::start(stream, self.limits.header_bytes, &self.tasks).await
    }

    fn keep(&self, connection: Connection, place: &Place) {
        let Some(mut own) = self.own_shelf() else { return };
        if self.shutdown.is_cancelled() {
            return;
        }
        let waiting = own.entry(place.id).or_default();
        if waiting.len() < self.limits.idle_connections {
            waiting.push(Idle { connection, was_swept_past: false });
        }
    }

    async fn sweep_every(self: Arc<Self>, period: Duration) {
        let mut sweeps = interval(period);
        while self.shutdown.run_until_cancelled(sweeps.tick()).await.is_some() {
            self.sweep();
        }
        for shelf in &self.shelves {
            lock(shelf).clear();
        }
    }

    /// Two sweeps that meet the same connection end it, so that no clock need be read when it is put back.
    fn sweep(&self) {
        for shelf in &self.shelves {
            lock(shelf).retain(|_, waiting| {
                waiting.retain_mut(Idle::is_swept_past_once);
                !waiting.is_empty()
            });
        }
    }

    fn own_shelf(&self) -> Option<MutexGuard<'_, Shelf>> {
        self.shelves.get(workers::current() % SHELVES).map(lock)
    }
}

impl Idle {
    fn is_swept_past_once(&mut self) -> bool {
        !mem::replace(&mut self.was_swept_past, true) && self.connection.sender.is_ready()
    }
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lease {
    /// Lets no other request come behind this one.
    ///
    /// SECURITY: a server that has declined to switch protocols may still take what comes next for the other one.
    pub(crate) const fn spend(&mut self) {
        self.is_spent = true;
    }

    /// Gives the connection back once the app's answer has been read to its end.
    ///
    /// The app may have answered before it took the whole request. Then the connection is waited for a while, and
    /// closed when the rest has not been taken by then.
    pub(super) fn give_back(self) {
        let Self { mut connection, turn, may_linger, is_spent, pool } = self;
        if is_spent {
            return;
        }
        if connection.sender.is_ready() {
            pool.keep(connection, turn.place());
        } else if may_linger && !connection.sender.is_closed() {
            let (tasks, limit) = (pool.tasks.clone(), pool.limits.linger_time);
            tasks.spawn(async move {
                if let Ok(Ok(())) = timeout(limit, connection.sender.ready()).await {
                    pool.keep(connection, turn.place());
                }
            });
        }
    }

    /// Lets the connection become a tunnel. The place counts it as a request until what this gives is dropped.
    pub(crate) fn let_go(self) -> Turn {
        self.connection.let_go();
        self.turn
    }
}

#[cfg(test)]
mod tests;
