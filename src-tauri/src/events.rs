//! What the window hears without asking: that records have changed, how far a change of many has come, that a backup failed, that the program is about to end.

use colophon_catalogue::schema::TABLES;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

/// The program is about to end: what is being typed is to be written down, and `may_leave` said then.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct AboutToLeave;

/// A backup could not be made.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct BackupFailed {
    /// Why, what is safe and what to do.
    pub(crate) message: String,
}

/// How far a change of many records has come. Nothing of it is in the catalogue before it is done.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct ManyChanged {
    /// Records dealt with so far.
    pub(crate) records: u32,
}

/// How far an export has come. There is no file before it is done.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct ManyExported {
    /// Books written so far.
    pub(crate) books: u32,
}

/// Tables whose rows are others than before. It is sent after the commit.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct Changed {
    /// The tables.
    pub(crate) tables: Vec<String>,
    /// Those of them in which rows came or went; in the others every row is still there, with other values.
    pub(crate) came_or_went: Vec<String>,
}

impl Changed {
    /// Anything may be different.
    pub(crate) fn everything() -> Self {
        let tables = || TABLES.iter().map(|table| table.name.to_owned()).collect::<Vec<_>>();
        Self {
            tables: tables(),
            came_or_went: tables(),
        }
    }
}
