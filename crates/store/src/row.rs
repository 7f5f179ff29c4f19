//! One row of an answer, while it is decoded.

use crate::{Column, FromColumn, StoreError, postgresql::Found};

/// One row, borrowed from the engine.
pub enum Row<'r> {
    /// A row of SQLite's.
    #[doc(hidden)]
    Sqlite(&'r rusqlite::Row<'r>),
    /// A row of PostgreSQL's.
    Postgres(&'r postgres::Row),
}

/// What a row can be decoded to.
pub trait FromRow: Sized {
    /// The value; an error names the column that does not fit.
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError>;
}

impl Row<'_> {
    /// The column at `index`, from 0.
    pub fn read<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        let column = match self {
            Self::Sqlite(row) => sqlite_column(row.get_ref(index)?),
            Self::Postgres(row) => row.try_get::<_, Found<'_>>(index)?.0,
        };
        column.and_then(T::from_column).ok_or_else(|| StoreError::Unreadable { column: self.name(index) })
    }

    fn name(&self, index: usize) -> String {
        let name = match self {
            Self::Sqlite(row) => row.as_ref().column_name(index).ok(),
            Self::Postgres(row) => row.columns().get(index).map(postgres::Column::name),
        };
        name.unwrap_or("?").to_owned()
    }
}

pub(crate) fn sqlite_column(value: rusqlite::types::ValueRef<'_>) -> Option<Column<'_>> {
    use rusqlite::types::ValueRef;
    match value {
        ValueRef::Null => Some(Column::Null),
        ValueRef::Integer(value) => Some(Column::Int(value)),
        ValueRef::Text(value) => std::str::from_utf8(value).ok().map(Column::Text),
        ValueRef::Blob(value) => Some(Column::Bytes(value)),
        ValueRef::Real(_) => None,
    }
}

macro_rules! single_columns {
    ($($kind:ty),+) => {
        $(
            impl FromRow for $kind {
                fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
                    row.read(0)
                }
            }
        )+
    };
}

single_columns!(
    i64,
    String,
    bool,
    Vec<u8>,
    domain::Time,
    domain::HostName,
    domain::GroupName,
    domain::DisplayName,
    domain::AppName
);

impl<K> FromRow for domain::Id<K> {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        row.read(0)
    }
}

impl<A: FromColumn, B: FromColumn> FromRow for (A, B) {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok((row.read(0)?, row.read(1)?))
    }
}

impl<A: FromColumn, B: FromColumn, C: FromColumn> FromRow for (A, B, C) {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok((row.read(0)?, row.read(1)?, row.read(2)?))
    }
}

impl<A: FromColumn, B: FromColumn, C: FromColumn, D: FromColumn> FromRow for (A, B, C, D) {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok((row.read(0)?, row.read(1)?, row.read(2)?, row.read(3)?))
    }
}
