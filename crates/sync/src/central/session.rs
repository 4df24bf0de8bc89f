//! What a connection remembers of itself, beside what the server does.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64};

use super::pull_little::Kept;

/// Of one connection.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The last revision that was hinted at.
    pub(super) announced: AtomicI64,
    /// Whether few revisions are hinted at, because many would hear it.
    pub(super) hints_seldom: AtomicBool,
    /// The statement that asks for a little.
    pub(super) little: Mutex<Kept>,
}
