//! What two records must not contradict each other in, if they are to be the same: said once, for the comparison of rows
//! ([`crate::alike`]) and for the one that SQLite makes ([`crate::duplicates`]).

use colophon_store::Sql;
use rusqlite::Row;
use rusqlite::types::Value;

/// The columns in which two books must say the same, where both say something.
pub(crate) const OF_BOOKS: [&str; 6] = [
    "isbn",
    "published_year",
    "language",
    "series_position",
    "edition",
    "format",
];

/// The same for two people.
pub(crate) const OF_PEOPLE: [&str; 2] = ["birth_year", "death_year"];

/// What a row says in such columns.
#[derive(Debug, PartialEq)]
pub(crate) struct Said<const N: usize>([Value; N]);

impl<const N: usize> Said<N> {
    /// Asks for these columns of a table, after others.
    pub(crate) fn select(sql: &mut Sql, table: &'static str, columns: [&'static str; N]) {
        for column in columns {
            sql.push(",").push(table).push(".").push(column);
        }
    }

    /// Reads them, from the first of them on.
    pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        let mut said = [const { Value::Null }; N];
        for (at, value) in said.iter_mut().enumerate() {
            *value = row.get(first + at)?;
        }
        Ok(Self(said))
    }

    /// Whether nothing in one contradicts the other.
    pub(crate) fn agrees(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        pairs.all(|(one, other)| agree(there(one), there(other)))
    }
}

fn there(value: &Value) -> Option<&Value> {
    (*value != Value::Null).then_some(value)
}

/// Whether two values may belong to one record: they are equal, or one is absent.
pub(crate) fn agree<T: PartialEq>(one: Option<&T>, other: Option<&T>) -> bool {
    one.zip(other).is_none_or(|(one, other)| one == other)
}

/// Adds the condition that two rows agree in these columns.
pub(crate) fn and_agree(sql: &mut Sql, one: &'static str, other: &'static str, columns: &[&'static str]) {
    for column in columns {
        sql.push(" AND coalesce(").push(one).push(".").push(column).push("=");
        sql.push(other).push(".").push(column).push(",1)");
    }
}
