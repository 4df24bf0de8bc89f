//! The turn between two batches: what happens here while the server is at work.

use std::collections::HashSet;

use colophon_store::Waiting;
use colophon_store::schema::Table;
use jiff::SignedDuration;

use super::keep::{Kept, keep};
use crate::cut::Most;
use crate::failpoint::passed;
use crate::fate::{self, Arrived};
use crate::local::{Key, LocalFile, LocalTransaction};

/// The result of the local half of the work.
#[derive(Default)]
pub(super) struct Turned {
    /// How many rows the server has taken.
    pub(super) taken: u64,
    pub(super) kept: Option<Kept>,
    /// Rows that did not fit into the batch that is kept.
    pub(super) left: Vec<Waiting>,
}

/// The local half of the work, in one transaction: what has arrived is acknowledged, what goes next is read and kept.
pub(super) async fn turn_over<L: LocalFile>(
    local: &L,
    tables: &'static [&'static Table],
    bare: &HashSet<Key>,
    clock_offset: SignedDuration,
    most: Most,
    arrived: Option<Arrived>,
    next: Option<Vec<Waiting>>,
) -> colophon_store::Result<Turned> {
    if arrived.is_none() && next.is_none() {
        return Ok(Turned::default());
    }
    let bare = bare.clone();
    let work = move |tx: &dyn LocalTransaction| {
        let taken = match &arrived {
            Some(arrived) => fate::acknowledge(tx, tables, arrived)?,
            None => 0,
        };
        let (kept, left) = match next {
            Some(rows) => keep(tx, tables, &bare, clock_offset, rows, most.bytes)?,
            None => (None, Vec::new()),
        };
        passed("turn over: before the commit");
        Ok(Turned { taken, kept, left })
    };
    let turned = local.write(work).await?;
    passed("turn over: committed");
    Ok(turned)
}
