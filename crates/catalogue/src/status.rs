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
    /// The revision of the server's catalogue up to which everything has been taken from there; 0 for none.
    pub revision: u64,
}

impl Status {
    /// Counts.
    pub fn of(session: &ReadSession<'_>) -> Result<Self> {
        const PENDING: Sql = Sql::new("SELECT count(*) FROM pending");
        const CURSOR: Sql = Sql::new("SELECT coalesce(max(cursor),0) FROM device");
        let number = |sql: &Sql| -> Result<u64> {
            Ok(session
                .query_first(sql, [], |row| row.get::<_, i64>(0))?
                .unwrap_or(0)
                .unsigned_abs())
        };
        Ok(Self {
            authors: session.repo::<Author>().count(&Query::all())?,
            books: session.repo::<Book>().count(&Query::all())?,
            pending: number(&PENDING)?
                + number(&never_sent::<Author>())?
                + number(&never_sent::<Book>())?
                + number(&never_sent::<Contribution>())?,
            revision: number(&CURSOR)?,
        })
    }
}

/// Rows that were never sent; one that has an entry of its own among the pending changes is counted there.
fn never_sent<E: Columns>() -> Sql {
    let mut sql = Sql::new("SELECT count(*) FROM ");
    sql.push(E::TABLE.name)
        .push(" WHERE revision=0 AND id NOT IN (SELECT id FROM pending WHERE entity='");
    sql.push(E::TABLE.name).push("')");
    sql
}
