//! Everything that can go wrong in the store, by what the caller can do about it.
//!
//! SQLite's errors are sorted here, once, into the few cases a program treats differently; the rest keeps SQLite's code
//! and words. The type is `Clone`, because one failed commit is the answer to every write that shared it.

use rusqlite::ErrorCode;
use rusqlite::ffi;
use uuid::Uuid;

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
    /// A query that must match one row matched another number.
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
    /// A row that has come from elsewhere does not fit its table here. Nothing was written.
    #[error("{entity}: {reason}")]
    Unfit {
        /// The entity.
        entity: &'static str,
        /// What does not fit, in words.
        reason: String,
    },
    /// Another program kept the file locked for longer than [`BUSY_TIMEOUT`](crate::connection::BUSY_TIMEOUT).
    #[error("another program is writing to the catalogue file; nothing was changed, try again in a moment")]
    Busy,
    /// All readers are in use and none came free in time.
    #[error("too many reads are under way at once; try again in a moment")]
    Exhausted,
    /// A manual transaction was used again after a step that ended it, or was left idle for too long.
    #[error("this transaction has ended; nothing of it was saved")]
    TransactionEnded,
    /// The file is damaged.
    #[error(
        "the catalogue file is damaged ({detail}); it was not changed: keep a copy of it and run `colophon doctor`"
    )]
    Corrupt {
        /// What SQLite says.
        detail: String,
    },
    /// The file is something else.
    #[error("this file is not a Colophon catalogue; it was not changed: choose another file")]
    NotACatalogue,
    /// The file, or its folder, may not be written.
    #[error("the catalogue file or its folder cannot be written; nothing was changed: check its permissions")]
    ReadOnly,
    /// The file or its folder cannot be opened.
    #[error("the catalogue file cannot be opened: check that its folder exists and that you may read and write it")]
    CannotOpen,
    /// No space left for the write.
    #[error(
        "the disk is full; the last change was not saved, everything before it is safe: free some space, then try again"
    )]
    DiskFull,
    /// The read was interrupted, because nobody waits for it any more.
    #[error("the read was interrupted")]
    Interrupted,
    /// The migrations of the file and of this program do not fit together.
    #[error(transparent)]
    Migration(#[from] crate::migrations::MigrationError),
    /// A setting is missing or malformed.
    #[error("the setting {name} {reason}")]
    Setting {
        /// The name, as in the environment.
        name: String,
        /// What is wrong with it, in words.
        reason: String,
    },
    /// Anything else that SQLite reports.
    #[error("SQLite: {message} (code {code})")]
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

    /// Whether another row could have been written: the file is sound, and there is room.
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
        Self::Io {
            what,
            message: error.to_string(),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, message) = &error else {
            return Self::Sqlite {
                code: 0,
                message: error.to_string(),
            };
        };
        let detail = message.clone().unwrap_or_else(|| failure.to_string());
        match failure.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::DatabaseCorrupt => Self::Corrupt { detail },
            ErrorCode::NotADatabase => Self::NotACatalogue,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly,
            ErrorCode::CannotOpen => Self::CannotOpen,
            ErrorCode::DiskFull => Self::DiskFull,
            // A write past RLIMIT_FSIZE or a quota comes back as an I/O error of the write itself.
            ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_WRITE => Self::DiskFull,
            ErrorCode::OperationInterrupted => Self::Interrupted,
            _ => Self::Sqlite {
                code: failure.extended_code,
                message: detail,
            },
        }
    }
}

fn capitalised(entity: &str) -> String {
    let mut letters = entity.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
