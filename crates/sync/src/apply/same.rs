//! Records that two people made without seeing each other's.
//!
//! Whoever comes second notices: among what a pull has brought, there is something that looks the same as something
//! made here since the last pull. The question is parked as a conflict whose id follows from the two records, so if
//! both notice, it is asked once.

use colophon_catalogue::alike::MadeHere;
use colophon_store::Result;

use super::Application;
use super::take::whole_record;
use crate::local::{Key, ParkedKind, Record};
use crate::remote::Incoming;

impl Application<'_> {
    /// Notes a row of which nothing was known here; and a row that was made here since the last pull, before it becomes
    /// what somebody else has made of it, because afterwards its revision no longer tells whose it is.
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

    /// Called after everything is in.
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
