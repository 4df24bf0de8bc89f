//! A read that is under way, and what ends it when nobody waits for it any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::InterruptHandle;

use crate::error::{Error, Result};

/// A read that can be told to stop.
#[derive(Clone, Default)]
pub(crate) struct Running {
    pub(crate) abandoned: Arc<AtomicBool>,
    handle: Arc<Mutex<Option<InterruptHandle>>>,
}

impl Running {
    /// From here until the guard is dropped an interrupt hits this read and no other.
    pub(crate) fn start(&self, handle: InterruptHandle) -> Result<Stoppable<'_>> {
        let mut slot = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        *slot = Some(handle);
        Ok(Stoppable(self))
    }
}

pub(crate) struct Stoppable<'r>(&'r Running);

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        self.0.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Running {
    pub(crate) fn abandon(&self) {
        let slot = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        self.abandoned.store(true, Ordering::Relaxed);
        if let Some(handle) = slot.as_ref() {
            handle.interrupt();
        }
    }
}

/// Does something when it is dropped before its future was done.
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
