//! One connection, set up as every connection is.

use super::{
    Running, Statements,
    address::{PostgresAddress, Security},
    tls::Tls,
};
use crate::{
    PostgresFailure, StoreError,
    moving::{MoveState, mark_of_server},
};
use postgres::{Client, IsolationLevel, NoTls, SimpleQueryMessage, error::SqlState};

/// The oldest PostgreSQL that is spoken to, as the server writes versions.
const OLDEST: i32 = 150_000;

/// What a session promises. Nobody waits for ever, neither for a lock nor for a client that went silent. A commit is
/// durable whatever the server's own setting. Serializable transactions mind what they read, so tables, small ones
/// too, are read through their indexes; a plan that has none is dear, and must not be compiled for that.
const SESSION: &str = "SET statement_timeout = '15s'; SET lock_timeout = '5s'; \
    SET idle_in_transaction_session_timeout = '20s'; SET client_min_messages = warning; \
    SET enable_seqscan = off; SET jit = off; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') IN ('off', 'local');";

/// Whether an installation has left a database for good.
const GONE: &str = "SELECT FROM moves WHERE state = 'gone'";

/// A connection and what it has prepared.
pub(super) struct Connection {
    client: Client,
    statements: Statements,
}

impl Connection {
    /// Connects for transactions; refuses a database that the installation has left. Not on a thread of tokio's.
    pub(super) fn open(address: &PostgresAddress) -> Result<Self, StoreError> {
        let mut client = connect(address)?;
        client.batch_execute(SESSION).map_err(away)?;
        refuse_gone(&mut client)?;
        Ok(Self { client, statements: Statements::new() })
    }

    /// Refuses a database that the installation has left since this connection was made.
    pub(super) fn refuse_gone(&mut self) -> Result<(), StoreError> {
        refuse_gone(&mut self.client)
    }

    /// The client itself, for what is no transaction of the door's.
    pub(super) const fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Begins a transaction that may write.
    pub(super) fn begin(&mut self) -> Result<Running<'_>, StoreError> {
        self.start(IsolationLevel::Serializable, false)
    }

    /// Begins a transaction that sees one moment, and cannot write. It never has to run again.
    pub(super) fn look(&mut self) -> Result<Running<'_>, StoreError> {
        self.start(IsolationLevel::RepeatableRead, true)
    }

    fn start(&mut self, level: IsolationLevel, read_only: bool) -> Result<Running<'_>, StoreError> {
        let Self { client, statements } = self;
        let transaction = client.build_transaction().isolation_level(level).read_only(read_only).start()?;
        Ok(Running { transaction, statements })
    }

    /// Begins a transaction that sees what others commit meanwhile.
    pub(super) fn watch(&mut self) -> Result<Running<'_>, StoreError> {
        self.start(IsolationLevel::ReadCommitted, false)
    }
}

/// Connects, with nothing set; refuses a server that is too old or keeps texts in another encoding.
pub(crate) fn connect(address: &PostgresAddress) -> Result<Client, StoreError> {
    let mut client = match &address.security {
        Security::Plain => address.config.connect(NoTls),
        Security::Verified(roots) => address.config.connect(Tls::verified(roots)?),
    }
    .map_err(away)?;
    let facts = "SELECT current_setting('server_version_num')::int, current_setting('server_encoding')";
    let row = client.query_one(facts, &[]).map_err(away)?;
    let (version, encoding): (i32, String) = (row.get(0), row.get(1));
    if version < OLDEST {
        return Err(StoreError::Unfit("PostgreSQL 15 or newer is needed".to_owned()));
    }
    if encoding != "UTF8" {
        return Err(StoreError::Unfit(format!("its encoding must be UTF8, and is {encoding}")));
    }
    Ok(client)
}

fn refuse_gone(client: &mut Client) -> Result<(), StoreError> {
    let rows = match client.simple_query(GONE) {
        // A schema from before there were moves.
        Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => return Ok(()),
        rows => rows?,
    };
    if !rows.iter().any(|row| matches!(row, SimpleQueryMessage::Row(_))) {
        return Ok(());
    }
    let gone = mark_of_server(client)?.filter(|mark| mark.state == MoveState::Gone);
    gone.map_or(Ok(()), |mark| Err(StoreError::Moved(mark)))
}

fn away(error: postgres::Error) -> StoreError {
    StoreError::Away(PostgresFailure::of(&error).to_string())
}
