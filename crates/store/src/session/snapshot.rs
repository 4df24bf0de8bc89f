//! Which state of the file a snapshot shows, as a number.
//!
//! Things kept in memory beside the file (page anchors, a search index) are right for one state of it. Every commit of
//! this program gets a number; a snapshot whose number is known can be compared with the number at which such a thing
//! was made. The count is a sequence lock: it is odd while a commit is under way, so a snapshot taken then has no
//! number, and its session does without the things in memory.
//!
//! Commits of *other* programs are noticed through `PRAGMA data_version`. On a reader it changes for our own commits
//! too, so when both may have happened, the writer's connection is asked, where it changes only for others' commits.

use std::cell::{Cell, OnceCell};

use rusqlite::Connection;

use crate::error::Result;
use crate::session::context::Context;

/// Somebody who can tell whether another program has committed: the one that writes here, and knows its own commits.
pub(crate) trait NoticesOthers {
    /// Whether another program has committed since the last look; `None` while that cannot be told.
    fn noticed_another_program(&self) -> Option<bool>;
}

/// What a reader remembers between its sessions, to notice commits of other programs.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct LastSeen {
    number: u64,
    data_version: Option<i64>,
}

/// Finds out, when first asked, which state of the file a session's snapshot shows.
pub(crate) struct SnapshotVersion<'c> {
    source: Option<Source<'c>>,
    number: OnceCell<Option<u64>>,
}

struct Source<'c> {
    connection: &'c Connection,
    context: &'c Context,
    writer: &'c dyn NoticesOthers,
    seen: &'c Cell<LastSeen>,
}

impl<'c> SnapshotVersion<'c> {
    /// For sessions whose snapshot has no number: those of the writer, which see their own changes.
    pub(crate) fn unknown() -> Self {
        Self {
            source: None,
            number: OnceCell::new(),
        }
    }

    /// For a reader whose transaction has begun but has not read anything yet.
    pub(crate) fn of_reader(
        connection: &'c Connection,
        context: &'c Context,
        writer: &'c dyn NoticesOthers,
        seen: &'c Cell<LastSeen>,
    ) -> Self {
        Self {
            source: Some(Source {
                connection,
                context,
                writer,
                seen,
            }),
            number: OnceCell::new(),
        }
    }

    /// Fixes the number as unknown, because a statement took the snapshot before the number was asked for.
    pub(crate) fn settle_unasked(&self) {
        let _ = self.number.set(None);
    }

    /// The number of the state, if it can be told.
    pub(crate) fn number(&self) -> Option<u64> {
        *self.number.get_or_init(|| {
            self.source
                .as_ref()
                .and_then(|source| source.take_snapshot().unwrap_or_default())
        })
    }

    /// Whether a table has in this snapshot the content it had in the state `number`.
    pub(crate) fn shows_same(&self, table: &'static str, number: u64) -> bool {
        match (&self.source, self.number()) {
            (Some(source), Some(own)) => source.context.log.same_content(table, own, number),
            _ => false,
        }
    }
}

impl Source<'_> {
    fn take_snapshot(&self) -> Result<Option<u64>> {
        let before = self.context.log.number();
        // The first statement of the transaction: it takes the snapshot.
        let data_version = data_version(self.connection)?;
        let after = self.context.log.number();
        let (Some(number), true) = (before, before == after) else {
            return Ok(None);
        };
        let seen = self.seen.get();
        let others_wrote = match seen.data_version {
            Some(known) if known == data_version => false,
            Some(_) if seen.number == number => true,
            // Ours, or ours and others': the writer's connection can tell, unless it is writing just now.
            _ => match self.writer.noticed_another_program() {
                Some(noticed) => noticed,
                None => return Ok(None),
            },
        };
        if others_wrote {
            self.context.another_program_wrote();
            // Another commit of ours may have come in between; the next session will have a number again.
            self.seen.set(LastSeen {
                number: self.context.log.number().unwrap_or(number),
                data_version: Some(data_version),
            });
            return Ok(None);
        }
        self.seen.set(LastSeen {
            number,
            data_version: Some(data_version),
        });
        Ok(Some(number))
    }
}

/// SQLite's own number of the file's content, as this connection has last seen it.
pub(crate) fn data_version(connection: &Connection) -> Result<i64> {
    Ok(connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))?)
}
