//! A server that runs for a measurement and is ended with it.

use super::FOLDER;
use crate::run;
use anyhow::{Context as _, Result, ensure};
use std::{
    fs::File,
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

const LOOK_EVERY: Duration = Duration::from_micros(500);
const LOOKS: u32 = 60_000;

/// A process that listens at a loopback port.
pub(super) struct Server {
    process: Child,
    pub(super) port: u16,
}

impl Server {
    /// Starts `command`, whose output goes to `NAME.log`, and waits until it listens.
    pub(super) fn start(name: &str, command: &mut Command, port: u16) -> Result<Self> {
        let path = format!("{FOLDER}/{name}.log");
        let log = File::create(&path).with_context(|| format!("cannot write `{path}`"))?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let process = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let mut server = Self { process, port };
        server.wait().with_context(|| format!("{name} does not listen: see `{path}`"))?;
        Ok(server)
    }

    /// Starts one of the programs in `benches/`.
    pub(super) fn of_ours(name: &str, arguments: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(format!("target/release/{name}"));
        Self::start(name, command.arg(format!("127.0.0.1:{port}")).args(arguments), port)
    }

    fn wait(&mut self) -> Result<()> {
        for _ in 0..LOOKS {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            let ended = self.process.try_wait()?;
            ensure!(ended.is_none(), "it has ended");
            thread::sleep(LOOK_EVERY);
        }
        anyhow::bail!("nothing accepts a connection at port {}", self.port)
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    /// Asks it to end, so that it can end what it has started itself.
    fn drop(&mut self) {
        if !matches!(self.process.try_wait(), Ok(None)) {
            return;
        }
        let kill = format!("kill -TERM {}", self.id());
        if !run::succeeds(Command::new("sh").args(["-c", &kill])) || self.process.wait().is_err() {
            eprintln!("the process {} may still run", self.id());
        }
    }
}

/// A port that nobody listens on.
pub(super) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context("no port is free")?;
    Ok(listener.local_addr()?.port())
}
