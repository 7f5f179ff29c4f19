//! Which tables there are, as each database itself tells, and whether what one holds can be held by the other exactly.

use super::{Failed, Side};
use crate::StoreError;
use std::{borrow::Cow, collections::BTreeMap};

/// Tables whose rows mean nothing elsewhere: whom other replicas are told of, and the moves themselves.
const STAYING: [&str; 2] = ["touches", "moves"];
/// What an empty installation has rows in: which changes to the schema were made, and what is to be done again and again.
const FURNISHED: [&str; 4] = ["schema_migrations", "app_migrations", "duties", "event_numbers"];

/// What both engines can hold in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Int,
    Text,
    Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TableColumn {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Its place in the primary key, from 1; 0 if it is none of it.
    pub(super) key: i64,
}

/// A table as one database spells it, its columns in the order of their names.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) columns: Vec<TableColumn>,
}

/// The tables of one database, by their names in small letters: SQLite minds no cases.
pub(super) type Tables = BTreeMap<String, Table>;

/// A table in both databases.
pub(super) struct Pair {
    pub(super) from: Table,
    pub(super) to: Table,
}

impl Table {
    /// The names of the columns as SQL writes them.
    pub(super) fn list(&self) -> String {
        self.columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
    }

    /// Every row in the order of the key; without a key, in that of all columns, in which equal rows are alike. `order`
    /// is what a text is followed by to be compared byte by byte.
    pub(super) fn select(&self, order: &str) -> String {
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        let nulls = if key.is_empty() { " NULLS FIRST" } else { "" };
        let columns = if key.is_empty() { self.columns.iter().collect() } else { key };
        let term = |column: &TableColumn| {
            let order = if column.kind == Kind::Text { order } else { "" };
            format!("{}{order}{nulls}", quoted(&column.name))
        };
        let terms = columns.into_iter().map(term).collect::<Vec<_>>().join(", ");
        format!("SELECT {} FROM {} ORDER BY {terms}", self.list(), quoted(&self.name))
    }

    fn is_like(&self, other: &Self) -> bool {
        let alike = |(one, other): (&TableColumn, &TableColumn)| {
            one.name.eq_ignore_ascii_case(&other.name) && (one.kind, one.key) == (other.kind, other.key)
        };
        self.columns.len() == other.columns.len() && self.columns.iter().zip(&other.columns).all(alike)
    }
}

/// Adds a column to its table, in the order of names.
pub(super) fn gather(tables: &mut Tables, table: &str, column: TableColumn) {
    let name = table.to_ascii_lowercase();
    let found = tables.entry(name).or_insert_with(|| Table { name: table.to_owned(), columns: Vec::new() });
    let place = |other: &TableColumn| other.name.to_ascii_lowercase() < column.name.to_ascii_lowercase();
    let place = found.columns.partition_point(place);
    found.columns.insert(place, column);
}

/// A name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Whether rows of this table move.
pub(super) fn moves(table: &str) -> bool {
    !STAYING.contains(&table)
}

/// A table that cannot be moved, and why.
pub(super) fn inexact(table: &str, why: impl Into<Cow<'static, str>>) -> Failed {
    Failed::Inexact { table: table.to_owned(), why: why.into() }
}

/// Every table that is to move, with its like at the other side.
pub(super) fn pairs(from: &Tables, to: &Tables) -> Result<Vec<Pair>, Failed> {
    let pair = |(name, from): (&String, &Table)| {
        let unknown = "this program does not make such a table: have the program move it that does";
        let to = to.get(name).ok_or_else(|| inexact(&from.name, unknown))?;
        if !from.is_like(to) {
            return Err(inexact(&from.name, "its columns are not those of the table that it would move to"));
        }
        Ok(Pair { from: from.clone(), to: to.clone() })
    };
    from.iter().filter(|(name, _)| moves(name)).map(pair).collect()
}

/// The first table of `side` that holds something, and should not.
pub(super) fn find_used(side: &mut Side, tables: &Tables) -> Result<Option<String>, StoreError> {
    for (name, table) in tables.iter().filter(|(name, _)| moves(name) && !FURNISHED.contains(&name.as_str()))
    {
        if side.has_rows(table)? {
            return Ok(Some(name.clone()));
        }
    }
    Ok(None)
}
