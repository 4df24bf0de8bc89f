//! More types that a field can have: truths, days, lists, and whatever else is a JSON document.
//!
//! They are stored as one of the kinds that both sides have: a truth as 0 or 1, the others as text. So a server needs no type of its own
//! for them, and every program can read them.

use std::fmt;

use jiff::civil::Date;
use rusqlite::types::{FromSqlError, ToSqlOutput, Value as Bound, ValueRef};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::field::Field;
use crate::schema::{ColumnKind, Value};

/// Stored as 0 or 1.
impl Field for bool {
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

/// A day of the calendar, stored as `2026-11-26`, which sorts as days do.
impl Field for Date {
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

/// Anything that is a JSON document, stored as its text: a list of texts is a `Json<Vec<String>>`. Two documents are the same when
/// their values are.
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
    /// What has no form in JSON, such as a map whose keys are no texts, is stored as `null`.
    fn text(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_else(|_| "null".to_owned())
    }
}

impl<T: Serialize + DeserializeOwned> Field for Json<T> {
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

fn parsed<T, E>(outcome: Result<T, E>) -> Result<T, FromSqlError>
where
    E: std::error::Error + Send + Sync + 'static,
{
    outcome.map_err(|error| FromSqlError::Other(Box::new(error)))
}
