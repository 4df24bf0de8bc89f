//! Pushing a small batch at once: everything from the BEGIN to the COMMIT is sent in one piece, before any answer is
//! known.
//!
//! A push [by stages](super::stage) looks at every answer before it goes on, and holds the head all the while. For a
//! handful of edits that is mostly waiting; and a device far from the server makes everybody wait. At once, the head is
//! held for only as long as the server works, which is a millisecond, no matter from where it is asked.
//!
//! What the program would decide between two answers, the server decides: each statement must affect as many rows as it
//! would if everything were as this device has seen it. The first that does not undoes all of them, so that the COMMIT
//! at the end leaves no trace. The batch then goes by stages, which find out what is wrong, and with which row. So only
//! one place knows what a refusal means, and this one knows only success.
//!
//! The server [attempts](attempt) the statements within a function that catches what a clash raises, because an error
//! that is sent to the client is also written to the server's log, and it is no error that others were faster. A server
//! from before V3 has no such function: there, each statement is [sent](written::Write::expecting) by itself, and ends
//! the transaction with an error.
//!
//! Every write asks for the revision that its own transaction has opened. So if only the BEGIN fails, nothing is
//! written.

mod attempt;
mod written;

use std::sync::atomic::Ordering;

use colophon_store::schema::Table;
use futures_util::future::{join_all, join3};
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use self::attempt::Attempt;
pub(super) use self::written::ROWS_MAX;
use self::written::{Write, writes};
use super::batch::{Batch, Device, Outcome};
use super::connection::{Connection, Question};
use super::error::{Error, Result};
use super::notes::revision_of_this_transaction;
use crate::failpoint::passed;

const PUSHING: &str = "pushing";

impl Connection {
    /// Writes a batch in one transaction: at once if possible, otherwise by stages. `tables` are all synchronised
    /// tables. See [`Staged::apply`](super::Staged::apply) for what an error means.
    pub async fn push(&mut self, device: &Device, batch: &Batch, tables: &'static [&'static Table]) -> Result<Outcome> {
        let (batch, tables) = (&*self.with_room_for(batch), self.with_room(tables));
        match self.go_at_once(device, batch, tables).await? {
            Some(outcome) => Ok(outcome),
            None => self.stage_here(device, batch, tables).await?.apply().await,
        }
    }

    /// Writes a small batch in one transaction and hints at it. `None` if it is not small, or something is not as this
    /// device has seen it: nothing was written then, and the batch must go by stages. Errors are as there.
    pub async fn push_at_once(
        &mut self,
        device: &Device,
        batch: &Batch,
        tables: &[&'static Table],
    ) -> Result<Option<Outcome>> {
        self.go_at_once(device, batch, tables).await
    }

    async fn go_at_once(&self, device: &Device, batch: &Batch, tables: &[&'static Table]) -> Result<Option<Outcome>> {
        let Some(writes) = writes(batch) else {
            return Ok(None);
        };
        passed("at once: before it is sent");
        match self.send(device, batch, tables, &writes).await {
            Ok(Some(outcome)) => {
                passed("at once: answered");
                self.session.announced.store(outcome.revision, Ordering::Relaxed);
                Ok(Some(outcome))
            }
            Ok(None) => Ok(None),
            // Nobody knows whether it was committed, or others are in the way and will be for staged rows as well.
            Err(
                error @ (Error::ConnectionLost { .. }
                | Error::Timeout { .. }
                | Error::Unavailable { .. }
                | Error::Busy { .. }),
            ) => Err(error),
            Err(error) => {
                tracing::debug!(%error, "a small batch goes by stages");
                Ok(None)
            }
        }
    }

    /// `None` if something is not as this device has seen it.
    async fn send(
        &self,
        device: &Device,
        batch: &Batch,
        tables: &[&'static Table],
        writes: &[Write<'_>],
    ) -> Result<Option<Outcome>> {
        let begin = self.beginning_to_write("SET LOCAL jit = off");
        let clock_offset = device.clock_offset.as_micros().to_string();
        let (columns, times) = (batch.columns(), batch.times());
        let nothing_quarantined = "[]".to_owned();
        let revision = revision_of_this_transaction(&self.schema);
        let attempt = self
            .can_attempt()
            .then(|| Attempt::new(&self.schema, device, batch, writes));
        let mut questions = vec![self.opening(device, [&clock_offset, &columns, &times], attempt.is_none())];
        if let Some(attempt) = &attempt {
            questions.extend([attempt.question(&self.schema), self.attempted(tables)]);
        } else {
            questions.push(self.expectation(device, batch, tables));
            questions.extend(writes.iter().map(|write| write.expecting(&self.schema)));
        }
        let seen_in = if attempt.is_some() { 2 } else { 1 };
        let noted = questions.len();
        questions.extend(self.notes(device, batch, &revision, &nothing_quarantined));
        let commit = self.commit_and_hint(device, batch);
        let all = async {
            let (opened, answers, committed) = join3(
                self.client.batch_execute(&begin),
                join_all(questions.iter().map(|(sql, bound)| self.client.query_typed(sql, bound))),
                self.client.batch_execute(&commit),
            )
            .await;
            // In the order in which they were asked, so that the cause is named and not its consequences.
            opened?;
            let answers = answers.into_iter().collect::<Result<Vec<Vec<Row>>, _>>()?;
            committed?;
            let is_noted = answers.get(noted).is_some_and(|rows| !rows.is_empty());
            let seen = answers.get(seen_in).and_then(|rows| rows.first());
            let read = |row: &Row| Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            let seen: Option<(i64, Option<Uuid>, bool)> = seen.map(read).transpose()?;
            Ok((seen, is_noted))
        };
        let answered = self.ask_in_line(PUSHING, all).await;
        if !self.is_closed() && !matches!(answered, Err(Error::Timeout { .. })) {
            self.has_ended();
        }
        match answered? {
            (Some((revision, mark, as_sent)), true) => Ok(Some(Outcome {
                revision,
                mark,
                quarantined: Vec::new(),
                as_sent,
            })),
            // It was undone, and so it has no revision and no note.
            (None, false) if attempt.is_some() => Ok(None),
            _ => Err(self.not_noted()),
        }
    }

    fn not_noted(&self) -> Error {
        let server = self.peer.server.clone();
        let reason = "a batch was taken and not noted".to_owned();
        Error::Server { server, reason }
    }

    /// Says who writes, how far its clock is off, which columns it knows, and when it edited which field; and opens the
    /// revision unless that comes later.
    fn opening<'q>(&self, device: &'q Device, said: [&'q String; 3], opens_revision: bool) -> Question<'q> {
        let opens = if opens_revision {
            format!("\"{}\".open_revision(), ", self.schema)
        } else {
            String::new()
        };
        let sql = format!(
            "SELECT {opens}set_config('colophon.device', $1::text, true), \
             set_config('colophon.clock_offset', $2, true), set_config('colophon.columns', $3, true), \
             set_config('colophon.times', $4, true)",
        );
        let mut bound: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&device.id, Type::UUID)];
        for words in said {
            bound.push((words, Type::TEXT));
        }
        (sql, bound)
    }

    /// Expects that the batch is new and that the server knows what the device has seen. Answers which revision this
    /// is, its mark, and whether nobody else's triggers write as well.
    fn expectation<'q>(&self, device: &'q Device, batch: &'q Batch, tables: &[&'static Table]) -> Question<'q> {
        let schema = &self.schema;
        let mut bound: Vec<(&'q (dyn ToSql + Sync), Type)> =
            vec![(&device.id, Type::UUID), (&batch.number, Type::INT8)];
        let knows_newest = if let Some(newest) = &device.newest {
            bound.push((&newest.revision, Type::INT8));
            bound.push((&newest.mark, Type::UUID));
            format!("EXISTS (SELECT FROM \"{schema}\".lineage AS seen WHERE seen.revision = $3 AND seen.mark = $4)")
        } else {
            "true".to_owned()
        };
        let sql = format!(
            "SELECT head.revision, lineage.mark, NOT {}, \"{schema}\".expect({knows_newest} AND NOT EXISTS \
             (SELECT FROM \"{schema}\".device AS known WHERE known.id = $1 AND known.last_batch >= $2)) FROM \"{schema}\".catalogue_head AS head \
             JOIN \"{schema}\".lineage AS lineage ON lineage.revision = head.revision",
            self.foreign_triggers(tables)
        );
        (sql, bound)
    }

    /// Which revision an attempt has opened, its mark, and whether nobody else's triggers write as well. No row if it
    /// was undone.
    fn attempted(&self, tables: &[&'static Table]) -> Question<'static> {
        let schema = &self.schema;
        let sql = format!(
            "SELECT head.revision, lineage.mark, NOT {} FROM ({}) AS head \
             JOIN \"{schema}\".lineage AS lineage ON lineage.revision = head.revision",
            self.foreign_triggers(tables),
            revision_of_this_transaction(schema),
        );
        (sql, Vec::new())
    }

    /// Commits, and then hints at the batch, but only if it was committed. The hint is in one message with the COMMIT:
    /// a pooler takes the session back as soon as the transaction is answered, and if a question of ours were still
    /// open then, its answer could go to another client.
    fn commit_and_hint(&self, device: &Device, batch: &Batch) -> String {
        format!(
            "COMMIT; SELECT pg_notify('{0}', revision::text) FROM \"{0}\".batch WHERE device = '{1}' AND number = {2} AND revision % {3} = 0",
            self.schema,
            device.id,
            batch.number,
            self.revisions_per_hint()
        )
    }
}
