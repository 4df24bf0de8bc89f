//! The tables in which the store keeps its own books, for an application that leaves them to it.
//!
//! Undo, sync and the age of edits need tables beside the application's. Their migrations are the store's own, counted apart from the
//! application's, so that neither knows the other's numbers. They have no way down: what is in them belongs to the rows, whatever the
//! version of those. A catalogue of Colophon has these tables from its own migrations, older than this; a test holds the two alike.

use rusqlite::Connection;

use crate::error::MigrationError;
use crate::error::Result;
use crate::file::transaction::{Kind, OpenTransaction};

/// The migrations of the books, in the order in which they are applied. A released one is not edited any more.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/V1__bookkeeping.sql")];

const HISTORY: &str = "CREATE TABLE IF NOT EXISTS store_migrations(version INTEGER PRIMARY KEY) STRICT";
const APPLIED: &str = "SELECT ifnull(max(version),0) FROM store_migrations";
const APPLY: &str = "INSERT INTO store_migrations(version) VALUES(?)";

/// Brings the books up to what this program knows, in one transaction, so that programs which make one file at the same moment come one
/// after the other. A file whose books a newer program keeps is refused.
pub(crate) fn bring_up(connection: &Connection) -> Result<()> {
    let transaction = OpenTransaction::begin(connection, Kind::Write)?;
    connection.execute_batch(HISTORY)?;
    let found: i32 = connection.query_row(APPLIED, [], |row| row.get(0))?;
    let known = (1..).zip(MIGRATIONS);
    let last = known.clone().map(|(version, _)| version).last().unwrap_or(0);
    if found > last {
        return Err(MigrationError::Newer { found, known: last }.into());
    }
    for (version, script) in known.skip_while(|(version, _)| *version <= found) {
        connection.execute_batch(script)?;
        connection.execute(APPLY, [version])?;
    }
    transaction.commit()
}
