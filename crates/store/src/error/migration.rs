//! Why a file cannot be migrated.

/// Why a file cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// A newer program has written the file.
    #[error(
        "this catalogue file was written by a newer version of the program (it is at version {found}, this one knows up to {known}); \
         it was not changed: install the newer version to open it"
    )]
    Newer {
        /// The file's version.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
    /// The text of a migration was changed after it had been applied.
    #[error("migration V{version} ({name}) was edited after it had been applied to this file; nothing was changed")]
    Edited {
        /// Its version.
        version: i32,
        /// Its name.
        name: String,
    },
    /// A migration failed and left everything as it was.
    #[error("{what} failed and left the file as it was: {reason}")]
    Failed {
        /// Which one, in words.
        what: String,
        /// SQLite's words.
        reason: String,
    },
    /// There is nothing to take back.
    #[error("no migration has been applied to this file, so there is none to take back")]
    NothingToRollBack,
    /// The last migration has no way down.
    #[error("migration V{version} has no down script; nothing was changed")]
    NoWayDown {
        /// Its version.
        version: i32,
    },
}
