//! The server of a test, its clients, and what it holds.

#[path = "../../../../tests/valkey_server.rs"]
mod process;

use doorward_limits::{Shelf, SignInLimits, Valkey};
use process::ValkeyServer;
use std::{sync::Arc, time::Duration};

/// A server, which ends with this.
pub(crate) struct Server(ValkeyServer);

impl Server {
    pub(crate) fn start() -> Self {
        Self(ValkeyServer::start())
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.0.url()
    }

    /// One process's limits that are kept here.
    pub(crate) fn limits(&self) -> SignInLimits {
        SignInLimits::shared(self.valkey())
    }

    /// One process's values that are kept here.
    pub(crate) fn shelf(&self) -> Shelf {
        Shelf::in_valkey(&self.valkey())
    }

    /// One process's way to it.
    pub(crate) fn valkey(&self) -> Arc<Valkey> {
        Arc::new(Valkey::at(&self.url().parse().unwrap()).unwrap())
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.ask::<()>(&redis::cmd("FLUSHALL"));
    }

    /// How many scripts it was asked to run.
    pub(crate) fn questions(&self) -> usize {
        let stats: String = self.ask(redis::cmd("INFO").arg("commandstats"));
        let calls = stats.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
        calls.and_then(|rest| rest.split(',').next()).map_or(0, |calls| calls.parse().unwrap())
    }

    /// The names of all that it keeps.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.ask(redis::cmd("KEYS").arg("*"))
    }

    /// How many milliseconds something is kept yet.
    pub(crate) fn life(&self, key: &str) -> i64 {
        self.ask(redis::cmd("PTTL").arg(key))
    }

    /// Has it refuse whatever takes room, as when its memory is full; or not any more.
    pub(crate) fn set_full(&self, is_full: bool) {
        let bytes = u8::from(is_full);
        self.ask::<()>(redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes));
    }

    /// Has it answer nobody for so long.
    pub(crate) fn pause(&self, span: Duration) {
        let millis = u64::try_from(span.as_millis()).unwrap();
        self.ask::<()>(redis::cmd("CLIENT").arg("PAUSE").arg(millis).arg("ALL"));
    }

    pub(crate) fn stop(&mut self) {
        self.0.stop();
    }

    pub(crate) fn start_again(&mut self) {
        self.0.start_again();
    }

    fn ask<T: redis::FromRedisValue>(&self, question: &redis::Cmd) -> T {
        let client = redis::Client::open(self.url()).unwrap();
        question.query(&mut client.get_connection().unwrap()).unwrap()
    }
}
