//! How the Rust type of a field is stored.
//!
//! One trait answers everything that the generated statements, the journal and the sync ask of a field: its column
//! kind, how it is bound, read, and turned into a [`Value`] and back.

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::{FromSqlError, ToSqlOutput, Value as Bound, ValueRef};
use uuid::Uuid;

use crate::schema::{ColumnKind, Value};

/// A type that one column can hold.
pub trait Field: Sized {
    /// The column's kind.
    const KIND: ColumnKind;
    /// The type it holds when it holds something: itself, or what is in an `Option`.
    type Present: Field;
    /// Whether it may be NULL.
    const NULLABLE: bool = false;

    /// The value to bind, without copying texts.
    fn bind(&self) -> ToSqlOutput<'_>;

    /// Reads it from SQLite.
    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError>;

    /// The value, independent of SQLite.
    fn value(&self) -> Value;

    /// The same, without copying it.
    fn into_value(self) -> Value {
        self.value()
    }

    /// The reverse of [`value`](Self::value); `None` when the value is of another kind.
    fn from_value(value: Value) -> Option<Self>;
}

/// Reads a field at a position of a row.
pub fn read_field<T: Field>(row: &Row<'_>, index: usize) -> rusqlite::Result<T> {
    let value = row.get_ref(index)?;
    T::read(value).map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, value.data_type(), Box::new(error)))
}

impl Field for String {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Text;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Text(self.as_bytes()))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        value.as_str().map(ToOwned::to_owned)
    }

    fn value(&self) -> Value {
        Value::Text(self.clone())
    }

    fn into_value(self) -> Value {
        Value::Text(self)
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(text) = value {
            Some(text)
        } else {
            None
        }
    }
}

impl Field for i32 {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Integer;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Integer(i64::from(*self)))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        let number = value.as_i64()?;
        Self::try_from(number).map_err(|_| FromSqlError::OutOfRange(number))
    }

    fn value(&self) -> Value {
        Value::Integer(i64::from(*self))
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value {
            Self::try_from(number).ok()
        } else {
            None
        }
    }
}

impl Field for Timestamp {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Timestamp;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Owned(Bound::Integer(self.as_microsecond()))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        let microseconds = value.as_i64()?;
        Self::from_microsecond(microseconds).map_err(|_| FromSqlError::OutOfRange(microseconds))
    }

    fn value(&self) -> Value {
        Value::timestamp(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Integer(number) = value {
            Self::from_microsecond(number).ok()
        } else {
            None
        }
    }
}

impl<T: Field> Field for Option<T> {
    type Present = T::Present;

    const KIND: ColumnKind = T::KIND;
    const NULLABLE: bool = true;

    fn bind(&self) -> ToSqlOutput<'_> {
        self.as_ref().map_or(ToSqlOutput::Owned(Bound::Null), Field::bind)
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        if value == ValueRef::Null {
            Ok(None)
        } else {
            T::read(value).map(Some)
        }
    }

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Field::value)
    }

    fn into_value(self) -> Value {
        self.map_or(Value::Null, Field::into_value)
    }

    fn from_value(value: Value) -> Option<Self> {
        if value == Value::Null {
            Some(None)
        } else {
            T::from_value(value).map(Some)
        }
    }
}

/// Any id, whatever it identifies.
impl Field for Uuid {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Uuid;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes()))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        read_uuid(value)
    }

    fn value(&self) -> Value {
        Value::Uuid(*self)
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Uuid(id) = value { Some(id) } else { None }
    }
}

/// An id of one entity: a UUIDv7 that cannot be mistaken for the id of another entity.
pub trait EntityId: Copy + Eq + std::hash::Hash + Send + Sync + std::fmt::Display + 'static {
    /// The bare id.
    fn uuid(self) -> Uuid;
    /// An id of this entity. That such a row exists is not checked.
    fn from_uuid(id: Uuid) -> Self;
}

/// Reads an id from its 16 bytes.
pub fn read_uuid(value: ValueRef<'_>) -> Result<Uuid, FromSqlError> {
    let bytes = value.as_blob()?;
    Uuid::from_slice(bytes).map_err(|_| FromSqlError::InvalidBlobSize {
        expected_size: 16,
        blob_size: bytes.len(),
    })
}

/// Declares the id type of an entity: a UUID newtype that is a [`Field`] referring to the entity's table.
#[macro_export]
macro_rules! entity_id {
    ($(#[$doc:meta])* $name:ident refers to $table:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($crate::exports::Uuid);

        $crate::serialize_id!($name);

        impl $crate::EntityId for $name {
            fn uuid(self) -> $crate::exports::Uuid {
                self.0
            }
            fn from_uuid(id: $crate::exports::Uuid) -> Self {
                Self(id)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::exports::UuidError;
            fn from_str(text: &str) -> ::std::result::Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl $crate::Field for $name {
            type Present = Self;
            const KIND: $crate::schema::ColumnKind = $crate::schema::ColumnKind::Reference { table: $table };
            fn bind(&self) -> $crate::exports::ToSqlOutput<'_> {
                $crate::exports::ToSqlOutput::Borrowed($crate::exports::ValueRef::Blob(self.0.as_bytes()))
            }
            fn read(
                value: $crate::exports::ValueRef<'_>,
            ) -> ::std::result::Result<Self, $crate::exports::FromSqlError> {
                $crate::read_uuid(value).map(Self)
            }
            fn value(&self) -> $crate::schema::Value {
                $crate::schema::Value::Uuid(self.0)
            }
            fn from_value(value: $crate::schema::Value) -> Option<Self> {
                if let $crate::schema::Value::Uuid(id) = value { Some(Self(id)) } else { None }
            }
        }
    };
}
