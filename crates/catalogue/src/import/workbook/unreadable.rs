//! A workbook that cannot be read, and why.

use crate::import::ImportError;

/// A workbook that cannot be read for a reason.
pub(super) fn unreadable(reason: impl Into<String>) -> ImportError {
    ImportError::Workbook { reason: reason.into() }
}

/// One that is damaged, as somebody who reads it has found out.
pub(super) fn damaged(found: &dyn std::fmt::Display) -> ImportError {
    unreadable(format!(
        "it is damaged, or only a part of it is there ({found}); if a spreadsheet opens it, save the sheet as CSV there"
    ))
}

/// Runs what a crate of others does with a file from anybody: if it stumbles, the file is at fault and not the program.
pub(super) fn caught<T>(what: impl FnOnce() -> Result<T, ImportError>) -> Result<T, ImportError> {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(what));
    caught.unwrap_or_else(|_| Err(unreadable("it is damaged")))
}
