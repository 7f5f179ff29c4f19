//! A server that speaks Redis' protocol, in a temporary folder: never the machine's.

use std::{
    os::unix::{net::UnixStream, process::CommandExt as _},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};
use tempfile::TempDir;

/// Debian keeps the server's program under this name in `redis-tools`, without a service that starts by itself. It is
/// the server when it is called so.
const PROGRAM: &str = "redis-check-rdb";

/// A server, which ends with this.
pub(crate) struct ValkeyServer {
    folder: TempDir,
    process: Child,
}

impl ValkeyServer {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let process = run(folder.path());
        Self { folder, process }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}/socket", self.folder.path().display())
    }

    /// Stops it; what it held is lost.
    pub(crate) fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn start_again(&mut self) {
        self.process = run(self.folder.path());
    }
}

impl Drop for ValkeyServer {
    fn drop(&mut self) {
        // It may have been stopped.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}

fn run(folder: &Path) -> Child {
    let socket = folder.join("socket");
    let process = Command::new(PROGRAM)
        .arg0("redis-server")
        .args(["--port", "0", "--save", "", "--unixsocket"])
        .arg(&socket)
        .current_dir(folder)
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
