//! How much is in the catalogue, and how much of it the server has yet to see.

use colophon_store::{Query, ReadSession, Result};
use serde::Serialize;

use crate::author::Author;
use crate::book::Book;
use crate::conflict::{Conflict, ConflictFilter};
use crate::schema::TABLES;

/// The counts, from one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Authors.
    pub authors: u64,
    /// Books.
    pub books: u64,
    /// Records of any kind that the server has not seen, or whose last change it has not seen.
    pub pending: u64,
    /// Conflicts that nobody has settled.
    pub conflicts: u64,
    /// Records that are quarantined here until a person attends to them.
    pub quarantined: u64,
    /// Records of the server that this file could not keep.
    pub not_kept: u64,
    /// The revision of the server's catalogue, as far as this file has seen it; 0 before it has met one.
    pub revision: u64,
}

impl Status {
    /// Counts.
    pub fn of(session: &ReadSession<'_>) -> Result<Self> {
        let open = Query::filtered(ConflictFilter::Open);
        let cursor = session.device()?.map_or(0, |device| device.cursor);
        Ok(Self {
            authors: session.repo::<Author>().count(&Query::all())?,
            books: session.repo::<Book>().count(&Query::all())?,
            pending: session.waiting_count(TABLES)?,
            conflicts: session.repo::<Conflict>().count(&open)?,
            quarantined: session.quarantined_count()?,
            not_kept: session.not_kept_count()?,
            revision: cursor.unsigned_abs(),
        })
    }
}
