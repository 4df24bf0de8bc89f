//! Forgetting what the file no longer needs: a little after a round, when everything is in step anyway.

use colophon_store::pruning::{Kept, PruneStep};

use jiff::SignedDuration;

use super::Exchange;
use crate::error::Result;
use crate::local::LocalFile as _;

/// The most steps after one round. Each is a transaction of some milliseconds, and edits get their turns in between.
const STEPS_MAX: u32 = 20;
/// If there is nothing to forget, the question is asked again after this time, and not after every round.
const ASKED_EVERY: SignedDuration = SignedDuration::from_mins(1);

impl Exchange {
    /// Forgets a little, and once a day goes on until there is nothing left to forget. The server has forgotten
    /// deletions up to this revision.
    pub(super) async fn prune(&mut self, purge_floor: i64) {
        if let Err(error) = self.try_to_prune(purge_floor).await {
            tracing::warn!(%error, "what the file needs no more stays for now");
        }
    }

    async fn try_to_prune(&mut self, purge_floor: i64) -> Result<()> {
        let (database, tables) = (self.file.database(), self.file.tables());
        let (kept, now) = (Kept::default(), self.file.now());
        let since = self.needs_all.map(|at| now.duration_since(at));
        if since.is_some_and(|since| !since.is_negative() && since < ASKED_EVERY) {
            return Ok(());
        }
        if !database.read(move |s| s.is_time_to_prune(now)).await? {
            self.needs_all = Some(now);
            return Ok(());
        }
        for _ in 0..STEPS_MAX {
            let step = database.write(move |tx| tx.prune_journal(tables, kept)).await?;
            if step == PruneStep::Done {
                let forgettable = database.read(move |s| s.forgettable(kept, purge_floor, now)).await?;
                for part in forgettable.into_parts() {
                    database.write(move |tx| tx.forget(&part)).await?;
                }
                break;
            }
        }
        Ok(())
    }
}
