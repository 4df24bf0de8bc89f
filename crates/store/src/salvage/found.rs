//! What is found in a damaged file: values as they lie there, and the rows they make up.

use uuid::Uuid;

use crate::schema::{ColumnKind, Real, Table, Value};

/// A row that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SalvagedRow {
    /// Its values, in the order of the table's columns. A value that could not be read is what a row has where nothing
    /// was said.
    pub values: Vec<Value>,
    /// The columns whose values could not be read.
    pub unread: Vec<&'static str>,
    /// Whether nothing leads to it any more: it may have been deleted.
    pub is_loose: bool,
}

/// What could be read of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SalvagedTable {
    /// The rows, each id once.
    pub rows: Vec<SalvagedRow>,
    /// Those of which only the id could be read.
    pub missing: Vec<Uuid>,
    /// Whether more may be missing than is named.
    pub has_gaps: bool,
}

/// What a row of a table looks like in the file.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    pub(super) columns: Vec<ColumnLayout>,
}

/// A column as it lies in the file.
#[derive(Debug, Clone)]
pub(super) struct ColumnLayout {
    pub(super) name: String,
    /// The type that the table enforces.
    pub(super) kind: String,
    pub(super) may_be_absent: bool,
    pub(super) has_default: bool,
}

impl SalvagedRow {
    /// The id, which every row that was taken has.
    pub fn id(&self) -> Option<Uuid> {
        match self.values.first() {
            Some(Value::Uuid(id)) => Some(*id),
            _ => None,
        }
    }

    /// When it was last changed.
    pub(super) fn changed_at(&self, table: &Table) -> i64 {
        let index = table.columns.iter().position(|column| column.name == "updated_at");
        match index.and_then(|index| self.values.get(index)) {
            Some(Value::Integer(at)) => *at,
            _ => i64::MIN,
        }
    }

    /// A row from what was found in its columns, in the table's order; `None` without an id.
    pub(super) fn of(table: &'static Table, mut found: impl FnMut(&'static str) -> Option<Found>) -> Option<Self> {
        let mut row = Self {
            values: Vec::with_capacity(table.columns.len()),
            unread: Vec::new(),
            is_loose: false,
        };
        for column in table.columns {
            let value = found(column.name).and_then(|found| found.fitting(column.kind, column.nullable));
            match value {
                Some(value) => row.values.push(value),
                None if column.kind == ColumnKind::Id => return None,
                None => {
                    row.unread.push(column.name);
                    row.values.push(column.unsaid());
                }
            }
        }
        Some(row)
    }
}

/// A value as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    Null,
    Integer(i64),
    Real(f64),
    Text(Vec<u8>),
    Blob(Vec<u8>),
    Other,
}

impl Found {
    fn fitting(self, kind: ColumnKind, nullable: bool) -> Option<Value> {
        match (kind, self) {
            (_, Self::Null) if nullable => Some(Value::Null),
            (ColumnKind::Text, Self::Text(bytes)) => {
                // One unreadable letter does not cost the rest.
                let text = String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}");
                Some(Value::Text(text))
            }
            (ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp, Self::Integer(number)) => {
                Some(Value::Integer(number))
            }
            (ColumnKind::Real, Self::Real(number)) => Real::new(number).map(Value::Real),
            (ColumnKind::Real, Self::Integer(number)) => Real::whole(number).map(Value::Real),
            (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, Self::Blob(bytes)) => {
                Uuid::from_slice(&bytes).ok().map(Value::Uuid)
            }
            _ => None,
        }
    }

    /// Whether a table that enforces this type could hold it.
    pub(super) fn is_possible(&self, column: &ColumnLayout) -> bool {
        match self {
            Self::Null => column.may_be_absent,
            // A whole number is stored as one even in a column for fractions.
            Self::Integer(_) => ["INTEGER", "REAL"].contains(&column.kind.as_str()),
            Self::Real(_) => column.kind == "REAL",
            Self::Text(_) => column.kind == "TEXT",
            Self::Blob(_) => column.kind == "BLOB",
            Self::Other => false,
        }
    }
}
