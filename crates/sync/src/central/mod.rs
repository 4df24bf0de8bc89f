//! The server: everything here speaks to PostgreSQL, and nothing else does.
//!
//! A [`Central`] is a catalogue on a server as something to connect to. A [`Connection`] reads its [`Head`], migrates
//! it, writes a [`Batch`] at once or by stages, and reports the fate of one. Errors are sorted by what can be done
//! about them ([`Error`]).
//!
//! Nothing here depends on a session's state, so it works through a pooler that gives every transaction a different
//! session: settings are local to their transaction, temporary tables are dropped at the commit, and no prepared
//! statement outlives its transaction. There is one exception (`pull_little`), which is kept only where hints are
//! heard, and no such pooler lets those through.

mod acquaintance;
mod additions;
mod ahead;
mod announcing;
mod apply;
mod asking;
mod at_once;
mod batch;
mod blockers;
mod catalogue;
mod certificate;
mod checkup;
mod cluster;
mod connection;
mod content;
mod copy;
mod crowd;
mod devices;
mod digests;
mod doubt;
mod download;
mod encoding;
mod error;
mod examine;
mod fate;
mod forgetting;
mod giving_way;
mod head;
mod hints;
mod history;
mod limits;
mod losing;
mod machinery;
mod migrations;
mod notes;
mod ownership;
mod people;
mod pull;
mod pull_little;
mod reasons;
mod reconcile;
mod reports;
mod require_auth;
mod rows;
mod said;
mod schema;
mod script;
mod session;
mod settings;
mod sign_in;
mod stage;
mod statements;
mod tls;
mod wire;
mod words;
mod writes;

pub use batch::{Batch, Device, Outcome, QuarantineReason, Quarantined, RowChange, TableChanges};
pub use blockers::Blocker;
pub use checkup::{Checkup, LastSeen, Size};
pub use connection::{Central, Connection};
pub use devices::KnownDevice;
pub use digests::{BlockDigests, Digest};
pub use download::{DownloadSnapshot, Rows, Tombstones, Which};
pub use error::{AdministrationError, Error, HungUp, MigrationError, Result};
pub use examine::Finding;
pub use forgetting::Forgotten;
pub use head::Head;
pub use history::{HistoryEntry, MadeThere};
pub use limits::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, LOCK_TIMEOUT, Limits, SILENCE_TIMEOUT, STATEMENT_TIMEOUT, TURN};
pub use migrations::CentralMigrationReport;
pub use people::{CatalogueRole, ShutOut};
pub use reasons::{WhyInsecure, WhyUnreachable};
pub use require_auth::{AuthMethod, RequireAuth, WhyNot};
pub use schema::CentralSchema;
pub use settings::{CentralSettings, NoInvitation, Password, SchemaName, TlsMode};
pub use stage::Staged;
