//! What every session of one database shares.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::broadcast;

use crate::anchors::AnchorCache;
use crate::changes::{ChangeEvent, Changes, Subscription};
use crate::clock::Origin;
use crate::error::Result;
use crate::snapshot::CommitLog;
use crate::transaction::OpenTransaction;

/// Events a slow subscriber may fall behind before it is told that it missed some.
const EVENTS_KEPT: usize = 256;

/// Shared by the writer, the readers and the sessions of one database.
pub(crate) struct Context {
    pub(crate) origin: Origin,
    pub(crate) log: CommitLog,
    pub(crate) anchors: AnchorCache,
    announcements: broadcast::Sender<ChangeEvent>,
}

impl Context {
    pub(crate) fn new(origin: Origin) -> Self {
        Self {
            origin,
            log: CommitLog::default(),
            anchors: Mutex::new(HashMap::new()).into(),
            announcements: broadcast::Sender::new(EVENTS_KEPT),
        }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription::new(self.announcements.subscribe())
    }

    /// Notes, and tells everybody, that another program has written to the file.
    pub(crate) fn another_program_wrote(&self) {
        self.log.another_program_wrote();
        let _ = self.announcements.send(Arc::new(Changes {
            by_another_program: true,
            ..Changes::default()
        }));
    }

    /// Commits, and announces what changed once it is durable.
    pub(crate) fn commit(&self, transaction: OpenTransaction<'_>, changes: Changes) -> Result<()> {
        self.log.committing(&changes, || transaction.commit())?;
        if !changes.is_empty() {
            // Nobody listening is no error.
            let _ = self.announcements.send(Arc::new(changes));
        }
        Ok(())
    }
}
