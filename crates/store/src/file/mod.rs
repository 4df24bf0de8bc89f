//! The file itself: how it is opened, how a transaction begins and ends, where it lies and who has written to it.
//!
//! Everything that is said to SQLite about the file as a whole is said here, so that a connection has the same pragmas
//! and a transaction begins and ends the same way wherever it is used. This module knows settings and errors, and
//! nothing of rows, sessions or who waits for whom.

pub mod connection;
pub(crate) mod history;
pub(crate) mod scripts;
pub(crate) mod transaction;
pub(crate) mod whereabouts;
pub(crate) mod written;
