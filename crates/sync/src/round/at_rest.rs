//! What a round finds when it comes to rest.

use colophon_store::Result;
use colophon_store::schema::Table;

use crate::local::LocalView;
use crate::not_kept::NotKept;
use crate::quarantined_row::QuarantinedRow;

/// What is left when nothing more is to be done.
pub(super) struct AtRest {
    pub(super) pending: u64,
    pub(super) quarantined: Vec<QuarantinedRow>,
    pub(super) not_kept: Vec<NotKept>,
}

impl AtRest {
    pub(super) fn read(s: &dyn LocalView, tables: &[&'static Table]) -> Result<Self> {
        Ok(Self {
            pending: s.waiting_count(tables)?,
            quarantined: s.quarantined()?,
            not_kept: s.not_kept()?,
        })
    }

    /// Whether there is nothing to send and nothing to ask for.
    pub(super) fn has_nothing_to_do(&self) -> bool {
        self.pending == 0 && self.quarantined.is_empty() && self.not_kept.is_empty()
    }
}
