//! Sync, as the foot of the window tells it.

use colophon_catalogue::status::Status;
use colophon_sync::{SetAsideRow, SyncState as Stand, SyncStatus, WhySetAside};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::desk::{Desk, count};
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
    /// With what waits counted now: without a server nobody else counts it.
    pub(crate) fn counting(self, counts: &Status) -> Self {
        Self {
            pending: count(counts.pending),
            ..self
        }
    }
}

impl From<&SyncStatus> for SyncState {
    fn from(status: &SyncStatus) -> Self {
        let refused = |row: &&SetAsideRow| matches!(row.why, WhySetAside::Refused { .. });
        let quarantined = status.set_aside.iter().filter(refused).count() as u64;
        Self {
            kind: match status.state {
                Stand::NotConfigured => SyncKind::Unconfigured,
                Stand::Offline => SyncKind::Offline,
                Stand::Pending => SyncKind::Working,
                Stand::InStep | Stand::NeedsCare => SyncKind::InStep,
                Stand::Error => SyncKind::Failed,
            },
            pending: count(status.pending),
            conflicts: count(status.set_aside.len() as u64 - quarantined),
            quarantined: count(quarantined),
            message: status.error.as_ref().map(|error| error.message.clone()),
        }
    }
}

/// Asks for a round now instead of in a while.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_now(desk: State<'_, Desk>) -> Result<(), Coded> {
    desk.opened()?.sync.sync_now();
    Ok(())
}
