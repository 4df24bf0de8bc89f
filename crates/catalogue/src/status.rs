//! How much is in the catalogue, and how much of it the server has yet to see.

use colophon_store::{Columns, Query, ReadSession, Result, Sql};
use serde::Serialize;

use crate::author::Author;
use crate::book::Book;
use crate::contribution::Contribution;

/// The counts, from one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Status {
    /// Authors.
    pub authors: u64,
    /// Books.
    pub books: u64,
    /// Records of any kind that the server has not seen, or has not seen the last change of.
    pub pending: u64,
    /// The revision of the server's catalogue, as far as this file has seen it; 0 before it has met one.
    pub revision: u64,
}

impl Status {
    /// Counts.
    pub fn of(session: &ReadSession<'_>) -> Result<Self> {
        let tables = [Author::TABLE, Book::TABLE, Contribution::TABLE];
        let mut seen = Sql::new("SELECT max((SELECT coalesce(max(cursor),0) FROM device)");
        for table in tables {
            seen.push(",(SELECT coalesce(max(revision),0) FROM ")
                .push(table.name)
                .push(")");
        }
        seen.push(")");
        let revision = session.query_first(&seen, [], |row| row.get::<_, i64>(0))?;
        Ok(Self {
            authors: session.repo::<Author>().count(&Query::all())?,
            books: session.repo::<Book>().count(&Query::all())?,
            pending: session.waiting_count(&tables)?,
            revision: revision.unwrap_or_default().unsigned_abs(),
        })
    }
}
