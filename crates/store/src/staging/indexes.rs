//! The indexes of a table that was just published: the one its list needs immediately, the others afterwards.
//!
//! A list can be read as soon as the index of its usual order is there; the other orders and searches within a field
//! just take longer until theirs are. So the rows are published first, and what is left to build is kept in the file,
//! where it survives the end of the program: each index is built in a transaction of its own, and edits get their turn
//! in between.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::is_there;
use super::relaxed::Relaxed;
use crate::database::Database;
use crate::error::Result;
use crate::session::changes::Changes;
use crate::tracking::registered::Registered;

/// An index or a trigger of a table, as the file's schema states it.
pub(super) struct Definition {
    pub(super) is_trigger: bool,
    pub(super) name: String,
    pub(super) sql: String,
}

const MAKE: &str =
    "CREATE TABLE IF NOT EXISTS index_to_build (name TEXT NOT NULL PRIMARY KEY, sql TEXT NOT NULL) STRICT";
const KEEP: &str = "INSERT OR REPLACE INTO index_to_build(name,sql) VALUES(?,?)";
const NEXT: &str = "SELECT name,sql FROM index_to_build ORDER BY rowid LIMIT 1";
const DONE: &str = "DELETE FROM index_to_build WHERE name=?";
const ALL_DONE: &str = "DROP TABLE index_to_build";

impl Definition {
    /// Triggers capture what other programs write, and an index of unique values enforces a rule: neither may be
    /// missing for a moment.
    pub(super) fn is_needed_at_once(&self, entity: &Registered) -> bool {
        let of_list = self.sql.contains(&format!("({})", entity.list_order()));
        self.is_trigger || of_list || self.sql.starts_with("CREATE UNIQUE ")
    }
}

pub(super) fn keep_for_later(connection: &Connection, indexes: &[Definition]) -> Result<()> {
    connection.execute_batch(MAKE)?;
    for index in indexes {
        connection.execute(KEEP, params![index.name, index.sql])?;
    }
    Ok(())
}

impl Database {
    /// Builds one of the indexes that a [publication](Self::publish_staged) has left; `false` if there are none.
    /// Blocks.
    pub fn build_next_index(&self) -> Result<bool> {
        if !self.read_blocking(|session| is_there(session.connection(), "index_to_build"))? {
            return Ok(false);
        }
        let inner = self.inner();
        let mut relaxed = Relaxed::lease(&inner.writer)?;
        let transaction = relaxed.begin(&inner.context)?;
        let goes_on = build_one(transaction.connection())?;
        inner.context.commit(transaction, Changes::default())?;
        if !goes_on {
            relaxed.empty_log();
        }
        Ok(goes_on)
    }
}

/// Builds all that are left, on a connection that somebody holds.
pub(crate) fn build_all(connection: &Connection) -> Result<()> {
    while is_there(connection, "index_to_build")? {
        let transaction =
            crate::file::transaction::OpenTransaction::begin(connection, crate::file::transaction::Kind::Write)?;
        build_one(connection)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Builds the next one; returns whether there was one.
fn build_one(connection: &Connection) -> Result<bool> {
    // Another program may have finished meanwhile.
    if !is_there(connection, "index_to_build")? {
        return Ok(false);
    }
    let next = connection
        .query_row(NEXT, [], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let Some((name, sql)) = next else {
        connection.execute_batch(ALL_DONE)?;
        return Ok(false);
    };
    connection.execute_batch(&sql)?;
    connection.execute(DONE, [name])?;
    Ok(true)
}
