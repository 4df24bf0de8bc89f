//! Changing the structure of a catalogue while others are at work in it.
//!
//! A step of a migration locks one table after another, and so does everybody who writes, in an order of their own:
//! PostgreSQL would end one of the two, perhaps the one with somebody's edits. And while a step waits behind a
//! transaction that somebody has left open, everybody else waits behind the step. So a step waits for a lock only for a
//! moment, less than the server takes to look for a deadlock, then releases everything it has and begins again a little
//! later, until a whole minute was not enough.

use std::time::Duration;

use super::connection::Connection;
use super::error::{Error, MigrationError, Result};

use crate::backoff::Backoff;

/// How long a step waits for a lock while it holds others. Well below PostgreSQL's `deadlock_timeout` of a second.
const LOCK_WAIT: Duration = Duration::from_millis(300);
/// The pause between two tries: at first, and at most.
const PAUSE: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

impl Connection {
    /// Does a step in a transaction of its own: only one at a time works on the structure of a catalogue. If others are
    /// in its way, it is rolled back and done again, so it may do only what the transaction can undo.
    pub(super) async fn in_transaction<T>(&self, step: impl AsyncFn() -> Result<T>) -> Result<T> {
        let mut waited = Duration::ZERO;
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1, fastrand::u64(..));
        loop {
            // It waits for another migration as long as for anything else, because it holds nothing yet.
            let waiting = format!(
                "SET LOCAL search_path = pg_catalog, pg_temp; \
                 SELECT pg_advisory_xact_lock(hashtextextended('colophon migrates {}', 0)); SET LOCAL lock_timeout = {}",
                self.schema,
                LOCK_WAIT.min(self.limits.lock).as_millis(),
            );
            let came_to = match self.begin("waiting for another migration", &waiting).await {
                Ok(()) => step().await,
                Err(error) => Err(error),
            };
            match self.end("committing", came_to).await {
                Err(Error::Busy { reason }) if waited < self.limits.statement => {
                    tracing::debug!(reason, "others are at work in the catalogue");
                    let pause = backoff.failed();
                    waited += LOCK_WAIT + pause;
                    tokio::time::sleep(pause).await;
                }
                Err(Error::Busy { reason }) => {
                    let seconds = waited.as_secs();
                    return Err(MigrationError::InTheWay { seconds, reason }.into());
                }
                came_to => return came_to,
            }
        }
    }
}
