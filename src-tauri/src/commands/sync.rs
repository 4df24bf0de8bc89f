//! Sync, as the foot of the window tells it.

use colophon_catalogue::status::Status;
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::desk::count;
use crate::error::Coded;

/// How the catalogue stands with the server.
#[derive(Debug, Clone, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct SyncState {
    /// In one word.
    pub(crate) kind: SyncKind,
    /// Changes that the server has yet to see.
    pub(crate) pending: u32,
    /// Conflicts that want a person's choice.
    pub(crate) conflicts: u32,
    /// Rows that the server refuses.
    pub(crate) quarantined: u32,
    /// What is wrong, in words, when something is.
    pub(crate) message: Option<String>,
}

/// The kinds of [`SyncState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SyncKind {
    /// No server was named in the settings; everything stays here.
    Unconfigured,
    /// The server cannot be reached; everything is safe here and goes up later.
    Offline,
    /// Changes are on their way.
    Working,
    /// The server has everything.
    InStep,
    /// The server answers, but something has to be put right; `message` says what.
    Failed,
}

impl SyncState {
    /// The state before the server has been asked.
    pub(crate) fn of(counts: &Status, is_shared: bool) -> Self {
        Self {
            kind: if is_shared {
                SyncKind::Offline
            } else {
                SyncKind::Unconfigured
            },
            pending: count(counts.pending),
            conflicts: 0,
            quarantined: 0,
            message: None,
        }
    }
}

/// Asks for a round now instead of in a while.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_now() -> Result<(), Coded> {
    Ok(())
}
