//! The commits of this program to one file, counted: a sequence lock, needed for the numbers of
//! [snapshots](crate::session::snapshot).

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::session::changes::Changes;

/// Counts the commits to one file and remembers which of them changed which table.
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

    /// The number of the present state; `None` while a commit is under way.
    pub(crate) fn number(&self) -> Option<u64> {
        let sequence = self.sequence.load(Ordering::SeqCst);
        sequence.is_multiple_of(2).then_some(sequence / 2)
    }
}
