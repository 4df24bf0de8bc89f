//! First of all: what became of the batches that were under way when the last round ended?
//!
//! A connection that breaks at the commit leaves both answers possible. Only the server knows, and it is asked before
//! anything else is: rows of a batch that did arrive must not be taken for rows that still wait.

use std::collections::HashSet;

use colophon_store::LocalDevice;
use colophon_store::schema::Table;
use uuid::Uuid;

use crate::central::{self, Outcome};
use crate::error::Result;
use crate::failpoint::passed;
use crate::local::{LocalFile, LocalTransaction};
use crate::push::release_dependants;
use crate::remote::RemoteCatalogue;

/// Asks for the fate of every batch in flight and settles it. Returns the device, which is another one when its file turns out
/// to be a copy.
pub(crate) async fn settle<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    device: LocalDevice,
    tables: &'static [&'static Table],
) -> Result<LocalDevice> {
    let mut device = device;
    for batch in local.read(|s| s.in_flight()).await? {
        let number = batch.number;
        passed("fate: before it is asked");
        let fate = match remote.fate(device.id, batch).await {
            Err(central::Error::BatchNumberUsed { number }) => {
                device = become_another(local, number).await?;
                None
            }
            fate => fate?,
        };
        tracing::debug!(number, arrived = fate.is_some(), "the fate of a batch");
        passed("fate: told");
        local
            .write(move |tx| match &fate {
                Some(outcome) => acknowledge(tx, tables, number, outcome).map(drop),
                None => tx.forget_in_flight(number),
            })
            .await?;
        passed("fate: settled");
    }
    Ok(local
        .write(|tx| {
            tx.forget_unsent_deletions()?;
            tx.device_or_new()
        })
        .await?)
}

/// Another file counts batches for the same device: this one is a copy, or was brought back from a backup. It is a device of its own
/// from now on; whatever waits is sent by that one.
pub(crate) async fn become_another<L: LocalFile>(local: &L, number: i64) -> Result<LocalDevice> {
    tracing::warn!(
        number,
        "this file is a copy of one that was used elsewhere; it is a device of its own now"
    );
    passed("copy: noticed");
    let device = local.write(|tx| tx.renew_device()).await?;
    passed("copy: a device of its own");
    Ok(device)
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
    if let Some(seen) = outcome.seen() {
        tx.keep_seen(seen)?;
    }
    let taken = tx.acknowledge(tables, number, outcome.revision, &|table, id| {
        declined.contains(&(table.name, id))
    })?;
    if taken > 0 {
        // In the same transaction: should the program die now, nobody else would remember that they may go.
        release_dependants(tx, tables)?;
    }
    passed("acknowledge: before the commit");
    Ok(taken)
}
