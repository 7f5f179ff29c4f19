//! Values on their way to PostgreSQL, and columns on their way back.

use crate::{Column, Value};
use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut};
use std::error::Error;

type Refused = Box<dyn Error + Sync + Send>;

impl Value {
    /// The type that a parameter is prepared with, so that PostgreSQL need not guess it from the statement; of a
    /// NULL it must.
    pub(super) const fn postgres_type(&self) -> Type {
        match self {
            Self::Null => Type::UNKNOWN,
            Self::Int(_) => Type::INT8,
            Self::Text(_) => Type::TEXT,
            Self::Bytes(_) => Type::BYTEA,
        }
    }
}

impl ToSql for Value {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        self.as_column().to_sql(ty, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

impl ToSql for Column<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Refused> {
        match (self, ty) {
            (Self::Null, _) => Ok(IsNull::Yes),
            (Self::Int(value), &Type::INT8) => value.to_sql(ty, out),
            (Self::Text(value), &Type::TEXT) => value.to_sql(ty, out),
            (Self::Bytes(value), &Type::BYTEA) => value.to_sql(ty, out),
            // SECURITY: the value stays unsaid.
            (_, ty) => Err(format!("the value does not fit a parameter of type `{ty}`").into()),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    postgres::types::to_sql_checked!();
}

/// A column of an answer; `None` when it is of a type that no engine shares.
pub(crate) struct Found<'r>(pub(crate) Option<Column<'r>>);

impl<'r> FromSql<'r> for Found<'r> {
    /// Integers are widened and booleans are 0 or 1, as SQLite gives them.
    fn from_sql(ty: &Type, raw: &'r [u8]) -> Result<Self, Refused> {
        Ok(Self(match *ty {
            Type::INT8 => Some(Column::Int(i64::from_sql(ty, raw)?)),
            Type::INT4 => Some(Column::Int(i32::from_sql(ty, raw)?.into())),
            Type::BOOL => Some(Column::Int(bool::from_sql(ty, raw)?.into())),
            Type::TEXT | Type::UNKNOWN => Some(Column::Text(<&str>::from_sql(&Type::TEXT, raw)?)),
            Type::BYTEA => Some(Column::Bytes(raw)),
            _ => None,
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Refused> {
        Ok(Self(Some(Column::Null)))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}
