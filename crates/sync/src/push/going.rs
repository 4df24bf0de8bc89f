//! A batch on its way, tried again and again while others are in the way.

use std::time::Duration;

use colophon_store::schema::Table;

use crate::backoff::Backoff;
use crate::central::{self, Batch, Device, Outcome};
use crate::remote::RemoteCatalogue;

/// How many times one batch is tried while others are writing, before the round is given up.
const BUSY_TRIES: u32 = 5;
/// The wait between them, at first and at most.
const BUSY_WAIT: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// The batch being sent, and the one after it.
#[derive(Clone, Copy)]
pub(super) struct Going<'b> {
    pub(super) batch: &'b Batch,
    pub(super) next: Option<&'b Batch>,
}

/// Pushes a batch, and tries again while others are in the way.
pub(super) async fn transfer<R: RemoteCatalogue>(
    remote: &mut R,
    device: &Device,
    Going { batch, next }: Going<'_>,
    tables: &'static [&'static Table],
    seed: u64,
) -> central::Result<Outcome> {
    let mut backoff = Backoff::new(BUSY_WAIT.0, BUSY_WAIT.1, seed ^ batch.number.unsigned_abs());
    let mut tries = 1;
    loop {
        match remote.push_before(device, batch, next, tables).await {
            Err(central::Error::Busy { reason }) if tries < BUSY_TRIES => {
                tracing::debug!(reason, tries, "others are writing");
                tries += 1;
                remote.pause(backoff.failed()).await;
            }
            outcome => return outcome,
        }
    }
}
