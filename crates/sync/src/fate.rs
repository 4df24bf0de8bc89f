//! First of all: what became of the batches that were under way when the last round ended?
//!
//! A connection that breaks at the commit leaves both answers possible. Only the server knows, and it is asked before
//! anything else is: rows of a batch that did arrive must not be taken for rows that still wait.

use std::collections::HashSet;

use colophon_store::schema::Table;
use uuid::Uuid;

use crate::central::Outcome;
use crate::error::Result;
use crate::local::{LocalFile, LocalTransaction};
use crate::remote::RemoteCatalogue;

/// Asks for the fate of every batch in flight and settles it.
pub(crate) async fn settle<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    device: Uuid,
    tables: &'static [&'static Table],
) -> Result<()> {
    for number in local.read(|s| s.in_flight()).await? {
        let fate = remote.fate(device, number).await?;
        tracing::debug!(number, arrived = fate.is_some(), "the fate of a batch");
        local
            .write(move |tx| match &fate {
                Some(outcome) => acknowledge(tx, tables, number, outcome).map(drop),
                None => tx.forget_in_flight(number),
            })
            .await?;
    }
    local.write(|tx| tx.forget_unsent_deletions()).await?;
    Ok(())
}

/// Takes note of what the server says of a batch. Returns how many rows it has taken.
pub(crate) fn acknowledge(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    number: i64,
    outcome: &Outcome,
) -> colophon_store::Result<u64> {
    let declined: HashSet<(&str, Uuid)> = outcome
        .declined
        .iter()
        .map(|row| (row.entity.as_str(), row.id))
        .collect();
    tx.acknowledge(tables, number, outcome.revision, &|table, id| {
        declined.contains(&(table.name, id))
    })
}
