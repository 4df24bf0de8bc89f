//! What a connection remembers of itself, beside what the server does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64};

use super::pull_little::Kept;

/// Of one connection.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The last revision that was hinted at.
    pub(super) announced: AtomicI64,
    /// Whether hints are left to whoever holds the connection, who gives them when it is time.
    pub(super) leaves_hints: AtomicBool,
    /// The revision that was to be hinted at since; 0 when there is none.
    pub(super) owed: AtomicI64,
    /// The statement that asks for a little.
    pub(super) little: Mutex<Kept>,
}
