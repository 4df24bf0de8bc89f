//! One record that has changed on the server.

use std::borrow::Cow;

use colophon_store::Result;
use colophon_store::schema::{ColumnSet, Value};

use super::{Application, attributed};
use crate::local::{Deleted, Key, LocalRow, Parked, ParkedKind, Pending, Record, holds_conflicts};
use crate::merge::{Clash, Merged, Sides, merge, say_the_same};
use crate::plan::{Action, Base, Local, Remote, plan};
use crate::remote::Incoming;

impl Application<'_> {
    /// A row that somebody has written.
    pub(super) fn take_row(&mut self, incoming: &Incoming) -> Result<()> {
        let record = self.record(incoming.key)?;
        self.note_whose(&record, incoming);
        let incoming = &*completed(incoming, &record, self.tx.lacks(incoming.key.table));
        if is_known_already(&record, incoming) {
            return Ok(());
        }
        self.note_rewritten(&record, incoming)?;
        let is_own = self.is_ours(&record, incoming)?;
        let timeless = Timeless::of(&record, incoming);
        let remote = if is_own {
            Remote::Own(&timeless.remote)
        } else {
            Remote::Row(&timeless.remote)
        };
        match plan(timeless.base(&record), timeless.local(), remote) {
            Action::Settled | Action::Take => self.take(incoming),
            Action::AdoptAsBase | Action::Merge => self.merge_rows(&record, incoming, is_own),
            Action::Push | Action::PushDeletion => self.rebase(record, incoming, false),
            Action::UndoDeletion => self.undo_deletion(&record, incoming),
            // These apply to deletions.
            Action::TakeDeletion | Action::MergeOverTombstone | Action::KeepContent => Ok(()),
        }
    }

    /// A row that somebody has deleted.
    pub(super) fn take_deletion(&mut self, incoming: &Incoming) -> Result<()> {
        let record = self.record(incoming.key)?;
        let incoming = &*completed(incoming, &record, self.tx.lacks(incoming.key.table));
        self.note_rewritten(&record, incoming)?;
        let timeless = Timeless::of(&record, incoming);
        let remote = Remote::Deleted(&timeless.remote);
        match plan(timeless.base(&record), timeless.local(), remote) {
            Action::MergeOverTombstone => self.merge_over_tombstone(&record, incoming),
            Action::Push => self.rebase(record, incoming, true),
            Action::KeepContent => self.keep_content(record, incoming),
            _ => self.delete_here(&record, incoming),
        }
    }

    /// A row that was sent and comes back for the first time with different content, or was deleted with different
    /// content: others have changed it, or one of the server's rules has, of which the history may know nothing.
    fn note_rewritten(&self, record: &Record, incoming: &Incoming) -> Result<()> {
        let sent = match (&record.pending, &record.row) {
            (Some(pending), _) => pending.row_there().map(|sent| (sent, pending.base_revision)),
            (None, row) => row.as_ref().map(|row| (row.values.as_slice(), row.revision)),
        };
        let Some((sent, _)) = sent.filter(|(_, revision)| incoming.is_own || *revision > self.cursor) else {
            return Ok(());
        };
        let key = incoming.key;
        for (column, sent) in sent.iter().enumerate() {
            if key.table.columns[column].is_content() && *sent != incoming.values[column] && *sent != Value::Null {
                self.tx.note_rewritten(key, column, sent)?;
            }
        }
        Ok(())
    }

    fn take(&mut self, incoming: &Incoming) -> Result<()> {
        let key = incoming.key;
        let row = LocalRow {
            values: incoming.values.clone(),
            revision: incoming.revision,
        };
        self.write_unique(key, row, Some(&incoming.values))?;
        self.tx.set_pending(key, None)?;
        self.tx.set_deleted(key, None)?;
        self.applied.taken += 1;
        Ok(())
    }

    fn merge_rows(&mut self, record: &Record, incoming: &Incoming, mine_stands: bool) -> Result<()> {
        let Some(row) = &record.row else {
            return self.take(incoming);
        };
        let unsettled = unsettled(incoming.key, &row.values);
        let base = base_of(record).or(unsettled.as_deref());
        let merged = self.merge(incoming, base, &row.values, mine_stands)?;
        self.write_merged(record, incoming, merged)
    }

    /// A row that was deleted here comes back, merged as if it had not been.
    fn undo_deletion(&mut self, record: &Record, incoming: &Incoming) -> Result<()> {
        let Some(deleted) = &record.deleted else {
            return self.take(incoming);
        };
        self.park(&attributed(
            whole_record(incoming.key, ParkedKind::DeletionUndone, incoming.revision),
            incoming,
            None,
        ))?;
        let merged = self.merge(incoming, base_of(record), &deleted.content, false)?;
        self.tx.set_deleted(incoming.key, None)?;
        self.write_merged(record, incoming, merged)
    }

    /// A row that was edited here goes back over the tombstone, which keeps what the deleter last saw.
    fn merge_over_tombstone(&mut self, record: &Record, incoming: &Incoming) -> Result<()> {
        let key = incoming.key;
        let Some(row) = &record.row else {
            return self.delete_here(record, incoming);
        };
        if !incoming.is_own {
            self.park(&attributed(
                whole_record(key, ParkedKind::DeletedThere, incoming.revision),
                incoming,
                None,
            ))?;
        }
        let merged = self.merge(incoming, base_of(record), &row.values, incoming.is_own)?;
        let row = LocalRow {
            values: merged.values,
            revision: incoming.revision,
        };
        self.tx.set_deleted(key, None)?;
        self.tx.set_pending(
            key,
            Some(&Pending {
                base: Some(incoming.values.clone()),
                base_revision: incoming.revision,
                base_is_tombstone: true,
                change: next_change(record),
            }),
        )?;
        // A tombstone holds no value.
        self.write_unique(key, row, None)?;
        self.applied.taken += 1;
        Ok(())
    }

    fn delete_here(&mut self, record: &Record, incoming: &Incoming) -> Result<()> {
        let key = incoming.key;
        if record.row.is_some() {
            self.tx.erase_row(key)?;
            self.erased.push(key);
            self.applied.taken += 1;
        }
        self.tx.set_pending(key, None)?;
        let content = incoming.values.clone();
        let revision = incoming.revision;
        self.tx.set_deleted(key, Some(&Deleted { content, revision }))
    }

    /// Both have deleted the record. The tombstone does not know what was last said here: that is kept, with what it
    /// was said over, and waits for nothing.
    fn keep_content(&mut self, record: Record, incoming: &Incoming) -> Result<()> {
        let Some(deleted) = record.deleted else {
            return Ok(());
        };
        let revision = incoming.revision;
        let seen = record.pending.filter(|pending| pending.base_revision > 0);
        // If nothing was seen there, it was said over nothing that is known.
        let pending = seen.unwrap_or(Pending {
            base_revision: revision,
            ..Pending::default()
        });
        self.tx.set_pending(incoming.key, Some(&pending.at_rest()))?;
        self.tx
            .set_deleted(incoming.key, Some(&Deleted { revision, ..deleted }))
    }

    /// What waits here, an edit or a deletion, is now to be sent over what the server has.
    fn rebase(&mut self, record: Record, incoming: &Incoming, over_tombstone: bool) -> Result<()> {
        let key = incoming.key;
        let pending = Pending {
            base: Some(incoming.values.clone()),
            base_revision: incoming.revision,
            base_is_tombstone: over_tombstone,
            change: record.pending.as_ref().map_or(1, |pending| pending.change),
        };
        self.tx.set_pending(key, Some(&pending))?;
        let revision = incoming.revision;
        match record.row {
            Some(row) => {
                let known = (!over_tombstone).then_some(incoming.values.as_slice());
                self.write_unique(key, LocalRow { revision, ..row }, known).map(drop)
            }
            None => Ok(()),
        }
    }

    fn merge(
        &mut self,
        incoming: &Incoming,
        base: Option<&[Value]>,
        mine: &[Value],
        mine_stands: bool,
    ) -> Result<Merged> {
        let Incoming { key, values, .. } = incoming;
        let (tx, policy) = (self.tx, self.policy);
        let mut failed = None;
        let sides = Sides {
            table: key.table,
            base,
            mine,
            theirs: values,
        };
        let merged = merge(sides, |column| {
            mine_stands
                || policy
                    .mine_is_later(tx, incoming, mine, column)
                    .unwrap_or_else(|error| {
                        failed = Some(error);
                        false
                    })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let together = self.broken_by_both(sides, &merged).map(|column| Clash {
            column,
            mine_stands: true,
        });
        for clash in merged.clashes.iter().chain(&together).filter(|_| !mine_stands) {
            let column = key.table.columns[clash.column].name;
            let parked = Parked {
                key: *key,
                kind: ParkedKind::Field {
                    column,
                    mine_stands: clash.mine_stands,
                },
                base: base.map(|base| base[clash.column].clone()),
                mine: Some(mine[clash.column].clone()),
                theirs: Some(values[clash.column].clone()),
                theirs_at: None,
                theirs_by: None,
                revision: incoming.revision,
            };
            self.park(&attributed(parked, incoming, Some(clash.column)))?;
        }
        Ok(merged)
    }

    /// Writes a merged row over the server's, and notes what the server lacks.
    fn write_merged(&mut self, record: &Record, incoming: &Incoming, merged: Merged) -> Result<()> {
        let key = incoming.key;
        let row = LocalRow {
            values: merged.values,
            revision: incoming.revision,
        };
        let written = self.write_unique(key, row, Some(&incoming.values))?;
        let differs = !say_the_same(key.table, &written, &incoming.values);
        if !differs && written != incoming.values {
            // Only a value differed, and it could not stay: then not even the time is ours.
            let (values, revision) = (incoming.values.clone(), incoming.revision);
            self.tx.write_row(key, &LocalRow { values, revision })?;
        }
        let pending = differs.then(|| Pending {
            base: Some(incoming.values.clone()),
            base_revision: incoming.revision,
            base_is_tombstone: false,
            change: next_change(record),
        });
        self.tx.set_pending(key, pending.as_ref())?;
        self.applied.taken += 1;
        Ok(())
    }
}

/// If the server has no room for a column, it says nothing about it, so the value is taken as it was last seen there,
/// or as it is here.
fn completed<'i>(incoming: &'i Incoming, record: &Record, lacks: ColumnSet) -> Cow<'i, Incoming> {
    let row = record.row.as_ref().map(|row| &row.values);
    let kept = record.deleted.as_ref().map(|deleted| &deleted.content);
    let known = match &record.pending {
        Some(pending) if pending.base_revision > 0 => pending.base.as_ref().or(kept),
        _ => row.or(kept),
    };
    let (Some(known), false) = (known, lacks.is_empty()) else {
        return Cow::Borrowed(incoming);
    };
    let mut incoming = incoming.clone();
    for position in lacks.positions() {
        incoming.values[position] = known[position].clone();
    }
    Cow::Owned(incoming)
}

/// Whether there is nothing of ours, and the very same row is here already.
fn is_known_already(record: &Record, incoming: &Incoming) -> bool {
    let row = record.row.as_ref();
    record.pending.is_none()
        && record.deleted.is_none()
        && row.is_some_and(|row| row.revision == incoming.revision && row.values == incoming.values)
}

/// What the server had when the record was first changed here; an unchanged row is its own base.
fn base_of(record: &Record) -> Option<&[Value]> {
    match (&record.pending, &record.row) {
        (Some(pending), _) if pending.base_revision > 0 => pending.base.as_deref(),
        (None, Some(row)) if row.revision > 0 => Some(&row.values),
        _ => None,
    }
}

/// The base that two devices share if both noticed and parked the same conflict: that it is open. Whoever settles it
/// has the last word, even if somebody else notices it later.
fn unsettled(key: Key, mine: &[Value]) -> Option<Vec<Value>> {
    let columns = key.table.columns.iter().zip(mine);
    let open = columns.map(|(column, value)| match column.name {
        "settled_at" | "settled_by" | "settlement" => Value::Null,
        _ => value.clone(),
    });
    holds_conflicts(key.table).then(|| open.collect())
}

/// One change more than before, so that nobody mistakes the new content for what was sent.
pub(crate) fn next_change(record: &Record) -> i64 {
    record.pending.as_ref().map_or(1, |pending| pending.change + 1)
}

pub(crate) fn whole_record(key: Key, kind: ParkedKind, revision: i64) -> Parked {
    Parked {
        key,
        kind,
        base: None,
        mine: None,
        theirs: None,
        theirs_at: None,
        theirs_by: None,
        revision,
    }
}

/// The rows that a plan compares, without their times: a row that somebody merely touched says what it said before.
struct Timeless {
    base: Option<Vec<Value>>,
    row: Option<Vec<Value>>,
    deleted: Option<Vec<Value>>,
    remote: Vec<Value>,
}

impl Timeless {
    fn of(record: &Record, incoming: &Incoming) -> Self {
        let content = |values: &[Value]| {
            let columns = incoming.key.table.columns.iter().zip(values);
            columns
                .filter(|(column, _)| column.is_content())
                .map(|(_, value)| value.clone())
                .collect::<Vec<_>>()
        };
        Self {
            base: base_of(record).map(content),
            row: record.row.as_ref().map(|row| content(&row.values)),
            deleted: record.deleted.as_ref().map(|deleted| content(&deleted.content)),
            remote: content(&incoming.values),
        }
    }

    fn base(&self, record: &Record) -> Base<'_> {
        let is_tombstone = record.pending.as_ref().is_some_and(|pending| pending.base_is_tombstone);
        let is_at_rest = record.pending.as_ref().is_some_and(Pending::is_at_rest);
        match &self.base {
            Some(base) if is_at_rest => Base::Gone(base),
            Some(base) if is_tombstone => Base::Deleted(base),
            Some(base) => Base::Row(base),
            None if is_at_rest => Base::Never,
            None => self.tombstone(record).map_or(Base::Never, Base::Deleted),
        }
    }

    /// The content of a deletion, as the server has it. A deletion without a revision is in no tombstone.
    fn tombstone(&self, record: &Record) -> Option<&[Value]> {
        let deleted = record.deleted.as_ref();
        let is_known = self.row.is_none() && deleted.is_some_and(|deleted| deleted.revision > 0);
        self.deleted.as_deref().filter(|_| is_known)
    }

    fn local(&self) -> Local<'_> {
        let deleted = self.deleted.as_deref().map_or(Local::Absent, Local::Deleted);
        self.row.as_deref().map_or(deleted, Local::Row)
    }
}
