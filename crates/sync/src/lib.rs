//! Decides what has to move between the local file and the server, then moves it.
//!
//! - [`round`](mod@round) is the protocol, in order. It speaks to two traits: [`local`], the file, and [`remote`], the server.
//! - [`plan`](mod@plan) and [`merge`](mod@merge) decide, purely, what to do with one record; [`apply`](mod@apply) keeps the rules between records.
//! - [`download`](mod@download) is another way to the same for the first time, when there is much to take and nothing to decide.
//! - [`reconcile`] goes before them when the server was brought back from a backup, or forgot deletions.
//! - [`pile`](mod@pile) holds what has come until it is applied, however much that is.
//! - [`central`] is the real server, and the only place that speaks to PostgreSQL; [`file`](mod@file) is the real file.
//! - [`Exchange`] makes rounds between the two, [`SyncTask`] makes them by itself.

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
pub mod keychain;
pub mod local;
pub mod merge;
mod network;
pub mod not_kept;
pub mod pile;
pub mod plan;
mod push;
pub mod reconcile;
pub mod remote;
mod retrying;
pub mod round;
pub mod server_clock;
mod set_aside;
pub mod shared;
mod status;
mod task;
pub mod verify;

pub use cut::BATCH_ROWS_MAX;
pub use download::{DownloadProgress, Parts};
pub use edition::Edition;
pub use error::{Error, Result};
pub use exchange::Exchange;
pub use not_kept::{NotKept, WhyNotKept};
pub use reconcile::{Cause, Reconciled};
pub use retrying::Retry;
pub use round::{Identity, RoundReport};
pub use set_aside::{SetAsideRow, WhySetAside};
pub use status::{Progress, Standing, SyncError, SyncState, SyncStatus};
pub use task::SyncTask;
