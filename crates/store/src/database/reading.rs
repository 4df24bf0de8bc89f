//! How a read gets its connection: a reader from the pool, or, in memory, the only connection there is.

use std::sync::Arc;

use rusqlite::Connection;

use crate::database::Inner;
use crate::database::readers;
use crate::database::waiting::Caller;
use crate::database::writer::{Lease, Writer};
use crate::error::{Error, Result};
use crate::file::transaction::{Kind, OpenTransaction};
use crate::session::ReadSession;
use crate::session::running::{Brake, Running};
use crate::session::snapshot::SnapshotVersion;

/// The right to read: a reader from the pool, or, in memory, the only connection.
pub(crate) enum Turn {
    InFile(readers::Turn),
    InMemory(Lease<Arc<Writer>>),
}

impl Inner {
    pub(crate) async fn turn(&self) -> Result<Turn> {
        if let Some(readers) = &self.readers {
            return readers.turn().await.map(Turn::InFile);
        }
        self.writer.refuse_within()?;
        self.writer.take_away(Caller::here()).await.map(Turn::InMemory)
    }

    pub(crate) fn turn_blocking(&self) -> Result<Turn> {
        if let Some(readers) = &self.readers {
            return readers.turn_blocking().map(Turn::InFile);
        }
        self.writer.refuse_within()?;
        Writer::lease(Arc::clone(&self.writer), Caller::here()).map(Turn::InMemory)
    }

    pub(crate) fn read<T, E: From<Error>>(
        &self,
        turn: Turn,
        running: &Running,
        body: impl FnOnce(&ReadSession<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        match (turn, &self.readers) {
            (Turn::InFile(turn), Some(readers)) => {
                if let Some(whereabouts) = &self.context.whereabouts {
                    whereabouts.check_now_and_then()?;
                }
                let lease = readers.lease(turn)?;
                let reader = lease.reader()?;
                let of_reader =
                    || SnapshotVersion::of_reader(&reader.connection, &self.context, &*self.writer, &reader.seen);
                self.read_on(&reader.connection, &reader.brake, running, of_reader, body)
            }
            (Turn::InMemory(lease), _) => {
                let _within = lease.enter();
                let (connection, brake) = (lease.connection()?, lease.brake()?);
                let _read_only = QueryOnly::set(connection)?;
                self.read_on(connection, brake, running, SnapshotVersion::unknown, body)
            }
            (Turn::InFile(_), None) => Err(Error::Exhausted.into()),
        }
    }

    fn read_on<'s, T, E: From<Error>>(
        &'s self,
        connection: &'s Connection,
        brake: &Brake,
        running: &'s Running,
        version: impl FnOnce() -> SnapshotVersion<'s>,
        body: impl FnOnce(&ReadSession<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let _stoppable = running.start(brake)?;
        let transaction = OpenTransaction::begin(connection, Kind::Read)?;
        let session = ReadSession::new(connection, version(), &self.context, Some(running));
        let result = body(&session);
        transaction.commit()?;
        result
    }
}

/// Keeps the one connection of a database in memory from writing during a read.
struct QueryOnly<'c>(&'c Connection);

impl<'c> QueryOnly<'c> {
    fn set(connection: &'c Connection) -> Result<Self> {
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self(connection))
    }
}

impl Drop for QueryOnly<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.pragma_update(None, "query_only", false) {
            tracing::error!(%error, "the connection stays read-only");
        }
    }
}
