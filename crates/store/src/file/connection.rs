//! How a connection to the file is opened: one writer, and readers that cannot write.
//!
//! The file is in WAL mode, so readers never wait for the writer, nor the writer for them. A reader is opened read-only
//! *and* set to `query_only`, so neither a statement nor a trigger can write through it.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result, is_without_room};
use crate::file::transaction::{Kind, OpenTransaction};
use crate::settings::private;

pub use crate::settings::APPLICATION_ID;
use crate::settings::{Access, Durability, Settings};

/// How long a statement waits for another *program* that holds the file's lock. Writers of this program queue instead.
pub const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection; there are a few dozen per entity.
const STATEMENT_CACHE: usize = 256;

/// Page cache per connection, in KiB (SQLite takes kibibytes as a negative number).
const CACHE_KIB: i64 = 16 * 1024;

/// A file that is open, and how it can be opened once more for reading.
pub(crate) struct OpenFile {
    pub(crate) writer: Connection,
    pub(crate) reading: Reading,
    /// Whether nothing can be written, because of the medium or its permissions.
    pub(crate) is_read_only: bool,
}

/// How a reader opens the file.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    file: PathBuf,
    /// The application id that the file must have.
    application_id: i32,
    /// Whether no log can be kept beside it, even for reading. Then it is read as a file that nobody changes.
    is_fixed: bool,
}

/// Opens the file with as much access as possible: if it cannot be written, for reading.
pub(crate) fn open(settings: &Settings) -> Result<OpenFile> {
    let file = settings.file.as_path();
    look_at(file, settings.access)?;
    if settings.access == Access::Fixed {
        let reading = fixed(file, settings.application_id);
        return Ok(OpenFile {
            writer: open_own(&reading)?,
            reading,
            is_read_only: true,
        });
    }
    let reading = Reading {
        file: file.to_owned(),
        application_id: settings.application_id,
        is_fixed: false,
    };
    match open_writer(settings) {
        Ok(writer) => Ok(OpenFile {
            writer,
            reading,
            is_read_only: false,
        }),
        Err(error @ (Error::ReadOnly | Error::CannotOpen)) => open_to_read(reading).map_err(|_| error),
        Err(error) => Err(error),
    }
}

/// A catalogue is a file with something in it. Opening a pipe would block, and an empty file is filled only by somebody
/// who wants to make a catalogue.
fn look_at(file: &Path, access: Access) -> Result<()> {
    match std::fs::metadata(file) {
        Ok(found) if !found.is_file() => Err(Error::NotACatalogue),
        // SQLite treats a file of one byte as empty, too.
        Ok(found) if found.len() <= 1 && access != Access::Make => Err(Error::Empty),
        _ => Ok(()),
    }
}

fn open_writer(settings: &Settings) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if settings.access == Access::Make {
        make(&settings.file)?;
    }
    let connection = Connection::open_with_flags(&settings.file, flags)?;
    configure(&connection)?;
    let is_new = refuse_foreign_file(&connection, settings.access, settings.application_id)?;
    if connection.is_readonly("main")? {
        return Err(Error::ReadOnly);
    }
    if settings.access == Access::Examine {
        connection.pragma_update(None, "query_only", true)?;
    } else {
        if is_new {
            connection.pragma_update(None, "application_id", settings.application_id)?;
        }
        keep_a_log(&connection)?;
    }
    configure_writer(&connection, settings.durability)?;
    Ok(connection)
}

/// A new file for this account alone, if there is none. What SQLite makes beside it has the same permissions.
fn make(file: &Path) -> Result<()> {
    match private::led_to(file).and_then(|file| private::new_file(&file)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) if is_without_room(&error) => Err(Error::DiskFull),
        Err(_) => Err(Error::CannotOpen),
    }
}

/// For a file that cannot be written. If not even a log can be kept beside it and none is there, it is read as it
/// stands; if there is a log that cannot be read, it is not, because the last edits are in there.
fn open_to_read(mut reading: Reading) -> Result<OpenFile> {
    let writer = match open_own(&reading) {
        Err(Error::ReadOnly | Error::CannotOpen) if !has_log(&reading.file) => {
            reading.is_fixed = true;
            open_own(&reading)?
        }
        opened => opened?,
    };
    Ok(OpenFile {
        writer,
        reading,
        is_read_only: true,
    })
}

/// A catalogue that nobody changes, such as a backup. Nothing is made beside it.
pub(crate) fn open_fixed(file: &Path, application_id: i32) -> Result<Connection> {
    look_at(file, Access::Fixed)?;
    open_own(&fixed(file, application_id))
}

/// Somebody may have opened a backup without closing it: then the log beside it is part of it.
fn fixed(file: &Path, application_id: i32) -> Reading {
    Reading {
        file: file.to_owned(),
        application_id,
        is_fixed: !has_log(file),
    }
}

fn open_own(reading: &Reading) -> Result<Connection> {
    let connection = open_reader(reading)?;
    refuse_foreign_file(&connection, Access::Examine, reading.application_id)?;
    Ok(connection)
}

/// Opens a damaged file, to be read as far as possible: a fault found in one place is no reason to stop.
pub(crate) fn open_to_salvage(file: &Path, has_log: bool) -> Result<Connection> {
    let connection = open_reader(&Reading {
        file: file.to_owned(),
        application_id: APPLICATION_ID,
        is_fixed: !has_log,
    })?;
    connection.pragma_update(None, "cell_size_check", false)?;
    // These let a file be opened that is shorter than it claims, and keep one unreadable line of its schema from
    // costing the others. Nothing is written.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, false)?;
    connection.pragma_update(None, "writable_schema", true)?;
    Ok(connection)
}

pub(crate) fn has_log(file: &Path) -> bool {
    let mut log = file.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Opens the one connection of a database in memory.
pub(crate) fn open_in_memory() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    configure(&connection)?;
    configure_writer(&connection, Durability::Normal)?;
    Ok(connection)
}

/// Opens a reader.
pub(crate) fn open_reader(reading: &Reading) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if reading.is_fixed {
        let address = format!("file:{}?immutable=1", escaped(&reading.file));
        Connection::open_with_flags(address, flags | OpenFlags::SQLITE_OPEN_URI)?
    } else {
        Connection::open_with_flags(&reading.file, flags)?
    };
    configure(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// A path, escaped for use in a URI.
fn escaped(path: &Path) -> String {
    let mut address = String::new();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address
}

fn configure(connection: &Connection) -> Result<()> {
    connection.set_prepared_statement_cache_capacity(STATEMENT_CACHE);
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // A file may come from anybody. Whatever its schema calls may have no side effects, its views are not evaluated,
    // its pages are checked before they are believed, and anything that would damage it is refused.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // The file's triggers capture what other programs write; for our own writes see `capture::pending`.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    Ok(())
}

/// WAL mode. At this step SQLite does not wait for a program that has the file to itself, as one has that is making it
/// at the same moment.
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
    Ok(())
}

/// A file that does not carry our application id belongs to another program and is left alone. Returns whether it is
/// one without tables that is to become a catalogue.
fn refuse_foreign_file(connection: &Connection, access: Access, application_id: i32) -> Result<bool> {
    // In one snapshot: otherwise another program of ours could make the tables between two statements.
    let snapshot = OpenTransaction::begin(connection, Kind::Read)?;
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    drop(snapshot);
    match (id, tables) {
        (id, _) if id == application_id => Ok(false),
        (0, 0) if access == Access::Make => Ok(true),
        _ => Err(Error::NotACatalogue),
    }
}
