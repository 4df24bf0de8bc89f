//! Applying: what was staged is written while the head is locked.
//!
//! The revision is opened (from here on this is the catalogue's only writer), rows of which the server knows better are
//! taken out, and the rest are written, one statement per table and kind of change. The checks that every push must
//! pass are made first; those that constraints make anyway (values held by others, parents that are missing or still
//! needed) are left to the constraints, and only when one of them fails are the culprits looked for. So a push that
//! clashes with nothing costs no search.
//!
//! A batch of which nothing is left is noted without a revision. It changes nothing that anybody would have to learn
//! of, and a revision for it would make every device look, this one included, which would then try the same rows again.

use std::collections::{HashMap, HashSet};

use colophon_store::schema::{ColumnKind, Table};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, ToSql, Type};
use uuid::Uuid;

use super::batch::{Outcome, QuarantineReason, Quarantined, RowChange};
use super::connection::{Connection, Question};
use super::error::{Error, Result};
use super::fate::KnownBatch;
use super::notes::{NO_REVISION, revision_of_this_transaction};
use super::stage::Staged;
use super::statements::Statements;
use super::writes::Write;
use crate::failpoint::passed;

const PUSHING: &str = "pushing";

/// The revision that a push has opened.
struct Opened {
    revision: i64,
    mark: Option<Uuid>,
    /// Whether nobody else's triggers write as well.
    as_sent: bool,
}

impl Staged<'_> {
    /// Writes the staged rows and commits. After any error nothing was written, with one exception: a connection that
    /// broke or fell silent may have committed, so the batch's fate must be asked for.
    ///
    /// [`Error::Busy`] calls for another try. [`Error::Refused`] means that at least one of the rows is at fault: the
    /// batch must be halved until it is found.
    pub async fn apply(self) -> Result<Outcome> {
        match self.write().await {
            Ok(outcome) => Ok(outcome),
            Err(error) => {
                let _ = self.connection.roll_back().await;
                Err(error.into_another_file(self.batch.number))
            }
        }
    }

    async fn write(&self) -> Result<Outcome> {
        let (opened, known, mut quarantined) = self.open().await?;
        let Opened {
            revision,
            mark,
            as_sent,
        } = opened;
        passed("write: the revision is open");
        if known.as_ref().is_some_and(KnownBatch::is_closed) {
            let number = self.batch.number;
            return Err(Error::BatchNumberUsed { number });
        }
        if let Some(outcome) = known.map_or(Ok(None), |known| known.fate_of(self.batch.in_flight()))? {
            self.connection.roll_back().await?;
            return Ok(outcome);
        }
        self.make_sure_of_what_is_gone(revision, &quarantined).await?;
        if quarantined.len() == self.batch.len() {
            return self.note_only(quarantined).await;
        }
        self.take_out(&quarantined).await?;
        match self.write_rows("SAVEPOINT before_rows", revision, &quarantined).await {
            Err(Error::Refused { clashes: true, .. }) => {
                self.run("ROLLBACK TO SAVEPOINT before_rows").await?;
                passed("clash: rolled back");
                self.take_out_clashes(&mut quarantined).await?;
                if quarantined.len() == self.batch.len() {
                    return self.note_only(quarantined).await;
                }
                self.write_rows("RELEASE SAVEPOINT before_rows", revision, &quarantined)
                    .await?;
            }
            written => written?,
        }
        passed("write: before the commit");
        self.connection.commit(PUSHING).await?;
        passed("write: committed");
        Ok(Outcome {
            revision,
            mark,
            quarantined,
            as_sent,
        })
    }

    /// A row that is deleted here, and is neither seen there nor known to be deleted, is either gone or there and
    /// hidden from this login (row-level security). Only a key can tell: such rows are written, and that is undone. A
    /// row that is there is [refused](Error::Refused) by its key, as an edit of it would be, so that its deletion waits
    /// and is not forgotten.
    async fn make_sure_of_what_is_gone(&self, revision: i64, quarantined: &[Quarantined]) -> Result<()> {
        for changes in &self.batch.tables {
            let name = changes.table.name;
            let gone = quarantined
                .iter()
                .filter(|row| row.entity == name && row.reason == QuarantineReason::Purged);
            let gone: HashSet<Uuid> = gone.map(|row| row.id).collect();
            let deletions = changes.rows.iter().filter(|row| row.deletes).filter_map(RowChange::id);
            let unseen: Vec<Uuid> = deletions.filter(|id| gone.contains(id)).collect();
            if unseen.is_empty() {
                continue;
            }
            let write = Statements::new(&self.connection.schema, changes.table).insert_unseen();
            let questions: Vec<Question<'_>> = vec![
                ("SAVEPOINT before_unseen".to_owned(), Vec::new()),
                (write, vec![(&revision, Type::INT8), (&unseen, Type::UUID_ARRAY)]),
                ("ROLLBACK TO SAVEPOINT before_unseen".to_owned(), Vec::new()),
            ];
            self.connection.count_all(PUSHING, questions).await?;
        }
        Ok(())
    }

    /// Notes a batch of which nothing is left, without its revision. Rolling back beforehand also unlocks the head.
    /// Whoever asks for the batch's fate between then and the commit is told that it never arrived, which for its rows
    /// amounts to the same.
    async fn note_only(&self, quarantined: Vec<Quarantined>) -> Result<Outcome> {
        let result = as_json(&quarantined);
        let mut questions: Vec<Question<'_>> = vec![("ROLLBACK TO SAVEPOINT before_revision".to_owned(), Vec::new())];
        questions.extend(self.connection.notes(self.device, self.batch, NO_REVISION, &result));
        self.connection.count_all(PUSHING, questions).await?;
        passed("note: before the commit");
        self.connection.commit(PUSHING).await?;
        passed("note: committed");
        Ok(Outcome {
            revision: 0,
            mark: None,
            quarantined,
            as_sent: false,
        })
    }

    /// Locks the head, asks whether this batch is known, and takes out what no constraint would find.
    async fn open(&self) -> Result<(Opened, Option<KnownBatch>, Vec<Quarantined>)> {
        let schema = &self.connection.schema;
        let clock_offset = self.device.clock_offset.as_micros().to_string();
        let (columns, times) = (self.batch.columns(), self.batch.times());
        let mut questions: Vec<Question<'_>> = vec![
            (Connection::from_here_it_writes(), Vec::new()),
            ("SAVEPOINT before_revision".to_owned(), Vec::new()),
            (format!("SELECT \"{schema}\".open_revision()"), Vec::new()),
            self.connection.known_batch(&self.device.id, &self.batch.number),
            self.connection.lineage_question(self.device.newest.as_ref()),
            (
                format!(
                    "SELECT mark, NOT {} FROM \"{schema}\".lineage JOIN \"{schema}\".catalogue_head USING (revision)",
                    self.connection.foreign_triggers(self.tables)
                ),
                Vec::new(),
            ),
            (
                "SELECT set_config('colophon.device', $1::text, true), set_config('colophon.clock_offset', $2, true), \
                 set_config('colophon.columns', $3, true), set_config('colophon.times', $4, true)"
                    .to_owned(),
                vec![
                    (&self.device.id, Type::UUID),
                    (&clock_offset, Type::TEXT),
                    (&columns, Type::TEXT),
                    (&times, Type::TEXT),
                ],
            ),
        ];
        let mut asked = Vec::new();
        for changes in &self.batch.tables {
            let statements = Statements::new(schema, changes.table);
            let mut ask = |sql: String, reason: QuarantineReason| {
                questions.push((sql, Vec::new()));
                asked.push((changes.table.name, reason));
            };
            ask(statements.find_deleted(), QuarantineReason::Deleted);
            if changes.rows.iter().any(|row| row.base_revision > 0) {
                ask(statements.find_changed(), QuarantineReason::Changed);
                ask(statements.find_purged(), QuarantineReason::Purged);
            }
        }
        let mut answers = self.connection.ask_all(PUSHING, questions).await?.into_iter().skip(2);
        let revision = self.value(&answers.next().unwrap_or_default(), 0)?.unwrap_or_default();
        let known = answers.next().unwrap_or_default();
        let known = known.first().map(|row| self.connection.read_known(row)).transpose()?;
        self.check_lineage(&answers.next().unwrap_or_default())?;
        let is_at = answers.next().unwrap_or_default();
        let (mark, as_sent) = (self.value(&is_at, 0)?, self.value(&is_at, 1)?.unwrap_or_default());
        let mut quarantined = Vec::new();
        for ((entity, reason), rows) in asked.into_iter().zip(answers.skip(1)) {
            self.quarantine(&mut quarantined, entity, &reason, &rows)?;
        }
        let opened = Opened {
            revision,
            mark,
            as_sent,
        };
        Ok((opened, known, quarantined))
    }

    /// What this push is based on must be part of what the server knows: a revision number that was given out again
    /// says nothing.
    fn check_lineage(&self, answer: &[Row]) -> Result<()> {
        match self.value(answer, 0)? {
            Some(true) => Ok(()),
            _ => Err(Error::Forked),
        }
    }

    /// A value from an answer's first row, if there is one.
    fn value<T: for<'r> FromSql<'r>>(&self, answer: &[Row], column: usize) -> Result<Option<T>> {
        let value = answer.first().map(|row| row.try_get(column)).transpose();
        value.map_err(|error| self.connection.peer.while_doing(PUSHING, &error))
    }

    /// Takes out, until nothing clashes, the rows that would break a rule between rows. It repeats, because a row that
    /// is taken out may keep the value that another one needed.
    async fn take_out_clashes(&self, quarantined: &mut Vec<Quarantined>) -> Result<()> {
        let schema = &self.connection.schema;
        let staging: String = self
            .tables
            .iter()
            .map(|table| Statements::new(schema, table).create_staging())
            .collect();
        self.run(&staging).await?;
        loop {
            let before = quarantined.len();
            for table in self.tables {
                let statements = Statements::new(schema, table);
                let mut asked = vec![(statements.find_changed(), QuarantineReason::Changed)];
                for column in table.unique {
                    let reason = QuarantineReason::ValueHeld {
                        column: (*column).to_owned(),
                    };
                    asked.push((statements.find_clashing(column), reason));
                }
                for column in table.columns {
                    if let ColumnKind::Reference { table: parent } = column.kind {
                        let reason = QuarantineReason::MissingParent {
                            column: column.name.to_owned(),
                        };
                        asked.push((statements.find_orphans(column.name, parent), reason));
                    }
                }
                for (child, column) in references_to(table, self.tables) {
                    asked.push((statements.find_needed(child, column), QuarantineReason::StillNeeded));
                }
                for (sql, reason) in asked {
                    let rows = self
                        .connection
                        .ask(PUSHING, self.connection.client.query_typed(&sql, &[]))
                        .await?;
                    let known = quarantined.len();
                    self.quarantine(quarantined, table.name, &reason, &rows)?;
                    self.take_out(&quarantined[known..]).await?;
                }
            }
            if quarantined.len() == before {
                return Ok(());
            }
        }
    }

    /// Takes what is quarantined out of the staged rows.
    async fn take_out(&self, quarantined: &[Quarantined]) -> Result<()> {
        let mut of_table: HashMap<&str, Vec<Uuid>> = HashMap::new();
        for row in quarantined {
            of_table.entry(&row.entity).or_default().push(row.id);
        }
        let tables = self
            .tables
            .iter()
            .filter_map(|table| Some((table, of_table.get(table.name)?)));
        let questions = tables.map(|(table, ids)| -> Question<'_> {
            let bound: Vec<(&(dyn ToSql + Sync), Type)> = vec![(ids, Type::UUID_ARRAY)];
            (Statements::new(&self.connection.schema, table).take_out(), bound)
        });
        let questions: Vec<Question<'_>> = questions.collect();
        if !questions.is_empty() {
            self.connection.count_all(PUSHING, questions).await?;
        }
        Ok(())
    }

    /// Writes what is left of the staged rows, lets every constraint speak, and notes the batch. `first` runs before
    /// that.
    async fn write_rows(&self, first: &str, revision: i64, quarantined: &[Quarantined]) -> Result<()> {
        let schema = &self.connection.schema;
        let result = as_json(quarantined);
        let writes = Write::all(self.batch, quarantined);
        let mut questions: Vec<Question<'_>> = vec![(first.to_owned(), Vec::new())];
        for write in &writes {
            let statements = Statements::new(schema, write.table);
            questions.extend(write.statements(&statements, &revision));
        }
        questions.push(("SET CONSTRAINTS ALL IMMEDIATE".to_owned(), Vec::new()));
        let opened = revision_of_this_transaction(schema);
        questions.extend(self.connection.notes(self.device, self.batch, &opened, &result));
        let counted = self.connection.count_all(PUSHING, questions).await?;
        let mut counts = counted.into_iter().skip(1);
        for write in &writes {
            write.check(&mut counts)?;
        }
        Ok(())
    }

    fn quarantine(
        &self,
        quarantined: &mut Vec<Quarantined>,
        entity: &str,
        reason: &QuarantineReason,
        rows: &[Row],
    ) -> Result<()> {
        for row in rows {
            let id = row
                .try_get(0)
                .map_err(|error| self.connection.peer.while_doing(PUSHING, &error))?;
            quarantined.push(Quarantined {
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

fn as_json(quarantined: &[Quarantined]) -> String {
    // Rows of strings and numbers are always valid JSON.
    serde_json::to_string(quarantined).unwrap_or_default()
}

/// The tables and columns that refer to a table.
fn references_to<'t>(
    parent: &'t Table,
    tables: &'t [&'static Table],
) -> impl Iterator<Item = (&'static str, &'static str)> + 't {
    tables.iter().flat_map(move |table| {
        let refers = move |kind: ColumnKind| matches!(kind, ColumnKind::Reference { table } if table == parent.name);
        let columns = table.columns.iter().filter(move |column| refers(column.kind));
        columns.map(|column| (table.name, column.name))
    })
}
