//! What a connection remembers about itself, besides what the server remembers.

use std::sync::atomic::{AtomicBool, AtomicI64};
use std::sync::{Arc, Mutex};

use colophon_store::schema::Table;

/// The statement that a session keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Kept {
    /// Nothing was tried yet.
    #[default]
    NotYet,
    /// Under this name, for these tables.
    Under(Arc<str>, &'static [&'static Table]),
    /// The server, or something in front of it, does not support it.
    Never,
}

/// What one connection remembers.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The last revision that was hinted at.
    pub(super) announced: AtomicI64,
    /// Whether only few revisions are hinted at, because many would hear it.
    pub(super) hints_seldom: AtomicBool,
    /// The statement for pulling a little.
    pub(super) little: Mutex<Kept>,
}
