//! Which migrations were applied to a file: refinery's own table.

use rusqlite::Connection;

use crate::error::Result;
use crate::file::transaction::{Kind, OpenTransaction};

/// As refinery makes it.
const HISTORY: &str = "CREATE TABLE refinery_schema_history(
             version int4 PRIMARY KEY,
             name VARCHAR(255),
             applied_on VARCHAR(255),
             checksum VARCHAR(255));";
const IS_THERE: &str = "SELECT count(*) FROM sqlite_schema WHERE name='refinery_schema_history'";

/// Version, time and checksum of every applied migration.
pub(crate) fn applied(connection: &Connection) -> Result<Vec<(i32, String, String)>> {
    if !is_there(connection)? {
        return Ok(Vec::new());
    }
    let mut statement =
        connection.prepare("SELECT version,applied_on,checksum FROM refinery_schema_history ORDER BY version")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn is_there(connection: &Connection) -> Result<bool> {
    Ok(connection.query_row(IS_THERE, [], |row| row.get::<_, i64>(0))? > 0)
}

/// Makes refinery's own table if there is none. refinery would do so itself, but based on what it knew about the file
/// before it had the write lock: when several programs make the same new file, it may find that the table has been made
/// in between. Here it is looked for and made under the lock, and refinery finds it there.
pub(crate) fn make(connection: &Connection) -> Result<()> {
    let transaction = OpenTransaction::begin(connection, Kind::Write)?;
    if !is_there(connection)? {
        connection.execute_batch(HISTORY)?;
    }
    transaction.commit()
}

/// The version of the last applied migration; 0 when there is none.
pub(crate) fn last_applied(connection: &Connection) -> Result<i32> {
    Ok(applied(connection)?.last().map_or(0, |row| row.0))
}
