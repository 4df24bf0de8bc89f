//! More types that a field can have: booleans, large numbers and fractions, days, lists, and anything else that is a
//! JSON document.
//!
//! Both sides store them in types that every program can read: a boolean as 0 or 1, numbers as such, the others as
//! text.

use std::fmt;

use jiff::civil::Date;
use rusqlite::types::{FromSqlError, ToSqlOutput, Value as Bound, ValueRef};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::schema::field::Field;
use crate::schema::{ColumnKind, Real, Value};

/// Stored as 0 or 1.
impl Field for bool {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Integer;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Integer(i64::from(*self)))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        match value.as_i64()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }

    fn value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            _ => None,
        }
    }
}

impl Field for i64 {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::BigInteger;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Integer(*self))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        value.as_i64()
    }

    fn value(&self) -> Value {
        Value::Integer(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value {
            Some(number)
        } else {
            None
        }
    }
}

/// Infinity and NaN are stored as NULL, so a field that must have a value cannot hold them.
impl Field for f64 {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Real;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Real::new(*self).map_or(Bound::Null, |real| Bound::Real(real.number())))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        match value {
            // SQLite stores a whole number as an integer wherever it can.
            ValueRef::Integer(number) => Real::whole(number)
                .map(Real::number)
                .ok_or(FromSqlError::OutOfRange(number)),
            value => value.as_f64(),
        }
    }

    fn value(&self) -> Value {
        Real::new(*self).map_or(Value::Null, Value::Real)
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Real(number) = value {
            Some(number.number())
        } else {
            None
        }
    }
}

/// A list of texts, stored as a JSON array.
impl Field for Vec<String> {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Text;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Text(document(self)))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        parsed(serde_json::from_str(value.as_str()?))
    }

    fn value(&self) -> Value {
        Value::Text(document(self))
    }

    fn from_value(value: Value) -> Option<Self> {
        // When a migration adds a column, older rows have an empty text in it.
        match value {
            Value::Text(text) if text.is_empty() => Some(Self::new()),
            Value::Text(text) => serde_json::from_str(&text).ok(),
            _ => None,
        }
    }
}

/// A day of the calendar, stored as `2026-11-26`, which sorts as days do.
impl Field for Date {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Text;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Text(self.to_string()))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        parsed(value.as_str()?.parse())
    }

    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value {
            text.parse().ok()
        } else {
            None
        }
    }
}

/// Anything that is a JSON document, stored as its text. Two documents are the same if their values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize> fmt::Display for Json<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

impl<T: Serialize> Json<T> {
    fn text(&self) -> String {
        document(&self.0)
    }
}

impl<T: Serialize + DeserializeOwned> Field for Json<T> {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Text;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Text(self.text()))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        parsed(serde_json::from_str(value.as_str()?)).map(Self)
    }

    fn value(&self) -> Value {
        Value::Text(self.text())
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value {
            serde_json::from_str(&text).ok().map(Self)
        } else {
            None
        }
    }
}

/// What has no form in JSON, such as a map whose keys are not texts, is stored as `null`.
fn document(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

fn parsed<T, E>(outcome: Result<T, E>) -> Result<T, FromSqlError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    outcome.map_err(|error| FromSqlError::Other(Box::new(error)))
}
