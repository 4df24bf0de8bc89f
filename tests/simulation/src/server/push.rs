//! Pushing, rule by rule as the real server decides it: what it knows better is taken out, then everything else is
//! written; if a rule between rows refuses, the culprits are looked for, again and again until nothing clashes.

use std::collections::{BTreeMap, HashMap};

use colophon_store::schema::Value;
use colophon_sync::central::{Batch, Device, Error, Outcome, QuarantineReason, Quarantined, Result, RowChange};
use uuid::Uuid;

use super::{KnownBatch, Open, REFUSED, Server, Write, Writer};
use crate::planted::Bug;
use crate::tables::{BOOKS, RecordKey, TABLE_COUNT, TABLES, columns, id_in, position_of, references, referring_to};

/// The staged rows.
type Staged = [BTreeMap<Uuid, RowChange>; TABLE_COUNT];

/// Why rows cannot be written together.
enum No {
    /// A row is refused by a rule of its own.
    Check,
    /// Other rows matter.
    Clash,
}

impl Server {
    /// One batch, in one transaction.
    pub(crate) fn push(&mut self, device: &Device, batch: &Batch) -> Result<Outcome> {
        match self.prepare(device, batch)? {
            Ok(known) => Ok(known),
            Err(open) => {
                self.carry_out(open);
                let known = self.batches.get(&(device.id, batch.number));
                known.and_then(|known| known.outcome.clone()).ok_or_else(refused)
            }
        }
    }

    /// One batch whose commit is on its way: the head stays locked.
    pub(crate) fn push_and_hold(&mut self, device: &Device, batch: &Batch) {
        if self.open.is_none()
            && let Ok(Err(open)) = self.prepare(device, batch)
        {
            self.open = Some(open);
        }
    }

    /// The outcome of a batch that was committed before, or the transaction that is to be committed.
    fn prepare(&self, device: &Device, batch: &Batch) -> Result<Result<Outcome, Open>> {
        self.head_is_free()?;
        if self.bug != Some(Bug::BatchTwice)
            && let Some(known) = self.known(device.id, batch.in_flight())?
        {
            let number = batch.number;
            let outcome = known.outcome.clone();
            return outcome.map(Ok).ok_or(Error::BatchNumberUsed { number });
        }
        if device.newest.is_some_and(|newest| !self.knows(&newest)) {
            return Err(Error::Forked);
        }
        let (mut staged, order) = stage(&self.in_full(batch));
        let mut quarantined = Vec::new();
        self.take_out_known_better(&mut staged, &mut quarantined);
        let mut verdict = self.try_rows(&staged, &order);
        if matches!(verdict, Err(No::Clash)) {
            self.take_out_clashes(&mut staged, &mut quarantined);
            verdict = self.try_rows(&staged, &order);
        }
        verdict.map_err(|_| refused())?;
        // A batch of which nothing is left takes no revision.
        let is_news = staged.iter().any(|rows| !rows.is_empty());
        let token = batch.token;
        let revision = if is_news { self.revision + 1 } else { 0 };
        let outcome = Outcome {
            revision,
            mark: None,
            quarantined,
            as_sent: is_news && !self.has_triggers,
        };
        Ok(Err(Open {
            revision,
            writer: Writer {
                name: device.name.clone(),
                device: Some(device.id),
                clock_offset: micros(device),
            },
            writes: self.writes(&staged),
            batch: Some((
                device.id,
                batch.number,
                KnownBatch {
                    token,
                    outcome: Some(outcome),
                },
            )),
            accepted: order
                .into_iter()
                .filter(|(table, id)| staged[*table].contains_key(id))
                .collect(),
        }))
    }

    fn take_out_known_better(&self, staged: &mut Staged, quarantined: &mut Vec<Quarantined>) {
        for table in 0..TABLE_COUNT {
            take_out(staged, quarantined, table, &QuarantineReason::Deleted, |_, id, row| {
                let grave = self.tombstones[table].get(&id);
                let is_alive = self.rows[table].contains_key(&id);
                !is_alive && grave.is_some_and(|grave| grave.revision > row.base_revision)
            });
            if staged[table].values().any(|row| row.base_revision > 0) {
                take_out(staged, quarantined, table, &QuarantineReason::Changed, |_, id, row| {
                    self.is_changed((table, id), row)
                });
                take_out(staged, quarantined, table, &QuarantineReason::Purged, |_, id, row| {
                    let is_forgotten = row.deletes || row.base_revision <= self.purge_floor;
                    let is_there = self.rows[table].contains_key(&id) || self.tombstones[table].contains_key(&id);
                    row.base_revision > 0 && is_forgotten && !is_there
                });
            }
        }
    }

    fn is_changed(&self, record: RecordKey, row: &RowChange) -> bool {
        self.row(record)
            .is_some_and(|there| there.revision != row.base_revision)
    }

    fn take_out_clashes(&self, staged: &mut Staged, quarantined: &mut Vec<Quarantined>) {
        loop {
            let before = quarantined.len();
            for (table, described) in TABLES.iter().enumerate() {
                take_out(staged, quarantined, table, &QuarantineReason::Changed, |_, id, row| {
                    self.is_changed((table, id), row)
                });
                if table == BOOKS {
                    let column = "isbn".to_owned();
                    take_out(
                        staged,
                        quarantined,
                        table,
                        &QuarantineReason::ValueHeld { column },
                        |staged, id, row| self.is_held_elsewhere(staged, id, row),
                    );
                }
                for (column, parent) in references(table) {
                    let name = described.columns[*column].name.to_owned();
                    let reason = QuarantineReason::MissingParent { column: name };
                    take_out(staged, quarantined, table, &reason, |staged, _, row| {
                        !row.deletes && !self.will_be_there(staged, *parent, &row.values[*column])
                    });
                }
                for (child, column) in referring_to(table) {
                    take_out(
                        staged,
                        quarantined,
                        table,
                        &QuarantineReason::StillNeeded,
                        |staged, id, row| {
                            let mut children = self.rows[*child].iter();
                            row.deletes
                                && children.any(|(child_id, there)| {
                                    there.values[*column] == Value::Uuid(id) && !staged[*child].contains_key(child_id)
                                })
                        },
                    );
                }
            }
            if quarantined.len() == before {
                return;
            }
        }
    }

    fn is_held_elsewhere(&self, staged: &Staged, id: Uuid, row: &RowChange) -> bool {
        let isbn = |values: &[Value]| values[columns::BOOK_ISBN].clone();
        let wanted = isbn(&row.values);
        if row.deletes || wanted == Value::Null {
            return false;
        }
        let has_it_already = self.row((BOOKS, id)).is_some_and(|own| isbn(&own.values) == wanted);
        let mut others = self.rows[BOOKS].iter().filter(|(other, _)| **other != id);
        let mut rivals = staged[BOOKS].iter().filter(|(rival, _)| **rival != id);
        !has_it_already
            && (others.any(|(other, there)| isbn(&there.values) == wanted && !staged[BOOKS].contains_key(other))
                || rivals.any(|(_, rival)| !rival.deletes && isbn(&rival.values) == wanted))
    }

    fn will_be_there(&self, staged: &Staged, parent: usize, id: &Value) -> bool {
        let Some(id) = id_in(id) else { return true };
        match staged[parent].get(&id) {
            Some(row) => !row.deletes,
            None => self.rows[parent].contains_key(&id),
        }
    }

    /// Whether all of it can be written: first each statement with its checks, then what is deferred.
    fn try_rows(&self, staged: &Staged, order: &[RecordKey]) -> Result<(), No> {
        let stays = |record: &&RecordKey| staged[record.0].contains_key(&record.1);
        for (table, id) in order.iter().filter(stays) {
            let row = &staged[*table][id];
            // For a row that is deleted, the last content is written first, and is checked like any other.
            if *table == BOOKS
                && is_refused(&row.values[columns::BOOK_TITLE])
                && (!row.deletes || self.row((*table, *id)).is_some())
            {
                return Err(No::Check);
            }
            if row.deletes {
                continue;
            }
            let is_here = self.rows[*table].contains_key(id);
            if row.base_revision == 0 && is_here {
                return Err(No::Clash);
            }
        }
        let mut after: [HashMap<Uuid, &[Value]>; TABLE_COUNT] = Default::default();
        for table in 0..TABLE_COUNT {
            let there = self.rows[table].iter().map(|(id, row)| (*id, row.values.as_slice()));
            after[table].extend(there);
            for (id, row) in &staged[table] {
                if row.deletes {
                    after[table].remove(id);
                } else {
                    after[table].insert(*id, &row.values);
                }
            }
        }
        if holds_between_rows(&after) {
            Ok(())
        } else {
            Err(No::Clash)
        }
    }

    /// Parents written, children written, children deleted, parents deleted.
    fn writes(&self, staged: &Staged) -> Vec<Write> {
        let mut writes = Vec::new();
        for (table, rows) in staged.iter().enumerate() {
            let kept = rows.iter().filter(|(_, row)| !row.deletes);
            writes.extend(kept.map(|(id, row)| Write::Put((table, *id), row.values.clone(), row.edited.clone())));
        }
        for table in (0..TABLE_COUNT).rev() {
            for (id, row) in staged[table].iter().filter(|(_, row)| row.deletes) {
                if let Some(there) = self.row((table, *id)) {
                    let content = self.last_content(table, staged, &row.values, &there.values);
                    writes.push(Write::Delete((table, *id), content, row.edited.clone()));
                }
            }
        }
        writes
    }

    /// A reference to a row that never came here stays as it was.
    fn last_content(&self, table: usize, staged: &Staged, wanted: &[Value], there: &[Value]) -> Vec<Value> {
        let mut content = wanted.to_vec();
        for (column, parent) in references(table) {
            let is_known = id_in(&wanted[*column]).is_some_and(|id| {
                self.rows[*parent].contains_key(&id)
                    || self.tombstones[*parent].contains_key(&id)
                    || staged[*parent].get(&id).is_some_and(|row| !row.deletes)
            });
            if !is_known {
                content[*column] = there[*column].clone();
            }
        }
        content
    }
}

/// The rows by their keys, and the order in which they are written.
fn stage(batch: &Batch) -> (Staged, Vec<RecordKey>) {
    let mut staged = Staged::default();
    let mut order = Vec::new();
    for changes in &batch.tables {
        let table = position_of(changes.table);
        for is_new in [true, false] {
            for row in changes.rows.iter().filter(|row| (row.base_revision == 0) == is_new) {
                let id = row.id().unwrap_or_default();
                order.push((table, id));
                staged[table].insert(id, row.clone());
            }
        }
    }
    (staged, order)
}

/// One statement that takes rows out: it sees them all as they were before it.
fn take_out(
    staged: &mut Staged,
    quarantined: &mut Vec<Quarantined>,
    table: usize,
    reason: &QuarantineReason,
    is_out: impl Fn(&Staged, Uuid, &RowChange) -> bool,
) {
    let rows = staged[table].iter();
    let out: Vec<Uuid> = rows
        .filter(|(id, row)| is_out(staged, **id, row))
        .map(|(id, _)| *id)
        .collect();
    for id in out {
        staged[table].remove(&id);
        quarantined.push(Quarantined {
            entity: TABLES[table].name.to_owned(),
            id,
            reason: reason.clone(),
        });
    }
}

fn holds_between_rows(after: &[HashMap<Uuid, &[Value]>; TABLE_COUNT]) -> bool {
    let references_hold = (0..TABLE_COUNT).all(|table| {
        references(table).iter().all(|(column, parent)| {
            let mut rows = after[table].values();
            rows.all(|row| id_in(&row[*column]).is_some_and(|id| after[*parent].contains_key(&id)))
        })
    });
    let mut isbns: Vec<&Value> = after[BOOKS].values().map(|row| &row[columns::BOOK_ISBN]).collect();
    isbns.retain(|isbn| **isbn != Value::Null);
    let count = isbns.len();
    let distinct: std::collections::HashSet<_> = isbns.into_iter().collect();
    references_hold && distinct.len() == count
}

pub(super) fn is_refused(title: &Value) -> bool {
    matches!(title, Value::Text(title) if title.contains(REFUSED))
}

fn refused() -> Error {
    Error::Refused {
        reason: "a rule of the customer's says no".to_owned(),
        constraint: Some("book_title_check".to_owned()),
        clashes: false,
    }
}

fn micros(device: &Device) -> i64 {
    i64::try_from(device.clock_offset.as_micros()).unwrap_or_default()
}
