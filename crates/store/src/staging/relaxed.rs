//! The writer's connection with its rules relaxed, for staging rows and for the moment in which they are published.

use rusqlite::Connection;

use crate::database::waiting::Caller;
use crate::database::writer::{Lease, Writer};
use crate::error::Result;
use crate::file::transaction::{OpenTransaction, roll_back};
use crate::session::context::Context;

/// The number of pages in the log at which a commit copies them into the file. Sixteen times the usual: copied in
/// larger pieces, pages that many rows share are copied fewer times.
const CHECKPOINT_PAGES: i64 = 16_000;
const CHECKPOINT_PAGES_USUAL: i64 = 1_000;

/// Sorting threads besides the one that reads, when an index is built.
const SORTING_THREADS: i64 = 2;

/// The connection, for which
///
/// - references are not checked: a staged row's parent is staged, and what the server has in one snapshot is
///   consistent;
/// - a commit is not flushed to the disk ([`flush`](Self::flush) turns that back on);
/// - renaming a table is just that: views and references of other tables mean its name, and are not touched;
/// - an index is sorted through temporary files and not in memory, which limits the memory that a million rows take.
///
/// When it is dropped, the rules apply again.
pub(super) struct Relaxed<'w> {
    lease: Lease<&'w Writer>,
    synchronous: i64,
}

impl<'w> Relaxed<'w> {
    /// Takes the connection, once it is its turn.
    pub(super) fn lease(writer: &'w Writer) -> Result<Self> {
        let lease = Writer::lease(writer, Caller::here())?;
        let connection = lease.connection()?;
        let synchronous = connection.pragma_query_value(None, "synchronous", |row| row.get(0))?;
        let relaxed = Self { lease, synchronous };
        relaxed.set(&[
            ("foreign_keys", 0),
            ("synchronous", NORMAL),
            ("wal_autocheckpoint", CHECKPOINT_PAGES),
            ("temp_store", TEMPORARY_FILES),
            ("threads", SORTING_THREADS),
            ("legacy_alter_table", 1),
        ])?;
        Ok(relaxed)
    }

    /// Begins a transaction.
    pub(super) fn begin(&mut self, context: &Context) -> Result<OpenTransaction<'_>> {
        self.lease.begin(context)
    }

    /// Makes the next commits as durable as those of a person's edits.
    pub(super) fn flush(&self) -> Result<()> {
        self.set(&[("synchronous", self.synchronous)])
    }

    /// Copies the log into the file and frees its space, if nobody is reading just now.
    pub(super) fn empty_log(&self) {
        let emptied = self
            .lease
            .connection()
            .and_then(|connection| Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?));
        if let Err(error) = emptied {
            tracing::debug!(%error, "the log stays as it is until the next checkpoint");
        }
    }

    fn set(&self, values: &[(&str, i64)]) -> Result<()> {
        let connection: &Connection = self.lease.connection()?;
        for (name, value) in values {
            // Some of them return their value.
            connection
                .pragma_update_and_check(None, name, value, |_| Ok(()))
                .or_else(|error| match error {
                    rusqlite::Error::QueryReturnedNoRows => Ok(()),
                    error => Err(error),
                })?;
        }
        Ok(())
    }
}

const NORMAL: i64 = 1;
const TEMPORARY_FILES: i64 = 1;
const TEMPORARY_MEMORY: i64 = 2;

impl Drop for Relaxed<'_> {
    fn drop(&mut self) {
        if let Ok(connection) = self.lease.connection() {
            // Checking of references cannot be switched on again within a transaction.
            roll_back(connection);
        }
        let restored = self.set(&[
            ("foreign_keys", 1),
            ("synchronous", self.synchronous),
            ("wal_autocheckpoint", CHECKPOINT_PAGES_USUAL),
            ("temp_store", TEMPORARY_MEMORY),
            ("threads", 0),
            ("legacy_alter_table", 0),
        ]);
        if let Err(error) = restored {
            tracing::error!(%error, "the writer's rules stay relaxed");
        }
    }
}
