//! The tables in which the store keeps its own books, for applications that leave them to it.
//!
//! Undo, sync and the age of edits need tables beside the application's. Their migrations are the store's own and
//! numbered separately from the application's, so that neither needs to know the other's numbers. They have no way
//! down: what is in them belongs to the rows, whatever version those are. A catalogue of Colophon has these tables from
//! its own migrations, which are older than this; a test keeps the two alike.

use rusqlite::Connection;

use crate::error::MigrationError;
use crate::error::Result;
use crate::file::transaction::{Kind, OpenTransaction};

/// The migrations of the books, in the order in which they are applied. Once released, a migration is never edited.
const MIGRATIONS: [&str; 1] = [include_str!("../../migrations/V1__bookkeeping.sql")];

const HISTORY: &str = "CREATE TABLE IF NOT EXISTS store_migrations(version INTEGER PRIMARY KEY) STRICT";
const APPLIED: &str = "SELECT ifnull(max(version),0) FROM store_migrations";
const APPLY: &str = "INSERT INTO store_migrations(version) VALUES(?)";

/// Brings the books up to what this program knows, in one transaction, so that programs making the same file at the
/// same moment go one after the other. A file whose books were written by a newer program is refused.
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
