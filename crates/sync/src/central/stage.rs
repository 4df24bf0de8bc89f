//! Staging: the rows of a batch are copied to the server while nobody waits.
//!
//! They go into temporary tables, by binary COPY, before any lock is taken: however slow the network is, only we wait
//! for it. What happens to them then is in [`apply`](super::apply).

use std::mem;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use colophon_store::schema::Table;
use futures_util::SinkExt;
use futures_util::future::{join, join_all};
use tokio::sync::watch;
use tokio_postgres::{CopyInSink, Statement};

use super::batch::{Batch, Device, TableChanges};
use super::connection::{Arriving, Connection};
use super::copy;
use super::error::{Error, Result};
use super::said::Said;
use super::statements::Statements;
use crate::failpoint::passed;

/// How much is handed to the network at once and sent ahead of its turn: enough for what a wire carries while an answer
/// comes back.
const CHUNK: usize = 256 * 1024;

/// Whether the wire is free for the rows of a batch: whether those of the one before have arrived.
#[derive(Debug)]
pub(super) struct Way(watch::Receiver<bool>);

impl Way {
    /// A way with other rows on it. Whoever knows when they have arrived says so, or is gone.
    pub(super) fn behind_others() -> (watch::Sender<bool>, Self) {
        let (free, way) = watch::channel(false);
        (free, Self(way))
    }

    /// A way with nothing else on it.
    fn of_its_own() -> Self {
        Self::behind_others().1
    }

    async fn is_free(&mut self) {
        let _ = self.0.wait_for(|is_free| *is_free).await;
    }
}

/// Where the rows of one table go.
type Sink = Pin<Box<CopyInSink<Bytes>>>;

const STAGING: &str = "staging a batch";

/// A batch whose rows are on the server, but not in the catalogue yet. Dropped, it leaves the connection inside its
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
        self.stage_here(device, batch, tables).await
    }

    pub(super) async fn stage_here<'c>(
        &'c self,
        device: &'c Device,
        batch: &'c Batch,
        tables: &'c [&'static Table],
    ) -> Result<Staged<'c>> {
        let connection = self;
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
                // The first error is the better answer; a connection that cannot even roll back is found to be closed.
                let _ = connection.roll_back().await;
                Err(error)
            }
        }
    }

    /// Begins the transaction and copies all rows.
    pub(super) async fn copy_all(&self, batch: &Batch) -> Result<()> {
        match self.send_all(batch, Way::of_its_own()).await? {
            Some(arriving) => self.have_arrived(arriving).await,
            None => Ok(()),
        }
    }

    /// Waits for what was [sent](Self::send_all).
    pub(super) async fn have_arrived(&self, arriving: Arriving) -> Result<()> {
        let arrived = async {
            match arriving.await {
                Ok(copied) => copied,
                Err(join) => match join.try_into_panic() {
                    Ok(payload) => std::panic::resume_unwind(payload),
                    // The program is ending.
                    Err(_) => std::future::pending().await,
                },
            }
        };
        self.ask(STAGING, arrived).await.map(drop)
    }

    /// Begins the transaction and hands all rows to the network, if there are any: some at once, and the others when
    /// the way is free. Whatever can be asked before an answer is known is sent along, because the wire may be long.
    pub(super) async fn send_all(&self, batch: &Batch, mut way: Way) -> Result<Option<Arriving>> {
        // The statements of a push look expensive to the planner but are not: compiling them is what would be
        // expensive.
        let mut first = "SET LOCAL jit = off;".to_owned();
        let mut copies = Vec::with_capacity(batch.tables.len());
        for changes in &batch.tables {
            let (statements, said) = (Statements::new(&self.schema, changes.table), Said::of(changes));
            first.push_str(&statements.create_staging());
            copies.push((statements.copy(&said), said));
        }
        let first = self.beginning_to_stage(&first);
        let opening = async {
            let prepared = join_all(copies.iter().map(|(copy, _)| self.client.prepare(copy)));
            let (begun, prepared) = join(self.client.batch_execute(&first), prepared).await;
            begun?;
            prepared.into_iter().collect::<Result<Vec<Statement>, _>>()
        };
        let prepared = self.ask(STAGING, opening).await?;
        passed("stage: begun");
        let mut prepared = prepared.iter();
        let mut sink = match prepared.next() {
            Some(first) => Some(self.ask(STAGING, self.copy_in(first)).await?),
            None => None,
        };
        for (changes, (_, said)) in batch.tables.iter().zip(&copies) {
            let Some(mut open) = sink.take() else { break };
            self.send_rows(open.as_mut(), changes, said, &mut way).await?;
            let Some(next) = prepared.next() else {
                return Ok(Some(tokio::spawn(async move { open.as_mut().finish().await })));
            };
            let turned = async {
                let (finished, following) = join(open.as_mut().finish(), self.copy_in(next)).await;
                finished?;
                following
            };
            sink = Some(self.ask(STAGING, turned).await?);
        }
        Ok(None)
    }

    async fn copy_in(&self, statement: &Statement) -> Result<Sink, tokio_postgres::Error> {
        Ok(Box::pin(self.client.copy_in(statement).await?))
    }

    async fn send_rows(
        &self,
        mut sink: Pin<&mut CopyInSink<Bytes>>,
        changes: &TableChanges,
        said: &Said,
        way: &mut Way,
    ) -> Result<()> {
        let mut chunk = BytesMut::with_capacity(CHUNK + CHUNK / 8);
        copy::start(&mut chunk);
        for row in &changes.rows {
            copy::row(&mut chunk, changes.table, said, row).map_err(Error::refused)?;
            if chunk.len() >= CHUNK {
                let full = mem::replace(&mut chunk, BytesMut::with_capacity(CHUNK + CHUNK / 8));
                self.ask(STAGING, sink.send(full.freeze())).await?;
                way.is_free().await;
            }
        }
        copy::finish(&mut chunk);
        self.ask(STAGING, sink.send(chunk.freeze())).await
    }
}
