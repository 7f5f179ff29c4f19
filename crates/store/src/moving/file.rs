//! A move's own connection to a file. The lock on its folder keeps everybody else away meanwhile.

use super::{
    Failed, Mark,
    mark::Setting,
    plan::{self, Kind, Table, TableColumn, Tables, gather, inexact, quoted},
    side::{Counters, Taker},
};
use crate::{
    Migrations, ReadTx, StoreError, WriteTx, migrations, own, row, sqlite, tables::root_keys, tx::Inner,
};
use domain::{Entropy, Time};
use rusqlite::{Connection, OptionalExtension as _, Statement};
use std::path::Path;

/// How a copy is written: a journal holds nothing but what was there before, which is next to nothing, so that each page
/// is written once; what a killed process leaves is rolled back by whoever opens the file next. References are not
/// checked row by row: the rows come in the order of their tables.
const TARGET: &str = "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; \
    PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-65536;";
const MARK: &str = "SELECT id, state, place FROM moves";
const COUNTED: &str = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";

pub(super) struct File {
    connection: Connection,
}

impl File {
    /// Opens a file that is there.
    pub(super) fn source(path: &Path) -> Result<Self, StoreError> {
        migrations::refuse_newer(&sqlite::peek(path)?)?;
        Ok(Self { connection: sqlite::open_writer(path)? })
    }

    pub(super) fn target(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::open(path).map_err(StoreError::opening)?;
        connection.execute_batch(TARGET).map_err(StoreError::opening)?;
        Ok(Self { connection })
    }

    pub(super) fn mark(&self) -> Result<Option<Mark>, StoreError> {
        mark(&self.connection)
    }

    pub(super) fn set_mark(&self, setting: &Setting<'_>) -> Result<(), StoreError> {
        self.write(setting.now, setting.entropy, |tx| setting.write(tx))
    }

    pub(super) fn prepare(
        &self,
        own: &[Migrations],
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        migrations::apply(&self.connection, now)?;
        self.write(now, entropy, |tx| own.iter().try_for_each(|own| own::apply(tx, *own)))
    }

    pub(super) fn remember_key(
        &self,
        fingerprint: &str,
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<String, StoreError> {
        self.write(now, entropy, |tx| root_keys::remember(tx, fingerprint))
    }

    pub(super) fn key(&self) -> Result<Option<String>, StoreError> {
        Ok(self.connection.query_row(root_keys::FIND, [], |row| row.get(0)).optional()?)
    }

    fn write<T>(
        &self,
        now: Time,
        entropy: &dyn Entropy,
        act: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let transaction = self.connection.unchecked_transaction()?;
        let done = act(&mut WriteTx::new(ReadTx::new(Inner::Sqlite(&transaction), now), entropy))?;
        transaction.commit()?;
        Ok(done)
    }

    pub(super) fn tables(&self) -> Result<Tables, Failed> {
        let list = "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite!_%' \
                    ESCAPE '!' AND type <> 'view'";
        let mut statement = self.connection.prepare(list)?;
        let listed =
            statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
        let mut tables = Tables::new();
        for listed in listed {
            let (name, kind) = listed?;
            if kind != "table" {
                return Err(inexact(&name, "it is a virtual table"));
            }
            self.gather(&mut tables, &name)?;
        }
        Ok(tables)
    }

    fn gather(&self, tables: &mut Tables, table: &str) -> Result<(), Failed> {
        let triggers =
            "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND lower(tbl_name) = lower(?1)";
        if self.connection.query_row(triggers, [table], |row| row.get::<_, i64>(0))? > 0 {
            return Err(inexact(table, "it has triggers"));
        }
        let list = "SELECT name, type, pk, hidden FROM pragma_table_xinfo(?1)";
        let mut statement = self.connection.prepare(list)?;
        let mut rows = statement.query([table])?;
        while let Some(row) = rows.next()? {
            let (name, kind): (String, String) = (row.get(0)?, row.get(1)?);
            let kind = affinity(&kind).filter(|_| row.get(3) == Ok(0_i64));
            let kind = kind.ok_or_else(|| {
                inexact(table, format!("column `{name}` is of a type that no engine shares"))
            })?;
            gather(tables, table, TableColumn { name, kind, key: row.get(2)? });
        }
        Ok(())
    }

    pub(super) fn has_rows(&self, table: &Table) -> Result<bool, StoreError> {
        let sql = format!("SELECT EXISTS (SELECT 1 FROM {})", quoted(&table.name));
        Ok(self.connection.query_row(&sql, [], |row| row.get(0))?)
    }

    pub(super) fn run(&self, sql: &str) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch(sql)?)
    }

    pub(super) fn begin_copy(&self, tables: &Tables) -> Result<(), StoreError> {
        self.run("BEGIN IMMEDIATE")?;
        for (_, table) in tables.iter().filter(|(name, _)| plan::moves(name)) {
            self.run(&format!("DELETE FROM {}", quoted(&table.name)))?;
        }
        Ok(())
    }

    pub(super) fn end_copy(&self, tables: &Tables, counters: &Counters) -> Result<(), StoreError> {
        for (name, last) in counters {
            if let Some(table) = tables.get(name) {
                self.count_on(&table.name, *last)?;
            }
        }
        self.run("COMMIT")
    }

    /// Goes on behind `last` where the table's numbers are handed out, and never again.
    fn count_on(&self, table: &str, last: i64) -> Result<(), StoreError> {
        let counted =
            "SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND upper(sql) LIKE '%AUTOINCREMENT%'";
        if self.connection.query_row(counted, [table], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(());
        }
        let update = "UPDATE sqlite_sequence SET seq = max(seq, ?2) WHERE name = ?1";
        if self.connection.execute(update, (table, last))? == 0 {
            self.connection
                .execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)", (table, last))?;
        }
        Ok(())
    }

    pub(super) fn counters(&self, tables: &Tables) -> Result<Counters, StoreError> {
        let mut counters = Counters::new();
        if self.connection.query_row(COUNTED, ["sqlite_sequence"], |row| row.get::<_, i64>(0))? == 0 {
            return Ok(counters);
        }
        for (name, table) in tables {
            let last = "SELECT seq FROM sqlite_sequence WHERE name = ?1";
            let last: Option<i64> =
                self.connection.query_row(last, [&table.name], |row| row.get(0)).optional()?;
            counters.extend(last.map(|last| (name.clone(), last)));
        }
        Ok(counters)
    }

    pub(super) fn each(&self, table: &Table, take: &mut Taker<'_>) -> Result<(), Failed> {
        let mut statement = self.connection.prepare(&table.select(" COLLATE BINARY"))?;
        let mut rows = statement.raw_query();
        while let Some(found) = rows.next()? {
            let mut columns = Vec::with_capacity(table.columns.len());
            for (place, column) in table.columns.iter().enumerate() {
                let value = row::sqlite_column(found.get_ref(place)?);
                columns.push(value.ok_or_else(|| strange(table, column))?);
            }
            take(&columns)?;
        }
        Ok(())
    }

    pub(super) fn insert(&self, table: &Table) -> Result<Statement<'_>, StoreError> {
        let places =
            (1..=table.columns.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
        let (name, columns) = (quoted(&table.name), table.list());
        Ok(self.connection.prepare(&format!("INSERT INTO {name} ({columns}) VALUES ({places})"))?)
    }
}

fn strange(table: &Table, column: &TableColumn) -> Failed {
    inexact(&table.name, format!("column `{}` holds a fraction, or a text that is not UTF-8", column.name))
}

/// The mark in a file, if there is one.
pub(crate) fn mark(connection: &Connection) -> Result<Option<Mark>, StoreError> {
    let known: i64 =
        connection.query_row(COUNTED, ["moves"], |row| row.get(0)).map_err(StoreError::opening)?;
    if known == 0 {
        return Ok(None);
    }
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?));
    let found = connection.query_row(MARK, [], read).optional()?;
    found.map(|(id, state, place)| Mark::stored(id, &state, place)).transpose()
}

/// What SQLite keeps in a column that was declared with this type, as far as PostgreSQL has the same.
fn affinity(declared: &str) -> Option<Kind> {
    let declared = declared.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| declared.contains(word));
    match () {
        () if has(&["INT"]) => Some(Kind::Int),
        () if has(&["CHAR", "CLOB", "TEXT"]) => Some(Kind::Text),
        () if has(&["BLOB"]) => Some(Kind::Bytes),
        () => None,
    }
}
