//! Everything that can go wrong in the store, by what the caller can do about it.
//!
//! SQLite's errors are sorted here, once, into the few cases that a program treats differently; the rest keep SQLite's
//! code and words. The type is `Clone`, because one failed commit is the answer to every write that shared it.

mod migration;

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;
use rusqlite::ffi;
use uuid::Uuid;

pub use self::migration::MigrationError;

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. Entities and fields are named as in [`Table`](crate::schema::Table).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No row of this entity has the id.
    #[error("{} not found", capitalised(entity))]
    NotFound {
        /// The entity asked for.
        entity: &'static str,
        /// The id asked for.
        id: Uuid,
    },
    /// A query that must match exactly one row matched a different number.
    #[error("expected one {entity}, found {found}")]
    NotOne {
        /// The entity asked for.
        entity: &'static str,
        /// How many rows matched; 2 stands for two or more.
        found: u64,
    },
    /// Another row already has this value in a field that must be unique.
    #[error("another {entity} already has the {field} {value}")]
    Duplicate {
        /// The entity.
        entity: &'static str,
        /// The field that must be unique.
        field: &'static str,
        /// The value, as it would have been stored.
        value: String,
        /// The row that has it.
        existing: Option<Uuid>,
    },
    /// The row refers to one that is not there, or is still referred to.
    #[error("{entity}: {reason}")]
    ForeignKey {
        /// The entity that was being written or deleted.
        entity: &'static str,
        /// Which reference, in words.
        reason: String,
    },
    /// A value breaks a rule of the entity. Nothing was written.
    #[error("{field}: {reason}")]
    Invalid {
        /// The field.
        field: &'static str,
        /// The rule, in words for the person who typed the value.
        reason: String,
    },
    /// A row that came from elsewhere does not fit its table here. Nothing was written.
    #[error("{entity}: {reason}")]
    Unfit {
        /// The entity.
        entity: &'static str,
        /// What does not fit, in words.
        reason: String,
    },
    /// Another program kept the file locked for longer than [`BUSY_TIMEOUT`](crate::file::connection::BUSY_TIMEOUT).
    #[error("another program is writing to the catalogue file; nothing was changed, try again in a moment")]
    Busy,
    /// All readers are in use and none came free in time.
    #[error("too many reads are in progress at once; try again in a moment")]
    Exhausted,
    /// A write, or a read in memory, was begun within a write of the same database: it would wait for itself.
    #[error(
        "a write was begun within another write of the same catalogue and would wait for itself for ever; it was not begun: use the \
         session of the outer one"
    )]
    WithinWrite,
    /// A write was begun beside a transaction that the same caller has begun and not ended: it would wait for itself.
    #[error(
        "a write was begun beside a transaction that its own caller has open, and would wait for itself for ever; nothing of it was \
         written: do it in a step of the transaction, or end that first"
    )]
    BesideOwnTransaction,
    /// Another write of this program has taken longer than [`WRITER_TIMEOUT`](crate::WRITER_TIMEOUT).
    #[error(
        "another change in this program has been taking a long time; this one was not saved: try again when that one is done"
    )]
    StillWriting,
    /// An explicit transaction was used again after a step that ended it, or was left idle for too long.
    #[error("this transaction has ended; nothing of it was saved")]
    TransactionEnded,
    /// The file is damaged.
    #[error("the catalogue file is damaged ({detail}); it was not changed")]
    Corrupt {
        /// What SQLite says.
        detail: String,
    },
    /// A value in the file is not one that its column can have: another program wrote it, or the file is damaged in
    /// that place.
    #[error("the catalogue file has a value that cannot be read ({what}); nothing was changed")]
    BadValue {
        /// What is wrong with it, in words.
        what: &'static str,
    },
    /// The file is something other than a catalogue.
    #[error("this file is not a catalogue of this program; it was not changed: choose another file")]
    NotACatalogue,
    /// A table of the file lacks something that the program's entities have in it.
    #[error(
        "the tables of the catalogue file are not what this program keeps in them ({what}); nothing was changed: a migration has to make what is \
         missing, a column for each field, each stored key and the revision"
    )]
    NotAsDeclared {
        /// What is missing.
        what: String,
    },
    /// The file has nothing in it.
    #[error("this file is empty, so it is not a catalogue; it was not changed")]
    Empty,
    /// The file, or its folder, may not be written.
    #[error("the catalogue file or its folder cannot be written; nothing was changed: check its permissions")]
    ReadOnly,
    /// The file or its folder cannot be opened.
    #[error("the catalogue file cannot be opened: check that its folder exists and that you may read and write it")]
    CannotOpen,
    /// The file is not at its path any more: it was renamed, deleted or replaced while it was open.
    #[error("{}", moved(file, *is_replaced, now.as_deref()))]
    Moved {
        /// The path at which it was opened.
        file: PathBuf,
        /// Whether something else is there now.
        is_replaced: bool,
        /// What the open file is called now, if it has a name and the system reports it.
        now: Option<PathBuf>,
    },
    /// No space left for the write.
    #[error(
        "the disk is full; the last change was not saved, everything before it is safe: free some space, then try again"
    )]
    DiskFull,
    /// No backup could be made. Nothing is left of the attempt.
    #[error("no backup was made in {}: {reason}; the catalogue is as it was, and so are earlier backups", folder.display())]
    NoBackup {
        /// Where it should have been.
        folder: PathBuf,
        /// Why, in words.
        reason: String,
        /// Whether the reason is a lack of space.
        is_full: bool,
    },
    /// A backup that somebody wants to go back to cannot be used.
    #[error("cannot go back to {}: {reason}; nothing was changed", backup.display())]
    UnusableBackup {
        /// The backup.
        backup: PathBuf,
        /// Why, in words.
        reason: String,
    },
    /// The file cannot be replaced, because somebody is working with it.
    #[error(
        "another program has the catalogue file open; nothing was changed: close the catalogue there, then try again"
    )]
    OpenElsewhere,
    /// The file was closed, because the program is ending or has moved on to another file.
    #[error("the catalogue file has been closed; nothing of this was saved, everything before it is safe")]
    Closed,
    /// The read was interrupted, because nobody waits for it any more.
    #[error("the read was interrupted")]
    Interrupted,
    /// The migrations of the file and of this program do not fit together.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A setting is missing or malformed.
    #[error("the setting {name} {reason}")]
    Setting {
        /// The name, as in the environment.
        name: String,
        /// What is wrong with it, in words.
        reason: String,
    },
    /// The disk, or the connection to it, fails to do what was asked.
    #[error(
        "the disk with the catalogue file could not be read or written (code {code}); the last change was not saved, everything \
         before it is safe: see that the disk is there and sound, then try again"
    )]
    Disk {
        /// SQLite's extended result code.
        code: i32,
    },
    /// Anything else that SQLite reports, which is a bug of ours.
    #[error(
        "the catalogue file was used in a way that it does not allow; the last change was not saved (code {code}: {message})"
    )]
    Sqlite {
        /// SQLite's extended result code.
        code: i32,
        /// SQLite's words.
        message: String,
    },
    /// Anything that the operating system reports.
    #[error("{what}: {message}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The system's words.
        message: String,
    },
}

impl Error {
    /// A value that breaks a rule.
    pub fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            reason: reason.into(),
        }
    }

    /// Whether the failure concerns one row, so that another row could have been written: the file is sound, and there
    /// is room.
    pub fn is_about_a_row(&self) -> bool {
        match self {
            Self::Duplicate { .. } | Self::ForeignKey { .. } | Self::Invalid { .. } | Self::Unfit { .. } => true,
            // The lower byte of an extended code is the code itself.
            Self::Sqlite { code, .. } => {
                [ffi::SQLITE_CONSTRAINT, ffi::SQLITE_MISMATCH, ffi::SQLITE_TOOBIG].contains(&(code & 0xff))
            }
            _ => false,
        }
    }

    /// An error of the operating system, with what was being done.
    pub fn io(what: &'static str, error: &std::io::Error) -> Self {
        if is_without_room(error) {
            return Self::DiskFull;
        }
        Self::Io {
            what,
            message: error.to_string(),
        }
    }
}

/// The I/O errors that result from a full disk.
const WITHOUT_ROOM: [i32; 4] = [
    ffi::SQLITE_IOERR_WRITE,
    ffi::SQLITE_IOERR_SHMSIZE,
    ffi::SQLITE_IOERR_FSYNC,
    ffi::SQLITE_IOERR_DIR_FSYNC,
];

/// Whether an error of the operating system says that there is no room.
pub fn is_without_room(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge)
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            if let Some(what) = bad_value(&error) {
                return Self::BadValue { what };
            }
            if let rusqlite::Error::SqlInputError { msg, .. } = &error
                && let Some(what) = what_is_missing(msg)
            {
                return Self::NotAsDeclared { what };
            }
            return Self::Sqlite {
                code: 0,
                message: error.to_string(),
            };
        };
        let detail = message.clone().unwrap_or_else(|| failure.to_string());
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => Self::Busy,
            ErrorCode::DatabaseCorrupt => Self::Corrupt {
                detail: format!("its pages do not fit together, code {}", failure.extended_code),
            },
            ErrorCode::NotADatabase => Self::NotACatalogue,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly,
            ErrorCode::CannotOpen => Self::CannotOpen,
            ErrorCode::DiskFull => Self::DiskFull,
            // A write past a limit or a quota, or a lack of room for the log's index, comes back as an I/O error.
            ErrorCode::SystemIoFailure if WITHOUT_ROOM.contains(&failure.extended_code) => Self::DiskFull,
            ErrorCode::SystemIoFailure => Self::Disk {
                code: failure.extended_code,
            },
            ErrorCode::OperationInterrupted => Self::Interrupted,
            _ => match what_is_missing(&detail) {
                Some(what) => Self::NotAsDeclared { what },
                None => Self::Sqlite {
                    code: failure.extended_code,
                    message: detail,
                },
            },
        }
    }
}

/// Which table or column is missing, if SQLite says that one is. Its words are the same in every language.
fn what_is_missing(message: &str) -> Option<String> {
    for (said, what) in [
        ("no such table: ", "there is no table"),
        ("no such column: ", "there is no column"),
    ] {
        if let Some(name) = message.strip_prefix(said) {
            return Some(format!("{what} {name}"));
        }
    }
    let (table, column) = message.strip_prefix("table ")?.split_once(" has no column named ")?;
    Some(format!("the table {table} has no column {column}"))
}

/// What is wrong with a value that was read, if that is the error.
fn bad_value(error: &rusqlite::Error) -> Option<&'static str> {
    match error {
        rusqlite::Error::Utf8Error(..) => Some("a text that is not UTF-8"),
        rusqlite::Error::IntegralValueOutOfRange(..) => Some("a number that is too large"),
        rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) => {
            Some("a value of another kind than its column's")
        }
        _ => None,
    }
}

fn moved(file: &Path, is_replaced: bool, now: Option<&Path>) -> String {
    let file = file.display();
    let what = match (is_replaced, now) {
        (true, Some(now)) => format!(
            "{file} is another file now, and the one that was open is {}",
            now.display()
        ),
        (true, None) => format!("{file} has been replaced by another file while it was open"),
        (false, Some(now)) => format!("{file} has been moved to {} while it was open", now.display()),
        (false, None) => format!("{file} has been deleted while it was open"),
    };
    let next = match (is_replaced, now) {
        (_, Some(_)) => "open the one of them that you want",
        (true, None) => "open it again to go on with what is there now",
        (false, None) => {
            "put a copy in its place and open that, or make a new catalogue and fetch the records from the server"
        }
    };
    format!("{what}; this change was not saved, everything before it went into the file that was open: {next}")
}

fn capitalised(entity: &str) -> String {
    let mut letters = entity.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
