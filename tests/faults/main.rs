//! The protocol on a real PostgreSQL, with everything that can break in between: connections cut after every single
//! byte, networks that fall silent, deliver late and partition, processes killed at every step and at random.
//!
//! What `tests/simulation` does millions of times with models, these do some thousand times with the real parts. All
//! end with the same questions: is every row the same on all sides, is every edit accounted for, was anything written
//! twice?
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "each tells how much it has done and how long the rest took; nothing depends on it"
)]

mod bytes;
mod hints;
mod killed;
mod network;
mod restless;
mod roaming;
mod ten_seconds;
