//! No row without the rows it refers to.
//!
//! A row that refers to one that is not here brings that one back: by undoing a deletion made here, or over the
//! tombstone of a deletion made elsewhere.

use colophon_store::schema::{ColumnKind, Value};
use colophon_store::{Error, Result};

use super::Application;
use super::take::{next_change, whole_record};
use crate::local::{Key, LocalRow, ParkedKind, Pending, Record};

impl Application<'_> {
    /// Called after all rows and deletions of a pull are in.
    pub(super) fn bring_parents_back(&mut self) -> Result<()> {
        for gone in std::mem::take(&mut self.erased) {
            if self.tx.is_referred_to(gone)? {
                self.bring_back(gone)?;
            }
        }
        // A parent that comes back may itself have parents, and is then added here.
        while let Some(child) = self.children.pop() {
            for parent in self.missing_parents(child)? {
                if !self.bring_back(parent)? {
                    self.hide(child, parent)?;
                    break;
                }
            }
        }
        Ok(())
    }

    fn missing_parents(&self, child: Key) -> Result<Vec<Key>> {
        let Some(row) = self.tx.record(child)?.row else {
            return Ok(Vec::new());
        };
        let mut missing = Vec::new();
        for (column, value) in child.table.columns.iter().zip(&row.values) {
            if let (ColumnKind::Reference { table }, Value::Uuid(id)) = (column.kind, value) {
                let table = self.policy.tables.iter().find(|candidate| candidate.name == table);
                let parent = table.map(|table| Key { table, id: *id });
                if let Some(parent) = parent
                    && self.tx.record(parent)?.row.is_none()
                {
                    missing.push(parent);
                }
            }
        }
        Ok(missing)
    }

    /// Brings a parent back if it was ever here; returns whether it could.
    fn bring_back(&mut self, key: Key) -> Result<bool> {
        let record = self.tx.record(key)?;
        let Record {
            row: None,
            pending,
            deleted: Some(deleted),
        } = &record
        else {
            return Ok(record.row.is_some());
        };
        let kind = if pending.is_none() && deleted.revision > 0 {
            ParkedKind::ParentCameBack
        } else {
            ParkedKind::DeletionUndone
        };
        let seen = pending
            .as_ref()
            .map_or(deleted.revision, |pending| pending.base_revision);
        self.park(&whole_record(key, kind, seen))?;
        let pending = match pending {
            // Deleted here, and the server still has it, or its tombstone.
            Some(pending) => Some(Pending {
                change: next_change(&record),
                ..pending.clone()
            }),
            // Deleted there.
            None if deleted.revision > 0 => Some(Pending {
                base: Some(deleted.content.clone()),
                base_revision: deleted.revision,
                base_is_tombstone: true,
                change: 1,
            }),
            // Made and deleted here, and never sent.
            None => None,
        };
        let revision = pending.as_ref().map_or(0, |pending| pending.base_revision);
        // If both had deleted it, the server has no row.
        let is_there = !record.pending.as_ref().is_some_and(Pending::is_at_rest);
        let known = pending.as_ref().filter(|_| is_there).and_then(Pending::row_there);
        let row = LocalRow {
            values: deleted.content.clone(),
            revision,
        };
        self.tx.set_deleted(key, None)?;
        self.tx.set_pending(key, pending.as_ref())?;
        self.write_unique(key, row, known)?;
        self.applied.taken += 1;
        Ok(true)
    }

    /// A row whose parent this login may not see is not kept here either, until that changes. What waits here, or what
    /// others here refer to, has to stay: then what has come cannot be kept. A parent that cannot be kept now may be
    /// kept one day, and its children with it.
    fn hide(&mut self, child: Key, parent: Key) -> Result<()> {
        let record = self.tx.record(child)?;
        let waits = record.pending.is_some() || record.row.as_ref().is_some_and(|row| row.revision == 0);
        let comes_later = self.not_kept.contains(&parent) || self.unread.iter().any(|row| row.key == parent);
        if waits || comes_later || self.tx.is_referred_to(child)? {
            return Err(Error::ForeignKey {
                entity: child.table.name,
                reason: "it refers to a record that is hidden from your login".to_owned(),
            });
        }
        self.applied.hidden += 1;
        self.tx.erase_row(child)
    }
}
