//! Turning rows that wait into a batch that is kept: what is to be sent of each, if anything.

use std::collections::HashSet;

use colophon_store::schema::{ColumnKind, ColumnSet, Table, Value};
use colophon_store::{InFlight, Outgoing, Sent, Waiting};
use jiff::SignedDuration;
use uuid::Uuid;

use super::edited::{Times, changed_fields, times_of_edits};
use crate::central::{Batch, RowChange, TableChanges};
use crate::failpoint::passed;
use crate::local::{Deleted, Key, LocalTransaction, Record};
use crate::merge::say_the_same;
use crate::pile::size_of;
use crate::plan::{Action, Base, Local, Remote, plan};
use crate::quarantined_row::{QuarantinedRow, WhyQuarantined};

/// A batch that is kept, and the rows it was made from.
pub(super) struct Kept {
    pub(super) batch: Batch,
    pub(super) rows: Vec<Waiting>,
}

/// Reads rows as they are now, and keeps those that are to be sent, and the rows that did not fit because the batch
/// would have become larger than `bytes_max`. They are read and kept in one transaction, so that an edit comes either
/// before, and is sent, or after, and is noted as made while the batch was under way. The last content of deletions
/// that are `bare` is not sent.
pub(super) fn keep(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    bare: &HashSet<Key>,
    clock_offset: SignedDuration,
    mut rows: Vec<Waiting>,
    bytes_max: usize,
) -> colophon_store::Result<(Option<Kept>, Vec<Waiting>)> {
    let mut gathered = Gathered::of(&rows);
    tx.visit_outgoing(&rows, &mut |row| {
        gathered.come_to(row.table, row.id);
        let base_revision = row.base_revision;
        let change = to_send(tx, tables, bare, &rows, row)?;
        Ok(change.is_none_or(|(change, fields)| gathered.add(change, fields, base_revision, bytes_max)))
    })?;
    let Gathered {
        sent,
        changed,
        bases,
        end,
        ..
    } = gathered;
    let left = rows.split_off(end);
    if sent.is_empty() {
        return Ok((None, left));
    }
    let times = times_of_edits(tx, &sent, &changed, clock_offset)?;
    let kept = tx.keep_in_flight(&sent)?;
    passed("keep: before the commit");
    let batch = batch_of(kept, tables, sent.into_iter().zip(bases).zip(times));
    Ok((Some(Kept { batch, rows }), left))
}

/// What is to be sent of one row, if anything, and the fields that it changes.
fn to_send(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    bare: &HashSet<Key>,
    rows: &[Waiting],
    mut row: Outgoing,
) -> colophon_store::Result<Option<(Sent, Vec<usize>)>> {
    let (table, id) = (row.table, row.id);
    let key = Key { table, id };
    if bare.contains(&key) {
        row.last_content = None;
    }
    let stays_here = leave_here(&mut row, tx.lacks(table));
    match decide(&row) {
        None if stays_here => no_room(tx, rows, key).map(|()| None),
        Some(mut change) => {
            if change.deletes {
                keep_references_known(tx, tables, &mut change, row.base.as_deref())?;
            }
            let changed = changed_fields(&change, row.base.as_deref());
            Ok(Some((change, changed)))
        }
        None => settle(tx, key, row).map(|()| None),
    }
}

/// What goes into a batch, gathered row by row.
struct Gathered<'r> {
    /// All that are to go.
    rows: &'r [Waiting],
    sent: Vec<Sent>,
    /// The fields that each changes.
    changed: Vec<Vec<usize>>,
    bases: Vec<i64>,
    bytes: usize,
    /// The position of the row being looked at.
    position: usize,
    /// The position at which its transaction began, and how many rows were to be sent before that.
    transaction: (usize, usize),
    /// The position of the first row that did not fit.
    end: usize,
}

impl<'r> Gathered<'r> {
    fn of(rows: &'r [Waiting]) -> Self {
        Self {
            rows,
            sent: Vec::with_capacity(rows.len()),
            changed: Vec::with_capacity(rows.len()),
            bases: Vec::with_capacity(rows.len()),
            bytes: 0,
            position: 0,
            transaction: (0, 0),
            end: rows.len(),
        }
    }

    /// The next row to be looked at. Some of those before it may no longer wait.
    fn come_to(&mut self, table: &'static Table, id: Uuid) {
        let since = self.rows.get(self.position).map(|row| row.since);
        let is_it = |row: &Waiting| row.id == id && row.table == table;
        let rest = self.rows.get(self.position..).unwrap_or_default();
        self.position += rest.iter().position(is_it).unwrap_or(0);
        if self.rows.get(self.position).map(|row| row.since) != since {
            self.transaction = (self.position, self.sent.len());
        }
    }

    /// Whether it fits. A transaction is divided only if it is itself larger than a batch.
    fn add(&mut self, change: Sent, changed: Vec<usize>, base_revision: i64, bytes_max: usize) -> bool {
        self.bytes += size_of(&change.values);
        if self.bytes <= bytes_max || self.sent.is_empty() {
            self.sent.push(change);
            self.changed.push(changed);
            self.bases.push(base_revision);
            return true;
        }
        let (began, before) = self.transaction;
        let (end, sent) = if before > 0 {
            (began, before)
        } else {
            (self.position, self.sent.len())
        };
        self.end = end;
        self.sent.truncate(sent);
        self.changed.truncate(sent);
        self.bases.truncate(sent);
        false
    }
}

/// Takes out of a row what the server has no room for; returns whether it says anything there. What is sent holds, in
/// those columns, what is known to be there, so that the row still waits when the rest has arrived. A deletion takes
/// everything with it.
fn leave_here(row: &mut Outgoing, lacks: ColumnSet) -> bool {
    let (base, Some(values)) = (&row.base, &mut row.row) else {
        return false;
    };
    let mut stays_here = false;
    for position in lacks.positions() {
        let there = base
            .as_ref()
            .map_or_else(|| row.table.columns[position].unsaid(), |base| base[position].clone());
        stays_here |= std::mem::replace(&mut values[position], there.clone()) != there;
    }
    stays_here
}

/// Everything that would be sent of a row is what the server has no room for: it waits until the server has.
fn no_room(tx: &dyn LocalTransaction, rows: &[Waiting], key: Key) -> colophon_store::Result<()> {
    let waiting = rows.iter().find(|row| row.table == key.table && row.id == key.id);
    waiting.map_or(Ok(()), |row| {
        tx.add_quarantined(&QuarantinedRow::new(row, WhyQuarantined::NoRoom))
    })
}

/// A tombstone must not refer to a record that the server never had. What it refers to instead is decided here, so that
/// what is sent is what the server keeps: should the row come back, that is what it comes back over.
fn keep_references_known(
    tx: &dyn LocalTransaction,
    tables: &[&'static Table],
    gone: &mut Sent,
    base: Option<&[Value]>,
) -> colophon_store::Result<()> {
    let Some(base) = base else { return Ok(()) };
    for (position, column) in gone.table.columns.iter().enumerate() {
        let (ColumnKind::Reference { table }, Value::Uuid(id)) = (column.kind, &gone.values[position]) else {
            continue;
        };
        let Some(table) = tables.iter().find(|candidate| candidate.name == table) else {
            continue;
        };
        if gone.values[position] != base[position] && !is_known_there(&tx.record(Key { table, id: *id })?) {
            gone.values[position] = base[position].clone();
        }
    }
    Ok(())
}

/// Whether the server has ever had a record.
fn is_known_there(record: &Record) -> bool {
    let row = record.row.as_ref().map(|row| row.revision);
    let pending = record.pending.as_ref().map(|pending| pending.base_revision);
    let deleted = record.deleted.as_ref().map(|deleted| deleted.revision);
    [row, pending, deleted]
        .into_iter()
        .flatten()
        .any(|revision| revision > 0)
}

/// Nothing of a row needs to be sent. A row that was brought back here and deleted again is already deleted on the
/// server in the same way.
fn settle(tx: &dyn LocalTransaction, key: Key, row: Outgoing) -> colophon_store::Result<()> {
    let (revision, record) = (row.base_revision, tx.record(key)?);
    if let (Some(pending), Some(deleted)) = (record.pending, record.deleted)
        && row.base_is_tombstone
        && !row
            .base
            .as_ref()
            .is_some_and(|base| say_the_same(key.table, base, &deleted.content))
    {
        // What was said in between is in no tombstone.
        tx.set_pending(key, Some(&pending.at_rest()))?;
        return tx.set_deleted(key, Some(&Deleted { revision, ..deleted }));
    }
    tx.set_pending(key, None)?;
    match (row.row, row.base) {
        (None, Some(content)) if row.base_is_tombstone => tx.set_deleted(key, Some(&Deleted { content, revision })),
        _ => Ok(()),
    }
}

/// What is to be sent of a row, if anything.
fn decide(row: &Outgoing) -> Option<Sent> {
    let base = match &row.base {
        Some(base) if row.base_is_tombstone => Base::Deleted(base),
        Some(base) => Base::Row(base),
        None => Base::Never,
    };
    let gone = row.last_content.as_deref().map_or(Local::Absent, Local::Deleted);
    let local = row.row.as_deref().map_or(gone, Local::Row);
    let (deletes, values): (bool, Vec<Value>) = match plan(base, local, Remote::Same) {
        Action::Push => (false, row.row.clone()?),
        Action::PushDeletion => (true, row.last_content.as_ref().or(row.base.as_ref())?.clone()),
        // The others respond to news from the server, and there is none here.
        Action::Settled
        | Action::Take
        | Action::TakeDeletion
        | Action::AdoptAsBase
        | Action::Merge
        | Action::MergeOverTombstone
        | Action::UndoDeletion
        | Action::KeepContent => return None,
    };
    Some(Sent {
        table: row.table,
        id: row.id,
        deletes,
        change: row.change,
        values,
    })
}

fn batch_of(
    kept: InFlight,
    tables: &'static [&'static Table],
    rows: impl Iterator<Item = ((Sent, i64), Times)>,
) -> Batch {
    let mut changes: Vec<TableChanges> = tables
        .iter()
        .map(|table| TableChanges {
            table,
            rows: Vec::new(),
        })
        .collect();
    for ((row, base_revision), edited) in rows {
        if let Some(of_table) = changes.iter_mut().find(|changes| changes.table == row.table) {
            of_table.rows.push(RowChange {
                deletes: row.deletes,
                base_revision,
                values: row.values,
                edited,
            });
        }
    }
    changes.retain(|changes| !changes.rows.is_empty());
    Batch {
        number: kept.number,
        token: kept.token,
        tables: changes,
    }
}
