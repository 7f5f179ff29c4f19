//! Connections to apps that wait for their next request.
//!
//! INVARIANT: a connection waits here only when nothing of its last answer is outstanding.

use crate::{Body, Limits};
use access::AppRoute;
use domain::Upstream;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net::TcpStream, time::interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Connections to apps that wait for their next request.
pub(super) struct Pool {
    idle: Mutex<HashMap<Upstream, Vec<Idle>>>,
    most: usize,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

struct Idle {
    sender: SendRequest<Body>,
    was_swept_past: bool,
}

/// A connection that belongs to one request until the answer's end.
pub(crate) struct Lease {
    pub(super) sender: SendRequest<Body>,
    route: Arc<AppRoute>,
    pool: Arc<Pool>,
}

impl Pool {
    /// An empty pool, which a task of its own sweeps until the shutdown.
    pub(super) fn start(limits: Limits, tasks: TaskTracker, shutdown: CancellationToken) -> Arc<Self> {
        let idle = Mutex::default();
        let pool = Arc::new(Self { idle, most: limits.idle_connections, tasks, shutdown });
        pool.tasks.spawn(Arc::clone(&pool).sweep_every(limits.idle_time));
        pool
    }

    /// The connection to the route's app that was used last, if one waits.
    pub(super) fn find(self: &Arc<Self>, route: &Arc<AppRoute>) -> Option<Lease> {
        let mut idle = self.lock();
        let waiting = idle.get_mut(route.app.upstreams.first()?)?;
        let sender =
            std::iter::from_fn(|| waiting.pop()).map(|idle| idle.sender).find(SendRequest::is_ready)?;
        Some(self.lease(sender, route))
    }

    /// Speaks HTTP/1.1 over a fresh connection to the route's app.
    pub(super) async fn adopt(
        self: &Arc<Self>,
        route: &Arc<AppRoute>,
        stream: TcpStream,
    ) -> hyper::Result<Lease> {
        let (sender, connection) = Builder::new().handshake(TokioIo::new(stream)).await?;
        self.tasks.spawn(async move {
            if let Err(error) = connection.with_upgrades().await {
                tracing::debug!(%error, "a connection to an app broke");
            }
        });
        Ok(self.lease(sender, route))
    }

    fn lease(self: &Arc<Self>, sender: SendRequest<Body>, route: &Arc<AppRoute>) -> Lease {
        Lease { sender, route: Arc::clone(route), pool: Arc::clone(self) }
    }

    fn keep(&self, sender: SendRequest<Body>, route: &AppRoute) {
        let Some(upstream) = route.app.upstreams.first() else { return };
        let mut idle = self.lock();
        if self.shutdown.is_cancelled() {
            return;
        }
        if !idle.contains_key(upstream) {
            idle.insert(upstream.clone(), Vec::new());
        }
        if let Some(waiting) = idle.get_mut(upstream).filter(|waiting| waiting.len() < self.most) {
            waiting.push(Idle { sender, was_swept_past: false });
        }
    }

    async fn sweep_every(self: Arc<Self>, period: Duration) {
        let mut sweeps = interval(period);
        while self.shutdown.run_until_cancelled(sweeps.tick()).await.is_some() {
            self.sweep();
        }
        self.lock().clear();
    }

    /// Two sweeps that meet the same connection end it, so that no clock need be read when it is put back.
    fn sweep(&self) {
        self.lock().retain(|_, waiting| {
            waiting
                .retain_mut(|idle| !mem::replace(&mut idle.was_swept_past, true) && idle.sender.is_ready());
            !waiting.is_empty()
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Upstream, Vec<Idle>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lease {
    /// Gives the connection back once the app's answer has been read to its end.
    ///
    /// The app may have answered before it took the whole request; then the connection is waited for.
    pub(super) fn give_back(self) {
        let Self { mut sender, route, pool } = self;
        if sender.is_ready() {
            pool.keep(sender, &route);
        } else if !sender.is_closed() {
            let tasks = pool.tasks.clone();
            tasks.spawn(async move {
                if sender.ready().await.is_ok() {
                    pool.keep(sender, &route);
                }
            });
        }
    }
}

#[cfg(test)]
mod tests;
