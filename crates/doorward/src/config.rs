//! What must be known before the start: flags over `DOORWARD_…` variables over a TOML file over defaults.
//!
//! None is needed. Everything else lives in the database. INVARIANT: nothing that was given is passed over:
//! a name that nobody knows, or a value that does not fit, stops the program with a sentence that names it.

mod database;
mod environment;
mod first_account;
mod flags;
mod key;
mod layers;
mod remote;
mod sessions;
mod tls;

use crate::{exit::Stop, seeing};
use domain::{Origin, Scheme, Settings, settings::PasswordRules};
use gateway::{Network, TlsFiles, TrustedProxies};
use layers::Layers;
use limits::ValkeyAddress;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

pub use database::{Destination, Server};
pub use environment::Environment;
pub use first_account::FirstAccount;
pub use flags::Flags;
pub use remote::Remote;
pub use sessions::SessionPlace;

/// Seconds; longer, and who stops the program would take it for hung.
const LONGEST_DELAY: u64 = 300;

/// What must be known before the start.
#[derive(Debug)]
pub struct Config {
    /// Where the data lies.
    pub data: PathBuf,
    /// The server that keeps the data, if it is not the file in the data directory.
    pub database: Option<Server>,
    /// The Valkey that replicas share, if there is one.
    pub valkey: Option<ValkeyAddress>,
    /// Where cookies lead to their sessions from.
    pub sessions: SessionPlace,
    /// Where `db move` moves to, if no flag says it.
    pub move_to: Option<Destination>,
    /// Where the root keys lie, if not in the data directory.
    pub root_key_file: Option<PathBuf>,
    /// Where to serve; at least one address.
    pub listen: Vec<SocketAddr>,
    /// The certificate to serve https with, and its key; neither has been looked at.
    pub tls: Option<TlsFiles>,
    /// Where browsers reach the home host, if it was said.
    home: Option<Origin>,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: TrustedProxies,
    /// The fewest characters of a new password, if it was said.
    password_min_length: Option<usize>,
    /// How long everything is still answered after the wish to stop, while `/readyz` sends clients elsewhere.
    pub shutdown_delay: Duration,
    /// What to log, and how.
    pub log: LogSettings,
    /// Whether requests are logged, and where.
    pub access_log: seeing::LogSettings,
    /// Whether commands print JSON.
    pub json: bool,
    /// The running server that a command is for, instead of the data directory.
    pub remote: Option<Remote>,
    /// The first account of an unattended first start.
    pub first_account: Option<FirstAccount>,
}

/// What to log, and how.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// The levels, if they were said.
    pub filter: Option<String>,
    /// Text or JSON.
    pub format: LogFormat,
}

/// How lines of the log are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Config {
    /// Reads and checks all that was given.
    pub fn read(flags: &Flags, environment: &Environment) -> Result<Self, Stop> {
        let layers = Layers::read(flags, environment)?;
        let tls = tls::read(&layers)?;
        let usual = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 8080))];
        let listen = layers.find("listen").map(|given| given.all(address)).transpose()?;
        let proxies =
            layers.find("trusted_proxies").map(|given| given.all(str::parse::<Network>)).transpose()?;
        Ok(Self {
            data: layers.find("data").map_or("doorward-data", |given| given.text()).into(),
            database: Server::read(&layers)?,
            valkey: layers.read_one("valkey", str::parse)?,
            sessions: SessionPlace::read(&layers)?,
            move_to: layers.read_one("move_to", str::parse)?,
            root_key_file: layers.find("root_key_file").map(|given| given.text().into()),
            listen: listen.unwrap_or(usual),
            home: tls::read_home(&layers, tls.as_ref())?,
            tls,
            trusted_proxies: TrustedProxies::new(proxies.unwrap_or_default()),
            password_min_length: layers.read_one("password_min_length", password_length)?,
            shutdown_delay: layers.read_one("shutdown_delay", shutdown_delay)?.unwrap_or_default(),
            log: LogSettings {
                filter: layers.find("log").map(|given| given.text().to_owned()),
                format: layers.read_one("log_format", log_format)?.unwrap_or(LogFormat::Text),
            },
            access_log: seeing::LogSettings {
                target: layers.find("access_log").map(|given| given.text().into()).unwrap_or_default(),
                sample: layers.read_one("access_log_sample", str::parse)?.unwrap_or_default(),
            },
            json: layers.read_one("json", switch)?.unwrap_or(false),
            remote: Remote::read(&layers)?,
            first_account: FirstAccount::read(&layers)?,
        })
    }

    /// Where browsers reach the home host; by default this machine, at the port of the first listener.
    pub fn home(&self, port: u16) -> Origin {
        self.home.clone().unwrap_or_else(|| Origin::new(self.scheme(), "localhost", port))
    }

    /// What the listeners speak.
    pub const fn scheme(&self) -> Scheme {
        if self.tls.is_some() { Scheme::Https } else { Scheme::Http }
    }

    /// The installation's settings; `port` is that of the first listener, as it was bound.
    pub fn settings(&self, port: u16) -> Settings {
        let mut settings = Settings::at(self.home(port));
        settings.passwords.min_length = self.password_min_length.unwrap_or(settings.passwords.min_length);
        settings
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("`{text}` is no address with a port, such as `127.0.0.1:8080` or `[::]:80`"))
}

fn password_length(text: &str) -> Result<usize, String> {
    let floor = PasswordRules::FLOOR;
    let long_enough = text.parse().ok().filter(|length| *length >= floor);
    long_enough.ok_or_else(|| format!("`{text}` is no whole number from {floor} on"))
}

fn shutdown_delay(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= LONGEST_DELAY);
    let refused = || format!("`{text}` is no whole number of seconds up to {LONGEST_DELAY}");
    seconds.map(Duration::from_secs).ok_or_else(refused)
}

fn log_format(text: &str) -> Result<LogFormat, String> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` is neither `text` nor `json`")),
    }
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither `true` nor `false`")),
    }
}

#[cfg(test)]
mod tests;
