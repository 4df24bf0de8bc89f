//! The change of many records that a person looks at before it is done.
//!
//! It is computed once and then looked at page by page, so it stays here until the next one. It is called by a number:
//! what is done is what was shown, and not what would have been shown a moment later.

use std::sync::{Arc, Mutex, PoisonError};

use colophon_acts::RecordKind;
use colophon_acts::bulk::Preview;

use crate::error::{Code, CommandError};

/// The newest preview.
#[derive(Debug, Default)]
pub(crate) struct Previews(Mutex<(u32, Option<Held>)>);

/// A preview and the kind of its records.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// What the records are.
    pub(crate) kind: RecordKind,
    /// What would become of them.
    pub(crate) preview: Arc<Preview>,
}

impl Previews {
    /// Holds a preview in place of the one before, and gives the number that it is called by.
    pub(crate) fn hold(&self, held: Held) -> u32 {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        newest.0 = newest.0.wrapping_add(1);
        newest.1 = Some(held);
        newest.0
    }

    /// The preview of this number, if there is no newer one.
    pub(crate) fn called(&self, number: u32) -> Result<Held, CommandError> {
        let newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = newest.1.as_ref().filter(|_| newest.0 == number);
        held.cloned().ok_or_else(|| {
            CommandError::new(
                Code::Superseded,
                "What was looked at is no longer the newest; nothing was changed. Look at it again.",
            )
        })
    }

    /// Forgets the preview of this number: it was done, or nobody wants it.
    pub(crate) fn forget(&self, number: u32) {
        let mut newest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.0 == number {
            newest.1 = None;
        }
    }
}
