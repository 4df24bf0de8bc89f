//! Staging: the rows of a batch are copied to the server while nobody waits.
//!
//! They go into temporary tables, by binary COPY, before any lock is taken: however slow the network is, only we wait for
//! it. What becomes of them is said in [`apply`](super::apply).

use std::mem;

use bytes::{Bytes, BytesMut};
use colophon_store::schema::Table;
use futures_util::SinkExt;

use super::batch::{Batch, Device, TableChanges};
use super::connection::Connection;
use super::copy;
use super::error::{Error, Result};
use super::statements::Statements;
use crate::failpoint::passed;

/// How much is handed to the network at once.
const CHUNK: usize = 256 * 1024;

const STAGING: &str = "staging a batch";

/// A batch whose rows are on the server, but not in the catalogue yet. Dropped, it leaves the connection within its
/// transaction, which the next one rolls back.
#[derive(Debug)]
pub struct Staged<'c> {
    pub(super) connection: &'c Connection,
    pub(super) device: &'c Device,
    pub(super) batch: &'c Batch,
    /// All synchronised tables, parents first.
    pub(super) tables: &'c [&'static Table],
}

impl Connection {
    /// Begins a transaction and copies the rows of a batch to the server. `tables` are all synchronised tables.
    pub async fn stage<'c>(
        &'c mut self,
        device: &'c Device,
        batch: &'c Batch,
        tables: &'c [&'static Table],
    ) -> Result<Staged<'c>> {
        let connection = &*self;
        match connection.copy_all(batch).await {
            Ok(()) => {
                passed("stage: copied");
                Ok(Staged {
                    connection,
                    device,
                    batch,
                    tables,
                })
            }
            Err(error) => {
                // What went wrong first is the better answer; a connection that cannot even roll back is found closed.
                let _ = connection.roll_back().await;
                Err(error)
            }
        }
    }

    /// Begins the transaction and copies all rows.
    async fn copy_all(&self, batch: &Batch) -> Result<()> {
        // The statements of a push look expensive to the planner and are not: compiling them is what would cost.
        let mut first = "SET LOCAL jit = off;".to_owned();
        for changes in &batch.tables {
            first.push_str(&Statements::new(&self.schema, changes.table).create_staging());
        }
        self.begin(STAGING, &first).await?;
        passed("stage: begun");
        for changes in &batch.tables {
            self.copy(changes).await?;
        }
        Ok(())
    }

    async fn copy(&self, changes: &TableChanges) -> Result<()> {
        let statement = Statements::new(&self.schema, changes.table).copy();
        let sink = self.ask(STAGING, self.client.copy_in::<str, Bytes>(&statement)).await?;
        let mut sink = std::pin::pin!(sink);
        let mut chunk = BytesMut::with_capacity(CHUNK + CHUNK / 8);
        copy::start(&mut chunk);
        for row in &changes.rows {
            copy::row(&mut chunk, changes.table, row).map_err(Error::refused)?;
            if chunk.len() >= CHUNK {
                let full = mem::replace(&mut chunk, BytesMut::with_capacity(CHUNK + CHUNK / 8));
                self.ask(STAGING, sink.send(full.freeze())).await?;
            }
        }
        copy::finish(&mut chunk);
        self.ask(STAGING, sink.send(chunk.freeze())).await?;
        self.ask(STAGING, sink.finish()).await?;
        Ok(())
    }
}
