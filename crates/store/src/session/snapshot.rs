//! Which state of the file a snapshot shows, as a number.
//!
//! Things kept in memory beside the file (page anchors, a search index) are right for one state of it. Every commit of
//! this program gets a number; a snapshot whose number is known can be compared with the number at which such a thing was
//! made. The count is a sequence lock: it is odd while a commit is under way, so a snapshot that was taken then has no
//! number and its session does without the things in memory.
//!
//! Commits of *other* programs are noticed through `PRAGMA data_version`. On a reader it changes for our own commits too, so
//! when both may have happened, the writer's connection is asked, on which it changes for others' only.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;

use crate::database::writer::Writer;
use crate::error::Result;
use crate::session::changes::Changes;
use crate::session::context::Context;

/// Counts the commits to one file and remembers which table was changed by which.
#[derive(Default)]
pub(crate) struct CommitLog {
    /// Twice the number of commits; odd while one is under way.
    sequence: AtomicU64,
    last_change: Mutex<LastChange>,
}

#[derive(Default)]
struct LastChange {
    of_table: HashMap<&'static str, u64>,
    by_another_program: u64,
}

impl CommitLog {
    /// Marks the time from just before a commit to just after it.
    pub(crate) fn committing<T>(&self, changes: &Changes, commit: impl FnOnce() -> T) -> T {
        let odd = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        {
            let mut last = self.last_change.lock().unwrap_or_else(PoisonError::into_inner);
            for change in &changes.tables {
                last.of_table.insert(change.table, odd.div_ceil(2));
            }
        }
        let outcome = commit();
        self.sequence.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    /// Another program has written: everything may have changed.
    pub(crate) fn another_program_wrote(&self) {
        let number = self.sequence.fetch_add(2, Ordering::SeqCst) / 2 + 1;
        self.last_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_another_program = number;
    }

    /// Whether a table has the same content in two states of the file.
    pub(crate) fn same_content(&self, table: &'static str, one: u64, other: u64) -> bool {
        let last = self.last_change.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = last
            .of_table
            .get(table)
            .copied()
            .unwrap_or(0)
            .max(last.by_another_program);
        changed <= one.min(other)
    }

    /// Whether another program is known to have written after the state with this number.
    pub(crate) fn another_program_wrote_since(&self, number: u64) -> bool {
        self.last_change
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_another_program
            > number
    }

    fn number(&self) -> Option<u64> {
        let sequence = self.sequence.load(Ordering::SeqCst);
        sequence.is_multiple_of(2).then_some(sequence / 2)
    }
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
    writer: &'c Writer,
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

    /// For a reader whose transaction has begun and has not read anything yet.
    pub(crate) fn of_reader(
        connection: &'c Connection,
        context: &'c Context,
        writer: &'c Writer,
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

    /// Fixes the number as unknown, because the snapshot was taken by a statement without asking.
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
            // Another commit of ours may have come between; the next session will have a number again.
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

/// SQLite's own mark of the file's content, as this connection has last seen it.
pub(crate) fn data_version(connection: &Connection) -> Result<i64> {
    Ok(connection
        .prepare_cached("PRAGMA data_version")?
        .query_row([], |row| row.get(0))?)
}
