//! What every session of one database shares.

use std::any::Any;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::broadcast;

use crate::clock::Origin;
use crate::error::Result;
use crate::file::transaction::OpenTransaction;
use crate::file::whereabouts::Whereabouts;
use crate::file::written::OwnCommits;
use crate::session::anchors::AnchorCache;
use crate::session::changes::{ChangeEvent, Changes, Subscription};
use crate::session::commit_log::CommitLog;

/// How many events a slow subscriber may fall behind before it is told that it missed some.
const EVENTS_KEPT: usize = 256;

/// Something that only its owner knows the type of.
pub(crate) type Held = Arc<dyn Any + Send + Sync>;

/// Shared by the writer, the readers and the sessions of one database.
pub(crate) struct Context {
    /// Where the file is, with all links resolved, so that all programs use the same names for what lies beside it;
    /// `None` in memory.
    pub(crate) whereabouts: Option<Whereabouts>,
    pub(crate) is_read_only: bool,
    pub(crate) origin: Origin,
    pub(crate) log: CommitLog,
    pub(crate) anchors: AnchorCache,
    pub(crate) own_commits: OwnCommits,
    announcements: broadcast::Sender<ChangeEvent>,
    has_written: AtomicBool,
    /// What is above the sessions and is found in them: see `repository::parts`.
    held: RwLock<Option<Held>>,
}

impl Context {
    pub(crate) fn new(origin: Origin, file: Option<PathBuf>, is_read_only: bool) -> Self {
        Self {
            own_commits: file.as_deref().map(OwnCommits::of).unwrap_or_default(),
            whereabouts: file.map(Whereabouts::of),
            is_read_only,
            origin,
            log: CommitLog::default(),
            anchors: AnchorCache::default(),
            announcements: broadcast::Sender::new(EVENTS_KEPT),
            has_written: AtomicBool::new(false),
            held: RwLock::default(),
        }
    }

    pub(crate) fn subscribe(&self) -> Subscription {
        Subscription::new(self.announcements.subscribe())
    }

    /// Notes that another program has written to the file, and announces it.
    pub(crate) fn another_program_wrote(&self) {
        self.log.another_program_wrote();
        let _ = self.announcements.send(Arc::new(Changes {
            by_another_program: true,
            ..Changes::default()
        }));
    }

    /// The file, with all links resolved.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.whereabouts.as_ref().map(Whereabouts::file)
    }

    /// [`Error::Moved`](crate::Error::Moved) if the open file is not at its path any more.
    pub(crate) fn check_whereabouts(&self) -> Result<()> {
        self.whereabouts.as_ref().map_or(Ok(()), Whereabouts::check)
    }

    /// The same, but skipped if the last look was not long ago.
    pub(crate) fn check_whereabouts_now_and_then(&self) -> Result<()> {
        self.whereabouts
            .as_ref()
            .map_or(Ok(()), Whereabouts::check_now_and_then)
    }

    /// Gives all sessions something to hold, whatever it is.
    pub(crate) fn hold(&self, held: Held) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(held);
    }

    /// What sessions hold.
    pub(crate) fn held(&self) -> Option<Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether anything was committed.
    pub(crate) fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Acquire)
    }

    /// Commits, and announces what changed once it is durable.
    pub(crate) fn commit(&self, transaction: OpenTransaction<'_>, changes: Changes) -> Result<()> {
        // If the transaction was long, much may have happened since it began.
        self.check_whereabouts()?;
        self.log.committing(&changes, || transaction.commit())?;
        self.has_written.store(true, Ordering::Release);
        if !changes.is_empty() {
            // It is no error if nobody listens.
            let _ = self.announcements.send(Arc::new(changes));
        }
        Ok(())
    }
}
