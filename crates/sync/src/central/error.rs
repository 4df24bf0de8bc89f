//! What can go wrong with the server, by what a person or the loop can do about it.
//!
//! PostgreSQL has some 260 error codes; they are sorted here, once. Each message says what happened, that the edits are
//! safe if there could be doubt, and what to do next. None of them contains a password: settings print it as dots, and
//! the server's own messages never repeat it.

mod administration;
mod hung_up;
mod migration;
mod peer;

pub use self::administration::AdministrationError;
pub use self::hung_up::HungUp;
pub use self::migration::MigrationError;
pub(super) use self::peer::Peer;
use super::reasons::{WhyInsecure, WhyUnreachable};
use crate::keychain::KeychainError;

/// The result of everything in this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong. `server` is an address in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody answers at the address, or the name is unknown.
    #[error("the server {server} cannot be reached ({reason}); edits are safe here and go up when it is back")]
    Unreachable {
        /// The address.
        server: String,
        /// The system's words.
        reason: String,
        /// The same, sorted.
        why: WhyUnreachable,
    },
    /// The connection broke after it had been made.
    #[error("the connection to {server} broke while {doing} ({reason}); edits are safe here and are sent again")]
    ConnectionLost {
        /// The address.
        server: String,
        /// What was under way.
        doing: &'static str,
        /// The cause.
        reason: String,
    },
    /// The server accepted and then said nothing for too long.
    #[error("{server} did not answer within {seconds} s while {doing}; edits are safe here and are sent again")]
    Timeout {
        /// The address.
        server: String,
        /// What was under way.
        doing: &'static str,
        /// The limit that passed.
        seconds: u64,
    },
    /// The server takes no writes, either from anybody or from this login, whatever they are: a standby, or a server
    /// that was made read-only. What is there can be read. Nothing of what was sent was written.
    #[error(
        "{server} is read-only at the moment ({reason}); what others have written still comes here, edits are safe here and go up \
         when it takes them again"
    )]
    ReadOnly {
        /// The address.
        server: String,
        /// The server's words.
        reason: String,
    },
    /// The server is there but cannot serve now: it is starting, stopping, or out of space or connections.
    #[error("{server} cannot serve us at the moment ({reason}); edits are safe here and are sent again")]
    Unavailable {
        /// The address.
        server: String,
        /// The server's words.
        reason: String,
    },
    /// Others were writing; the same may succeed in a moment.
    #[error("others are writing to the catalogue ({reason}); edits are safe here and are sent again in a moment")]
    Busy {
        /// The server's words.
        reason: String,
    },
    /// The password is wrong.
    #[error(
        "{server} does not accept the password of {user}; edits are safe here: set POSTGRES_PASSWORD where POSTGRES_SERVER is set, or keep the right one in \
         the keychain with `colophon sign-in`"
    )]
    WrongPassword {
        /// The address.
        server: String,
        /// The login.
        user: String,
    },
    /// The server asks for a password and none is known.
    #[error(
        "{server} asks {user} for a password and none is known{}; edits are safe here: keep it in the keychain with \
         `colophon sign-in`, or set POSTGRES_PASSWORD where POSTGRES_SERVER is set", .keychain.as_ref().map(|why| format!(" ({why})")).unwrap_or_default()
    )]
    NoPassword {
        /// The address.
        server: String,
        /// The login.
        user: String,
        /// Why the keychain did not help, if one was asked.
        keychain: Option<KeychainError>,
    },
    /// The server does not let this login in.
    #[error("{server} does not let {user} in ({reason}); check POSTGRES_USER, or ask whoever runs the server")]
    LoginRefused {
        /// The address.
        server: String,
        /// The login.
        user: String,
        /// The server's words.
        reason: String,
    },
    /// The connection was closed because of what the server said.
    #[error(transparent)]
    HungUp(#[from] HungUp),
    /// There is no such database.
    #[error("{server} has no database {database}; check POSTGRES_DB")]
    NoDatabase {
        /// The address.
        server: String,
        /// The name that was asked for.
        database: String,
    },
    /// The connection could not be protected, or the server is not who it should be.
    #[error(
        "the connection to {server} could not be secured ({reason}); nothing was sent, edits are safe here: {}", .why.advice(.server)
    )]
    Tls {
        /// The address.
        server: String,
        /// The cause.
        reason: String,
        /// The same, sorted.
        why: WhyInsecure,
    },
    /// The server has no catalogue of this name.
    #[error(
        "{server} has no catalogue {schema}; check POSTGRES_SCHEMA and POSTGRES_DB, or make it with \
         `colophon migrate --central`; edits are safe here"
    )]
    NoSchema {
        /// The address.
        server: String,
        /// The name that was asked for.
        schema: String,
    },
    /// The central catalogue lacks migrations that this program needs.
    #[error(
        "the central catalogue is at version {found} and this program needs at least {needed}; run `colophon migrate --central`; \
         edits are safe here"
    )]
    Older {
        /// The version there.
        found: i32,
        /// The version this program needs.
        needed: i32,
    },
    /// The central catalogue was migrated by a newer program.
    #[error(
        "the central catalogue is at version {found}, which programs before version {oldest} cannot work with, and this one knows up to \
         {known}; install the newer version; edits are safe here until then"
    )]
    ServerNewer {
        /// The version there.
        found: i32,
        /// The newest version this program knows.
        known: i32,
        /// The oldest that may go on.
        oldest: i32,
    },
    /// The login may not do what the sync needs.
    #[error(
        "{user} may not do this on {server} ({reason}); ask whoever runs the server to grant {schema}_editor to {user}; \
         edits are safe here"
    )]
    NotAllowed {
        /// The address.
        server: String,
        /// The login.
        user: String,
        /// The catalogue.
        schema: String,
        /// The server's words.
        reason: String,
    },
    /// The server refused what was written. Of a batch, nothing was; at least one of its rows is the cause.
    #[error("the server refused a record ({reason}); it is safe here")]
    Refused {
        /// The server's words.
        reason: String,
        /// The constraint that was broken, if it was one.
        constraint: Option<String>,
        /// Whether other rows matter: the value is held by one, or the row refers to one that does not exist.
        clashes: bool,
    },
    /// The database does not keep text as UTF-8.
    #[error(
        "the database {database} on {server} keeps text as {encoding}, which does not hold every name; nothing was sent, edits are safe here: make \
         another one with `createdb -T template0 -E UTF8 {database}_utf8`, move what is in this one there, and set POSTGRES_DB"
    )]
    Encoding {
        /// The address.
        server: String,
        /// The database.
        database: String,
        /// How it keeps text.
        encoding: String,
    },
    /// This device belongs to another login: two people use one file, each with a login of their own.
    #[error(
        "the server knows this device as another login's ({reason}); edits are safe here and will be sent as a new device's"
    )]
    DeviceOfAnother {
        /// The server's words.
        reason: String,
    },
    /// The server already has another batch of this device under the number: this file is a copy, or an older state, of
    /// one that went on elsewhere.
    #[error(
        "the server has already had other edits under number {number} of this device; this file seems to be a copy or an \
         older state of one that was used elsewhere; edits are safe here"
    )]
    BatchNumberUsed {
        /// The number.
        number: i64,
    },
    /// The server does not know what this device has seen there: it was restored from a backup at that very moment.
    #[error(
        "the server was brought back from a backup while edits were sent; nothing of them was written, they are safe here, and \
         both are brought together next"
    )]
    Forked,
    /// The server cannot be looked after in the way that was asked for.
    #[error(transparent)]
    Administration(#[from] AdministrationError),
    /// The central migrations do not fit, or failed.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// Something else that the server reports.
    #[error("{server} reports: {reason}; edits are safe here")]
    Server {
        /// The address.
        server: String,
        /// The server's words, with its code.
        reason: String,
    },
}

impl Error {
    /// A row that cannot be written as it is.
    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
            constraint: None,
            clashes: false,
        }
    }

    /// A word for programs: stable, and the same for all errors that mean the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreachable { .. } => "unreachable",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::Timeout { .. } => "timeout",
            Self::ReadOnly { .. } => "read_only",
            Self::Unavailable { .. } => "unavailable",
            Self::Busy { .. } => "busy",
            Self::WrongPassword { .. } => "wrong_password",
            Self::NoPassword { .. } => "no_password",
            Self::LoginRefused { .. } => "login_refused",
            Self::HungUp(why) => why.code(),
            Self::NoDatabase { .. } => "no_database",
            Self::Tls { .. } => "tls",
            Self::NoSchema { .. } => "no_schema",
            Self::Older { .. } => "server_older",
            Self::ServerNewer { .. } => "server_newer",
            Self::NotAllowed { .. } => "not_allowed",
            Self::Refused { .. } => "refused",
            Self::Encoding { .. } => "encoding",
            Self::DeviceOfAnother { .. } => "device_of_another",
            Self::BatchNumberUsed { .. } => "batch_number_used",
            Self::Forked => "server_restored",
            Self::Administration(_) => "administration",
            Self::Migration(_) => "migration",
            Self::Server { .. } => "server_error",
        }
    }

    /// Whether it proves that this login may not write what it wanted to, and that nothing of it was written. It may
    /// still read.
    pub fn means_no_writing(&self) -> bool {
        matches!(self, Self::NotAllowed { .. } | Self::ReadOnly { .. })
    }

    /// Whether the network or the server is away or overloaded, which passes by itself; anything else needs a person.
    pub fn passes_by_itself(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::ConnectionLost { .. }
                | Self::Timeout { .. }
                | Self::ReadOnly { .. }
                | Self::Unavailable { .. }
                | Self::Busy { .. }
                | Self::Forked
        )
    }
}

#[cfg(test)]
mod tests;
