//! Decides what has to move between the local file and the server, then moves it.
//!
//! - [`round`](mod@round) is the protocol, in order. It speaks to two traits: [`local`], the file, and [`remote`], the server.
//! - [`plan`](mod@plan) and [`merge`](mod@merge) decide, purely, what to do with one record; [`apply`](mod@apply) keeps the rules between records.
//! - [`reconcile`] goes before them when the server was brought back from a backup, or forgot deletions.
//! - [`central`] is the real server, and the only place that speaks to PostgreSQL; [`file`](mod@file) is the real file.
//! - [`Exchange`] makes rounds between the two, [`SyncTask`] makes them by itself.

pub mod apply;
pub mod audit;
mod backoff;
pub mod central;
mod cut;
mod error;
mod exchange;
mod fate;
pub mod file;
pub mod keychain;
pub mod local;
pub mod merge;
pub mod plan;
mod push;
pub mod reconcile;
pub mod remote;
pub mod round;
mod set_aside;
mod status;
mod task;
pub mod verify;

pub use cut::BATCH_ROWS_MAX;
pub use error::{Error, Result};
pub use exchange::Exchange;
pub use reconcile::{Cause, Reconciled};
pub use round::{Identity, RoundReport};
pub use set_aside::{SetAsideRow, WhySetAside};
pub use status::{SyncError, SyncState, SyncStatus};
pub use task::SyncTask;
