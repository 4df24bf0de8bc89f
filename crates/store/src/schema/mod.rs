//! What a table looks like, as data.
//!
//! An entity states its columns once. SELECT, INSERT and UPDATE statements, the capture triggers, the staging tables of
//! a push and the comparison of two rows are all generated from that one statement, so a new column cannot be forgotten
//! in one of them. Everything here is `'static`, because SQL text may be assembled only from constants.

pub(crate) mod columns;
pub(crate) mod declaration;
pub(crate) mod field;
pub(crate) mod field_of;
pub(crate) mod field_types;
pub(crate) mod json;
pub(crate) mod kept_row;
pub(crate) mod patch;
pub(crate) mod serializing;
pub(crate) mod sql;
pub(crate) mod statements;

use std::fmt;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value as Json;
use uuid::Uuid;

/// One synchronised table: the columns that both sides have, in one order that every generated statement keeps.
///
/// The local side adds columns of its own (stored sort keys, the revision); they are not listed here.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the table on both sides, for instance `book`. Also the entity's name in messages and in the journal.
    pub name: &'static str,
    /// All columns: `id` first, `created_at` and `updated_at` last.
    pub columns: &'static [Column],
    /// Columns whose values are unique where present.
    pub unique: &'static [&'static str],
    /// Columns that hold texts of several lines: when two people change one, their changes are merged line by line.
    pub merged_by_line: &'static [&'static str],
}

/// One column of a [`Table`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// The column's name on both sides.
    pub name: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it may be NULL.
    pub nullable: bool,
}

/// Whether a column of this name [holds what people say](Column::is_content).
pub fn is_content(column: &str) -> bool {
    !matches!(column, "id" | "created_at" | "updated_at")
}

impl Column {
    /// Whether it holds what people say, rather than which row it is and when it was made or changed.
    pub fn is_content(&self) -> bool {
        is_content(self.name)
    }

    /// Whether a value is the one that a row has in the column when nobody has said anything about it.
    pub fn is_unsaid(&self, value: &Value) -> bool {
        *value == Value::Null || *value == self.unsaid()
    }

    /// What a row has in the column when nobody has said anything about it, because the row was kept before the column
    /// existed, or comes from where it does not exist: NULL, or, where NULL is not allowed, the empty value of its
    /// kind. That is also the `DEFAULT` of a column that a migration adds.
    pub fn unsaid(&self) -> Value {
        match self.kind {
            _ if self.nullable => Value::Null,
            ColumnKind::Text => Value::Text(String::new()),
            ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp => Value::Integer(0),
            ColumnKind::Real => Value::Real(Real::ZERO),
            ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid => Value::Uuid(Uuid::nil()),
        }
    }
}

/// The type of a column, as both sides store it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// The primary key: 16 bytes here, `uuid` there.
    Id,
    /// A foreign key to the `id` of another table: 16 bytes here, `uuid` there.
    Reference {
        /// The table referred to.
        table: &'static str,
    },
    /// Any other id: 16 bytes here, `uuid` there.
    Uuid,
    /// `TEXT` here, `text` there.
    Text,
    /// A whole number of at most 32 bits: `INTEGER` here, `integer` there.
    Integer,
    /// A whole number of at most 64 bits: `INTEGER` here, `bigint` there.
    BigInteger,
    /// A number with a fraction: `REAL` here, `double precision` there.
    Real,
    /// An instant, UTC: microseconds since 1970 in an `INTEGER` here, `timestamptz` there.
    Timestamp,
}

/// The value of one column of one row, independent of either side.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A whole number, or an instant in microseconds since 1970 UTC.
    Integer(i64),
    /// An id.
    Uuid(Uuid),
    /// A text.
    Text(String),
    /// A number with a fraction.
    Real(Real),
}

/// A proper number: neither infinite nor NaN. Zero has no sign, so that equal numbers are the same to the bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Real(u64);

impl Real {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// `None` for infinity and NaN.
    pub fn new(number: f64) -> Option<Self> {
        // Adding zero takes the sign off zero, and changes no other number.
        number.is_finite().then(|| Self((number + 0.0).to_bits()))
    }

    /// A whole number, or the nearest number that can be represented.
    pub fn whole(number: i64) -> Option<Self> {
        number.to_string().parse().ok().and_then(Self::new)
    }

    /// The number.
    pub fn number(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl fmt::Display for Real {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(formatter)
    }
}

impl Value {
    /// An instant, as it is stored.
    pub fn timestamp(at: Timestamp) -> Self {
        Self::Integer(at.as_microsecond())
    }

    /// The value as it is kept in the journal: numbers as numbers, everything else as text.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Integer(number) => Json::from(*number),
            Self::Uuid(id) => Json::from(id.to_string()),
            Self::Text(text) => Json::from(text.as_str()),
            Self::Real(number) => Json::from(number.number()),
        }
    }

    /// The reverse of [`to_json`](Self::to_json) for a column of this kind; `None` when the JSON does not fit it. Ids may also be written
    /// as 32 hexadecimal digits, as the capture triggers do.
    pub fn from_json(kind: ColumnKind, json: &Json) -> Option<Self> {
        match (kind, json) {
            (_, Json::Null) => Some(Self::Null),
            (ColumnKind::Text, Json::String(text)) => Some(Self::Text(text.clone())),
            (ColumnKind::Id | ColumnKind::Reference { .. } | ColumnKind::Uuid, Json::String(text)) => {
                text.parse().ok().map(Self::Uuid)
            }
            (ColumnKind::Integer | ColumnKind::BigInteger | ColumnKind::Timestamp, Json::Number(number)) => {
                number.as_i64().map(Self::Integer)
            }
            (ColumnKind::Real, Json::Number(number)) => number.as_f64().and_then(Real::new).map(Self::Real),
            _ => None,
        }
    }
}

/// Some columns of one table, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ColumnSet(u64);

impl ColumnSet {
    /// The most columns that a table may have.
    pub const COLUMNS_MAX: usize = 64;

    /// All columns of a table.
    pub fn all(table: &Table) -> Self {
        (0..table.columns.len()).collect()
    }

    /// Adds a column.
    pub fn insert(&mut self, position: usize) {
        self.0 |= 1 << position;
    }

    /// Whether a column is among them.
    pub fn contains(self, position: usize) -> bool {
        self.0 & (1 << position) != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The positions, ascending.
    pub fn positions(self) -> impl Iterator<Item = usize> {
        (0..Self::COLUMNS_MAX).filter(move |position| self.contains(*position))
    }
}

impl FromIterator<usize> for ColumnSet {
    fn from_iter<I: IntoIterator<Item = usize>>(positions: I) -> Self {
        let mut set = Self::default();
        positions.into_iter().for_each(|position| set.insert(position));
        set
    }
}

/// The tables that [`Table::narrowed`] has made.
type Narrowed = Vec<(&'static Table, ColumnSet, &'static Table)>;

impl Table {
    /// The same table with only some of its columns, as a program of another version has it. Made once for each set of
    /// columns and kept to the end of the program: a program meets one or two other versions in its life.
    pub fn narrowed(&'static self, columns: ColumnSet) -> &'static Self {
        static NARROWED: Mutex<Narrowed> = Mutex::new(Vec::new());
        if columns == ColumnSet::all(self) {
            return self;
        }
        let mut narrowed = NARROWED.lock().unwrap_or_else(PoisonError::into_inner);
        let made = narrowed.iter().find(|(of, with, _)| *of == self && *with == columns);
        if let Some((_, _, made)) = made {
            return made;
        }
        let kept = |name: &&&str| self.position(name).is_some_and(|position| columns.contains(position));
        let of_those = |names: &[&'static str]| &*names.iter().filter(kept).copied().collect::<Vec<_>>().leak();
        let own = columns.positions().map(|position| self.columns[position]);
        let made: &Self = Box::leak(Box::new(Self {
            name: self.name,
            columns: own.collect::<Vec<_>>().leak(),
            unique: of_those(self.unique),
            merged_by_line: of_those(self.merged_by_line),
        }));
        narrowed.push((self, columns, made));
        made
    }

    /// The tables that this one refers to. A table that refers to nothing is a parent of all.
    pub fn parents(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.columns.iter().filter_map(|column| match column.kind {
            ColumnKind::Reference { table } => Some(table),
            _ => None,
        })
    }

    /// The rows of other tables that a row refers to.
    pub fn references(&self, row: &[Value]) -> impl Iterator<Item = Uuid> {
        let columns = self.columns.iter().zip(row);
        columns.filter_map(|(column, value)| match (column.kind, value) {
            (ColumnKind::Reference { .. }, Value::Uuid(id)) => Some(*id),
            _ => None,
        })
    }

    /// Leaves a column of a row empty; `false` if it already is, or cannot be.
    pub fn leave_empty(&self, row: &mut [Value], column: &str) -> bool {
        let Some(position) = self.position(column) else {
            return false;
        };
        let is_new = self.columns[position].nullable && row[position] != Value::Null;
        if is_new {
            row[position] = Value::Null;
        }
        is_new
    }

    /// The position of a column in [`columns`](Self::columns), and so in every row of [`Value`]s.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|candidate| candidate.name == column)
    }
}

/// The value as SQLite stores it.
pub(crate) fn bound(value: &Value) -> rusqlite::types::Value {
    value.into()
}

impl From<&Value> for rusqlite::types::Value {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Integer(number) => Self::Integer(*number),
            Value::Uuid(id) => Self::Blob(id.as_bytes().to_vec()),
            Value::Text(text) => Self::Text(text.clone()),
            Value::Real(number) => Self::Real(number.number()),
        }
    }
}
