//! Rows that this login may not send, as opposed to those that the server refuses for what they are.

use std::collections::HashMap;

use colophon_store::Waiting;
use colophon_store::schema::Table;

use crate::central::{self, Batch, RowChange};
use crate::error::Result;
use crate::local::{LocalFile, LocalTransaction};
use crate::quarantine::quarantine;
use crate::quarantined_row::{QuarantinedRow, WhyQuarantined, leave_out};

/// Quarantines everything that is due to be tried now, because this login may not write.
pub(crate) async fn withhold_all<L: LocalFile>(
    local: &L,
    tables: &'static [&'static Table],
    error: &central::Error,
) -> Result<()> {
    let (why, now) = (WhyQuarantined::withheld(error), local.now());
    let write = move |tx: &dyn LocalTransaction| {
        let untried = leave_out(tx.waiting(tables)?, &tx.quarantined()?, now);
        let quarantined = untried.iter().map(|row| QuarantinedRow::new(row, why.clone()));
        quarantine(tx, quarantined.collect(), now)
    };
    Ok(local.write(write).await?)
}

/// The rows of a batch grouped by their table and what is to be done to them, each in its original form.
pub(super) fn by_kind(batch: &Batch, rows: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let sent = batch.tables.iter().flat_map(|changes| {
        let kind = |row: &RowChange| (row.deletes, row.base_revision > 0);
        changes
            .rows
            .iter()
            .filter_map(move |row| Some(((changes.table.name, row.id()?), kind(row))))
    });
    let sent: HashMap<_, _> = sent.collect();
    let mut kinds: Vec<(_, Vec<Waiting>)> = Vec::new();
    for row in rows {
        let kind = (row.table.name, sent.get(&(row.table.name, row.id)));
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, of_kind)) => of_kind.push(row),
            None => kinds.push((kind, vec![row])),
        }
    }
    kinds.into_iter().map(|(_, rows)| rows).collect()
}
