//! Reading a damaged table through SQLite, skipping what cannot be read.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Rows};
use uuid::Uuid;

use super::found::{Found, SalvagedRow, SalvagedTable};
use crate::error::Result;
use crate::file::connection::open_to_salvage;
use crate::schema::Table;

/// After this many gaps a table is given up: each costs some dozens of attempts.
const GAPS_MAX: usize = 10_000;

/// A damaged file, as SQLite sees it.
pub(super) struct Tree {
    pub(super) connection: Connection,
}

/// Where a walk along the rows ended.
enum End {
    Done,
    Damaged,
}

impl Tree {
    pub(super) fn open(file: &Path, has_log: bool) -> Result<Self> {
        Ok(Self {
            connection: open_to_salvage(file, has_log)?,
        })
    }

    /// Adds the rows that can be read, and notes whether some could not be.
    pub(super) fn read(&self, table: &'static Table, found: &mut SalvagedTable) {
        let there: Vec<&'static str> = table
            .columns
            .iter()
            .map(|column| column.name)
            .filter(|name| self.connection.column_exists(None, table.name, name).unwrap_or(false))
            .collect();
        if there.is_empty() {
            found.has_gaps = !self.is_older_than(table);
            return;
        }
        // Ordering by row number follows the tree itself and needs no index, which might be damaged on its own.
        let (columns, name) = (there.join(","), table.name);
        let rows = format!("SELECT rowid,{columns} FROM {name} NOT INDEXED WHERE rowid>?1 ORDER BY rowid");
        let mut ids = HashSet::new();
        let mut take = |row: &Row<'_>| {
            let salvaged = SalvagedRow::of(table, |column| {
                let index = there.iter().position(|name| *name == column);
                // A column that an older file does not have is one of which nothing was said.
                index.map_or(Some(Found::Null), |index| found_in(row, index + 1))
            });
            match salvaged {
                Some(row) if row.id().is_some_and(|id| ids.insert(id)) => found.rows.push(row),
                _ => found.has_gaps = true,
            }
        };
        let mut after = i64::MIN;
        let mut gaps = 0;
        while let End::Damaged = self.walk(&rows, &mut after, &mut take) {
            gaps += 1;
            match self.next_readable(&rows, after) {
                Some(next) if gaps < GAPS_MAX => after = next,
                _ => break,
            }
        }
        found.has_gaps |= gaps > 0;
    }

    /// Whether the list of tables can be read and this one is not on it: the file is from a version that did not have
    /// it yet.
    fn is_older_than(&self, table: &'static Table) -> bool {
        const LISTED: &str =
            "SELECT count(*) FILTER (WHERE name='refinery_schema_history'), count(*) FILTER (WHERE name=?)
             FROM sqlite_schema WHERE type='table'";
        let listed: rusqlite::Result<(i64, i64)> = self
            .connection
            .query_row(LISTED, [table.name], |row| Ok((row.get(0)?, row.get(1)?)));
        listed.is_ok_and(|listed| listed == (1, 0))
    }

    /// The ids that the index of a table names.
    pub(super) fn ids(&self, table: &'static Table) -> HashSet<Uuid> {
        let sql = format!("SELECT id FROM {} ORDER BY id", table.name);
        self.collect_ids(&sql, "")
    }

    /// The ids of what the file says was deleted from a table.
    pub(super) fn deleted(&self, table: &'static Table) -> HashSet<Uuid> {
        self.collect_ids("SELECT id FROM deleted WHERE entity=?1", table.name)
    }

    /// As far as they can be read.
    fn collect_ids(&self, sql: &str, of: &str) -> HashSet<Uuid> {
        let mut ids = HashSet::new();
        let Ok(mut statement) = self.connection.prepare(sql) else {
            return ids;
        };
        if statement.parameter_count() > 0 && statement.raw_bind_parameter(1, of).is_err() {
            return ids;
        }
        let mut rows = statement.raw_query();
        while let Ok(Some(row)) = rows.next() {
            if let Ok(ValueRef::Blob(bytes)) = row.get_ref(0) {
                ids.extend(Uuid::from_slice(bytes).ok());
            }
        }
        ids
    }

    /// Takes rows after a given number, and moves that number on to the last row taken.
    fn walk(&self, sql: &str, after: &mut i64, take: &mut impl FnMut(&Row<'_>)) -> End {
        let Ok(mut statement) = self.connection.prepare(sql) else {
            return End::Damaged;
        };
        let Ok(mut rows) = statement.query([*after]) else {
            return End::Damaged;
        };
        loop {
            match next(&mut rows) {
                // A tree that leads back to where it was would never end.
                Ok(Some((number, row))) if number > *after => {
                    *after = number;
                    take(row);
                }
                Ok(None) => return End::Done,
                Ok(Some(_)) | Err(_) => return End::Damaged,
            }
        }
    }

    /// The number before the next readable row: tries farther and farther on, then comes back to where reading succeeds
    /// again.
    fn next_readable(&self, sql: &str, after: i64) -> Option<i64> {
        let can_read = |from: i64| {
            let mut statement = self.connection.prepare(sql).ok()?;
            let mut rows = statement.query([from]).ok()?;
            match next(&mut rows) {
                Ok(Some((number, _))) if number > from => Some(true),
                Ok(None) => Some(false),
                _ => None,
            }
        };
        let (mut unreadable, mut step) = (after.max(0), 1_i64);
        let mut readable = loop {
            let from = unreadable.saturating_add(step);
            match can_read(from) {
                Some(true) => break from,
                Some(false) => return None,
                None if from == i64::MAX => return None,
                None => {
                    unreadable = from;
                    step = step.saturating_mul(2);
                }
            }
        };
        while readable - unreadable > 1 {
            let middle = unreadable + (readable - unreadable) / 2;
            if can_read(middle) == Some(true) {
                readable = middle;
            } else {
                unreadable = middle;
            }
        }
        Some(readable)
    }
}

/// The next row with its number.
fn next<'r>(rows: &'r mut Rows<'_>) -> rusqlite::Result<Option<(i64, &'r Row<'r>)>> {
    rows.next()?.map(|row| Ok((row.get(0)?, row))).transpose()
}

fn found_in(row: &Row<'_>, index: usize) -> Option<Found> {
    Some(match row.get_ref(index).ok()? {
        ValueRef::Null => Found::Null,
        ValueRef::Integer(number) => Found::Integer(number),
        ValueRef::Text(bytes) => Found::Text(bytes.to_vec()),
        ValueRef::Blob(bytes) => Found::Blob(bytes.to_vec()),
        ValueRef::Real(number) => Found::Real(number),
    })
}
