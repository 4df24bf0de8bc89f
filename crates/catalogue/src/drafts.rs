//! What a person has typed into the window and the catalogue does not have yet.
//!
//! It is saved while they type, so a program that is killed costs at most the last half second. It belongs to this file
//! and this device alone: none of it is an edit, is sent to a server, or can be undone.
//!
//! Whatever takes a typed value into a record forgets its draft in the same transaction. If there were two
//! transactions, the program could be killed in between, and would then offer what it has just saved: a field as one
//! that somebody else has changed, a new book as one still to be made.

use colophon_store::{ReadSession, Result, Sql, WriteSession};

/// The most bytes of one draft. The longest value that a field accepts fits in, together with the one that it replaced;
/// no field accepts more.
pub const CONTENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A typed value, by the field of the record that it is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The record and the field: `0190…/title`.
    pub slot: String,
    /// What was typed, together with what the window knows about it, in the window's own form.
    pub content: String,
}

const ALL: Sql = Sql::new("SELECT slot,content FROM draft ORDER BY slot");
const KEEP: Sql =
    Sql::new("INSERT INTO draft(slot,content) VALUES(?,?) ON CONFLICT(slot) DO UPDATE SET content=excluded.content");
const FORGET: Sql = Sql::new("DELETE FROM draft WHERE slot=?");
// Everything that begins with the record and a slash; the character after the slash is 0.
const FORGET_OF: Sql = Sql::new("DELETE FROM draft WHERE slot>=?||'/' AND slot<?||'0'");

/// All drafts of this file.
pub fn all(session: &ReadSession<'_>) -> Result<Vec<Draft>> {
    session.query(&ALL, [], |row| {
        Ok(Draft {
            slot: row.get(0)?,
            content: row.get(1)?,
        })
    })
}

/// Keeps a draft in place of what was kept for its field; returns whether it did. A draft longer than
/// [`CONTENT_BYTES_MAX`] is not kept, and what was kept before stays.
pub fn keep(session: &WriteSession<'_>, draft: &Draft) -> Result<bool> {
    let fits = draft.content.len() <= CONTENT_BYTES_MAX;
    if fits {
        session.execute_aside(&KEEP, [&draft.slot, &draft.content])?;
    }
    Ok(fits)
}

/// Forgets the draft of a field: the catalogue has it now, or the person gave it up.
pub fn forget(session: &WriteSession<'_>, slot: &str) -> Result<()> {
    session.execute_aside(&FORGET, [slot])?;
    Ok(())
}

/// Forgets all drafts of a record: it was made from them.
pub fn forget_of(session: &WriteSession<'_>, record: &str) -> Result<()> {
    session.execute_aside(&FORGET_OF, [record, record])?;
    Ok(())
}
