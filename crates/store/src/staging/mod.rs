//! A staging area: rows from a server that wait in the file, unseen, until all of them are there.
//!
//! This is for a file that has never met its server and takes a large catalogue from it. The rows go into tables of
//! their own in the same file (`staged_…`, made from the real tables' own SQL, without their indexes), part by part,
//! each part in a short transaction together with how far it goes. When everything is there, one transaction puts the
//! staged tables in the place of the real ones ([`publish_staged`](Database::publish_staged)): a reader sees nothing,
//! or everything.
//!
//! Why in the same file: a file beside it would have to be copied into this one at the end, which writes every row
//! twice more and needs twice the room; and swapping whole files is not an option, since this program's readers and
//! other programs have them open. Renaming a table costs nothing, however large it is.
//!
//! Why without indexes: an index built from all rows at once costs a third of one that is maintained row by row. Rows
//! come in the order of their ids, so the one index that cannot be left out, that of the ids, only grows at its end.
//!
//! What is staged is not an edit, so a part need not be flushed: if the power fails, the last parts are fetched again,
//! and the file is as sound as WAL makes it. The publishing commit is flushed like any other. What a person edits
//! meanwhile gets its turn between two parts, through the writer's queue.

mod indexes;
mod publishing;
mod relaxed;

pub(crate) use indexes::build_all;

use rusqlite::{Connection, OptionalExtension as _, params};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::database::Database;
use crate::error::{Error, Result};
use crate::schema::field::read_uuid;
use crate::schema::kept_row::row_json;
use crate::schema::sql::Sql;
use crate::schema::{Table, Value};
use crate::session::changes::Changes;
use crate::tracking::arriving::{Arrived, Unfit};
use crate::tracking::lineage::Seen;
use crate::tracking::quarantine::{NotKeptEntry, list_not_kept};
use relaxed::Relaxed;

/// What the names of the staged tables begin with.
pub const PREFIX: &str = "staged_";

/// Whose rows are staged. Rows from another source are of no use together with these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The server's database.
    pub incarnation: Uuid,
    /// Where it stood when the first row was read: every staged row is from that revision or later.
    pub revision: i64,
    /// The mark of that revision: a server that was restored from a backup reuses its number.
    pub mark: Uuid,
    /// The version of the program that derived the stored keys.
    pub program: String,
}

impl Source {
    /// The revision and its mark.
    pub fn seen(&self) -> Seen {
        let (revision, mark) = (self.revision, self.mark);
        Seen { revision, mark }
    }
}

/// What is staged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staged {
    /// Which run of a download is continuing it. Whatever an earlier run, given up a moment ago, may still have in hand
    /// is refused from now on.
    pub run: i64,
    /// Where it comes from.
    pub source: Source,
    /// How far each table has got, in the order in which the tables were given.
    pub tables: Vec<StagedTable>,
}

/// How far a table has been staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StagedTable {
    /// The table.
    pub table: &'static Table,
    /// The greatest staged id; all smaller ones of its source are staged, too.
    pub last: Option<Uuid>,
    /// How many rows are staged.
    pub rows: u64,
    /// Whether the source has no more.
    pub is_complete: bool,
}

const MAKE: &str = "
CREATE TABLE staging (
    only        INTEGER PRIMARY KEY CHECK (only = 1),
    incarnation BLOB NOT NULL,
    revision    INTEGER NOT NULL,
    mark        BLOB NOT NULL,
    program     TEXT NOT NULL,
    shape       TEXT NOT NULL,
    run         INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE staging_table (
    name     TEXT NOT NULL PRIMARY KEY,
    last     BLOB,
    rows     INTEGER NOT NULL DEFAULT 0,
    complete INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
";
const IS_THERE: &str = "SELECT EXISTS(SELECT 1 FROM sqlite_schema WHERE type='table' AND name=?)";
const TABLE_SQL: &str = "SELECT sql FROM sqlite_schema WHERE type='table' AND name=?";
const STAGED_TABLES: &str = "SELECT name FROM sqlite_schema WHERE type='table' AND (name LIKE 'staged\\_%' ESCAPE '\\' OR name IN ('staging','staging_table'))";
const SOURCE: &str = "SELECT incarnation,revision,mark,program,shape,run FROM staging";
const SET_SOURCE: &str = "INSERT INTO staging(only,incarnation,revision,mark,program,shape) VALUES(1,?,?,?,?,?)";
const NEXT_RUN: &str = "UPDATE staging SET run=run+1";
const RUN: &str = "SELECT run FROM staging";
const TABLE_STATE: &str = "SELECT last,rows,complete FROM staging_table WHERE name=?";
const ADD_TABLE: &str = "INSERT INTO staging_table(name) VALUES(?)";
const ADVANCE: &str = "UPDATE staging_table SET last=coalesce(?,last),rows=rows+?,complete=? WHERE name=?";
const REMEMBER: &str = "INSERT OR REPLACE INTO staged_deleted(entity,id,content,revision) VALUES(?,?,?,?)";

impl Database {
    /// Begins another run on what is staged for these tables, if it can be continued and `fits` says so. Blocks.
    pub fn go_on_staging(
        &self,
        tables: &[&'static Table],
        fits: impl FnOnce(&Source) -> bool,
    ) -> Result<Option<Staged>> {
        if !self.read_blocking(|session| is_there(session.connection(), "staging"))? {
            return Ok(None);
        }
        self.stage(|connection| {
            if is_there(connection, "staging")? {
                connection.execute(NEXT_RUN, [])?;
            }
            Ok(staged(connection, tables)?.filter(|staged| fits(&staged.source)))
        })
    }

    /// How many rows are staged. Blocks.
    pub fn staged_count(&self, tables: &[&'static Table]) -> Result<u64> {
        let staged = self.read_blocking(|session| staged(session.connection(), tables))?;
        Ok(staged.map_or(0, |staged| staged.tables.iter().map(|table| table.rows).sum()))
    }

    /// Makes an empty staging area, in place of an earlier one. Blocks.
    pub fn begin_staging(&self, tables: &[&'static Table], source: &Source) -> Result<Staged> {
        self.stage(|connection| {
            let run: i64 = if is_there(connection, "staging")? {
                connection.query_row(RUN, [], |row| row.get(0)).optional()?.unwrap_or(0)
            } else {
                0
            };
            drop_staged(connection)?;
            connection.execute_batch(MAKE)?;
            let Source {
                incarnation,
                revision,
                mark,
                program,
            } = source;
            let shape = shape(connection, tables)?;
            connection.execute(
                SET_SOURCE,
                params![
                    incarnation.as_bytes().as_slice(),
                    revision,
                    mark.as_bytes().as_slice(),
                    program,
                    shape
                ],
            )?;
            for name in tables.iter().map(|table| table.name).chain(["deleted"]) {
                connection.execute_batch(&staged_sql(&table_sql(connection, name)?, name))?;
            }
            for table in tables {
                connection.execute(ADD_TABLE, [table.name])?;
            }
            // No run has a number that an earlier area's run had.
            connection.execute("UPDATE staging SET run=?", [run + 1])?;
            staged(connection, tables)?.ok_or(Error::Interrupted)
        })
    }

    /// Stages the rows that follow the last one of their table, in the order of their ids. Those that cannot be kept
    /// are listed, with the reason that `why` gives for their error. Blocks.
    pub fn stage_part(&self, run: i64, rows: &Arrived, why: fn(&Error) -> Json) -> Result<()> {
        self.stage_in(run, |connection| {
            let name = rows.table().name;
            let mut insert = Sql::new("INSERT");
            insert.append(&rows.insertion(PREFIX));
            let broken = rows.write(&mut *connection.prepare_cached(insert.as_str())?)?;
            list_unfit(connection, name, rows.unfit().iter().chain(&broken), why)?;
            let count = i64::try_from(rows.count()).unwrap_or(i64::MAX);
            let last = rows.last().map(|id| id.as_bytes().to_vec());
            connection.execute(ADVANCE, params![last, count, false, name])?;
            Ok(())
        })
    }

    /// Notes that a table has no more rows than are staged. Blocks.
    pub fn complete_staged(&self, run: i64, table: &'static Table) -> Result<()> {
        self.stage_in(run, |connection| {
            connection.execute(ADVANCE, params![None::<Vec<u8>>, 0, true, table.name])?;
            Ok(())
        })
    }

    /// Stages rows that have changed since the first row was read, in place of those with the same ids. Blocks.
    pub fn stage_again(&self, run: i64, rows: &Arrived, why: fn(&Error) -> Json) -> Result<()> {
        self.stage_in(run, |connection| {
            let mut replace = Sql::new("INSERT OR REPLACE");
            replace.append(&rows.insertion(PREFIX));
            let broken = rows.write(&mut *connection.prepare_cached(replace.as_str())?)?;
            list_unfit(connection, rows.table().name, rows.unfit().iter().chain(&broken), why)
        })
    }

    /// Lists rows that have arrived and cannot be read. Blocks.
    pub fn stage_not_kept(&self, run: i64, rows: &[NotKeptEntry]) -> Result<()> {
        self.stage_in(run, |connection| {
            rows.iter().try_for_each(|row| list_not_kept(connection, row))
        })
    }

    /// Stages deletions: id, last content and revision of each. Their rows are not staged any more. Blocks.
    pub fn stage_deletions(&self, run: i64, deletions: &[(&'static Table, Uuid, Vec<Value>, i64)]) -> Result<()> {
        self.stage_in(run, |connection| {
            for (table, id, content, revision) in deletions {
                let key = id.as_bytes().as_slice();
                let mut delete = Sql::new("DELETE FROM ");
                delete.push(PREFIX).push(table.name).push(" WHERE id=?");
                connection.prepare_cached(delete.as_str())?.execute([key])?;
                let content = row_json(table, content).to_string();
                let mut remember = connection.prepare_cached(REMEMBER)?;
                remember.execute(params![table.name, key, content, revision])?;
            }
            Ok(())
        })
    }

    /// Discards what is staged. Blocks.
    pub fn discard_staged(&self) -> Result<()> {
        let is_there = self.read_blocking(|session| is_there(session.connection(), "staging"))?;
        if is_there {
            self.stage(drop_staged)?;
        }
        Ok(())
    }

    /// One transaction of a run, provided that no other run has taken over.
    fn stage_in<T>(&self, run: i64, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.stage(|connection| {
            check_run(connection, run)?;
            body(connection)
        })
    }

    /// One transaction in the staging area. Nobody sees what it writes, so nothing is announced.
    fn stage<T>(&self, body: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let inner = self.inner();
        let mut relaxed = Relaxed::lease(&inner.writer)?;
        let transaction = relaxed.begin(&inner.context)?;
        let value = body(transaction.connection())?;
        inner.context.commit(transaction, Changes::default())?;
        Ok(value)
    }
}

fn list_unfit<'u>(
    connection: &Connection,
    table: &'static str,
    rows: impl Iterator<Item = &'u Unfit>,
    why: fn(&Error) -> Json,
) -> Result<()> {
    for Unfit { id, revision, error } in rows {
        let entry = NotKeptEntry {
            entity: table.to_owned(),
            id: *id,
            revision: *revision,
            why: why(error),
            tries: 0,
            next_try: 0,
        };
        list_not_kept(connection, &entry)?;
    }
    Ok(())
}

fn staged(connection: &Connection, tables: &[&'static Table]) -> Result<Option<Staged>> {
    if !is_there(connection, "staging")? {
        return Ok(None);
    }
    let found = connection
        .query_row(SOURCE, [], |row| {
            let source = Source {
                incarnation: read_uuid(row.get_ref(0)?)?,
                revision: row.get(1)?,
                mark: read_uuid(row.get_ref(2)?)?,
                program: row.get(3)?,
            };
            Ok((source, row.get::<_, String>(4)?, row.get::<_, i64>(5)?))
        })
        .optional()?;
    let Some((source, _, run)) =
        found.filter(|(_, made_for, _)| shape(connection, tables).is_ok_and(|shape| shape == *made_for))
    else {
        return Ok(None);
    };
    let tables = tables.iter().map(|table| table_state(connection, table));
    Ok(Some(Staged {
        run,
        source,
        tables: tables.collect::<Result<_>>()?,
    }))
}

/// Removes the staging area from a file that is about to be migrated: its tables would not fit any more.
pub(crate) fn drop_staged(connection: &Connection) -> Result<()> {
    let names: Vec<String> = connection
        .prepare(STAGED_TABLES)?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for name in names {
        // A name cannot be bound; it is quoted.
        connection.execute_batch(&format!("DROP TABLE \"{}\"", name.replace('"', "\"\"")))?;
    }
    Ok(())
}

/// Checks that this is the current run; [`Error::Interrupted`] if another one is.
fn check_run(connection: &Connection, run: i64) -> Result<()> {
    let is_there = is_there(connection, "staging")?;
    let current = if is_there {
        connection.query_row(RUN, [], |row| row.get::<_, i64>(0)).optional()?
    } else {
        None
    };
    match current {
        Some(current) if run == current => Ok(()),
        _ => Err(Error::Interrupted),
    }
}

fn is_there(connection: &Connection, table: &str) -> Result<bool> {
    Ok(connection
        .prepare_cached(IS_THERE)?
        .query_row([table], |row| row.get(0))?)
}

fn table_state(connection: &Connection, table: &'static Table) -> Result<StagedTable> {
    let mut statement = connection.prepare_cached(TABLE_STATE)?;
    Ok(statement.query_row([table.name], |row| {
        let last = row.get_ref(0)?;
        Ok(StagedTable {
            table,
            last: if last == rusqlite::types::ValueRef::Null {
                None
            } else {
                Some(read_uuid(last)?)
            },
            rows: row.get::<_, i64>(1)?.unsigned_abs(),
            is_complete: row.get(2)?,
        })
    })?)
}

/// The shape of the real tables as they are now. If a migration has changed one, what was staged for it before does not
/// fit.
fn shape(connection: &Connection, tables: &[&'static Table]) -> Result<String> {
    let sql = tables.iter().map(|table| table_sql(connection, table.name));
    Ok(sql.collect::<Result<Vec<_>>>()?.join(";"))
}

fn table_sql(connection: &Connection, name: &str) -> Result<String> {
    Ok(connection
        .prepare_cached(TABLE_SQL)?
        .query_row([name], |row| row.get(0))?)
}

/// The SQL of a table, rewritten for one with the same columns and rules but the name of a staged one.
fn staged_sql(sql: &str, name: &str) -> String {
    let columns = sql.find('(').map_or("", |start| &sql[start..]);
    format!("CREATE TABLE {PREFIX}{name} {columns}")
}
