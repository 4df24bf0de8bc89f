//! The protocol of the sync, run on model files and a model server through histories that a seed determines.
//!
//! The rules are the real ones: [`colophon_sync::round`](mod@colophon_sync::round) and everything below it. Only what
//! they speak to is a model: `file` keeps what the real file keeps, `server` decides what the real server decides, and
//! `line` stops every message, so that the `history` can let it arrive, break it, or deliver it twice, let a device
//! crash, a person edit, or a foreign program write in between. When the faults have stopped, everybody must come to
//! rest, equal, with everything accounted for: `checkers`.
//!
//! A history is the same every time. A seed that fails is made shorter by [`shrink()`] and reported step by step.

mod acquaintance;
mod audits;
mod checkers;
mod device;
mod file;
mod foreign;
mod heard;
mod history;
mod later;
mod line;
mod link;
mod log;
mod people;
mod plan;
mod planted;
mod run;
mod server;
mod shrink;
mod tables;
mod tally;
mod twins;
mod versions;

pub use plan::{
    ALL_RESTORES_FROM, CORRUPTIONS_FROM, Plan, RESTORES_FROM, SERVER_RESTORES_FROM, TWINS_FROM, VERSIONS_FROM,
};
pub use planted::Bug;
pub use run::{Failure, run, run_seeds, tell};
pub use shrink::shrink;
pub use tally::Tally;
