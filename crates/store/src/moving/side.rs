//! One of the two databases of a move: a file or a server, each over a connection of the move's own.

use super::{
    Failed, Mark, Place,
    digest::{Summary, TableDigest},
    file::File,
    mark::Setting,
    plan::{Table, Tables},
    server::{self, Server},
};
use crate::{Column, Migrations, StoreError, sqlite::bound};
use domain::{Entropy, Time};
use std::collections::BTreeMap;

/// The numbers that were handed out last, by table.
pub(super) type Counters = BTreeMap<String, i64>;

/// Who takes a table's rows, one after the other.
pub(super) type Taker<'t> = dyn FnMut(&[Column<'_>]) -> Result<(), Failed> + 't;

pub(super) enum Side {
    File(File),
    Server(Box<Server>),
}

/// Where a table's rows are put.
pub(super) enum Sink<'s> {
    File(rusqlite::Statement<'s>),
    Server(Box<server::CopyIn<'s>>),
}

impl Side {
    /// Opens a database that an installation is moved from.
    pub(super) fn source(place: &Place) -> Result<Self, StoreError> {
        Ok(match place {
            Place::File(path) => Self::File(File::source(path)?),
            Place::Server(address) => Self::Server(Box::new(Server::open(address)?)),
        })
    }

    /// Opens a database that an installation is moved to; makes a file that is missing.
    pub(super) fn target(place: &Place) -> Result<Self, StoreError> {
        Ok(match place {
            Place::File(path) => Self::File(File::target(path)?),
            Place::Server(address) => Self::Server(Box::new(Server::open(address)?)),
        })
    }

    /// Keeps every other move away until this one ends; answers whether there was none. A file has its folder's lock.
    pub(super) fn claim(&mut self) -> Result<bool, StoreError> {
        match self {
            Self::File(_) => Ok(true),
            Self::Server(server) => server.claim(),
        }
    }

    /// Who else is connected and may not heed that the installation leaves.
    pub(super) fn strangers(&mut self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::File(_) => Ok(Vec::new()),
            Self::Server(server) => server.strangers(),
        }
    }

    pub(super) fn mark(&mut self) -> Result<Option<Mark>, StoreError> {
        match self {
            Self::File(file) => file.mark(),
            Self::Server(server) => server.mark(),
        }
    }

    /// Sets the mark, or takes it away. Whether others may write goes with it, in the same transaction: not until the
    /// installation has arrived, or stays.
    pub(super) fn set_mark(&mut self, setting: &Setting<'_>, tables: &Tables) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.set_mark(setting),
            Self::Server(server) => server.set_mark(setting, tables),
        }
    }

    /// Brings the schema up to date, with the tables of an app.
    pub(super) fn prepare(
        &mut self,
        own: &[Migrations],
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.prepare(own, now, entropy),
            Self::Server(server) => server.prepare(own, now, entropy),
        }
    }

    /// Keeps the fingerprint of the root keys unless there is one; answers the one that is kept.
    pub(super) fn remember_key(
        &mut self,
        fingerprint: &str,
        now: Time,
        entropy: &dyn Entropy,
    ) -> Result<String, StoreError> {
        match self {
            Self::File(file) => file.remember_key(fingerprint, now, entropy),
            Self::Server(server) => server.remember_key(fingerprint, now, entropy),
        }
    }

    /// The fingerprint that is kept, if one is, in a database that has a mark.
    pub(super) fn key(&mut self) -> Result<Option<String>, StoreError> {
        match self {
            Self::File(file) => file.key(),
            Self::Server(server) => server.key(),
        }
    }

    pub(super) fn tables(&mut self) -> Result<Tables, Failed> {
        match self {
            Self::File(file) => file.tables(),
            Self::Server(server) => server.tables(),
        }
    }

    pub(super) fn has_rows(&mut self, table: &Table) -> Result<bool, StoreError> {
        match self {
            Self::File(file) => file.has_rows(table),
            Self::Server(server) => server.has_rows(table),
        }
    }

    /// Begins a transaction in which one moment is seen.
    pub(super) fn begin_reading(&mut self) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.run("BEGIN"),
            Self::Server(server) => server.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
        }
    }

    /// Begins the transaction that holds the whole copy, and empties the tables.
    pub(super) fn begin_copy(&mut self, tables: &Tables) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.begin_copy(tables),
            Self::Server(server) => server.begin_copy(tables),
        }
    }

    /// Ends the copy: references are checked, counters go on where the others were, and all of it is durable.
    pub(super) fn end_copy(&mut self, tables: &Tables, counters: &Counters) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.end_copy(tables, counters),
            Self::Server(server) => server.end_copy(tables, counters),
        }
    }

    /// Ends a transaction that only read.
    pub(super) fn end_reading(&mut self) -> Result<(), StoreError> {
        match self {
            Self::File(file) => file.run("COMMIT"),
            Self::Server(server) => server.run("COMMIT"),
        }
    }

    /// Gives each row to `take`, in the order of the key.
    pub(super) fn each(&mut self, table: &Table, take: &mut Taker<'_>) -> Result<(), Failed> {
        match self {
            Self::File(file) => file.each(table, take),
            Self::Server(server) => server.each(table, take),
        }
    }

    /// What a table comes to, read from its first row to its last.
    pub(super) fn summary(&mut self, table: &Table) -> Result<Summary, Failed> {
        let mut digest = digest_of(table);
        self.each(table, &mut |row| {
            digest.add(row);
            Ok(())
        })?;
        Ok(digest.end(&table.name.to_ascii_lowercase()))
    }

    pub(super) fn sink<'s>(&'s mut self, table: &Table) -> Result<Sink<'s>, StoreError> {
        Ok(match self {
            Self::File(file) => Sink::File(file.insert(table)?),
            Self::Server(server) => Sink::Server(Box::new(server.copy_in(table)?)),
        })
    }

    pub(super) fn counters(&mut self, tables: &Tables) -> Result<Counters, StoreError> {
        match self {
            Self::File(file) => file.counters(tables),
            Self::Server(server) => server.counters(tables),
        }
    }

    /// Tells replicas that are running on this database that it was left, ends their connections, and waits until they
    /// have heard.
    pub(super) fn dismiss(&mut self) -> Result<(), StoreError> {
        match self {
            Self::File(_) => Ok(()),
            Self::Server(server) => server.dismiss(),
        }
    }
}

impl Sink<'_> {
    pub(super) fn put(&mut self, row: &[Column<'_>]) -> Result<(), StoreError> {
        match self {
            Self::File(statement) => {
                for (place, column) in (1..).zip(row) {
                    statement.raw_bind_parameter(place, bound(*column))?;
                }
                statement.raw_execute()?;
                Ok(())
            }
            Self::Server(copy) => copy.put(row),
        }
    }

    pub(super) fn finish(self) -> Result<(), StoreError> {
        match self {
            Self::File(_) => Ok(()),
            Self::Server(copy) => copy.finish(),
        }
    }
}

/// A digest of no rows yet.
pub(super) fn digest_of(table: &Table) -> TableDigest {
    let names: Vec<_> = table.columns.iter().map(|column| column.name.to_ascii_lowercase()).collect();
    TableDigest::of(names.iter().map(String::as_str))
}
