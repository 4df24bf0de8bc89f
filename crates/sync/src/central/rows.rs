//! Rows as they come from the server: by binary COPY, or as a tombstone keeps them.
//!
//! Whatever another program has written there must come through. So the values are taken as they are, and a value that
//! this side cannot represent becomes the nearest one that it can.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};

use colophon_store::schema::{Column, ColumnKind, Real, Table, Value};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use tokio_postgres::Statement;
use tokio_postgres::binary_copy::{BinaryCopyOutRow, BinaryCopyOutStream};
use tokio_postgres::types::{FromSql, Type};
use uuid::Uuid;

use super::connection::Connection;
use super::copy::{EPOCH_DIFFERENCE, FIRST_MOMENT, LAST_MOMENT, type_of};
use crate::key::Key;
use crate::not_kept::{Unread, WhyNotKept};
use crate::pile::Pile;
use crate::remote::Incoming;
use crate::shared::widened;

/// The server library's result for a part of an answer.
pub(super) type Read<T> = Result<T, tokio_postgres::Error>;

impl Connection {
    /// The rows of one table for which a condition holds, by binary COPY.
    pub(super) async fn copy_rows(
        &self,
        table: &'static Table,
        condition: &str,
        arrived: &AtomicU64,
    ) -> Read<Arrivals> {
        let copy = self.client.prepare(&self.copy_of_rows(table, condition)).await?;
        self.rows_of(table, &copy, &HashSet::new(), arrived).await
    }

    /// The statement for it.
    pub(super) fn copy_of_rows(&self, table: &'static Table, condition: &str) -> String {
        let columns: Vec<&str> = self.there(table).columns.iter().map(|column| column.name).collect();
        format!(
            "COPY (SELECT revision, {} FROM \"{}\".{} WHERE {condition}) TO STDOUT (FORMAT binary)",
            columns.join(", "),
            self.schema,
            table.name,
        )
    }

    /// The result of such a statement. `own` are the revisions that the file has made itself.
    pub(super) async fn rows_of(
        &self,
        table: &'static Table,
        copy: &Statement,
        own: &HashSet<i64>,
        arrived: &AtomicU64,
    ) -> Read<Arrivals> {
        let there = self.there(table);
        let of_columns = there.columns.iter().map(|column| type_of(column.kind));
        let types: Vec<Type> = std::iter::once(Type::INT8).chain(of_columns).collect();
        let mut stream = pin!(BinaryCopyOutStream::new(self.client.copy_out(copy).await?, &types));
        let mut arrivals = self.nothing_yet();
        while let Some(row) = stream.try_next().await? {
            arrived.fetch_add(1, Ordering::Relaxed);
            arrivals.add(read_row(table, there, own, &row)?);
        }
        Ok(arrivals)
    }

    /// Nothing has arrived yet; what will is kept beside the file that it is for.
    pub(super) fn nothing_yet(&self) -> Arrivals {
        Arrivals {
            rows: Pile::beside(self.folder.as_deref()),
            unread: Vec::new(),
        }
    }
}

/// What has arrived of a table, or of all tombstones. A row that cannot be read is named, and holds up no other.
#[derive(Debug, Default)]
pub(super) struct Arrivals {
    pub(super) rows: Pile,
    pub(super) unread: Vec<Unread>,
}

impl Arrivals {
    pub(super) fn add(&mut self, row: Result<Incoming, Unread>) {
        match row {
            Ok(row) => self.rows.push(row),
            Err(unread) => self.unread.push(unread),
        }
    }

    /// What has arrived, whether or not it can be read.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.rows.keys().chain(self.unread.iter().map(|row| row.key))
    }

    /// Those of several tables, one after another.
    pub(super) fn joined(tables: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::default();
        for table in tables {
            all.rows.append(table.rows);
            all.unread.extend(table.unread);
        }
        all
    }
}

/// A row with the columns that the server has, as one with all columns. The outer error is one of the connection, or of
/// a row that does not even have its id.
fn read_row(
    table: &'static Table,
    there: &'static Table,
    own: &HashSet<i64>,
    row: &BinaryCopyOutRow,
) -> Read<Result<Incoming, Unread>> {
    let revision: i64 = row.try_get(0)?;
    let id: Uuid = row.try_get(1)?;
    let key = Key { table, id };
    let mut values = Vec::with_capacity(there.columns.len());
    for (index, column) in there.columns.iter().enumerate() {
        match row.try_get::<Option<Cell>>(index + 1) {
            Ok(cell) => values.push(cell.map_or(Value::Null, |cell| cell.0)),
            Err(_) => return Ok(Err(unread(key, revision, column.name))),
        }
    }
    Ok(Ok(Incoming {
        key,
        values: widened(table, there, values),
        revision,
        is_own: own.contains(&revision),
        story: None,
    }))
}

/// A row of which a field cannot be read.
pub(super) fn unread(key: Key, revision: i64, field: &str) -> Unread {
    let reason = format!("its {field} is of a kind that this version does not know");
    Unread {
        key,
        revision,
        why: WhyNotKept::Unreadable { reason },
    }
}

/// Those values of a row that the history keeps, by the positions of their columns. A field that only a newer version
/// knows is left out. The error names the field at fault.
pub(super) fn read_fields(table: &Table, fields: &Map<String, Json>) -> Result<Vec<(usize, Value)>, String> {
    let known = table.columns.iter().enumerate();
    let kept = known.filter_map(|(position, column)| Some((position, column, fields.get(column.name)?)));
    kept.map(|(position, column, json)| Ok((position, read_json(column, json)?)))
        .collect()
}

/// A value as PostgreSQL writes it into JSON.
pub(super) fn read_json(column: &Column, json: &Json) -> Result<Value, String> {
    let value = match (column.kind, json) {
        (ColumnKind::Timestamp, Json::String(text)) => Some(Value::Integer(moment(text))),
        (kind, json) => Value::from_json(kind, json),
    };
    value.ok_or_else(|| column.name.to_owned())
}

/// One value of a row.
pub(super) struct Cell(pub(super) Value);

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(match *kind {
            Type::UUID => Value::Uuid(Uuid::from_sql(kind, raw)?),
            Type::INT4 => Value::Integer(i64::from(i32::from_sql(kind, raw)?)),
            Type::INT8 => Value::Integer(i64::from_sql(kind, raw)?),
            Type::FLOAT8 => real(f64::from_sql(kind, raw)?),
            Type::TIMESTAMPTZ => {
                let since_2000 = i64::from_sql(&Type::INT8, raw)?;
                Value::Integer(within_reach(since_2000.saturating_add(EPOCH_DIFFERENCE)))
            }
            _ => Value::Text(String::from_sql(kind, raw)?),
        }))
    }

    fn accepts(kind: &Type) -> bool {
        matches!(
            *kind,
            Type::UUID | Type::INT4 | Type::INT8 | Type::FLOAT8 | Type::TIMESTAMPTZ | Type::TEXT
        )
    }
}

/// PostgreSQL has infinities and NaN; here they become NULL.
pub(super) fn real(number: f64) -> Value {
    Real::new(number).map_or(Value::Null, Value::Real)
}

/// Microseconds since 1970. PostgreSQL knows moments that we do not, up to infinity on both sides, and we know some
/// that it does not; they become the first or the last moment that both know, so that no foreign row stops a pull or
/// the push after it.
pub(super) fn within_reach(since_1970: i64) -> i64 {
    since_1970.clamp(FIRST_MOMENT, LAST_MOMENT)
}

/// A moment as PostgreSQL writes it into JSON: in ISO 8601, except for eras and years of more than four digits.
pub(super) fn moment(text: &str) -> i64 {
    let Some(before_christ) = text.strip_suffix(" BC") else {
        let at = text.parse::<Timestamp>().map(Timestamp::as_microsecond);
        return within_reach(at.unwrap_or(if text == "-infinity" { i64::MIN } else { i64::MAX }));
    };
    // The year before 1 is 0.
    let astronomical = before_christ.split_once('-').and_then(|(year, rest)| {
        let year: i32 = year.parse().ok()?;
        let sign = if year == 1 { "+" } else { "-" };
        format!("{sign}{:06}-{rest}", year - 1).parse::<Timestamp>().ok()
    });
    within_reach(astronomical.map_or(i64::MIN, Timestamp::as_microsecond))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_postgresql_writes_them_and_none_is_beyond_reach() {
        let last = LAST_MOMENT;
        for (text, expected) in [
            ("1970-01-01T00:00:01.5+00:00", 1_500_000),
            ("1970-01-01T02:00:00+02:00", 0),
            // A local mean time, as in the 19th century.
            ("1969-12-31T23:06:32-00:53:28", 0),
            // The year 1 before Christ is the year 0.
            ("0001-12-31T23:59:59+00:00 BC", -62_135_596_801_000_000),
            ("0044-03-15T12:00:00+00:00 BC", -63_517_780_800_000_000),
            ("4714-11-24T00:00:00+00:00 BC", FIRST_MOMENT),
            ("infinity", last),
            ("-infinity", FIRST_MOMENT),
            ("10000-01-01T00:00:00+00:00", last),
        ] {
            assert_eq!(moment(text), expected, "{text}");
        }
    }

    #[test]
    fn a_time_without_limits_becomes_one_that_both_sides_know() {
        assert_eq!(within_reach(i64::MIN.saturating_add(EPOCH_DIFFERENCE)), FIRST_MOMENT);
        assert_eq!(within_reach(i64::MAX), LAST_MOMENT);
        assert_eq!(within_reach(0), 0);
    }
}
