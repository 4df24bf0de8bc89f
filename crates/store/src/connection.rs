//! How a connection to the file is opened: one writer, and readers that cannot write.
//!
//! The file is in WAL mode, so readers never wait for the writer nor the writer for them. A reader is opened read-only
//! *and* told `query_only`, so that neither a statement nor a trigger can write through it.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};
use crate::settings::Durability;
use crate::transaction::{Kind, OpenTransaction};

/// How long a statement waits for another *program* that holds the file's lock. Writers of this program queue instead.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Marks a file as a Colophon catalogue (`PRAGMA application_id`): the letters "Colo".
pub const APPLICATION_ID: i32 = 0x436f_6c6f;

/// Prepared statements kept per connection; there are a few dozen per entity.
const STATEMENT_CACHE: usize = 256;

/// Page cache per connection, in KiB (SQLite takes kibibytes as a negative number).
const CACHE_KIB: i64 = 16 * 1024;

/// Opens the writer, and makes the file when it does not exist.
pub(crate) fn open_writer(file: &Path, durability: Durability) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    configure(&connection)?;
    refuse_foreign_file(&connection)?;
    if connection.is_readonly("main")? {
        return Err(Error::ReadOnly);
    }
    keep_a_log(&connection)?;
    configure_writer(&connection, durability)?;
    Ok(connection)
}

/// Opens the one connection of a database in memory.
pub(crate) fn open_in_memory() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    configure(&connection)?;
    configure_writer(&connection, Durability::Normal)?;
    Ok(connection)
}

/// Opens a reader.
pub(crate) fn open_reader(file: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    configure(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn configure(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Views and triggers of a file that somebody sent must not call functions with side effects.
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

/// WAL mode. SQLite does not wait for a program that has the file for itself at this step, as one that makes it at the same moment does.
fn keep_a_log(connection: &Connection) -> Result<()> {
    const PAUSE: Duration = Duration::from_millis(5);
    let mut pauses = BUSY_TIMEOUT.as_millis() / PAUSE.as_millis();
    loop {
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && pauses > 0 => {
                pauses -= 1;
                #[expect(clippy::disallowed_methods, reason = "no program tells when it lets go of a file")]
                std::thread::sleep(PAUSE);
            }
            outcome => return Ok(outcome?),
        }
    }
}

fn configure_writer(connection: &Connection, durability: Durability) -> Result<()> {
    let synchronous = match durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
    };
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // The file's triggers capture what other programs write; for our own writes see `marks`.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    Ok(())
}

/// A file with tables that does not carry our mark belongs to another program: it is left alone.
fn refuse_foreign_file(connection: &Connection) -> Result<()> {
    // In one snapshot: between two of them another program of ours may make the tables.
    let snapshot = OpenTransaction::begin(connection, Kind::Read)?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    drop(snapshot);
    match (id, tables) {
        (APPLICATION_ID, _) => Ok(()),
        (0, 0) => Ok(connection.pragma_update(None, "application_id", APPLICATION_ID)?),
        _ => Err(Error::NotACatalogue),
    }
}
