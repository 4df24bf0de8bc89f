//! Why the central catalogue cannot be migrated.

/// Why the central catalogue cannot be migrated. In every case it is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// A newer program has migrated it.
    #[error(
        "the central catalogue is at version {found} and this program knows up to {known}; nothing was changed: install \
         the newer version"
    )]
    Newer {
        /// The version there.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
    /// The text of a migration was changed after it had been applied.
    #[error(
        "migration V{version} ({name}) was edited after it had been applied to the central catalogue; nothing was changed"
    )]
    Edited {
        /// Its version.
        version: i32,
        /// Its name.
        name: String,
    },
    /// A migration failed.
    #[error("{what} failed and left the central catalogue as it was: {reason}")]
    Failed {
        /// Which one, in words.
        what: String,
        /// The server's words.
        reason: String,
    },
    /// Others wrote or read there the whole time, and the migration gave way to them.
    #[error(
        "others were at work in the central catalogue for {seconds} s, and migrating it gave way to them each time ({reason}); the step it was at \
         left nothing: run it again in a moment, and if it is the same then, `colophon doctor` says who keeps a transaction open there"
    )]
    InTheWay {
        /// How long it tried.
        seconds: u64,
        /// The server's words.
        reason: String,
    },
    /// Something there belongs to somebody who does not run the catalogue.
    #[error(
        "in the schema {schema}, {what} belongs to {owner}, who does not run this catalogue; nothing there was run, for it would run with your \
         rights. If {owner} restored or made the catalogue for you, let {owner} run this, or grant {schema}_owner to {owner}; if \
         nobody knows it, DROP it or choose another POSTGRES_SCHEMA"
    )]
    NotOurs {
        /// The catalogue.
        schema: String,
        /// What it is, in words.
        what: String,
        /// Whose.
        owner: String,
    },
    /// The login may not change the catalogue's structure.
    #[error(
        "{user} does not run the catalogue {schema} ({reason}); nothing was changed: migrate with a login that is a member of {schema}_owner \
         (GRANT {schema}_owner TO {user}), or the one that the catalogue belongs to"
    )]
    NotOwner {
        /// The login.
        user: String,
        /// The catalogue.
        schema: String,
        /// The server's words.
        reason: String,
    },
    /// A migration has made tables without having them tracked. Found when a device connects.
    #[error(
        "on the server nobody hears of what is written to {}, because no migration has it tracked; nothing was sent, edits are safe here: add \
         a migration with {}", tables.join(", "), tracking(tables)
    )]
    NotTracked {
        /// Their names.
        tables: Vec<String>,
    },
    /// There is nothing to take back.
    #[error("no migration has been applied to the central catalogue, so there is none to take back")]
    NothingToRollBack,
    /// The last migration has no way down.
    #[error("migration V{version} has no down script; nothing was changed")]
    NoWayDown {
        /// Its version.
        version: i32,
    },
}

/// What has tables tracked.
fn tracking(tables: &[String]) -> String {
    let each = tables.iter().map(|table| format!("SELECT track('{table}');"));
    each.collect::<Vec<_>>().join(" ")
}
