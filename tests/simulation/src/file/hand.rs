//! What a person does to a file, with the notes that the real one leaves.

use std::sync::Arc;

use colophon_store::journal::EditKind;
use colophon_store::schema::Value;
use colophon_store::{Error, Result};
use colophon_sync::local::{Deleted, Edited, LocalRow, Pending};
use jiff::Timestamp;
use uuid::Uuid;

use super::transaction::Transaction;
use super::{KeptPending, LastEdit};
use crate::planted::Bug;
use crate::tables::{RecordKey, TABLES, referring_to, row_of, updated_at};

/// One transaction of a person.
pub(crate) struct Hand<'t> {
    tx: &'t Transaction<'t>,
    now: i64,
}

impl<'t> Hand<'t> {
    pub(super) fn new(tx: &'t Transaction<'t>) -> Self {
        let now = tx.file().clock();
        Self { tx, now }
    }

    /// An id for a new row.
    pub(crate) fn next_id(&self) -> Uuid {
        self.tx.file().next_id()
    }

    /// Makes a row with the given contents, all except the id and the times.
    pub(crate) fn create(&self, (table, id): RecordKey, contents: Vec<Value>) -> Result<()> {
        let values = row_of((table, id), contents, self.now);
        self.tx.put((table, id), LocalRow { values, revision: 0 })?;
        self.note_inserted((table, id));
        self.tx.note((table, id), EditKind::Create, None, self.now);
        Ok(())
    }

    /// Puts a row back as it was when it was deleted.
    pub(crate) fn bring_back(&self, (table, id): RecordKey, values: Vec<Value>) -> Result<()> {
        self.tx.put((table, id), LocalRow { values, revision: 0 })?;
        self.note_inserted((table, id));
        self.tx.note((table, id), EditKind::Create, None, self.now);
        Ok(())
    }

    /// Changes one field.
    pub(crate) fn set(&self, record: RecordKey, column: usize, value: Value) -> Result<()> {
        let before = self.row(record)?;
        let said = Some((column, &before.values[column], &value));
        self.tx.note(record, EditKind::Update, said, self.now);
        if self.tx.bug() == Some(Bug::EditDropped) && self.now.trailing_zeros() >= 3 {
            return Ok(());
        }
        let mut row = before.clone();
        row.values[column] = value.clone();
        row.values[updated_at(record.0)] = Value::Integer(self.now);
        self.tx.put(record, row)?;
        self.note_updated(record, &before);
        let edited = Edited {
            at: Timestamp::from_microsecond(self.now).unwrap_or(Timestamp::UNIX_EPOCH),
            uptime: (self.tx.bug() != Some(Bug::WallOnly)).then(|| self.tx.file().uptime()),
        };
        let mut state = self.tx.state_mut();
        Arc::make_mut(&mut state.edited).insert((record, column), LastEdit { edited, value });
        Ok(())
    }

    /// Deletes a row that nobody refers to.
    pub(crate) fn delete(&self, record: RecordKey) -> Result<()> {
        let before = self.row(record)?;
        let (table, id) = record;
        let is_needed = |(child, column): &(usize, usize)| {
            let state = self.tx.state();
            state.rows[*child]
                .values()
                .any(|row| row.values[*column] == Value::Uuid(id))
        };
        if referring_to(table).iter().any(is_needed) {
            return Err(Error::ForeignKey {
                entity: TABLES[table].name,
                reason: "other records still refer to it".to_owned(),
            });
        }
        Arc::make_mut(&mut self.tx.state_mut().rows[table]).remove(&id);
        self.note_deleted(record, &before);
        self.tx.note(record, EditKind::Delete, None, self.now);
        Ok(())
    }

    fn row(&self, (table, id): RecordKey) -> Result<LocalRow> {
        let entity = TABLES[table].name;
        let row = self.tx.state().row((table, id)).cloned();
        row.ok_or(Error::NotFound { entity, id })
    }

    fn has_batch_in_flight(&self) -> bool {
        !self.tx.state().in_flight.is_empty()
    }

    fn kept_pending(&self, (table, id): RecordKey) -> Option<Arc<KeptPending>> {
        self.tx.state().pending[table].get(&id).cloned()
    }

    fn note_updated(&self, record: RecordKey, before: &LocalRow) {
        if before.revision == 0 && !self.has_batch_in_flight() {
            return;
        }
        match self.kept_pending(record) {
            Some(kept) => self.changed_again(record, &kept, kept.is_deletion),
            None => self.tx.put_pending(record, first_pending(before), false),
        }
    }

    fn changed_again(&self, record: RecordKey, kept: &KeptPending, is_deletion: bool) {
        let change = kept.pending.change + 1;
        let pending = Pending {
            change,
            ..kept.pending.clone()
        };
        self.tx.put_pending(record, pending, is_deletion);
    }

    fn note_deleted(&self, record: RecordKey, before: &LocalRow) {
        match self.kept_pending(record) {
            Some(kept) => self.changed_again(record, &kept, true),
            None if before.revision > 0 || self.has_batch_in_flight() => {
                self.tx.put_pending(record, first_pending(before), true);
            }
            None => {}
        }
        let mut content = before.values.clone();
        if self.tx.bug() == Some(Bug::ContentNotKept)
            && let Some(base) = self.kept_pending(record).and_then(|kept| kept.pending.base.clone())
        {
            content = base;
        }
        let (table, id) = record;
        let deleted = Arc::new(Deleted { content, revision: 0 });
        Arc::make_mut(&mut self.tx.state_mut().deleted[table]).insert(id, deleted);
    }

    fn note_inserted(&self, record: RecordKey) {
        let (table, id) = record;
        let Some(deleted) = self.tx.state().deleted[table].get(&id).cloned() else {
            return;
        };
        let pending = match self.kept_pending(record) {
            Some(kept) => Some(kept.pending.clone()),
            None if deleted.revision > 0 => Some(Pending {
                base: Some(deleted.content.clone()),
                base_revision: deleted.revision,
                base_is_tombstone: true,
                change: 0,
            }),
            None => None,
        };
        let mut revision = 0;
        if let Some(pending) = pending {
            revision = pending.base_revision;
            let change = pending.change + 1;
            self.tx.put_pending(record, Pending { change, ..pending }, false);
        }
        let mut state = self.tx.state_mut();
        if let Some(row) = state.row(record).cloned() {
            Arc::make_mut(&mut state.rows[table]).insert(id, Arc::new(LocalRow { revision, ..row }));
        }
        Arc::make_mut(&mut state.deleted[table]).remove(&id);
    }
}

fn first_pending(before: &LocalRow) -> Pending {
    Pending {
        base: Some(before.values.clone()),
        base_revision: before.revision,
        base_is_tombstone: false,
        change: 1,
    }
}
