//! What can be read of a file, as the real one reads it.

use std::collections::{BTreeSet, HashSet};

use colophon_catalogue::alike::MadeHere;
use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{InFlight, LocalDevice, Outgoing, Result, Seen, ServerClock, Waiting};
use colophon_sync::local::{Edited, Key, LocalRow, LocalView, Parked, ParkedKind, Pending, Record};
use colophon_sync::{NotKept, QuarantinedRow};
use uuid::Uuid;

use super::State;
use super::edition::{among, known_of};
use super::transaction::{Transaction, conflict};
use crate::planted::Bug;
use crate::tables::{CONFLICTS, RecordKey, TABLES, created_at, id_in, position_of, referring_to, updated_at};
use crate::twins;
use crate::versions::{as_known, in_whole};

/// Deletions come last.
const LAST: i64 = i64::MAX;

impl State {
    pub(super) fn row(&self, (table, id): RecordKey) -> Option<&LocalRow> {
        self.rows[table].get(&id).map(AsRef::as_ref)
    }

    pub(super) fn pending(&self, (table, id): RecordKey) -> Option<&Pending> {
        self.pending[table].get(&id).map(|kept| &kept.pending)
    }

    /// What in it differs from another, in a word.
    pub(crate) fn differs_from(&self, other: &Self) -> Option<&'static str> {
        [
            ("rows", self.rows != other.rows),
            ("what is pending", self.pending != other.pending),
            ("deletions", self.deleted != other.deleted),
            ("rows that are quarantined", self.quarantined != other.quarantined),
            (
                "cursor",
                self.device.map(|device| device.cursor) != other.device.map(|device| device.cursor),
            ),
            ("lineage", self.seen != other.seen),
        ]
        .into_iter()
        .find_map(|(what, differs)| differs.then_some(what))
    }

    pub(super) fn record_at(&self, record: RecordKey) -> Record {
        let row = self.row(record).cloned();
        let deleted = match row {
            Some(_) => None,
            None => self.deleted[record.0]
                .get(&record.1)
                .map(|deleted| deleted.as_ref().clone()),
        };
        Record {
            row,
            pending: self.pending(record).cloned(),
            deleted,
        }
    }

    /// Everything that waits: rows that the server never had, and pending notes on rows that it has.
    pub(crate) fn waiting(&self) -> Vec<Waiting> {
        let mut waiting = Vec::new();
        for (table, rows) in self.rows.iter().enumerate() {
            let unsynced = rows.iter().filter(|(_, row)| row.revision == 0);
            waiting.extend(unsynced.map(|(id, row)| Waiting {
                table: TABLES[table],
                id: *id,
                since: integer(&row.values[created_at(table)]),
                version: integer(&row.values[updated_at(table)]),
            }));
            let changed = self.pending[table]
                .iter()
                .filter(|(_, kept)| kept.pending.base_revision > 0 && kept.pending.change > 0);
            waiting.extend(changed.map(|(id, kept)| {
                let updated = rows.get(id).map(|row| integer(&row.values[updated_at(table)]));
                Waiting {
                    table: TABLES[table],
                    id: *id,
                    since: updated.unwrap_or(LAST),
                    version: updated.unwrap_or(kept.pending.change),
                }
            }));
        }
        waiting.sort_by_key(|row| row.since);
        waiting
    }
}

fn integer(value: &Value) -> i64 {
    match value {
        Value::Integer(number) => *number,
        _ => 0,
    }
}

impl LocalView for Transaction<'_> {
    fn device(&self) -> Result<Option<LocalDevice>> {
        Ok(self.state().device)
    }

    fn seen(&self) -> Result<Vec<Seen>> {
        let state = self.state();
        let seen = state.seen.iter().map(|(revision, mark)| Seen {
            revision: *revision,
            mark: *mark,
        });
        Ok(seen.collect())
    }

    fn seen_after(&self, revision: i64) -> Result<Vec<i64>> {
        Ok(self
            .state()
            .seen
            .range(revision + 1..)
            .map(|(revision, _)| *revision)
            .collect())
    }

    fn known_between(&self, tables: &[&'static Table], after: i64, up_to: i64) -> Result<Vec<Key>> {
        let state = self.state();
        let is_between = |revision: i64| after < revision && revision <= up_to;
        let mut known = Vec::new();
        for described in tables {
            let table = position_of(described);
            let rows = state.rows[table].iter().filter(|(_, row)| is_between(row.revision));
            let pending = state.pending[table]
                .iter()
                .filter(|(_, kept)| is_between(kept.pending.base_revision));
            let deleted = state.deleted[table]
                .iter()
                .filter(|(_, deleted)| is_between(deleted.revision));
            let ids = rows.map(|(id, _)| *id);
            let ids = ids.chain(pending.map(|(id, _)| *id)).chain(deleted.map(|(id, _)| *id));
            let ids: BTreeSet<Uuid> = ids.collect();
            known.extend(ids.into_iter().map(|id| Key { table: described, id }));
        }
        Ok(known)
    }

    fn gone_everywhere(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        let state = self.state();
        let mut gone = Vec::new();
        for described in tables {
            let table = position_of(described);
            let deleted = state.deleted[table].iter();
            let unknown =
                deleted.filter(|(id, deleted)| deleted.revision == 0 && !state.pending[table].contains_key(*id));
            gone.extend(unknown.map(|(id, _)| Key {
                table: described,
                id: *id,
            }));
        }
        Ok(gone)
    }

    fn record(&self, key: Key) -> Result<Record> {
        Ok(known_of(key.table, self.state().record_at(record_key(key))))
    }

    fn pending_keys(&self, tables: &[&'static Table]) -> Result<Vec<Key>> {
        let state = self.state();
        let keys = tables.iter().flat_map(|table| {
            let ids = state.pending[position_of(table)].keys();
            ids.map(|id| Key { table, id: *id })
        });
        Ok(keys.collect())
    }

    fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>> {
        Ok(among(tables, self.state().waiting()))
    }

    fn waiting_count(&self, _: &[&'static Table]) -> Result<u64> {
        self.waiting(self.file().tables()).map(|waiting| waiting.len() as u64)
    }

    fn lacks(&self, table: &'static Table) -> ColumnSet {
        self.file().shared().lacks(table)
    }

    fn in_flight(&self) -> Result<Vec<InFlight>> {
        let state = self.state();
        let batches = state.in_flight.iter().map(|(number, batch)| InFlight {
            number: *number,
            token: batch.token,
        });
        Ok(batches.collect())
    }

    fn quarantined(&self) -> Result<Vec<QuarantinedRow>> {
        Ok(self.state().quarantined.values().cloned().collect())
    }

    fn not_kept(&self) -> Result<Vec<NotKept>> {
        Ok(self.state().not_kept.values().cloned().collect())
    }

    fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>> {
        let state = self.state();
        let column = in_whole(table, column);
        let mut rows = state.rows[position_of(table)].iter();
        Ok(rows.find(|(_, row)| row.values[column] == *value).map(|(id, _)| *id))
    }

    fn in_step(&self) -> Result<HashSet<(String, String)>> {
        Ok(self.state().in_step.as_ref().clone())
    }

    fn is_referred_to(&self, key: Key) -> Result<bool> {
        if self.bug() == Some(Bug::ParentsStayAway) {
            return Ok(false);
        }
        let state = self.state();
        Ok(referring_to(position_of(key.table)).iter().any(|(table, column)| {
            state.rows[*table]
                .values()
                .any(|row| id_in(&row.values[*column]) == Some(key.id))
        }))
    }

    fn alike(&self, came: &[Key], made: MadeHere<'_>) -> Result<Vec<(Key, Uuid)>> {
        Ok(match self.bug() {
            Some(Bug::NobodyAsks) => Vec::new(),
            Some(Bug::SentIsNotMadeHere) => twins::alike(&self.state(), came, MadeHere::default()),
            _ => twins::alike(&self.state(), came, made),
        })
    }

    fn is_parked(&self, parked: &Parked) -> Result<bool> {
        if !matches!(parked.kind, ParkedKind::Field { .. }) {
            return Ok(false);
        }
        let state = self.state();
        let anew = conflict(self.file(), Uuid::nil(), parked);
        // The record, the field, what was said here and there, and whether it was settled.
        let says = |values: &[Value]| [2, 4, 6, 7, 13].map(|column| values[column].clone());
        Ok(state.rows[CONFLICTS]
            .values()
            .any(|row| says(&row.values) == says(&anew)))
    }

    fn edited_at(&self, key: Key, column: usize, value: &Value) -> Result<Option<Edited>> {
        let state = self.state();
        let last = state.edited.get(&(record_key(key), in_whole(key.table, column)));
        Ok(last.filter(|last| last.value == *value).map(|last| last.edited))
    }

    fn edits_of(&self, fields: &[(Key, usize, &Value)]) -> Result<Vec<Option<Edited>>> {
        let fields = fields.iter();
        fields
            .map(|(key, column, value)| self.edited_at(*key, *column, value))
            .collect()
    }

    fn server_clock(&self, boot: Uuid) -> Result<Option<ServerClock>> {
        Ok(self.state().server_clocks.get(&boot).copied())
    }
}

impl Transaction<'_> {
    /// A row that waits, with everything that a decision about it needs.
    pub(super) fn outgoing_of(&self, waiting: &Waiting) -> Option<Outgoing> {
        let state = self.state();
        let record = (position_of(waiting.table), waiting.id);
        let row = state.row(record);
        let pending = match (row, state.pending(record)) {
            (_, Some(pending)) => pending.clone(),
            (Some(LocalRow { revision: 0, .. }), None) => Pending::default(),
            _ => return None,
        };
        let known = |values: Vec<Value>| as_known(waiting.table, &values);
        let last_content = match row {
            Some(_) => None,
            None => state.deleted[record.0]
                .get(&record.1)
                .map(|deleted| deleted.content.clone()),
        };
        Some(Outgoing {
            table: waiting.table,
            id: waiting.id,
            base: pending.base.filter(|_| pending.base_revision > 0).map(known),
            base_revision: pending.base_revision,
            base_is_tombstone: pending.base_is_tombstone,
            change: pending.change,
            row: row.map(|row| known(row.values.clone())),
            last_content: last_content.map(known),
        })
    }
}

pub(super) fn record_key(key: Key) -> RecordKey {
    (position_of(key.table), key.id)
}
