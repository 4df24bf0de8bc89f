//! What a person has typed into the window and the catalogue does not have yet.
//!
//! It is written while they type, so that a program that is killed takes at most the last half second along. It belongs to this file
//! and this device alone: nothing of it is an edit, is told to a server, or can be undone.
//!
//! What takes a typed value into a record forgets its draft in the same transaction. Between two transactions a program can be killed, and would
//! offer what it has just kept: a field as one that somebody else has changed, a new book as one that is still to be made.

use colophon_store::{ReadSession, Result, Sql, WriteSession};

/// Bytes of one draft. The longest value that a field takes fits in, together with the one that it was typed over; more than that no field
/// takes.
pub const CONTENT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A value that was typed, by the field of the record that it is meant for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The record and the field: `0190…/title`.
    pub slot: String,
    /// What was typed, and what the window knows beside it, in the window's own form.
    pub content: String,
}

const ALL: Sql = Sql::new("SELECT slot,content FROM draft ORDER BY slot");
const KEEP: Sql =
    Sql::new("INSERT INTO draft(slot,content) VALUES(?,?) ON CONFLICT(slot) DO UPDATE SET content=excluded.content");
const FORGET: Sql = Sql::new("DELETE FROM draft WHERE slot=?");
// All that begins with the record and a slash, which is the character before 0.
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

/// Keeps a draft in place of what was kept for its field; whether it did. What is longer than [`CONTENT_BYTES_MAX`] is not kept, and what
/// was kept before stays.
pub fn keep(session: &WriteSession<'_>, draft: &Draft) -> Result<bool> {
    let fits = draft.content.len() <= CONTENT_BYTES_MAX;
    if fits {
        session.execute_aside(&KEEP, [&draft.slot, &draft.content])?;
    }
    Ok(fits)
}

/// Forgets the draft of a field: the catalogue has it, or the person gave it up.
pub fn forget(session: &WriteSession<'_>, slot: &str) -> Result<()> {
    session.execute_aside(&FORGET, [slot])?;
    Ok(())
}

/// Forgets all drafts of a record: it was made from them.
pub fn forget_of(session: &WriteSession<'_>, record: &str) -> Result<()> {
    session.execute_aside(&FORGET_OF, [record, record])?;
    Ok(())
}
