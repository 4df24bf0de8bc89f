//! The one place that begins and ends transactions.
//!
//! Everything else calls these few functions, so "`Ok` commits, anything else rolls back" is decided once. A guard that
//! is dropped while its transaction is open rolls back, which covers panics as well as cancelled tasks.

use rusqlite::{Connection, TransactionBehavior};

use crate::error::Result;

/// What kind of transaction to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One snapshot for all reads. The snapshot is taken by the first read.
    Read,
    /// Takes the file's write lock at once, so it can never fail half way for lack of it.
    Write,
}

/// An open transaction. Dropped, it rolls back.
pub(crate) struct OpenTransaction<'c> {
    connection: &'c Connection,
}

impl<'c> OpenTransaction<'c> {
    pub(crate) fn begin(connection: &'c Connection, kind: Kind) -> Result<Self> {
        run(
            connection,
            match kind {
                Kind::Read => "BEGIN DEFERRED",
                Kind::Write => "BEGIN IMMEDIATE",
            },
        )?;
        Ok(Self { connection })
    }

    pub(crate) fn connection(&self) -> &'c Connection {
        self.connection
    }

    /// Resumes a transaction that was begun earlier on this connection and [kept open](Self::keep_open).
    pub(crate) fn resume(connection: &'c Connection) -> Self {
        Self { connection }
    }

    /// Leaves the transaction open; whoever owns the connection resumes or rolls back.
    pub(crate) fn keep_open(self) {
        std::mem::forget(self);
    }

    /// Makes everything durable. On an error the transaction is rolled back.
    pub(crate) fn commit(self) -> Result<()> {
        run(self.connection, "COMMIT")
        // If COMMIT failed, the transaction may still be open; `drop` ends it.
    }

    /// Runs a step that undoes only itself: if `keep` says no, or `body` panics, what was written is gone and the rest
    /// stays.
    pub(crate) fn step<T>(&self, body: impl FnOnce() -> T, keep: impl FnOnce(&T) -> bool) -> Result<T> {
        run(self.connection, "SAVEPOINT step")?;
        let undo = UndoStep {
            connection: self.connection,
        };
        let outcome = body();
        if keep(&outcome) {
            std::mem::forget(undo);
            run(self.connection, "RELEASE step")?;
        }
        Ok(outcome)
    }

    /// Whether SQLite has ended the transaction itself, as it does when the disk is full.
    pub(crate) fn was_ended_by_sqlite(&self) -> bool {
        self.connection.is_autocommit()
    }
}

impl Drop for OpenTransaction<'_> {
    fn drop(&mut self) {
        roll_back(self.connection);
    }
}

/// Rolls back whatever is open on the connection.
pub(crate) fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = run(connection, "ROLLBACK")
    {
        // Nothing was committed either way. A reader that is still in its transaction is closed and replaced; the
        // writer tries again before anybody gets it.
        tracing::error!(%error, "a rollback failed");
    }
}

struct UndoStep<'c> {
    connection: &'c Connection,
}

impl Drop for UndoStep<'_> {
    fn drop(&mut self) {
        if !self.connection.is_autocommit()
            && let Err(error) =
                run(self.connection, "ROLLBACK TO step").and_then(|()| run(self.connection, "RELEASE step"))
        {
            tracing::error!(%error, "undoing a step failed; the whole transaction is rolled back");
            roll_back(self.connection);
        }
    }
}

fn run(connection: &Connection, sql: &'static str) -> Result<()> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

/// Runs something in a library that begins its own transactions: meanwhile each is a write from its beginning, as with
/// [`Kind::Write`].
pub(crate) fn writing_from_the_beginning<T>(connection: &mut Connection, run: impl FnOnce(&mut Connection) -> T) -> T {
    connection.set_transaction_behavior(TransactionBehavior::Immediate);
    let outcome = run(connection);
    connection.set_transaction_behavior(TransactionBehavior::Deferred);
    outcome
}
