//! A round under way, and what gets another chance when the server has something new to say.

use std::collections::HashSet;

use colophon_store::InFlight;
use colophon_store::schema::Table;

use super::at_rest::AtRest;
use super::known::Known;
use super::report::RoundReport;
use crate::central::{Device, Head};
use crate::local::LocalTransaction;
use crate::quarantine::drop_quarantined;
use crate::quarantine::give_another_chance;
use crate::quarantined_row::QuarantinedRow;
use crate::shared::Shared;

/// A round under way.
pub(super) struct Turns<'r, L, R> {
    pub(super) local: &'r L,
    pub(super) remote: &'r mut R,
    pub(super) tables: &'static [&'static Table],
    pub(super) batch_rows: usize,
    pub(super) device: Device,
    /// Deletions up to this revision may be forgotten on the server.
    pub(super) purge_floor: i64,
    /// The batches whose fate could not be settled, because this login may not write.
    pub(super) unsettled: Vec<InFlight>,
    pub(super) report: RoundReport,
    /// The columns in which the file was in step when the round began.
    pub(super) in_step: HashSet<(String, String)>,
    /// Where the catalogue stood when it last reported what is new.
    pub(super) told: Option<Head>,
    /// What the next question needs from the file, if that has been read and is unchanged.
    pub(super) known: Option<Known>,
    /// What was last found, if the round comes to rest with it.
    pub(super) at_rest: Option<AtRest>,
}

/// What the server knew better may now be known here: rows that waited for such news get another chance.
pub(super) fn try_again(tx: &dyn LocalTransaction, tables: &'static [&'static Table]) -> colophon_store::Result<()> {
    let quarantined = tx.quarantined()?;
    let news: Vec<_> = quarantined.into_iter().filter(QuarantinedRow::waits_for_news).collect();
    drop_quarantined(tx, tables, &news)
}

/// A file has everything that both know. One of the two is at another version than before, which may accept what there
/// was no room for, and what it refused: everything that was quarantined gets another chance.
pub(super) fn in_step_with(tx: &dyn LocalTransaction, shared: Shared) -> colophon_store::Result<()> {
    tx.set_in_step(shared.all_there())?;
    give_another_chance(tx, shared.tables, &|_| true).map(drop)
}
