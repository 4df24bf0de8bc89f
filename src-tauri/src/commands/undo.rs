//! Undo and redo: one named act at a time.

use serde::Serialize;
use specta::Type;

use super::RecordKind;
use crate::error::Coded;

/// The act that was undone or done again, and where.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ActTold {
    /// What kind of act it was.
    pub(crate) act: Act,
    /// The kind of record it was about.
    pub(crate) kind: RecordKind,
    /// The record, when it was about one that is there now.
    pub(crate) id: Option<String>,
    /// The record's title or name.
    pub(crate) name: String,
    /// How many records it was about.
    pub(crate) records: u32,
}

/// Kinds of act.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Act {
    /// A record was made.
    Created,
    /// A record was changed.
    Edited,
    /// A record was deleted.
    Deleted,
    /// A file or the sample was imported.
    Imported,
}

/// Undoes the last act; nothing when there is none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo() -> Result<Option<ActTold>, Coded> {
    Err(Coded::unwired())
}

/// Does again what was undone last; nothing when there is none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn redo() -> Result<Option<ActTold>, Coded> {
    Err(Coded::unwired())
}
