//! Records that two people made without seeing each other's.
//!
//! Whoever comes second notices: of what a pull has brought, what looks the same as something that was made here since the last one. The
//! question is parked as a conflict whose id follows from the two records, so where both notice, it is asked once.

use colophon_catalogue::alike::MadeHere;
use colophon_store::Result;

use super::Application;
use super::take::whole_record;
use crate::local::{Key, ParkedKind, Record};
use crate::remote::Incoming;

impl Application<'_> {
    /// Notes a row that nothing was known of here; and one that was made here since the last pull, before it becomes what somebody else has made
    /// of it: its revision does not tell any more whose it is.
    pub(super) fn note_whose(&mut self, record: &Record, incoming: &Incoming) {
        if incoming.is_own {
            return;
        }
        if *record == Record::default() {
            self.newcomers.push(incoming.key);
        }
        let row = record.row.as_ref();
        if row.is_some_and(|row| row.revision == 0 || self.sent_in.binary_search(&row.revision).is_ok()) {
            self.made_here.push(incoming.key.id);
        }
    }

    /// After everything is in.
    pub(super) fn ask_whether_the_same(&mut self) -> Result<()> {
        let newcomers: Vec<Key> = std::mem::take(&mut self.newcomers);
        if newcomers.is_empty() {
            return Ok(());
        }
        self.made_here.sort_unstable();
        let made = MadeHere {
            revisions: &self.sent_in,
            records: &self.made_here,
        };
        for (key, first) in self.tx.alike(&newcomers, made)? {
            self.park(&whole_record(key, ParkedKind::SameRecord { first }, 0))?;
        }
        Ok(())
    }
}
