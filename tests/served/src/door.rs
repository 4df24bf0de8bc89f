//! The way in that only this binary has: which files a person is to have chosen in the next dialogs.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What will be chosen, in order.
#[derive(Debug, Default)]
pub(crate) struct Door(Mutex<VecDeque<PathBuf>>);

impl Door {
    /// Names the file that is chosen in the next dialog that has none yet.
    pub(crate) fn name(&self, file: PathBuf) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(file);
    }

    /// The file for this dialog; nothing when none was named, as when a person changes their mind.
    pub(crate) fn chosen(&self) -> Option<PathBuf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}
