//! What the server has to be told about the file, and whether its answer still fits.

use std::collections::HashSet;

use colophon_store::schema::Table;

use crate::local::{Key, LocalTransaction, LocalView};
use crate::remote::{Pulled, WaitingHere};
use crate::shared::Shared;

/// What happens to an answer if something that it brought was edited here after it was asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Untold {
    /// Nothing is applied.
    AsksAgain,
    /// The row's own time decides.
    GoesOn,
}

impl Untold {
    /// What happens to each answer in turn; the server is asked at most this many times while the records it is
    /// reporting on are being edited here.
    pub(super) const BY_TRY: [Self; 3] = [Self::AsksAgain, Self::AsksAgain, Self::GoesOn];
}

/// What the server has to be told about the file when it is asked what is new.
pub(super) struct Known {
    /// The records that are pending.
    pub(super) waiting: WaitingHere,
    /// The revisions after the cursor that the file has made itself.
    pub(super) own: Vec<i64>,
}

impl Known {
    pub(super) fn read(
        s: &dyn LocalView,
        tables: &'static [&'static Table],
        shared: Shared,
        after: i64,
    ) -> colophon_store::Result<Self> {
        Ok(Self {
            waiting: waiting_here(s, tables, shared, after)?,
            own: s.seen_after(after)?,
        })
    }
}

/// The records that wait here. Their changes up to a revision are known, but while the file has yet to hear of a field,
/// none are.
pub(super) fn waiting_here(
    view: &dyn LocalView,
    tables: &'static [&'static Table],
    shared: Shared,
    heard_up_to: i64,
) -> colophon_store::Result<WaitingHere> {
    let records: HashSet<Key> = view.pending_keys(tables)?.into_iter().collect();
    let has_heard = records.is_empty() || shared.is(&view.in_step()?);
    Ok(WaitingHere {
        records,
        told_up_to: if has_heard { heard_up_to } else { 0 },
    })
}

/// Whether a record has arrived that waits here now and did not when the server was asked.
pub(super) fn is_story_missing(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    waited: &HashSet<Key>,
    pulled: &Pulled,
) -> colophon_store::Result<bool> {
    let since: HashSet<Key> = tx
        .pending_keys(tables)?
        .into_iter()
        .filter(|key| !waited.contains(key))
        .collect();
    if since.is_empty() {
        return Ok(false);
    }
    let mut come = pulled.rows.keys().chain(pulled.deletions.keys());
    Ok(come.any(|key| since.contains(&key)))
}
