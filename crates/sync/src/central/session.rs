//! What a connection remembers about itself, besides what the server remembers.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicU64, Ordering};
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
    /// Whether the process that let us in serves this connection for as long as it lasts.
    pub(super) is_own: AtomicBool,
    /// The statement for pulling a little.
    pub(super) little: Mutex<Kept>,
}

/// What was heard over one connection, whoever listened.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// How often anything was.
    times: AtomicU64,
    /// The number of the process that serves it, as whoever let us in has said; 0 before that.
    process: AtomicI32,
}

impl Heard {
    /// Something was.
    pub(super) fn something(&self) {
        self.times.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn is_served_by(&self, process: i32) {
        self.process.store(process, Ordering::Relaxed);
    }

    /// How often anything was heard.
    pub(super) fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    /// The process that serves the connection, as named to whoever may want to cancel what it does. A server names its
    /// own; a pooler that lends sessions of a server makes one up, because it has none yet.
    pub(super) fn process(&self) -> Option<i32> {
        Some(self.process.load(Ordering::Relaxed)).filter(|process| *process != 0)
    }
}
