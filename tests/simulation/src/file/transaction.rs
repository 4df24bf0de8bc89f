//! One transaction on a file: what the rules of the sync may write.

use std::cell::{Ref, RefCell, RefMut};
use std::sync::Arc;

use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{Error, InFlight, LocalDevice, Outgoing, Result, Seen, Sent, ServerClock, Waiting};
use colophon_sync::local::{Deleted, Key, LocalRow, LocalTransaction, Parked, ParkedKind, Pending};
use colophon_sync::{NotKept, QuarantinedRow};
use jiff::Timestamp;
use uuid::Uuid;

use super::view::record_key;
use super::{KeptPending, ModelFile, State};
use crate::heard::undoing;
use crate::link::locked;
use crate::planted::Bug;
use crate::tables::{CONFLICTS, RecordKey, TABLES};
use crate::versions::{in_full, named, whole};

/// One transaction, or a snapshot that nobody writes to.
pub(crate) struct Transaction<'f> {
    file: &'f ModelFile,
    state: RefCell<State>,
}

impl<'f> Transaction<'f> {
    pub(super) fn new(file: &'f ModelFile, state: State) -> Self {
        Self {
            file,
            state: RefCell::new(state),
        }
    }

    pub(super) fn finished(self) -> State {
        self.state.into_inner()
    }

    pub(super) fn state(&self) -> Ref<'_, State> {
        self.state.borrow()
    }

    pub(super) fn state_mut(&self) -> RefMut<'_, State> {
        self.state.borrow_mut()
    }

    pub(super) fn file(&self) -> &'f ModelFile {
        self.file
    }

    pub(super) fn bug(&self) -> Option<Bug> {
        self.file.bug
    }

    /// Writes a row; a value that another row has is refused at once.
    pub(super) fn put(&self, (table, id): RecordKey, row: LocalRow) -> Result<()> {
        let mut state = self.state.borrow_mut();
        for field in TABLES[table].unique {
            let column = TABLES[table].position(field).unwrap_or_default();
            let value = &row.values[column];
            let other = state.rows[table]
                .iter()
                .find(|(other, there)| **other != id && there.values[column] == *value);
            if let (Some((other, _)), true) = (other, *value != Value::Null) {
                return Err(Error::Duplicate {
                    entity: TABLES[table].name,
                    field,
                    value: format!("{value:?}"),
                    existing: Some(*other),
                });
            }
        }
        Arc::make_mut(&mut state.rows[table]).insert(id, Arc::new(row));
        Ok(())
    }

    pub(super) fn put_pending(&self, (table, id): RecordKey, pending: Pending, is_deletion: bool) {
        let kept = Arc::new(KeptPending { pending, is_deletion });
        Arc::make_mut(&mut self.state_mut().pending[table]).insert(id, kept);
    }

    /// It has taken a record as the server had it at a revision, and so has heard of everything that had led to that.
    fn learn(&self, record: RecordKey, revision: i64) {
        if let Some(hearing) = &self.file.hearing {
            locked(hearing).tell(record, revision, &mut self.state_mut().heard);
        }
    }

    pub(super) fn device_now(&self) -> LocalDevice {
        let mut state = self.state_mut();
        match state.device {
            Some(device) => device,
            None => renew(self.file, &mut state),
        }
    }
}

impl State {
    fn know_newest(&mut self) {
        let newest = self.seen.last_key_value();
        let newest = newest.map(|(revision, mark)| Seen {
            revision: *revision,
            mark: *mark,
        });
        if let Some(device) = &mut self.device {
            device.newest = newest;
        }
    }
}

fn renew(file: &ModelFile, state: &mut State) -> LocalDevice {
    let id = file.next_id();
    let known = state.device;
    let device = LocalDevice {
        id,
        incarnation: known.and_then(|device| device.incarnation),
        cursor: known.map_or(0, |device| device.cursor),
        newest: known.and_then(|device| device.newest),
        batch: 0,
    };
    state.device = Some(device);
    device
}

impl LocalTransaction for Transaction<'_> {
    fn set_in_step(&self, tables: &[&'static Table]) -> Result<()> {
        self.state_mut().in_step = Arc::new(named(tables));
        Ok(())
    }

    fn note_unsaid(&self, table: &'static Table, columns: ColumnSet) -> Result<()> {
        self.let_wait_all(table, columns);
        Ok(())
    }

    fn make_all_new(&self, table: &'static Table) -> Result<()> {
        self.make_new(table);
        Ok(())
    }

    fn device_or_new(&self) -> Result<LocalDevice> {
        Ok(self.device_now())
    }

    fn renew_device(&self) -> Result<LocalDevice> {
        Ok(renew(self.file, &mut self.state_mut()))
    }

    fn set_incarnation(&self, incarnation: Uuid) -> Result<()> {
        if let Some(device) = &mut self.state_mut().device {
            device.incarnation = Some(incarnation);
        }
        Ok(())
    }

    fn set_cursor(&self, seen: Seen) -> Result<()> {
        let mut state = self.state_mut();
        if let Some(device) = &mut state.device {
            device.cursor = seen.revision;
        }
        drop(state);
        self.keep_seen(seen)
    }

    fn keep_seen(&self, seen: Seen) -> Result<()> {
        let mut state = self.state_mut();
        Arc::make_mut(&mut state.seen).insert(seen.revision, seen.mark);
        state.know_newest();
        Ok(())
    }

    fn keep_server_clock(&self, clock: &ServerClock) -> Result<()> {
        Arc::make_mut(&mut self.state_mut().server_clocks).insert(clock.boot, *clock);
        Ok(())
    }

    fn note_restore(&self) -> Result<()> {
        let now = Timestamp::from_microsecond(self.file.clock()).ok();
        let mut state = self.state_mut();
        let said = state.journal.iter().map(|word| word.at).max();
        state.last_restore = now.max(said);
        Ok(())
    }

    fn forget_seen_after(&self, revision: i64) -> Result<()> {
        let mut state = self.state_mut();
        Arc::make_mut(&mut state.seen).retain(|seen, _| *seen <= revision);
        state.know_newest();
        if let Some(device) = &mut state.device {
            device.cursor = device.cursor.min(revision);
        }
        Ok(())
    }

    fn write_row(&self, key: Key, row: &LocalRow) -> Result<()> {
        self.learn(record_key(key), row.revision);
        let values = in_full(key.table, &row.values);
        self.put(record_key(key), LocalRow { values, ..*row })
    }

    fn erase_row(&self, key: Key) -> Result<()> {
        let (table, id) = record_key(key);
        Arc::make_mut(&mut self.state_mut().rows[table]).remove(&id);
        Ok(())
    }

    fn set_pending(&self, key: Key, pending: Option<&Pending>) -> Result<()> {
        let (table, id) = record_key(key);
        if let Some(pending) = pending {
            self.learn((table, id), pending.base_revision);
            let is_deletion = !self.state().rows[table].contains_key(&id);
            let base = pending.base.as_ref().map(|base| in_full(key.table, base));
            self.put_pending((table, id), Pending { base, ..*pending }, is_deletion);
        } else if self.state().pending[table].contains_key(&id) {
            Arc::make_mut(&mut self.state_mut().pending[table]).remove(&id);
        }
        Ok(())
    }

    fn set_deleted(&self, key: Key, deleted: Option<&Deleted>) -> Result<()> {
        let (table, id) = record_key(key);
        if let Some(deleted) = deleted {
            self.learn((table, id), deleted.revision);
            let content = in_full(key.table, &deleted.content);
            let kept = Arc::new(Deleted { content, ..*deleted });
            Arc::make_mut(&mut self.state_mut().deleted[table]).insert(id, kept);
        } else if self.state().deleted[table].contains_key(&id) {
            Arc::make_mut(&mut self.state_mut().deleted[table]).remove(&id);
        }
        Ok(())
    }

    fn note_rewritten(&self, key: Key, column: usize, value: &Value) -> Result<()> {
        let field = key.table.columns[column].name.to_owned();
        let kept = (record_key(key), field, value.to_json().to_string());
        Arc::make_mut(&mut self.state_mut().rewritten).insert(kept);
        Ok(())
    }

    fn park(&self, parked: &Parked) -> Result<()> {
        // Ids of rows are counted as if it took one, so that seeds keep their meaning.
        self.file.next_id();
        let id = parked.conflict_id();
        let values = conflict(self.file, id, parked);
        if let ParkedKind::Field { column, .. } | ParkedKind::SameValue { column, .. } = parked.kind {
            let mut state = self.state_mut();
            let said = state
                .heard
                .about((record_key(parked.key), whole(parked.key.table).position(column)));
            state.heard.hear(((CONFLICTS, id), None), &said);
        }
        if parked.kind == ParkedKind::DeletionUndone {
            // That the record is back travels with the record, and not with the conflict that reports it.
            let undoing = [undoing(id)].into();
            self.state_mut().heard.hear((record_key(parked.key), None), &undoing);
        }
        self.put((CONFLICTS, id), LocalRow { values, revision: 0 })
    }

    fn visit_outgoing(&self, rows: &[Waiting], visit: &mut dyn FnMut(Outgoing) -> Result<bool>) -> Result<()> {
        for outgoing in rows.iter().filter_map(|waiting| self.outgoing_of(waiting)) {
            if !visit(outgoing)? {
                break;
            }
        }
        Ok(())
    }

    fn keep_in_flight(&self, rows: &[Sent]) -> Result<InFlight> {
        Ok(self.keep(rows))
    }

    fn forget_in_flight(&self, number: i64) -> Result<()> {
        Arc::make_mut(&mut self.state_mut().in_flight).remove(&number);
        Ok(())
    }

    fn forget_unsent_deletions(&self) -> Result<()> {
        let mut state = self.state_mut();
        for pending in &mut state.pending {
            if pending
                .values()
                .any(|kept| kept.is_deletion && kept.pending.base_revision == 0)
            {
                Arc::make_mut(pending).retain(|_, kept| !kept.is_deletion || kept.pending.base_revision != 0);
            }
        }
        Ok(())
    }

    fn acknowledge(
        &self,
        _: &[&'static Table],
        number: i64,
        revision: i64,
        is_quarantined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64> {
        Ok(self.take_note(number, revision, is_quarantined))
    }

    fn add_quarantined(&self, row: &QuarantinedRow) -> Result<()> {
        let table = TABLES
            .iter()
            .position(|table| table.name == row.entity)
            .unwrap_or_default();
        Arc::make_mut(&mut self.state_mut().quarantined).insert((table, row.id), row.clone());
        Ok(())
    }

    fn drop_quarantined(&self, key: Key) -> Result<()> {
        Arc::make_mut(&mut self.state_mut().quarantined).remove(&record_key(key));
        Ok(())
    }

    fn add_not_kept(&self, row: &NotKept) -> Result<()> {
        let table = TABLES.iter().position(|table| table.name == row.entity);
        let record = (table.unwrap_or_default(), row.id);
        Arc::make_mut(&mut self.state_mut().not_kept).insert(record, row.clone());
        Ok(())
    }

    fn drop_not_kept(&self, key: Key) -> Result<()> {
        Arc::make_mut(&mut self.state_mut().not_kept).remove(&record_key(key));
        Ok(())
    }

    fn attempt(&self, part: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let before = self.state().clone();
        part().inspect_err(|_| *self.state_mut() = before)
    }
}

/// A conflict as the real file makes one.
pub(super) fn conflict(file: &ModelFile, id: Uuid, parked: &Parked) -> Vec<Value> {
    let text = |text: &str| Value::Text(text.to_owned());
    let json = |value: &Option<Value>| {
        value
            .as_ref()
            .map_or(Value::Null, |value| text(&value.to_json().to_string()))
    };
    let (kind, field, stands, holder) = match parked.kind {
        ParkedKind::Field { column, mine_stands } => {
            let stands = if mine_stands { "mine" } else { "theirs" };
            ("field", text(column), text(stands), Value::Null)
        }
        ParkedKind::DeletedThere => ("deleted_there", Value::Null, Value::Null, Value::Null),
        ParkedKind::DeletionUndone => ("deletion_undone", Value::Null, Value::Null, Value::Null),
        ParkedKind::ParentCameBack => ("parent_came_back", Value::Null, Value::Null, Value::Null),
        ParkedKind::SameValue { column, holder } => ("same_value", text(column), Value::Null, Value::Uuid(holder)),
        ParkedKind::SameRecord { first } => ("same_record", Value::Null, Value::Null, Value::Uuid(first)),
    };
    let now = Value::Integer(file.clock());
    vec![
        Value::Uuid(id),
        text(parked.key.table.name),
        Value::Uuid(parked.key.id),
        text(kind),
        field,
        json(&parked.base),
        json(&parked.mine),
        json(&parked.theirs),
        stands,
        holder,
        parked.theirs_by.as_deref().map_or(Value::Null, text),
        parked.theirs_at.map_or(Value::Null, Value::timestamp),
        text(&file.name),
        Value::Null,
        Value::Null,
        Value::Null,
        now.clone(),
        now,
    ]
}
