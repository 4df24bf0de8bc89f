//! Pushing a small batch at once: everything from the BEGIN to the COMMIT is sent in one piece, before any answer is known.
//!
//! A push [by stages](super::stage) looks at every answer before it goes on, and holds the head all the while. For a handful of
//! edits that is mostly waiting; and who is far from the server lets everybody wait. At once, the head is held for as long as the
//! server works, which is a millisecond, from wherever it is asked.
//!
//! What the program would decide between two answers, the server decides: each statement expects that its part is as this
//! device has seen it, and the first that is not ends the transaction, so that the COMMIT at its end leaves no trace. The batch then
//! goes by stages, which find out what is wrong, and with which row. So there is one place that knows what a no means, and this one
//! knows only the yes.
//!
//! Every write asks for the revision that its own transaction has opened. Should the BEGIN have failed alone, nothing is written.

use std::sync::atomic::Ordering;

use bytes::{BufMut as _, Bytes, BytesMut};
use colophon_store::schema::Table;
use futures_util::future::{join_all, join3};
use tokio_postgres::Row;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::batch::{Batch, Device, Outcome, RowChange};
use super::connection::{Connection, Question};
use super::copy;
use super::error::{Error, Result};
use super::notes::revision_of_this_transaction;
use super::settings::SchemaName;
use super::statements::list;
use super::writes::Part;
use crate::failpoint::passed;

/// A batch of more rows goes by stages.
const ROWS_MAX: usize = 64;
/// So does one of more bytes: it would keep whoever comes next waiting while it arrives.
const BYTES_MAX: usize = 64 * 1024;

const PUSHING: &str = "pushing";

impl Connection {
    /// Writes a batch in one transaction: at once if that is possible, otherwise by stages. `tables` are all synchronised tables.
    /// See [`Staged::apply`](super::Staged::apply) for what an error means.
    pub async fn push(&mut self, device: &Device, batch: &Batch, tables: &'static [&'static Table]) -> Result<Outcome> {
        let (batch, tables) = (&*self.with_room_for(batch), self.with_room(tables));
        match self.push_at_once(device, batch, tables).await? {
            Some(outcome) => Ok(outcome),
            None => self.stage(device, batch, tables).await?.apply().await,
        }
    }

    /// Writes a small batch in one transaction and hints at it. `None` when it is not small, or something is not as this device
    /// has seen it: nothing was written then, and it is to go by stages. An error as of those.
    pub async fn push_at_once(
        &mut self,
        device: &Device,
        batch: &Batch,
        tables: &[&'static Table],
    ) -> Result<Option<Outcome>> {
        let Some(writes) = writes(batch) else {
            return Ok(None);
        };
        passed("at once: before it is sent");
        match self.send(device, batch, tables, &writes).await {
            Ok(outcome) => {
                passed("at once: answered");
                self.announced.store(outcome.revision, Ordering::Relaxed);
                Ok(Some(outcome))
            }
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

    async fn send(
        &self,
        device: &Device,
        batch: &Batch,
        tables: &[&'static Table],
        writes: &[Write],
    ) -> Result<Outcome> {
        let begin = self.beginning_to_write("SET LOCAL jit = off");
        let clock_offset = device.clock_offset.as_micros().to_string();
        let columns = batch.columns();
        let nothing_declined = "[]".to_owned();
        let revision = revision_of_this_transaction(&self.schema);
        let mut questions = vec![
            self.opening(device, &clock_offset, &columns),
            self.expectation(device, batch, tables),
        ];
        questions.extend(writes.iter().map(|write| write.question(&self.schema)));
        let noted = questions.len();
        questions.extend(self.notes(device, batch, &revision, &nothing_declined));
        let commit = format!("COMMIT; {}", self.hint_at(device, batch));
        let all = async {
            let (opened, answers, committed) = join3(
                self.client.batch_execute(&begin),
                join_all(questions.iter().map(|(sql, bound)| self.client.query_typed(sql, bound))),
                self.client.batch_execute(&commit),
            )
            .await;
            // In the order they were asked, so that the cause is named and not what followed from it.
            opened?;
            let answers = answers.into_iter().collect::<Result<Vec<Vec<Row>>, _>>()?;
            committed?;
            let is_noted = answers.get(noted).is_some_and(|rows| !rows.is_empty());
            let seen = answers.get(1).and_then(|rows| rows.first());
            let read = |row: &Row| Ok::<_, tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?));
            seen.filter(|_| is_noted).map(read).transpose()
        };
        let seen = self.ask_in_line(PUSHING, all).await;
        if !self.is_closed() && !matches!(seen, Err(Error::Timeout { .. })) {
            self.has_ended();
        }
        let Some((revision, mark, as_sent)) = seen? else {
            let server = self.peer.server.clone();
            let reason = "a batch was taken and not noted".to_owned();
            return Err(Error::Server { server, reason });
        };
        Ok(Outcome {
            revision,
            mark,
            declined: Vec::new(),
            as_sent,
        })
    }

    /// Opens the revision, and says who writes and which columns it knows.
    fn opening<'q>(&self, device: &'q Device, clock_offset: &'q String, columns: &'q String) -> Question<'q> {
        let sql = format!(
            "SELECT \"{}\".open_revision(), set_config('colophon.device', $1::text, true), \
             set_config('colophon.clock_offset', $2, true), set_config('colophon.columns', $3, true)",
            self.schema
        );
        let bound: Vec<(&(dyn ToSql + Sync), Type)> = vec![
            (&device.id, Type::UUID),
            (clock_offset, Type::TEXT),
            (columns, Type::TEXT),
        ];
        (sql, bound)
    }

    /// Expects that the batch is new and that the server knows what the device has seen. Answers which revision this is, its
    /// mark, and whether nobody else's triggers write as well.
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

    /// Hints at the batch, after its commit and only if there was one. In one message with the COMMIT: a pooler takes the session back
    /// as soon as the transaction is answered, and were a question of ours still open then, its answer could go to another client.
    fn hint_at(&self, device: &Device, batch: &Batch) -> String {
        format!(
            "SELECT pg_notify('{0}', revision::text) FROM \"{0}\".batch WHERE device = '{1}' AND number = {2}",
            self.schema, device.id, batch.number
        )
    }
}

/// The rows of one table that are written in the same way, column by column.
struct Write {
    table: &'static Table,
    part: Part,
    bases: Vec<i64>,
    columns: Vec<Vec<Cell>>,
}

/// A value in the server's binary format. Encoded beforehand: should a value turn out not to fit while the statements are being sent,
/// the COMMIT would go without the one it belongs to.
#[derive(Debug)]
struct Cell(Option<Bytes>);

impl ToSql for Cell {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(match &self.0 {
            Some(value) => {
                out.put_slice(value);
                IsNull::No
            }
            None => IsNull::Yes,
        })
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// Parents written, children written, children deleted, parents deleted. `None` when that is too much for one piece, or a value
/// does not fit its column.
fn writes(batch: &Batch) -> Option<Vec<Write>> {
    if batch.len() > ROWS_MAX {
        return None;
    }
    let mut left = BYTES_MAX;
    let tables = &batch.tables;
    let written = tables
        .iter()
        .flat_map(|changes| [Part::New, Part::Known].map(|part| (changes, part)));
    let gone = tables.iter().rev().map(|changes| (changes, Part::Gone));
    let writes = written.chain(gone).map(|(changes, part)| {
        let rows = changes.rows.iter().filter(|row| Part::of(row) == part);
        Write::new(changes.table, part, rows, &mut left)
    });
    let writes: Option<Vec<Write>> = writes.collect();
    Some(writes?.into_iter().filter(|write| !write.bases.is_empty()).collect())
}

impl Write {
    fn new<'r>(
        table: &'static Table,
        part: Part,
        rows: impl Iterator<Item = &'r RowChange>,
        left: &mut usize,
    ) -> Option<Self> {
        let mut bases = Vec::new();
        let mut columns: Vec<Vec<Cell>> = table.columns.iter().map(|_| Vec::new()).collect();
        for row in rows {
            if row.values.len() != columns.len() {
                return None;
            }
            bases.push(row.base_revision);
            for ((cells, column), value) in columns.iter_mut().zip(table.columns).zip(&row.values) {
                let mut bytes = BytesMut::new();
                let is_null = matches!(copy::value(&mut bytes, column.kind, value)?, IsNull::Yes);
                *left = left.checked_sub(bytes.len())?;
                cells.push(Cell((!is_null).then(|| bytes.freeze())));
            }
        }
        Some(Self {
            table,
            part,
            bases,
            columns,
        })
    }

    fn question<'q>(&'q self, schema: &SchemaName) -> Question<'q> {
        let mut bound: Vec<(&'q (dyn ToSql + Sync), Type)> = vec![(&self.bases, Type::INT8_ARRAY)];
        for (cells, column) in self.columns.iter().zip(self.table.columns) {
            bound.push((cells, copy::array_of(column.kind)));
        }
        let names: Vec<&str> = self.table.columns.iter().map(|column| column.name).collect();
        let of = |row: &str| list(names.iter().map(|name| format!("{row}.{name}")));
        let name = self.table.name;
        let sent = format!(
            "unnest({}) AS s(base_revision, {})",
            list((1..=bound.len()).map(|number| format!("${number}"))),
            names.join(", "),
        );
        let opened = format!("({}) AS head", revision_of_this_transaction(schema));
        let written = match self.part {
            Part::New => format!(
                "INSERT INTO \"{schema}\".{name} AS t ({}, revision) SELECT {}, head.revision FROM {sent}, {opened} \
                 WHERE NOT EXISTS (SELECT FROM \"{schema}\".tombstone AS grave WHERE grave.entity = '{name}' AND grave.id = s.id)",
                names.join(", "),
                of("s"),
            ),
            Part::Known => format!(
                "UPDATE \"{schema}\".{name} AS t SET {}, revision = head.revision FROM {sent}, {opened} \
                 WHERE t.id = s.id AND t.revision = s.base_revision",
                list(names.iter().skip(1).map(|name| format!("{name} = s.{name}"))),
            ),
            // Another last content would have to be written first.
            Part::Gone => format!(
                "DELETE FROM \"{schema}\".{name} AS t USING {sent}, {opened} \
                 WHERE t.id = s.id AND t.revision = s.base_revision AND ({}) IS NOT DISTINCT FROM ({})",
                of("t"),
                of("s"),
            ),
        };
        let count = self.bases.len();
        let sql = format!(
            "WITH written AS ({written} RETURNING t.id) SELECT \"{schema}\".expect(count(*) = {count}) FROM written"
        );
        (sql, bound)
    }
}
