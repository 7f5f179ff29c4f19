//! Values in and columns out, the same for every engine: integers, texts and bytes.
//!
//! Times are microseconds and booleans are 0 or 1, both integers; ids are sixteen bytes.

use crate::StoreError;
use domain::{
    AppName, DisplayName, Email, GateSettings, GroupName, Handle, HostName, Id, Origin, Outcome, Role, Time,
    TokenName, Upstream,
};

/// A value that is bound to a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL's NULL.
    Null,
    /// A BIGINT.
    Int(i64),
    /// A TEXT.
    Text(String),
    /// A BLOB or BYTEA.
    Bytes(Vec<u8>),
}

/// A column as either engine gives it, borrowed while its row is decoded.
#[derive(Debug, Clone, Copy)]
pub enum Column<'r> {
    /// SQL's NULL.
    Null,
    /// A BIGINT.
    Int(i64),
    /// A TEXT.
    Text(&'r str),
    /// A BLOB or BYTEA.
    Bytes(&'r [u8]),
}

/// What a column can be decoded to.
pub trait FromColumn: Sized {
    /// The value; `None` when the column holds something else.
    fn from_column(column: Column<'_>) -> Option<Self>;
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_owned())
    }
}

impl From<&[u8; 32]> for Value {
    fn from(value: &[u8; 32]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<Time> for Value {
    fn from(value: Time) -> Self {
        Self::Int(value.micros())
    }
}

impl<K> From<Id<K>> for Value {
    fn from(value: Id<K>) -> Self {
        Self::Bytes(value.bytes().to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl FromColumn for i64 {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Int(value) = column { Some(value) } else { None }
    }
}

impl FromColumn for bool {
    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Int(0) => Some(false),
            Column::Int(1) => Some(true),
            _ => None,
        }
    }
}

impl FromColumn for String {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Text(value) = column { Some(value.to_owned()) } else { None }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(value) = column { Some(value.to_owned()) } else { None }
    }
}

impl FromColumn for [u8; 32] {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(value) = column { value.try_into().ok() } else { None }
    }
}

impl FromColumn for Time {
    fn from_column(column: Column<'_>) -> Option<Self> {
        i64::from_column(column).map(Self::from_micros)
    }
}

impl<K> FromColumn for Id<K> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Bytes(value) = column { value.try_into().ok().map(Self::from_bytes) } else { None }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(column: Column<'_>) -> Option<Self> {
        if let Column::Null = column { Some(None) } else { T::from_column(column).map(Some) }
    }
}

macro_rules! checked_texts {
    ($($text:ident),+) => {
        $(
            impl From<&$text> for Value {
                fn from(value: &$text) -> Self {
                    Self::Text(value.as_str().to_owned())
                }
            }

            impl FromColumn for $text {
                fn from_column(column: Column<'_>) -> Option<Self> {
                    String::from_column(column).map($text::from_stored)
                }
            }
        )+
    };
}

checked_texts!(AppName, DisplayName, Email, GroupName, Handle, HostName, TokenName);

impl Value {
    /// Whether it is a text that PostgreSQL cannot hold.
    pub(crate) fn has_nul(&self) -> bool {
        matches!(self, Self::Text(text) if text.contains('\0'))
    }

    /// The same, borrowed.
    pub(crate) fn as_column(&self) -> Column<'_> {
        match self {
            Self::Null => Column::Null,
            Self::Int(value) => Column::Int(*value),
            Self::Text(value) => Column::Text(value),
            Self::Bytes(value) => Column::Bytes(value),
        }
    }

    /// A text that holds `value` as JSON.
    pub(crate) fn json(value: &impl serde::Serialize) -> Result<Self, StoreError> {
        let text = serde_json::to_string(value);
        text.map(Self::Text).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()).into())
    }
}

macro_rules! written_texts {
    ($($kind:ty => $read:expr),+ $(,)?) => {
        $(
            impl FromColumn for $kind {
                fn from_column(column: Column<'_>) -> Option<Self> {
                    if let Column::Text(text) = column { $read(text) } else { None }
                }
            }
        )+
    };
}

written_texts! {
    Role => Role::find,
    Outcome => Outcome::find,
    Origin => |text: &str| text.parse().ok(),
    Vec<Upstream> => |text: &str| serde_json::from_str(text).ok(),
    Vec<Role> => |text: &str| serde_json::from_str(text).ok(),
    GateSettings => |text: &str| serde_json::from_str(text).ok(),
    std::net::IpAddr => |text: &str| text.parse().ok(),
}
