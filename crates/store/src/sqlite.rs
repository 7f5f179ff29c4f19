//! SQLite: how a connection is opened, how `$N` is bound, how statements run.

mod readers;
mod writer;

pub(crate) use readers::Readers;
pub(crate) use writer::Writer;

use crate::{Column, FromRow, Row, StoreError, Value};
use rusqlite::{CachedStatement, Connection, OpenFlags, types::ToSqlOutput};
use std::path::Path;

/// `synchronous=FULL` makes a commit durable; group commit pays for it. `secure_delete` leaves nothing of a
/// deleted row in the file. Nothing of the schema may run code (`trusted_schema`).
const WRITER: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
    PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; \
    PRAGMA busy_timeout=5000;";
const READER: &str = "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; \
    PRAGMA temp_store=MEMORY; PRAGMA busy_timeout=5000;";
const STATEMENTS: usize = 256;

/// Opens a file to look at it only, without creating or changing anything. SQLite would put a log and its index
/// beside a file that has none, unless it is told that nobody writes; then the log, which is absent, is not read.
pub(crate) fn peek(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).exists() {
        return Connection::open_with_flags(path, flags).map_err(StoreError::opening);
    }
    let escaped = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let uri = format!("file:{escaped}?immutable=1");
    Connection::open_with_flags(uri, flags | OpenFlags::SQLITE_OPEN_URI).map_err(StoreError::opening)
}

pub(crate) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path).map_err(StoreError::opening)?;
    prepare(connection, WRITER)
}

fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(StoreError::opening)?;
    prepare(connection, READER)
}

fn prepare(connection: Connection, pragmas: &str) -> Result<Connection, StoreError> {
    connection.execute_batch(pragmas).map_err(StoreError::opening)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

pub(crate) fn rows<T: FromRow>(
    connection: &Connection,
    sql: &'static str,
    params: &[Value],
) -> Result<Vec<T>, StoreError> {
    let statement = connection.prepare_cached(sql)?;
    // SECURITY: these are open to every use case, so a change through them would need no permit.
    if !statement.readonly() {
        return Err(StoreError::NotReading);
    }
    answer(statement, params)
}

/// What a statement that may change something answers.
pub(crate) fn change<T: FromRow>(
    connection: &Connection,
    sql: &'static str,
    params: &[Value],
) -> Result<Vec<T>, StoreError> {
    answer(connection.prepare_cached(sql)?, params)
}

fn answer<T: FromRow>(mut statement: CachedStatement<'_>, params: &[Value]) -> Result<Vec<T>, StoreError> {
    bind(&mut statement, params)?;
    let mut rows = statement.raw_query();
    let mut answer = Vec::new();
    while let Some(row) = rows.next()? {
        answer.push(T::from_row(&Row::Sqlite(row))?);
    }
    Ok(answer)
}

pub(crate) fn execute(
    connection: &Connection,
    sql: &'static str,
    params: &[Value],
) -> Result<u64, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    Ok(u64::try_from(statement.raw_execute()?).unwrap_or(u64::MAX))
}

/// Binds `$N` to the N-th value. SQLite sees `$1` as a name and would bind by order of appearance.
fn bind(statement: &mut CachedStatement<'_>, params: &[Value]) -> rusqlite::Result<()> {
    for index in 1..=statement.parameter_count() {
        let number = statement.parameter_name(index).and_then(number).unwrap_or(0);
        let missing = rusqlite::Error::InvalidParameterCount(number, params.len());
        let value = number.checked_sub(1).and_then(|place| params.get(place)).ok_or(missing)?;
        statement.raw_bind_parameter(index, value)?;
    }
    Ok(())
}

/// `$2` is 2, and so is `$2::bigint`: SQLite takes the cast that PostgreSQL wants as part of the name.
fn number(name: &str) -> Option<usize> {
    name.strip_prefix('$')?.split(':').next()?.parse().ok()
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(bound(self.as_column()))
    }
}

/// A value as it is bound to a parameter.
pub(crate) const fn bound(column: Column<'_>) -> ToSqlOutput<'_> {
    use rusqlite::types::{Value as Owned, ValueRef};
    match column {
        Column::Null => ToSqlOutput::Owned(Owned::Null),
        Column::Int(value) => ToSqlOutput::Owned(Owned::Integer(value)),
        Column::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
        Column::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
    }
}
