//! A batch goes up: staged while nobody waits, then written while the head is locked.
//!
//! Staging copies the rows into temporary tables and takes no lock, however slow the network is. Applying opens the
//! revision (from here on this is the catalogue's only writer), takes out what the server knows better, and writes the
//! rest, one statement per table and kind of change. The checks that every push must pass are made first; those that
//! constraints make anyway (values held by others, parents that are missing or still needed) are left to the constraints,
//! and only when one of them says no are the culprits looked for. So a push that clashes with nothing costs no search.
//!
//! The result is written in the same transaction. A device that never heard the answer to its COMMIT asks for it by the
//! batch's number ([`Connection::fate`]).

use std::{hash::Hasher as _, mem};

use bytes::{Bytes, BytesMut};
use colophon_store::schema::{ColumnKind, Table};
use futures_util::future::{BoxFuture, join_all};
use futures_util::{FutureExt, SinkExt};
use siphasher::sip128::{Hasher128, SipHasher13};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::batch::{Batch, DeclineReason, Declined, Device, Outcome, TableChanges};
use super::connection::Connection;
use super::copy;
use super::error::{Error, Result};
use super::statements::{Statements, references_to};
use super::write::{Question, Write};

/// How much is handed to the network at once.
const CHUNK: usize = 256 * 1024;
/// How many of its batches the server remembers for a device. It asks only for the last; the others tell which device
/// wrote a row.
const BATCHES_KEPT: i64 = 1000;

const PUSHING: &str = "pushing";
const STAGING: &str = "staging a batch";

/// A batch whose rows are on the server, but not in the catalogue yet. Dropped, it leaves the connection within its
/// transaction, to be dropped as well.
#[derive(Debug)]
pub struct Staged<'c> {
    connection: &'c Connection,
    device: &'c Device,
    batch: &'c Batch,
    /// All synchronised tables, parents first.
    tables: &'c [&'static Table],
    content_hash: Vec<u8>,
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
            Ok(content_hash) => Ok(Staged {
                connection,
                device,
                batch,
                tables,
                content_hash,
            }),
            Err(error) => {
                // What went wrong first is the better answer; a connection that cannot even roll back is found closed.
                let _ = connection.roll_back().await;
                Err(error)
            }
        }
    }

    /// Begins the transaction and copies all rows; returns the hash of what was copied.
    async fn copy_all(&self, batch: &Batch) -> Result<Vec<u8>> {
        // The statements of a push look expensive to the planner and are not: compiling them is what would cost.
        let mut first = "SET LOCAL jit = off;".to_owned();
        for changes in &batch.tables {
            first.push_str(&Statements::new(&self.schema, changes.table).create_staging());
        }
        self.begin(STAGING, &first).await?;
        let mut hasher = SipHasher13::new();
        for changes in &batch.tables {
            self.copy(changes, &mut hasher).await?;
        }
        Ok(hasher.finish128().as_bytes().to_vec())
    }

    async fn copy(&self, changes: &TableChanges, hasher: &mut SipHasher13) -> Result<()> {
        let statement = Statements::new(&self.schema, changes.table).copy();
        let sink = self.ask(STAGING, self.client.copy_in::<str, Bytes>(&statement)).await?;
        let mut sink = std::pin::pin!(sink);
        let mut chunk = BytesMut::with_capacity(CHUNK + CHUNK / 8);
        hasher.write(changes.table.name.as_bytes());
        copy::start(&mut chunk);
        for row in &changes.rows {
            copy::row(&mut chunk, changes.table, row).map_err(Error::refused)?;
            if chunk.len() >= CHUNK {
                hasher.write(&chunk);
                let full = mem::replace(&mut chunk, BytesMut::with_capacity(CHUNK + CHUNK / 8));
                self.ask(STAGING, sink.send(full.freeze())).await?;
            }
        }
        copy::finish(&mut chunk);
        hasher.write(&chunk);
        self.ask(STAGING, sink.send(chunk.freeze())).await?;
        self.ask(STAGING, sink.finish()).await?;
        Ok(())
    }

    /// What became of a batch: its outcome if it was committed, `None` if it never was and never will be.
    ///
    /// The head is locked for the question: a connection of ours that broke in its COMMIT may still be at work on the
    /// server, and it holds that lock. So the answer is final.
    pub async fn fate(&mut self, device: Uuid, number: i64) -> Result<Option<Outcome>> {
        const ASKING: &str = "asking for the fate of a batch";
        self.begin(ASKING, "").await?;
        let open = (format!("SELECT \"{}\".open_revision()", self.schema), Vec::new());
        let known = self.known_batch(&device, &number);
        let answers = self.ask_all(ASKING, vec![open, known]).await;
        self.roll_back().await?;
        let answers = answers?;
        let known = answers.get(1).and_then(|rows| rows.first());
        known.map_or(Ok(None), |row| self.read_known(row).map(|known| known.outcome))
    }

    fn known_batch<'q>(&self, device: &'q Uuid, number: &'q i64) -> Question<'q> {
        let sql = format!(
            "SELECT d.last_batch, b.content_hash, b.revision, b.result::text FROM \"{0}\".device AS d \
             LEFT JOIN \"{0}\".batch AS b ON b.device = d.id AND b.number = $2 WHERE d.id = $1",
            self.schema
        );
        (sql, vec![(device, Type::UUID), (number, Type::INT8)])
    }

    fn read_known(&self, row: &Row) -> Result<KnownBatch> {
        let read = || -> Result<_, tokio_postgres::Error> {
            let hash: Option<Vec<u8>> = row.try_get(1)?;
            let revision: Option<i64> = row.try_get(2)?;
            let result: Option<String> = row.try_get(3)?;
            Ok((row.try_get(0)?, hash, revision, result))
        };
        let (last_batch, content_hash, revision, result) =
            read().map_err(|error| self.peer.while_doing(PUSHING, &error))?;
        let outcome = match (revision, result) {
            (Some(revision), Some(result)) => {
                let declined = serde_json::from_str(&result).map_err(|error| Error::Server {
                    server: self.peer.server.clone(),
                    reason: format!("the result of a batch cannot be read: {error}"),
                })?;
                Some(Outcome { revision, declined })
            }
            _ => None,
        };
        Ok(KnownBatch {
            last_batch,
            content_hash,
            outcome,
        })
    }

    /// Sends questions together and waits for all answers. The first error is the cause; those after it only say that the
    /// transaction has failed.
    async fn ask_all(&self, doing: &'static str, questions: Vec<Question<'_>>) -> Result<Vec<Vec<Row>>> {
        let answers = questions
            .iter()
            .map(|(sql, parameters)| self.client.query_typed(sql, parameters));
        let all = join_all(answers).map(|answers| answers.into_iter().collect::<Result<Vec<_>, _>>());
        self.ask(doing, all).await
    }
}

struct KnownBatch {
    last_batch: i64,
    content_hash: Option<Vec<u8>>,
    outcome: Option<Outcome>,
}

impl Staged<'_> {
    /// Writes the staged rows and commits. On any error nothing was written, with one exception: a connection that broke
    /// or fell silent may have committed, so the fate must be asked.
    ///
    /// [`Error::Busy`] wants another try. [`Error::Refused`] means that at least one of the rows is at fault: the batch is
    /// to be halved until it is found.
    pub async fn apply(self) -> Result<Outcome> {
        match self.write().await {
            Ok(outcome) => Ok(outcome),
            Err(error) => {
                let _ = self.connection.roll_back().await;
                Err(error)
            }
        }
    }

    async fn write(&self) -> Result<Outcome> {
        let (revision, known, mut declined) = self.open().await?;
        if let Some(outcome) = self.repeats(known)? {
            self.connection.roll_back().await?;
            return Ok(outcome);
        }
        self.run("SAVEPOINT before_rows").await?;
        match self.write_rows(revision, &declined).await {
            Err(Error::Refused { clashes: true, .. }) => {
                self.run("ROLLBACK TO SAVEPOINT before_rows").await?;
                self.take_out_clashes(&mut declined).await?;
                self.write_rows(revision, &declined).await?;
            }
            written => written?,
        }
        self.connection.commit(PUSHING).await?;
        Ok(Outcome { revision, declined })
    }

    /// Locks the head, asks whether this batch is known, and takes out what no constraint would find.
    async fn open(&self) -> Result<(i64, Option<KnownBatch>, Vec<Declined>)> {
        let schema = &self.connection.schema;
        let mut questions: Vec<Question<'_>> = vec![
            (format!("SELECT \"{schema}\".open_revision()"), Vec::new()),
            self.connection.known_batch(&self.device.id, &self.batch.number),
            (
                "SELECT set_config('colophon.device', $1::text, true)".to_owned(),
                vec![(&self.device.id, Type::UUID)],
            ),
        ];
        let mut asked = Vec::new();
        for changes in &self.batch.tables {
            let statements = Statements::new(schema, changes.table);
            let mut ask = |sql: String, reason: DeclineReason| {
                questions.push((sql, Vec::new()));
                asked.push((changes.table.name, reason));
            };
            ask(statements.take_out_deleted(), DeclineReason::Deleted);
            if changes.rows.iter().any(|row| row.base_revision > 0) {
                ask(statements.take_out_changed(), DeclineReason::Changed);
                ask(statements.take_out_purged(), DeclineReason::Purged);
            }
        }
        let mut answers = self.connection.ask_all(PUSHING, questions).await?.into_iter();
        let unreadable = |error: &tokio_postgres::Error| self.connection.peer.while_doing(PUSHING, error);
        let opened = answers.next().unwrap_or_default();
        let revision = opened
            .first()
            .map(|row| row.try_get(0))
            .transpose()
            .map_err(|error| unreadable(&error))?;
        let known = answers.next().unwrap_or_default();
        let known = known.first().map(|row| self.connection.read_known(row)).transpose()?;
        let mut declined = Vec::new();
        for ((entity, reason), rows) in asked.into_iter().zip(answers.skip(1)) {
            self.decline(&mut declined, entity, &reason, &rows)?;
        }
        Ok((revision.unwrap_or_default(), known, declined))
    }

    /// The outcome of this very batch, if it was committed before.
    fn repeats(&self, known: Option<KnownBatch>) -> Result<Option<Outcome>> {
        let number = self.batch.number;
        match known {
            Some(KnownBatch {
                content_hash: Some(hash),
                outcome: Some(outcome),
                ..
            }) if hash == self.content_hash => Ok(Some(outcome)),
            Some(known) if known.last_batch >= number => Err(Error::BatchNumberUsed { number }),
            _ => Ok(None),
        }
    }

    /// Takes out, until nothing clashes, the rows that would break a rule between rows. Again and again, because a row
    /// that is taken out may keep the value that another one needed.
    async fn take_out_clashes(&self, declined: &mut Vec<Declined>) -> Result<()> {
        let schema = &self.connection.schema;
        let staging: String = self
            .tables
            .iter()
            .map(|table| Statements::new(schema, table).create_staging())
            .collect();
        self.run(&staging).await?;
        loop {
            let before = declined.len();
            for table in self.tables {
                let statements = Statements::new(schema, table);
                let mut asked = vec![(statements.take_out_changed(), DeclineReason::Changed)];
                for column in table.unique {
                    let reason = DeclineReason::ValueHeld {
                        column: (*column).to_owned(),
                    };
                    asked.push((statements.take_out_clashing(column), reason));
                }
                for column in table.columns {
                    if let ColumnKind::Reference { table: parent } = column.kind {
                        let reason = DeclineReason::MissingParent {
                            column: column.name.to_owned(),
                        };
                        asked.push((statements.take_out_orphans(column.name, parent), reason));
                    }
                }
                for (child, column) in references_to(table, self.tables) {
                    asked.push((statements.take_out_needed(child, column), DeclineReason::StillNeeded));
                }
                for (sql, reason) in asked {
                    let rows = self
                        .connection
                        .ask(PUSHING, self.connection.client.query_typed(&sql, &[]))
                        .await?;
                    self.decline(declined, table.name, &reason, &rows)?;
                }
            }
            if declined.len() == before {
                return Ok(());
            }
        }
    }

    /// Writes what is left of the staged rows, lets every constraint speak, and notes the batch.
    async fn write_rows(&self, revision: i64, declined: &[Declined]) -> Result<()> {
        let schema = &self.connection.schema;
        let result = serde_json::to_string(declined).unwrap_or_default();
        let writes = Write::all(self.batch, declined);
        let mut questions: Vec<Question<'_>> = Vec::new();
        for write in &writes {
            let statements = Statements::new(schema, write.table);
            questions.extend(write.statements(&statements, &revision));
        }
        questions.push(("SET CONSTRAINTS ALL IMMEDIATE".to_owned(), Vec::new()));
        questions.extend(self.notes(&revision, &result));
        let counted = self.count_all(questions).await?;
        let mut counts = counted.into_iter();
        for write in &writes {
            write.check(&mut counts)?;
        }
        Ok(())
    }

    /// Registers the device as it is now, and the batch.
    fn notes<'q>(&'q self, revision: &'q i64, result: &'q String) -> [Question<'q>; 3] {
        let schema = &self.connection.schema;
        let register = format!(
            "INSERT INTO \"{schema}\".device AS d (id, name, app_version, last_batch) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (id) DO UPDATE SET name = $2, app_version = $3, last_batch = $4, last_seen = now()"
        );
        let keep = format!(
            "INSERT INTO \"{schema}\".batch (device, number, content_hash, revision, result) \
             VALUES ($1, $2, $3, $4, $5::text::jsonb)"
        );
        let forget = format!("DELETE FROM \"{schema}\".batch WHERE device = $1 AND number <= $2 - {BATCHES_KEPT}");
        let (device, number) = (self.device, &self.batch.number);
        [
            (
                register,
                vec![
                    (&device.id, Type::UUID),
                    (&device.name, Type::TEXT),
                    (&device.app_version, Type::TEXT),
                    (number, Type::INT8),
                ],
            ),
            (
                keep,
                vec![
                    (&device.id, Type::UUID),
                    (number, Type::INT8),
                    (&self.content_hash, Type::BYTEA),
                    (revision, Type::INT8),
                    (result, Type::TEXT),
                ],
            ),
            (forget, vec![(&device.id, Type::UUID), (number, Type::INT8)]),
        ]
    }

    async fn count_all(&self, questions: Vec<Question<'_>>) -> Result<Vec<u64>> {
        let client = &self.connection.client;
        let answers = questions
            .iter()
            .map(|(sql, parameters)| -> BoxFuture<'_, _> { client.execute_typed(sql, parameters).boxed() });
        let all = join_all(answers).map(|answers| answers.into_iter().collect::<Result<Vec<_>, _>>());
        self.connection.ask(PUSHING, all).await
    }

    fn decline(&self, declined: &mut Vec<Declined>, entity: &str, reason: &DeclineReason, rows: &[Row]) -> Result<()> {
        for row in rows {
            let id = row
                .try_get(0)
                .map_err(|error| self.connection.peer.while_doing(PUSHING, &error))?;
            declined.push(Declined {
                entity: entity.to_owned(),
                id,
                reason: reason.clone(),
            });
        }
        Ok(())
    }

    async fn run(&self, statement: &str) -> Result<()> {
        self.connection.run(PUSHING, statement).await
    }
}
