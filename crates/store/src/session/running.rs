//! A read that is under way, and what ends it when nobody waits for it any more.
//!
//! SQLite's own interrupt hits a statement that runs and is lost between two of them, or just before one. So SQLite asks a brake of the
//! connection every thousand steps, and a session asks before each statement whether it is still [wanted](crate::Wanted): whenever a
//! read is abandoned, it comes to its end.

use std::fmt;
use std::os::raw::c_int;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use rusqlite::Connection;

use crate::error::{Error, Result};

/// Steps of SQLite's machine between two looks at the brake: some ten microseconds.
const STEPS: c_int = 1_000;

/// Ends what a connection does.
#[derive(Clone)]
pub(crate) struct Brake(Arc<AtomicBool>);

impl Brake {
    /// Of a connection that has none yet.
    pub(crate) fn of(connection: &mut Connection) -> Result<Self> {
        let brake = Self(Arc::default());
        let asked = brake.clone();
        connection.progress_handler(STEPS, Some(move || asked.is_pulled()))?;
        Ok(brake)
    }

    /// From now on statements end with [`Error::Interrupted`].
    pub(crate) fn pull(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn release(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    fn is_pulled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A read that can be told to stop.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Progress>);

#[derive(Default)]
struct Progress {
    is_abandoned: AtomicBool,
    /// Of the connection it runs on, while it does.
    brake: Mutex<Option<Brake>>,
}

impl Running {
    /// From here until the guard is dropped it is this read that the connection's brake ends, and no other.
    pub(crate) fn start(&self, brake: &Brake) -> Result<Stoppable<'_>> {
        let mut slot = self.0.brake.lock().unwrap_or_else(PoisonError::into_inner);
        if self.is_abandoned().load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        *slot = Some(brake.clone());
        Ok(Stoppable(self))
    }

    /// Ends it, now or as soon as it begins.
    pub(crate) fn abandon(&self) {
        let slot = self.0.brake.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_abandoned().store(true, Ordering::Relaxed);
        if let Some(brake) = slot.as_ref() {
            brake.pull();
        }
    }

    /// Whether it was told to end.
    pub(crate) fn is_abandoned(&self) -> &AtomicBool {
        &self.0.is_abandoned
    }
}

pub(crate) struct Stoppable<'r>(&'r Running);

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        let mut slot = self.0.0.brake.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(brake) = slot.take() {
            brake.release();
        }
    }
}

/// Ends reads from another thread: those that were [made interruptible](crate::ReadSession::interruptible_by) by it, however many there are
/// and whenever they begin. All clones are one handle, and it interrupts for good.
#[derive(Clone, Default)]
pub struct InterruptHandle(Arc<Mutex<Interruptible>>);

#[derive(Default)]
struct Interruptible {
    is_interrupted: bool,
    /// The reads, some of which may be done.
    reads: Vec<Weak<Progress>>,
}

impl InterruptHandle {
    /// Ends the reads that are under way, and those that come: each fails with [`Error::Interrupted`].
    pub fn interrupt(&self) {
        let mut interruptible = self.lock();
        interruptible.is_interrupted = true;
        for read in interruptible.reads.drain(..) {
            if let Some(progress) = read.upgrade() {
                Running(progress).abandon();
            }
        }
    }

    /// Whether it has interrupted.
    pub fn is_interrupted(&self) -> bool {
        self.lock().is_interrupted
    }

    pub(crate) fn interrupts(&self, read: &Running) {
        let mut interruptible = self.lock();
        if interruptible.is_interrupted {
            read.abandon();
            return;
        }
        interruptible.reads.retain(|read| read.strong_count() > 0);
        interruptible.reads.push(Arc::downgrade(&read.0));
    }

    fn lock(&self) -> MutexGuard<'_, Interruptible> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for InterruptHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InterruptHandle")
            .field("is_interrupted", &self.is_interrupted())
            .finish_non_exhaustive()
    }
}
