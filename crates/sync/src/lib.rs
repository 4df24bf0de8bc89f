//! Decides what has to move between the local file and the server, then moves it.
//!
//! - [`central`] is the server, and the only place that speaks to it.
//! - [`plan`](mod@plan) decides, purely, what to do with one record.
//! - A round ([`Exchange::round`]) settles what was under way, then sends what waits; [`SyncTask`] makes rounds by itself.

mod backoff;
pub mod central;
mod cut;
mod error;
mod fate;
pub mod plan;
mod push;
mod round;
mod set_aside;
mod status;
mod task;

pub use cut::BATCH_ROWS_MAX;
pub use error::{Error, Result};
pub use round::{Exchange, Identity, RoundReport};
pub use set_aside::{SetAsideRow, WhySetAside};
pub use status::{SyncError, SyncState, SyncStatus};
pub use task::SyncTask;
