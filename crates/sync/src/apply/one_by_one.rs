//! One row after another, so that one that cannot be kept does not stop the others.
//!
//! Each is taken in its own part of the transaction, with the parents that it brings back. A part that is undone leaves
//! no trace, except for values that the row had [given up](super::unique) beforehand so that others could have them: it
//! gets those back, unless they have been taken by now.

use colophon_store::Result;

use super::{Application, Care, Released, quarantined_keys};
use crate::local::{Key, Record};
use crate::not_kept::{Unread, WhyNotKept};
use crate::remote::Incoming;

/// What arrived for a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Row,
    Deletion,
}

impl Application<'_> {
    /// Takes a row, or a deletion, with the care that is asked for.
    pub(super) fn take_carefully(&mut self, incoming: &Incoming, what: What) -> Result<()> {
        match self.policy.care {
            Care::AllAtOnce => self.take_any(incoming, what)?,
            Care::OneByOne => {
                let (tx, released) = (self.tx, self.released.get(&incoming.key).cloned());
                let applied = self.applied;
                let attempted = tx.attempt(&mut || {
                    self.take_any(incoming, what)?;
                    self.bring_parents_back()
                });
                match attempted {
                    Err(error) if error.is_about_a_row() => {
                        self.applied = applied;
                        self.leave(incoming, released, WhyNotKept::of(&error))?;
                        return Ok(());
                    }
                    attempted => attempted?,
                }
            }
        }
        if self.not_kept.remove(&incoming.key) {
            self.tx.drop_not_kept(incoming.key)?;
        }
        Ok(())
    }

    fn take_any(&mut self, incoming: &Incoming, what: What) -> Result<()> {
        match what {
            What::Row => self.take_row(incoming),
            What::Deletion => self.take_deletion(incoming),
        }
    }

    /// Leaves the record as it was here.
    fn leave(&mut self, incoming: &Incoming, released: Option<Released>, why: WhyNotKept) -> Result<()> {
        let Incoming { key, revision, .. } = *incoming;
        self.children.clear();
        self.erased.clear();
        self.released.remove(&key);
        self.quarantined = quarantined_keys(self.tx, self.policy.tables)?;
        if released.is_some() {
            let (tx, record) = (self.tx, self.with_released(key, released)?);
            match tx.attempt(&mut || self.put_back(key, &record)) {
                Err(error) if error.is_about_a_row() => (),
                put_back => put_back?,
            }
            self.children.clear();
        }
        self.unread.push(Unread { key, revision, why });
        Ok(())
    }

    fn put_back(&mut self, key: Key, record: &Record) -> Result<()> {
        let Some(row) = record.row.clone() else {
            return Ok(());
        };
        let known = match &record.pending {
            Some(pending) => pending.row_there().map(<[_]>::to_vec),
            None => (row.revision > 0).then(|| row.values.clone()),
        };
        self.write_unique(key, row, known.as_deref()).map(drop)
    }
}
