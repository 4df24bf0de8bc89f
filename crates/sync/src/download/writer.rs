//! The thread that writes what arrives while the next part is on its way.
//!
//! A download that is given up leaves the thread with a part in hand. It ends after that; and if another download has
//! begun by then, the number of the run has changed, and the part is refused.

use colophon_store::schema::{Table, Value};
use colophon_store::{Arrived, Database};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::joined;
use crate::error::Result;
use crate::failpoint::passed;
use crate::local::Key;
use crate::not_kept::{Unread, WhyNotKept};

/// Parts that wait between the task that reads and the thread that writes.
const PARTS_WAITING: usize = 2;

/// What is to be written next.
pub(super) enum Step {
    /// The rows after those that are staged.
    Part(Arrived),
    /// A table has no more.
    Complete(&'static Table),
    /// Rows that have changed meanwhile.
    Again(Arrived),
    /// Rows that cannot be read.
    NotKept(Vec<Unread>),
    /// Rows that are gone, each with its last content and its revision.
    Deletions(Vec<(Key, Vec<Value>, i64)>),
}

/// The thread that writes.
pub(super) struct Writer {
    steps: mpsc::Sender<Step>,
    thread: JoinHandle<colophon_store::Result<()>>,
}

impl Writer {
    pub(super) fn start(database: Database, run: i64) -> Self {
        let (steps, mut waiting) = mpsc::channel(PARTS_WAITING);
        let thread = tokio::task::spawn_blocking(move || {
            while let Some(step) = waiting.blocking_recv() {
                write(&database, run, step)?;
            }
            Ok(())
        });
        Self { steps, thread }
    }

    pub(super) async fn send(&mut self, step: Step) -> Result<()> {
        if self.steps.send(step).await.is_ok() {
            return Ok(());
        }
        // The thread ends early only when it has failed.
        joined((&mut self.thread).await)?;
        Err(colophon_store::Error::Interrupted.into())
    }

    pub(super) async fn finish(self) -> Result<()> {
        drop(self.steps);
        joined(self.thread.await)
    }
}

fn write(database: &Database, run: i64, step: Step) -> colophon_store::Result<()> {
    match step {
        Step::Part(rows) => {
            passed("download: a part is there to be staged");
            database.stage_part(run, &rows, WhyNotKept::json_of)?;
            passed("download: a part is staged");
            Ok(())
        }
        Step::Complete(table) => {
            database.complete_staged(run, table)?;
            passed("download: a table is complete");
            Ok(())
        }
        Step::Again(rows) => {
            database.stage_again(run, &rows, WhyNotKept::json_of)?;
            passed("again: rows that changed meanwhile are staged");
            Ok(())
        }
        Step::NotKept(rows) if rows.is_empty() => Ok(()),
        Step::NotKept(rows) => {
            let rows: Vec<_> = rows.into_iter().map(Unread::entry).collect();
            database.stage_not_kept(run, &rows)
        }
        Step::Deletions(deletions) => {
            let deletions = deletions.into_iter();
            let deletions: Vec<_> = deletions
                .map(|(key, content, revision)| (key.table, key.id, content, revision))
                .collect();
            database.stage_deletions(run, &deletions)?;
            passed("download: deletions are staged");
            Ok(())
        }
    }
}
