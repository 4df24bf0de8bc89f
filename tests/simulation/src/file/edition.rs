//! The file under programs of different versions: what its program knows about it, and what waits in it because the
//! server has no room.

use std::sync::{Arc, PoisonError};

use colophon_store::schema::{ColumnSet, Table, Value};
use colophon_store::{Waiting, being_taken_up};
use colophon_sync::local::{Deleted, LocalRow, Pending, Record};
use colophon_sync::shared::Shared;

use super::ModelFile;
use super::transaction::Transaction;
use crate::planted::Bug;
use crate::tables::{RecordKey, TABLES, position_of};
use crate::versions::{NEWEST, OLDEST, Version, all_in_whole, as_known, named, shared, tables_of, whole};

/// The version of the program that has the file, and what it has in common with the server.
#[derive(Debug, Clone, Copy)]
pub(super) struct Edition {
    version: Version,
    shared: Shared,
}

impl Default for Edition {
    fn default() -> Self {
        Self {
            version: NEWEST,
            shared: shared(NEWEST, NEWEST),
        }
    }
}

impl ModelFile {
    fn edition(&self) -> Edition {
        *self.edition.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new file of a program of some version. Whichever it is, the file has not been in step with more than the
    /// oldest version knows.
    pub(crate) fn begin_at(&self, version: Version) {
        let in_step = Arc::new(named(tables_of(OLDEST)));
        let mut state = self.state();
        state.in_step = in_step;
        self.restore(state);
        self.upgrade(version);
    }

    /// From now on a program of this version has it. Its migrations add columns about which nothing is said.
    pub(crate) fn upgrade(&self, version: Version) {
        let shared = shared(version, version);
        *self.edition.lock().unwrap_or_else(PoisonError::into_inner) = Edition { version, shared };
    }

    /// The version of its program.
    pub(crate) fn version(&self) -> Version {
        self.edition().version
    }

    /// From now on it is exchanged with a server of this version. Returns what both know.
    pub(crate) fn share(&self, server: Version) -> Shared {
        let mut edition = self.edition.lock().unwrap_or_else(PoisonError::into_inner);
        edition.shared = shared(edition.version, server);
        edition.shared
    }

    /// All tables of its program.
    pub(super) fn tables(&self) -> &'static [&'static Table] {
        tables_of(self.version())
    }

    /// What its program and the server both know, as far as that was found out.
    pub(super) fn shared(&self) -> Shared {
        self.edition().shared
    }
}

impl Transaction<'_> {
    /// Makes a row wait of which the server has everything except what it has no room for, if the row says anything
    /// there.
    pub(super) fn let_wait_without_room(&self, record: RecordKey) {
        let tables = self.file().tables();
        let Some(table) = tables.iter().find(|table| position_of(table) == record.0) else {
            return;
        };
        let lacks = self.file().shared().lacks(table);
        if !lacks.is_empty() {
            self.note_without(record, all_in_whole(table, lacks));
        }
    }

    /// The same for all rows of a table; and for those that wait already, nothing is known any more of these columns.
    pub(super) fn let_wait_all(&self, table: &'static Table, columns: ColumnSet) {
        if self.bug() == Some(Bug::NothingIsPending) {
            return;
        }
        let columns = all_in_whole(table, self.not_yet_taken_up(table, columns));
        let position = position_of(table);
        let pending = self.state().pending[position].clone();
        for (id, kept) in pending.iter() {
            if let Some(base) = &kept.pending.base {
                let base = Some(without(table, base, columns));
                let pending = Pending { base, ..kept.pending };
                self.put_pending((position, *id), pending, kept.is_deletion);
            }
        }
        let rows = self.state().rows[position].clone();
        for id in rows.keys() {
            self.note_without((position, *id), columns);
        }
        let deleted = self.state().deleted[position].clone();
        for (id, deleted) in deleted.iter() {
            self.keep_without((position, *id), deleted, columns);
        }
    }

    /// The columns in which nothing had been begun; it is begun now, unless a batch is under way.
    fn not_yet_taken_up(&self, table: &'static Table, columns: ColumnSet) -> ColumnSet {
        let mut state = self.state_mut();
        let is_settled = state.in_flight.is_empty();
        let begun = Arc::make_mut(&mut state.in_step);
        let name = |column: usize| (table.name.to_owned(), being_taken_up(table.columns[column].name));
        let columns: ColumnSet = columns
            .positions()
            .filter(|column| !begun.contains(&name(*column)))
            .collect();
        if is_settled {
            begun.extend(columns.positions().map(name));
        }
        columns
    }

    /// What a deletion took along that the tombstone does not know stays in a pending note that waits for nothing.
    fn keep_without(&self, record: RecordKey, deleted: &Deleted, columns: ColumnSet) {
        let base = without(TABLES[record.0], &deleted.content, columns);
        if deleted.revision == 0 || base == deleted.content || self.state().pending(record).is_some() {
            return;
        }
        let pending = Pending {
            base: Some(base),
            base_revision: deleted.revision,
            base_is_tombstone: true,
            change: 0,
        };
        self.put_pending(record, pending, true);
    }

    fn note_without(&self, record: RecordKey, columns: ColumnSet) {
        let row = self.state().row(record).cloned();
        let Some(row) = row.filter(|row| row.revision > 0) else {
            return;
        };
        let base = without(TABLES[record.0], &row.values, columns);
        if base == row.values || self.state().pending(record).is_some() {
            return;
        }
        let pending = Pending {
            base: Some(base),
            base_revision: row.revision,
            base_is_tombstone: false,
            change: 1,
        };
        self.put_pending(record, pending, false);
    }

    /// Makes every row of a table one that the server never had, once.
    pub(super) fn make_new(&self, table: &'static Table) {
        let position = position_of(table);
        let mut state = self.state_mut();
        if !Arc::make_mut(&mut state.in_step).insert((table.name.to_owned(), String::new())) {
            return;
        }
        for row in Arc::make_mut(&mut state.rows[position]).values_mut() {
            if row.revision > 0 {
                Arc::make_mut(row).revision = 0;
            }
        }
        state.pending[position] = Arc::default();
        for deleted in Arc::make_mut(&mut state.deleted[position]).values_mut() {
            if deleted.revision > 0 {
                Arc::make_mut(deleted).revision = 0;
            }
        }
    }
}

/// A whole row that says nothing in some columns.
fn without(table: &Table, values: &[Value], columns: ColumnSet) -> Vec<Value> {
    let mut values = values.to_vec();
    for column in columns.positions() {
        values[column] = whole(table).columns[column].unsaid();
    }
    values
}

/// What a program knows about a record.
pub(super) fn known_of(table: &'static Table, record: Record) -> Record {
    if std::ptr::eq(table, whole(table)) {
        return record;
    }
    let known = |values: Vec<Value>| as_known(table, &values);
    Record {
        row: record.row.map(|row| LocalRow {
            values: known(row.values),
            ..row
        }),
        pending: record.pending.map(|pending| Pending {
            base: pending.base.map(known),
            ..pending
        }),
        deleted: record.deleted.map(|deleted| Deleted {
            content: known(deleted.content),
            ..deleted
        }),
    }
}

/// Those that are of these tables.
pub(super) fn among(tables: &[&'static Table], mut waiting: Vec<Waiting>) -> Vec<Waiting> {
    waiting.retain_mut(|row| {
        let known = tables.iter().copied().find(|table| table.name == row.table.name);
        known.is_some_and(|table| {
            row.table = table;
            true
        })
    });
    waiting
}
