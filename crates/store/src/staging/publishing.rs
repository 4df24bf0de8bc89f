//! Publishing: staged tables take the place of the real ones, in one transaction.

use rusqlite::Connection;

use super::indexes::{self, Definition};
use super::relaxed::Relaxed;
use super::{PREFIX, check_run, drop_staged};
use crate::database::Database;
use crate::database::job::{run_in_session, unwrap_outcome};
use crate::error::{Error, Result};
use crate::schema::sql::Sql;
use crate::schema::{ColumnKind, Table};
use crate::session::{ReadSession, WriteSession};
use crate::tracking::registered::Registered;

const DEFINITIONS: &str =
    "SELECT type,name,sql FROM sqlite_schema WHERE tbl_name=? AND type IN ('index','trigger') AND sql IS NOT NULL";
const TAKE_DELETED: &str = "INSERT OR REPLACE INTO deleted SELECT * FROM staged_deleted";

impl Database {
    /// Puts the staged rows in the place of the real ones, together with those that were made here, meanwhile or
    /// before, and were never on the server. `before` runs first, in the same transaction: it makes room for values
    /// that only one row may have, and notes how far the file is then. Afterwards lists can be read in their usual
    /// order; [`build_next_index`](Self::build_next_index) does the rest.
    ///
    /// Returns what `before` returned; `None`, with nothing changed, if something here is in the way: rows from a
    /// server, pending notes, or a batch under way. Blocks.
    pub fn publish_staged<T>(
        &self,
        run: i64,
        entities: &[Registered],
        before: impl FnOnce(&WriteSession<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let inner = self.inner();
        let mut relaxed = Relaxed::lease(&inner.writer)?;
        relaxed.flush()?;
        let transaction = relaxed.begin(&inner.context)?;
        let connection = transaction.connection();
        check_run(connection, run)?;
        if is_in_the_way(connection, entities)? {
            return Ok(None);
        }
        let (outcome, mut changes) = run_in_session(connection, &inner.context, |session| {
            let value = before(session)?;
            publish(connection, entities).map(|()| value)
        });
        let value = unwrap_outcome(outcome)?;
        for entity in entities {
            changes.whole_table(entity.table.name);
        }
        inner.context.commit(transaction, changes)?;
        Ok(Some(value))
    }
}

impl ReadSession<'_> {
    /// Whether the file has anything from a server, or on its way to one: rows, pending notes, a batch.
    pub fn has_anything_of_a_server(&self, tables: &[&'static Table]) -> Result<bool> {
        is_any(self.connection(), &of_a_server(tables))
    }
}

impl WriteSession<'_> {
    /// Local rows whose value in a unique column is also that of a staged row: the local id, and the staged one.
    pub fn held_by_staged(&self, table: &'static Table, column: &'static str) -> Result<Vec<(uuid::Uuid, uuid::Uuid)>> {
        let mut sql = Sql::new("SELECT here.id,there.id FROM ");
        // There are few local rows, and their index finds them; the staged ones have no index.
        sql.push(PREFIX)
            .push(table.name)
            .push(" AS there CROSS JOIN ")
            .push(table.name);
        sql.push(" AS here ON here.").push(column).push("=there.").push(column);
        let some = {
            let mut some = Sql::new("SELECT 1 FROM ");
            some.push(table.name)
                .push(" WHERE ")
                .push(column)
                .push(" IS NOT NULL LIMIT 1");
            self.query_first(&some, [], |_| Ok(()))?
        };
        if some.is_none() {
            return Ok(Vec::new());
        }
        self.query(&sql, [], |row| {
            Ok((
                crate::schema::field::read_uuid(row.get_ref(0)?)?,
                crate::schema::field::read_uuid(row.get_ref(1)?)?,
            ))
        })
    }

    /// Drops staged rows that refer to a row that is not staged, and those that refer to them. Returns how many there
    /// were.
    pub fn drop_staged_orphans(&self, tables: &[&'static Table]) -> Result<u64> {
        let mut dropped = 0;
        // Parents come first, so one walk is enough.
        for table in tables {
            for column in table.columns {
                let ColumnKind::Reference { table: parent } = column.kind else {
                    continue;
                };
                let mut sql = Sql::new("DELETE FROM ");
                sql.push(PREFIX).push(table.name).push(" WHERE ").push(column.name);
                sql.push(" NOT IN (SELECT id FROM ").push(PREFIX).push(parent).push(")");
                dropped += self.prepare(&sql)?.execute([])? as u64;
            }
        }
        Ok(dropped)
    }
}

/// Whether the file has something from a server, or on its way to one, or with the ids that are staged.
fn is_in_the_way(connection: &Connection, entities: &[Registered]) -> Result<bool> {
    let tables: Vec<&'static Table> = entities.iter().map(|entity| entity.table).collect();
    let mut questions = of_a_server(&tables);
    for Registered { table, .. } in entities {
        let mut same = Sql::new("SELECT 1 FROM ");
        same.push(table.name).push(" WHERE id IN (SELECT id FROM ");
        same.push(PREFIX).push(table.name).push(")");
        let mut deleted = Sql::new("SELECT 1 FROM deleted WHERE entity='");
        deleted.push(table.name).push("' AND id IN (SELECT id FROM ");
        deleted.push(PREFIX).push(table.name).push(")");
        questions.extend([same, deleted]);
    }
    is_any(connection, &questions)
}

fn of_a_server(tables: &[&'static Table]) -> Vec<Sql> {
    let mut questions = vec![
        Sql::new("SELECT 1 FROM pending"),
        Sql::new("SELECT 1 FROM batch_in_flight"),
    ];
    for table in tables {
        let mut rows = Sql::new("SELECT 1 FROM ");
        rows.push(table.name).push(" WHERE revision>0");
        questions.push(rows);
    }
    questions
}

fn is_any(connection: &Connection, questions: &[Sql]) -> Result<bool> {
    for question in questions {
        if connection.prepare(question.as_str())?.exists([])? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn publish(connection: &Connection, entities: &[Registered]) -> Result<()> {
    let mut later = Vec::new();
    connection.execute(TAKE_DELETED, [])?;
    for entity in entities {
        let name = entity.table.name;
        let definitions = definitions(connection, name)?;
        take_own(connection, name)?;
        let mut swap = Sql::new("DROP TABLE ");
        swap.push(name).push(";ALTER TABLE ").push(PREFIX).push(name);
        swap.push(" RENAME TO ").push(name);
        connection.execute_batch(swap.as_str())?;
        for definition in definitions {
            if definition.is_needed_at_once(entity) {
                connection
                    .execute_batch(&definition.sql)
                    .map_err(|error| not_one(error, entity))?;
            } else {
                later.push(definition);
            }
        }
    }
    indexes::keep_for_later(connection, &later)?;
    drop_staged(connection)
}

/// The rows that were made here join the staged ones.
fn take_own(connection: &Connection, name: &'static str) -> Result<()> {
    let mut take = Sql::new("INSERT INTO ");
    take.push(PREFIX).push(name).push(" SELECT * FROM ").push(name);
    connection.execute(take.as_str(), [])?;
    Ok(())
}

fn definitions(connection: &Connection, name: &str) -> Result<Vec<Definition>> {
    let mut statement = connection.prepare(DEFINITIONS)?;
    let found = statement.query_map([name], |row| {
        Ok(Definition {
            is_trigger: row.get::<_, String>(0)? == "trigger",
            name: row.get(1)?,
            sql: row.get(2)?,
        })
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Two staged rows with the same value in a unique column: the server does not enforce that rule, or the rows are from
/// two different times.
fn not_one(error: rusqlite::Error, entity: &Registered) -> Error {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::ConstraintViolation) => Error::Corrupt {
            detail: format!("two rows of {} have a value that only one may have", entity.table.name),
        },
        _ => error.into(),
    }
}
