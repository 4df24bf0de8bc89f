//! Records that two people made without seeing each other's.
//!
//! Whoever comes second notices: of what a pull has brought, what looks the same as something that was made here since the last one. The
//! question is parked as a conflict whose id follows from the two records, so where both notice, it is asked once.

use colophon_store::Result;

use super::Application;
use super::take::whole_record;
use crate::local::{Key, ParkedKind, Record};
use crate::remote::Incoming;

impl Application<'_> {
    /// Notes a row that nothing was known of here.
    pub(super) fn note_newcomer(&mut self, record: &Record, incoming: &Incoming) {
        if *record == Record::default() && !incoming.is_own {
            self.newcomers.push(incoming.key);
        }
    }

    /// After everything is in.
    pub(super) fn ask_whether_the_same(&mut self) -> Result<()> {
        let newcomers: Vec<Key> = std::mem::take(&mut self.newcomers);
        if newcomers.is_empty() {
            return Ok(());
        }
        let made_in = self.tx.seen_after(self.cursor)?;
        for (key, first) in self.tx.alike(&newcomers, &made_in)? {
            self.park(&whole_record(key, ParkedKind::SameRecord { first }, 0))?;
        }
        Ok(())
    }
}
