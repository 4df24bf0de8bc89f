//! Decides what has to move between the local file and the server, then moves it.
//!
//! - [`round`](mod@round) is the protocol, in order. It speaks to two traits: [`local`], the file, and [`remote`], the server.
//! - [`plan`](mod@plan) and [`merge`](mod@merge) decide, purely, what to do with one record; [`apply`](mod@apply) keeps the rules between records.
//! - [`download`](mod@download) is another way to the same result for the first time, when there is much to take and
//!   nothing to decide.
//! - [`reconcile`] goes before them if the server was restored from a backup, or has forgotten deletions.
//! - [`pile`](mod@pile) holds what has arrived until it is applied, however much that is.
//! - [`central`] is the real server, and the only place that speaks to PostgreSQL; [`file`](mod@file) is the real file.
//! - [`Exchange`] makes rounds between the two, [`SyncTask`] makes them automatically.
//!
//! ```
//! use colophon_sync::{Identity, SyncState, SyncTask};
//!
//! # #[tokio::main]
//! # async fn main() -> colophon_store::Result<()> {
//! let database = colophon_catalogue::in_memory().await?;
//! let identity = Identity { name: "a laptop".to_owned(), app_version: "1.0".to_owned() };
//! // With settings of a server the rows of both go to and fro for as long as the task lives.
//! let task = SyncTask::start(database, None, identity);
//! assert_eq!(task.status().borrow().state, SyncState::NotConfigured);
//! # Ok(())
//! # }
//! ```
//!
//! Another application says what it knows with [`Edition::for_application`].

pub mod apply;
pub mod audit;
mod backoff;
mod calm;
pub mod central;
mod crowd;
mod cut;
pub mod download;
mod edition;
mod error;
mod exchange;
mod failpoint;
mod fate;
pub mod file;
mod glance;
mod incarnation;
mod key;
pub mod keychain;
pub mod local;
pub mod merge;
mod network;
pub mod not_kept;
pub mod pile;
pub mod plan;
mod push;
mod quarantine;
mod quarantined_row;
pub mod reconcile;
pub mod remote;
mod retrying;
pub mod round;
pub mod server_clock;
pub mod shared;
mod status;
mod task;
pub mod verify;

/// What an application needs to find records that look the same, for its [`Edition::alike`].
pub use colophon_catalogue::alike::{Alike, Came, MadeHere};
/// What could not stand, as an entity that is synced like any other.
pub use colophon_catalogue::conflict;
pub use cut::BATCH_ROWS_MAX;
pub use download::{DownloadProgress, Parts};
pub use edition::{CONFLICTS, Edition, FindAlike};
pub use error::{Error, Result};
pub use exchange::Exchange;
pub use not_kept::{NotKept, WhyNotKept};
pub use quarantined_row::{QuarantinedRow, WhyQuarantined};
pub use reconcile::{Cause, Reconciled};
pub use retrying::Retry;
pub use round::{Identity, RoundReport};
pub use status::{Progress, Standing, SyncError, SyncState, SyncStatus};
pub use task::SyncTask;
