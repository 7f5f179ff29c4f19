//! A server that speaks Redis' protocol, in a temporary folder: never the machine's.

use doorward_limits::{SignInLimits, Valkey};
use std::{
    os::unix::{net::UnixStream, process::CommandExt as _},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread::sleep,
    time::Duration,
};
use tempfile::TempDir;

/// Debian keeps the server's program under this name in `redis-tools`, without a service that starts by itself. It is
/// the server when it is called so.
const PROGRAM: &str = "redis-check-rdb";

/// A server, which ends with this.
pub(crate) struct Server {
    folder: TempDir,
    process: Child,
}

impl Server {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = run(&folder);
        Self { folder, process }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}/socket", self.folder.path().display())
    }

    /// One process's limits that are kept here.
    pub(crate) fn limits(&self) -> SignInLimits {
        SignInLimits::shared(self.valkey())
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

    fn ask<T: redis::FromRedisValue>(&self, question: &redis::Cmd) -> T {
        let client = redis::Client::open(self.url()).unwrap();
        question.query(&mut client.get_connection().unwrap()).unwrap()
    }

    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.process = run(&self.folder);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been stopped.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn run(folder: &TempDir) -> Child {
    let socket = folder.path().join("socket");
    let process = Command::new(PROGRAM)
        .arg0("redis-server")
        .args(["--port", "0", "--save", "", "--unixsocket"])
        .arg(&socket)
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("the server is missing: run `cargo xtask setup`");
    let answers = || {
        sleep(Duration::from_millis(10));
        UnixStream::connect(&socket).is_ok()
    };
    assert!((0..1_000).any(|_| answers()), "the server does not start");
    process
}
