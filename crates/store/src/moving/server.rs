//! A move's own connection to a server, on whose database others may be at work.
//!
//! INVARIANT: while the mark says that the installation is leaving, gone or arriving, the database itself refuses every
//! write, whoever tries it: a trigger stands before each table. To set it waits for transactions that write already, and
//! it costs nothing while there is none.

use super::{
    Failed, Mark,
    mark::Setting,
    others,
    plan::{self, Kind, Table, TableColumn, Tables, gather, inexact, quoted},
    side::{Counters, Taker},
};
use crate::{
    Column, Migrations, PostgresAddress, ReadTx, StoreError, WriteTx,
    migrations::postgresql as migrations,
    own,
    postgresql::{self, BARRED, Found, Running, Statements},
    tables::root_keys,
    tx::Inner,
};
use domain::{Entropy, Time};
use postgres::{
    Client, binary_copy::BinaryCopyInWriter, fallible_iterator::FallibleIterator as _, types::Type,
};
use std::time::Duration;

/// What is locked while a move is under way: the letters of `doormove`.
const LOCK: i64 = i64::from_be_bytes(*b"doormove");
/// A copy takes as long as it takes; waiting for others does not.
const SESSION: &str = "SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = '5s'; \
    SET client_min_messages = warning; SET jit = off; \
    SELECT set_config('synchronous_commit', 'on', false) \
    WHERE current_setting('synchronous_commit') IN ('off', 'local');";
/// Has a server notice at once that a move was killed, and give free what that held; not every system can.
const NOTICING: &str = "SET client_connection_check_interval = '500ms'";
/// How often the triggers are set anew when others were in the way.
const TRIES: u32 = 10;
/// Longer than a replica trusts what it knows without having heard of the others.
const HEARD: Duration = Duration::from_millis(1500);

const TABLES: &str = "SELECT c.relname::text, a.attname::text, a.atttypid::regtype::text, \
    coalesce(array_position(k.conkey, a.attnum), 0)::bigint, \
    c.relkind = 'r' AND NOT c.relhassubclass AND NOT c.relispartition AND NOT c.relrowsecurity AND a.attgenerated = '', \
    EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal AND t.tgname <> 'doorward_moving') \
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() \
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
    LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p' \
    WHERE c.relkind IN ('r', 'p', 'f')";
const REFERENCES: &str = "SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid) FROM pg_constraint k \
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = k.connamespace \
    WHERE k.contype = 'f' AND n.nspname = current_schema()";
const SEQUENCES: &str = "SELECT a.attname::text, pg_get_serial_sequence(quote_ident($1), a.attname::text) \
    FROM pg_attribute a WHERE a.attrelid = to_regclass(quote_ident($1)) AND a.attnum > 0 AND NOT a.attisdropped \
    AND pg_get_serial_sequence(quote_ident($1), a.attname::text) IS NOT NULL";

pub(super) struct Server {
    client: Client,
    /// The references that a copy has taken away meanwhile, as statements that bring them back.
    references: Vec<String>,
}

/// Rows on their way into a table.
pub(super) struct CopyIn<'s>(BinaryCopyInWriter<'s>);

impl CopyIn<'_> {
    pub(super) fn put(&mut self, row: &[Column<'_>]) -> Result<(), StoreError> {
        if row.iter().any(|column| matches!(column, Column::Text(text) if text.contains('\0'))) {
            return Err(StoreError::Nul);
        }
        Ok(self.0.write_raw(row.iter().copied())?)
    }

    pub(super) fn finish(self) -> Result<(), StoreError> {
        self.0.finish()?;
        Ok(())
    }
}

impl Server {
    /// Connects. Not on a thread of tokio's.
    pub(super) fn open(address: &PostgresAddress) -> Result<Self, StoreError> {
        let mut client = postgresql::connect(address)?;
        client.batch_execute(SESSION)?;
        client.batch_execute(NOTICING).ok();
        Ok(Self { client, references: Vec::new() })
    }

    pub(super) fn claim(&mut self) -> Result<bool, StoreError> {
        match self.client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).map_err(StoreError::from) {
            Err(StoreError::Postgres(failure)) if failure.is_timeout() => Ok(false),
            locked => locked.map(|_| true),
        }
    }

    pub(super) fn strangers(&mut self) -> Result<Vec<String>, StoreError> {
        others::strangers(&mut self.client)
    }

    pub(super) fn mark(&mut self) -> Result<Option<Mark>, StoreError> {
        mark(&mut self.client)
    }

    pub(super) fn set_mark(&mut self, setting: &Setting<'_>, tables: &Tables) -> Result<(), StoreError> {
        let first = if setting.frees() { unbar(tables) } else { bar(tables) };
        let mut tries = 0;
        loop {
            match self.write_after(&first, setting.now, setting.entropy, |tx| setting.write(tx)) {
                Err(StoreError::Postgres(failure)) if failure.is_in_the_way() && tries < TRIES => tries += 1,
                done => return done,
            }
        }
    }

    pub(super) fn prepare(
        &mut self,
        own: &[Migrations],
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        migrations::apply(&mut self.client, now)?;
        self.write(now, entropy, |tx| own.iter().try_for_each(|own| own::apply(tx, *own)))
    }

    pub(super) fn remember_key(
        &mut self,
        fingerprint: &str,
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<String, StoreError> {
        self.write(now, entropy, |tx| root_keys::remember(tx, fingerprint))
    }

    pub(super) fn key(&mut self) -> Result<Option<String>, StoreError> {
        Ok(self.client.query_opt(root_keys::FIND, &[])?.map(|row| row.try_get(0)).transpose()?)
    }

    fn write<T>(
        &mut self,
        now: Time,
        entropy: &dyn Entropy,
        act: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.write_after("", now, entropy, act)
    }

    /// Runs statements, and then `act`, in one transaction.
    fn write_after<T>(
        &mut self,
        first: &str,
        now: Time,
        entropy: &dyn Entropy,
        act: impl FnOnce(&mut WriteTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut statements = Statements::new();
        let mut transaction = self.client.transaction()?;
        transaction.batch_execute(first)?;
        let running = Running { transaction, statements: &mut statements };
        let mut tx = WriteTx::new(ReadTx::new(Inner::Postgres(running), now), entropy);
        let done = act(&mut tx)?;
        if let Inner::Postgres(running) = tx.into_inner() {
            running.transaction.commit()?;
        }
        Ok(done)
    }

    pub(super) fn tables(&mut self) -> Result<Tables, Failed> {
        let mut tables = Tables::new();
        for row in self.client.query(TABLES, &[])? {
            let (table, name, kind): (String, String, String) =
                (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if tables.get(&table.to_ascii_lowercase()).is_some_and(|known: &Table| known.name != table) {
                return Err(inexact(&table, "another table is called the same but for its cases"));
            }
            if !row.try_get::<_, bool>(4)? {
                return Err(inexact(&table, "it is more than rows of columns"));
            }
            if row.try_get::<_, bool>(5)? {
                return Err(inexact(&table, "it has triggers"));
            }
            let Some(kind) = kind_of(&kind).or_else(|| (!plan::moves(&table)).then_some(Kind::Bytes)) else {
                return Err(inexact(
                    &table,
                    format!("column `{name}` is of the type `{kind}`, which no engine shares"),
                ));
            };
            gather(&mut tables, &table, TableColumn { name, kind, key: row.try_get(3)? });
        }
        Ok(tables)
    }

    pub(super) fn has_rows(&mut self, table: &Table) -> Result<bool, StoreError> {
        let sql = format!("SELECT EXISTS (SELECT FROM {})", quoted(&table.name));
        Ok(self.client.query_one(&sql, &[])?.try_get(0)?)
    }

    pub(super) fn run(&mut self, sql: &str) -> Result<(), StoreError> {
        Ok(self.client.batch_execute(sql)?)
    }

    pub(super) fn begin_copy(&mut self, tables: &Tables) -> Result<(), StoreError> {
        self.run("BEGIN")?;
        self.run(&unbar(tables))?;
        self.references.clear();
        for row in self.client.query(REFERENCES, &[])? {
            let (table, name, text): (&str, &str, &str) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            let (table, name) = (quoted(table), quoted(name));
            self.references.push(format!("ALTER TABLE {table} ADD CONSTRAINT {name} {text}"));
            self.client.batch_execute(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))?;
        }
        let moved: Vec<_> = moved(tables).map(|table| quoted(&table.name)).collect();
        self.run(&format!("TRUNCATE {}", moved.join(", ")))
    }

    pub(super) fn end_copy(&mut self, tables: &Tables, counters: &Counters) -> Result<(), StoreError> {
        for table in moved(tables) {
            let last = counters.get(&table.name.to_ascii_lowercase()).copied();
            self.count_on(&table.name, last)?;
        }
        for reference in std::mem::take(&mut self.references) {
            self.run(&reference)?;
        }
        self.run(&bar(tables))?;
        self.run("COMMIT")?;
        self.run("ANALYZE")
    }

    /// Goes on behind `last`, and behind the greatest that is there, where the table's numbers are handed out.
    fn count_on(&mut self, table: &str, last: Option<i64>) -> Result<(), StoreError> {
        for (column, sequence) in self.sequences(table)? {
            let (column, table) = (quoted(&column), quoted(table));
            let sql = format!(
                "SELECT setval($1::text::regclass, n) FROM (SELECT greatest(max({column}), $2) AS n FROM {table}) AS last \
                               WHERE n IS NOT NULL"
            );
            self.client.execute(&sql, &[&sequence, &last])?;
        }
        Ok(())
    }

    /// The columns of a table whose numbers a sequence hands out, each with it.
    fn sequences(&mut self, table: &str) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.client.query(SEQUENCES, &[&table])?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    pub(super) fn counters(&mut self, tables: &Tables) -> Result<Counters, StoreError> {
        let mut counters = Counters::new();
        for (name, table) in tables {
            for (_, sequence) in self.sequences(&table.name)? {
                let sql = format!("SELECT last_value FROM {sequence} WHERE is_called");
                let last = self.client.query_opt(&sql, &[])?.map(|row| row.try_get(0)).transpose()?;
                counters.extend(last.map(|last: i64| (name.clone(), last)));
            }
        }
        Ok(counters)
    }

    pub(super) fn each(&mut self, table: &Table, take: &mut Taker<'_>) -> Result<(), Failed> {
        let none: [Column<'_>; 0] = [];
        let mut rows = self.client.query_raw(&table.select(" COLLATE \"C\""), none)?;
        while let Some(row) = rows.next()? {
            let mut columns = Vec::with_capacity(table.columns.len());
            for place in 0..row.len() {
                let unreadable = || StoreError::Unreadable { column: table.name.clone() };
                columns.push(row.try_get::<_, Found<'_>>(place)?.0.ok_or_else(unreadable)?);
            }
            take(&columns)?;
        }
        Ok(())
    }

    pub(super) fn copy_in(&mut self, table: &Table) -> Result<CopyIn<'_>, StoreError> {
        let types: Vec<_> = table.columns.iter().map(|column| type_of(column.kind)).collect();
        let sql = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", quoted(&table.name), table.list());
        Ok(CopyIn(BinaryCopyInWriter::new(self.client.copy_in(&sql)?, &types)))
    }

    pub(super) fn dismiss(&mut self) -> Result<(), StoreError> {
        others::end_ours(&mut self.client)?;
        self.run(postgresql::RING)?;
        std::thread::sleep(HEARD);
        Ok(())
    }
}

/// The mark in a server's database, if there is one.
pub(crate) fn mark(client: &mut Client) -> Result<Option<Mark>, StoreError> {
    if !client.query_one("SELECT to_regclass('moves') IS NOT NULL", &[])?.try_get::<_, bool>(0)? {
        return Ok(None);
    }
    let found = client.query_opt("SELECT id, state, place FROM moves", &[])?;
    found.map(|row| Mark::stored(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)).transpose()
}

fn moved(tables: &Tables) -> impl Iterator<Item = &Table> {
    tables.iter().filter(|(name, _)| plan::moves(name)).map(|(_, table)| table)
}

/// Has the database refuse every write to a table that moves.
fn bar(tables: &Tables) -> String {
    let function = format!(
        "CREATE OR REPLACE FUNCTION doorward_moving() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'the installation is on its way to another database' USING ERRCODE = '{BARRED}'; END $$;"
    );
    let trigger = |table: &Table| {
        format!(
            "CREATE OR REPLACE TRIGGER doorward_moving BEFORE INSERT OR UPDATE OR DELETE ON {} \
             FOR EACH STATEMENT EXECUTE FUNCTION doorward_moving();",
            quoted(&table.name)
        )
    };
    moved(tables).map(trigger).fold(function, |text, trigger| text + &trigger)
}

fn unbar(tables: &Tables) -> String {
    let triggers = moved(tables)
        .map(|table| format!("DROP TRIGGER IF EXISTS doorward_moving ON {};", quoted(&table.name)));
    triggers.collect::<String>() + "DROP FUNCTION IF EXISTS doorward_moving();"
}

fn kind_of(name: &str) -> Option<Kind> {
    match name {
        "bigint" => Some(Kind::Int),
        "text" => Some(Kind::Text),
        "bytea" => Some(Kind::Bytes),
        _ => None,
    }
}

const fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
    }
}
