//! Forgetting what the file needs no more: a little after a round, when everything is in step anyway.

use colophon_store::pruning::{Kept, PruneStep};

use super::Exchange;
use crate::error::Result;
use crate::local::LocalFile as _;

/// Steps after one round. Each is a transaction of some milliseconds, and edits take their turns between them.
const STEPS_MAX: u32 = 20;

impl Exchange {
    /// Forgets a little, once a day until nothing is left to be forgotten. The server has forgotten deletions up to this revision.
    pub(super) async fn prune(&self, purge_floor: i64) {
        if let Err(error) = self.try_to_prune(purge_floor).await {
            tracing::warn!(%error, "what the file needs no more stays for now");
        }
    }

    async fn try_to_prune(&self, purge_floor: i64) -> Result<()> {
        let (database, tables) = (self.file.database(), self.file.tables());
        let (kept, now) = (Kept::default(), self.file.now());
        if !database.read(move |s| s.is_time_to_prune(now)).await? {
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
