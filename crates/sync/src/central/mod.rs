//! The server: everything that speaks to PostgreSQL, and nothing else does.
//!
//! A [`Central`] is a catalogue on a server as something to connect to. A [`Connection`] reads its [`Head`], migrates it,
//! writes a [`Batch`] at once or by stages, and tells the fate of one. What goes wrong is sorted by what can be done about it
//! ([`Error`]).
//!
//! Nothing here depends on a session's state, so it works through a pooler that gives every transaction another one:
//! settings are local to their transaction, temporary tables are dropped at the commit, and no prepared statement
//! outlives its transaction.

mod apply;
mod at_once;
mod batch;
mod blockers;
mod catalogue;
mod connection;
mod copy;
mod digests;
mod download;
mod error;
mod examine;
mod fate;
mod head;
mod hints;
mod history;
mod limits;
mod migrations;
mod notes;
mod pull;
mod reasons;
mod reconcile;
mod reports;
mod rows;
mod settings;
mod stage;
mod statements;
mod tls;
mod writes;

pub use batch::{Batch, DeclineReason, Declined, Device, Outcome, RowChange, TableChanges};
pub use blockers::Blocker;
pub use connection::{Central, Connection};
pub use digests::{BlockDigests, Digest};
pub use download::{DownloadSnapshot, Rows, Tombstones, Which};
pub use error::{Error, Result};
pub use examine::Finding;
pub use head::Head;
pub use history::HistoryEntry;
pub use limits::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, LOCK_TIMEOUT, Limits, STATEMENT_TIMEOUT};
pub use migrations::{CentralMigrationReport, CentralSchema, MigrationError};
pub use reasons::{WhyInsecure, WhyUnreachable};
pub use settings::{CentralSettings, Password, SchemaName, TlsMode};
pub use stage::Staged;
