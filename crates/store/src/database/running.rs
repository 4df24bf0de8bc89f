//! A read that is under way, and how it is ended when nobody waits for it any more.
//!
//! SQLite's own interrupt hits a statement that is running and is lost between two of them, or just before one. So
//! every thousand steps SQLite asks a brake of the connection, and before each statement a session asks whether it is
//! still [wanted](crate::Wanted): whenever a read is abandoned, it does end.

use std::os::raw::c_int;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::error::{Error, Result};

/// Steps of SQLite's machine between two checks of the brake: some ten microseconds.
const STEPS: c_int = 1_000;

/// Stops whatever a connection is doing.
#[derive(Clone)]
pub(crate) struct Brake(Arc<AtomicBool>);

impl Brake {
    /// Installs one on a connection that has none yet.
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
pub(crate) struct Running {
    pub(crate) abandoned: Arc<AtomicBool>,
    brake: Arc<Mutex<Option<Brake>>>,
}

impl Running {
    /// From here until the guard is dropped, the connection's brake ends this read and no other.
    pub(crate) fn start(&self, brake: &Brake) -> Result<Stoppable<'_>> {
        let mut slot = self.brake.lock().unwrap_or_else(PoisonError::into_inner);
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        *slot = Some(brake.clone());
        Ok(Stoppable(self))
    }

    /// Ends it, now or as soon as it begins.
    pub(crate) fn abandon(&self) {
        let slot = self.brake.lock().unwrap_or_else(PoisonError::into_inner);
        self.abandoned.store(true, Ordering::Relaxed);
        if let Some(brake) = slot.as_ref() {
            brake.pull();
        }
    }
}

pub(crate) struct Stoppable<'r>(&'r Running);

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        let mut slot = self.0.brake.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(brake) = slot.take() {
            brake.release();
        }
    }
}

/// Does something if it is dropped before its future is done.
pub(crate) struct WhenDropped<F: FnMut()> {
    armed: bool,
    act: F,
}

impl<F: FnMut()> WhenDropped<F> {
    pub(crate) fn new(act: F) -> Self {
        Self { armed: true, act }
    }

    pub(crate) fn disarm(mut self) {
        self.armed = false;
    }
}

impl<F: FnMut()> Drop for WhenDropped<F> {
    fn drop(&mut self) {
        if self.armed {
            (self.act)();
        }
    }
}
