//! The way to a Valkey, or any other server that speaks Redis' protocol, and whether it is there.
//!
//! INVARIANT: nobody waits long for it. Who finds it away waits for a fraction of a second; for a second after that,
//! nobody asks it at all.
//!
//! SECURITY: one that refuses a command is there. Its memory may be full of what strangers had it count; whatever it still
//! answers must be asked.

use redis::{
    Client, Cmd, ErrorKind, FromRedisValue, IntoConnectionInfo as _, Pipeline, RedisError, RedisResult,
    ScriptInvocation,
    aio::{ConnectionManager, ConnectionManagerConfig},
};
use std::{
    fmt::{self, Write as _},
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// How long any question may take, a new connection included.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long one that was away is left alone.
const REST: Duration = Duration::from_secs(1);
/// How long nothing is said of further refusals.
const SAID: Duration = Duration::from_mins(1);

/// Where a Valkey is, and how to get in.
///
/// SECURITY: neither `Debug`, `Display` nor an error shows the password.
#[derive(Clone)]
pub struct ValkeyAddress(Client);

/// The text names no Valkey.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a Valkey is named like `redis://:PASSWORD@HOST:6379/0`, or `rediss://…` over TLS")]
pub struct UnreadableAddress;

impl FromStr for ValkeyAddress {
    type Err = UnreadableAddress;

    fn from_str(text: &str) -> Result<Self, UnreadableAddress> {
        let info = text.into_connection_info().map_err(|_| UnreadableAddress)?;
        Client::open(info).map(Self).map_err(|_| UnreadableAddress)
    }
}

impl fmt::Display for ValkeyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.get_connection_info().addr())
    }
}

impl fmt::Debug for ValkeyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ValkeyAddress({self})")
    }
}

/// The way to a Valkey.
pub struct Valkey {
    connection: ConnectionManager,
    /// What depends on it, for the log.
    concerns: &'static str,
    heard: Mutex<Heard>,
}

/// What was last heard of it.
#[derive(Default)]
struct Heard {
    /// Until when it is left alone, since it was away.
    away_until: Option<Instant>,
    /// When it was last said that it refuses something.
    refusal_said: Option<Instant>,
}

impl Valkey {
    /// Connects when it is first asked. Call it on a runtime.
    pub fn at(address: &ValkeyAddress) -> RedisResult<Self> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let connection = address.0.get_connection_manager_lazy(config)?;
        Ok(Self { connection, concerns: "sign-ins", heard: Mutex::default() })
    }

    /// The same way for something else, whose impatience does not keep others from asking.
    pub(crate) fn apart(&self, concerns: &'static str) -> Self {
        Self { connection: self.connection.clone(), concerns, heard: Mutex::default() }
    }

    /// Whether it is there.
    pub(crate) async fn look(&self) -> bool {
        let mut connection = self.connection.clone();
        let ping = redis::cmd("PING");
        self.ask(ping.query_async::<String>(&mut connection), PATIENCE).await.is_some()
    }

    /// What a script answers within `patience`; nothing when the Valkey is away or refuses.
    pub(crate) async fn run<T: FromRedisValue>(
        &self,
        call: &ScriptInvocation<'_>,
        patience: Duration,
    ) -> Option<T> {
        let mut connection = self.connection.clone();
        self.ask(call.invoke_async(&mut connection), patience).await
    }

    /// What a command answers within `patience`; nothing when the Valkey is away or refuses.
    pub(crate) async fn command<T: FromRedisValue>(&self, command: &Cmd, patience: Duration) -> Option<T> {
        let mut connection = self.connection.clone();
        self.ask(command.query_async(&mut connection), patience).await
    }

    /// What several commands answer within `patience`; nothing when the Valkey is away or refuses.
    pub(crate) async fn pipeline<T: FromRedisValue>(&self, all: &Pipeline, patience: Duration) -> Option<T> {
        let mut connection = self.connection.clone();
        self.ask(all.query_async(&mut connection), patience).await
    }

    async fn ask<T>(&self, question: impl Future<Output = RedisResult<T>>, patience: Duration) -> Option<T> {
        if self.heard().away_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let too_late = |_| RedisError::from((ErrorKind::Io, "no answer in time"));
        let answer = timeout(patience, question).await.map_err(too_late).and_then(|answer| answer);
        self.note(answer.as_ref().err());
        answer.ok()
    }

    fn note(&self, error: Option<&RedisError>) {
        match error {
            Some(error) if is_refusal(error) => {
                self.note_presence();
                self.note_refusal(error);
            }
            Some(error) => self.note_absence(error),
            None => self.note_presence(),
        }
    }

    fn note_absence(&self, error: &RedisError) {
        let before = self.heard().away_until.replace(Instant::now() + REST);
        if before.is_none() {
            tracing::warn!(
                %error,
                concerns = self.concerns,
                "Valkey does not answer: what it counts is counted by this process alone, and more strictly; sessions that it holds are refused"
            );
        }
    }

    fn note_presence(&self) {
        if self.heard().away_until.take().is_some() {
            tracing::info!(concerns = self.concerns, "Valkey answers again");
        }
    }

    fn note_refusal(&self, error: &RedisError) {
        let now = Instant::now();
        let mut heard = self.heard();
        if heard.refusal_said.is_some_and(|said| now < said + SAID) {
            return;
        }
        heard.refusal_said = Some(now);
        drop(heard);
        tracing::warn!(
            %error,
            concerns = self.concerns,
            "Valkey refuses what it is asked: what it does not count is counted by this process alone, and more strictly; sessions that it does not take do not begin"
        );
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether it has answered, if only that it will not do it.
fn is_refusal(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension | ErrorKind::UnexpectedReturnType)
}

/// Bytes as part of a key's name.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // A text takes whatever is written to it.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// A span as scripts count it.
pub(crate) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
