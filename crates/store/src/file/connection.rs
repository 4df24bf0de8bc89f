//! How a connection to the file is opened: one writer, and readers that cannot write.
//!
//! The file is in WAL mode, so readers never wait for the writer nor the writer for them. A reader is opened read-only
//! *and* told `query_only`, so that neither a statement nor a trigger can write through it.

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
    /// Whether nothing can be written: the medium or its rights say no.
    pub(crate) is_read_only: bool,
}

/// How a reader opens the file.
#[derive(Debug, Clone)]
pub(crate) struct Reading {
    file: PathBuf,
    /// The application id that it must have.
    application_id: i32,
    /// Whether no log can be kept beside it, even to read. Then it is read as something that nobody changes.
    is_fixed: bool,
}

/// Opens the file as far as it can be: where it cannot be written, for reading.
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

/// A catalogue is a file with something in it. A pipe would be waited for, and an empty file is filled only by who wants to make one.
fn look_at(file: &Path, access: Access) -> Result<()> {
    match std::fs::metadata(file) {
        Ok(found) if !found.is_file() => Err(Error::NotACatalogue),
        // SQLite takes a file of one byte for an empty one, too.
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

/// A new file for this account alone, where there is none. What SQLite makes beside it has the same rights.
fn make(file: &Path) -> Result<()> {
    match private::led_to(file).and_then(|file| private::new_file(&file)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) if is_without_room(&error) => Err(Error::DiskFull),
        Err(_) => Err(Error::CannotOpen),
    }
}

/// For a file that cannot be written. Where not even a log can be kept beside it and none is there, it is read as it stands; with a log
/// that cannot be read it is not, because the last edits are in there.
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

/// Somebody may have opened a backup and not closed it: then the log beside it is a part of it.
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

/// A damaged file, to be read as far as it goes: what is found to be wrong in one place is no reason to stop.
pub(crate) fn open_to_salvage(file: &Path, has_log: bool) -> Result<Connection> {
    let connection = open_reader(&Reading {
        file: file.to_owned(),
        application_id: APPLICATION_ID,
        is_fixed: !has_log,
    })?;
    connection.pragma_update(None, "cell_size_check", false)?;
    // So a file that is shorter than it says is opened, and one line of its schema that cannot be read costs no other. Nothing is written.
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

/// A path as part of an address.
fn escaped(path: &Path) -> String {
    let mut address = String::new();
    for &byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a text cannot fail.
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
    // A file may come from anybody. What its schema calls has no side effects, its views are not looked into, its pages are
    // looked at before they are believed, and what would damage it is refused.
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
    // The file's triggers capture what other programs write; for our own writes see `marks`.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
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
    Ok(())
}

/// A file that does not carry our application id belongs to another program: it is left alone. Whether it is one without tables that shall become a
/// catalogue.
fn refuse_foreign_file(connection: &Connection, access: Access, application_id: i32) -> Result<bool> {
    // In one snapshot: between two of them another program of ours may make the tables.
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
