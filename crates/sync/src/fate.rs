//! First of all: what became of the batches that were under way when the last round ended?
//!
//! A connection that breaks at the commit leaves both answers possible. Only the server knows, and it is asked before
//! anything else: rows of a batch that did arrive must not be taken for rows that still wait.
//!
//! The question closes a batch that did not arrive, which is a write. A device that may not write is told only what is
//! known; a batch of which nothing is known then may still be on its way, and stays under way until somebody may settle
//! it.

use std::collections::HashSet;

use colophon_store::schema::Table;
use colophon_store::{InFlight, LocalDevice, ServerClock};
use uuid::Uuid;

use crate::central::{self, Device, Outcome};
use crate::error::Result;
use crate::failpoint::passed;
use crate::local::{LocalFile, LocalTransaction};
use crate::quarantine::release_dependants;
use crate::remote::RemoteCatalogue;
use crate::server_clock::is_news;

/// A batch that reached the server.
#[derive(Debug, Clone)]
pub(crate) struct Arrived {
    pub(crate) number: i64,
    pub(crate) outcome: Outcome,
    /// Whether its revision is the one after the last that the file has, and holds what was sent: in that case the file
    /// has it, too.
    pub(crate) is_next: bool,
}

impl Arrived {
    /// The revision up to which the file has everything once this is noted, if it is known.
    pub(crate) fn reaches(&self) -> Option<i64> {
        self.is_next.then_some(self.outcome.revision)
    }
}

/// The device, and the batches that may have to be asked about. If there are none, nothing is in the way of a push.
/// What was found out about the server's clock is stored in passing.
pub(crate) fn prepare(
    tx: &dyn LocalTransaction,
    clock: &ServerClock,
) -> colophon_store::Result<(LocalDevice, Vec<InFlight>)> {
    if is_news(clock, tx.server_clock(clock.boot)?) {
        tx.keep_server_clock(clock)?;
    }
    let (device, in_flight) = (tx.device_or_new()?, tx.in_flight()?);
    if in_flight.is_empty() {
        tx.forget_unsent_deletions()?;
    }
    Ok((device, in_flight))
}

/// What became of the batches.
pub(crate) struct Settled {
    /// The device, which is a different one if its file turns out to be a copy.
    pub(crate) device: LocalDevice,
    /// What could not be settled.
    pub(crate) unsettled: Unsettled,
}

/// Batches whose fate is not known, and why it could not be settled.
#[derive(Default)]
pub(crate) struct Unsettled {
    pub(crate) batches: Vec<InFlight>,
    pub(crate) error: Option<central::Error>,
}

/// Asks for the fate of every batch in flight and settles it. `identify` says how a device introduces itself.
pub(crate) async fn settle<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    device: LocalDevice,
    in_flight: Vec<InFlight>,
    tables: &'static [&'static Table],
    identify: impl Fn(&LocalDevice) -> Device,
) -> Result<Settled> {
    let mut unsettled = Unsettled::default();
    if in_flight.is_empty() {
        return Ok(Settled { device, unsettled });
    }
    let mut device = device;
    for batch in in_flight {
        let number = batch.number;
        passed("fate: before it is asked");
        let fate = match remote.fate(&identify(&device), batch).await {
            Err(central::Error::BatchNumberUsed { number }) => {
                device = become_another(local, number).await?;
                None
            }
            Err(error) if error.means_no_writing() => {
                let still = settle_known(local, remote, &identify(&device), &[batch], tables).await?;
                if !still.is_empty() {
                    unsettled.batches.extend(still);
                    unsettled.error = Some(error);
                }
                continue;
            }
            fate => fate?,
        };
        tracing::debug!(number, arrived = fate.is_some(), "the fate of a batch");
        passed("fate: told");
        note(local, tables, number, fate).await?;
        passed("fate: settled");
    }
    if unsettled.batches.is_empty() {
        local.write(|tx| tx.forget_unsent_deletions()).await?;
    }
    let device = local.write(|tx| tx.device_or_new()).await?;
    Ok(Settled { device, unsettled })
}

/// Settles those of some batches that are known to have arrived, without writing anything there. Returns the others.
pub(crate) async fn settle_known<L: LocalFile, R: RemoteCatalogue>(
    local: &L,
    remote: &mut R,
    device: &Device,
    batches: &[InFlight],
    tables: &'static [&'static Table],
) -> Result<Vec<InFlight>> {
    let mut unknown = Vec::new();
    for batch in batches {
        match remote.known_fate(device, *batch).await {
            Ok(Some(outcome)) => note(local, tables, batch.number, Some(outcome)).await?,
            Ok(None) => unknown.push(*batch),
            // Its number belongs to another, so it will never arrive; what this file is, is found out when it may write
            // again.
            Err(central::Error::BatchNumberUsed { number }) => note(local, tables, number, None).await?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(unknown)
}

/// Records a fate: of a batch that arrived, or of one that never will.
async fn note<L: LocalFile>(
    local: &L,
    tables: &'static [&'static Table],
    number: i64,
    fate: Option<Outcome>,
) -> Result<()> {
    let arrived = fate.map(|outcome| Arrived {
        number,
        outcome,
        is_next: false,
    });
    let write = move |tx: &dyn LocalTransaction| match &arrived {
        Some(arrived) => acknowledge(tx, tables, arrived).map(drop),
        None => tx.forget_in_flight(number),
    };
    Ok(local.write(write).await?)
}

/// Another file counts batches for the same device: this one is a copy, or was restored from a backup. From now on it
/// is a device of its own, and sends whatever waits under that identity.
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

/// Records what the server says about a batch. Returns how many rows it has taken.
pub(crate) fn acknowledge(
    tx: &dyn LocalTransaction,
    tables: &'static [&'static Table],
    arrived: &Arrived,
) -> colophon_store::Result<u64> {
    let Arrived {
        number,
        outcome,
        is_next,
    } = arrived;
    let quarantined: HashSet<(&str, Uuid)> = outcome
        .quarantined
        .iter()
        .map(|row| (row.entity.as_str(), row.id))
        .collect();
    match outcome.seen() {
        Some(seen) if *is_next => tx.set_cursor(seen)?,
        Some(seen) => tx.keep_seen(seen)?,
        None => (),
    }
    let taken = tx.acknowledge(tables, *number, outcome.revision, &|table, id| {
        quarantined.contains(&(table.name, id))
    })?;
    if taken > 0 {
        // In the same transaction: if the program died now, nobody else would remember that they may go.
        release_dependants(tx, tables)?;
    }
    passed("acknowledge: before the commit");
    Ok(taken)
}
