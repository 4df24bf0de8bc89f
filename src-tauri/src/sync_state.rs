//! How the catalogue stands with the server, as the foot of the window shows it.

use colophon_catalogue::status::Status;
use colophon_sync::{Cause, SyncState as Stand, SyncStatus};
use serde::{Deserialize, Serialize};
use specta::Type;

use crate::error::sentence;
use crate::wire::{count, instant};

/// How the catalogue stands with the server.
#[derive(Debug, Clone, Serialize, Deserialize, Type, tauri_specta::Event)]
pub(crate) struct SyncState {
    /// In one word.
    pub(crate) kind: SyncKind,
    /// Since when.
    pub(crate) since: String,
    /// Changes that the server has yet to see.
    pub(crate) pending: u32,
    /// Quarantined edits, which the server does not take.
    pub(crate) quarantined: u32,
    /// Quarantined records of the server, which cannot be kept here.
    pub(crate) not_kept: u32,
    /// What is wrong, for the words of the window, when something is.
    pub(crate) code: Option<String>,
    /// The same in the words of the core, which has the details.
    pub(crate) message: Option<String>,
    /// The revision of the catalogue on the server, as last seen.
    pub(crate) revision: Option<u32>,
    /// When the server was last heard of.
    pub(crate) last_contact: Option<String>,
    /// When the next try is made by itself.
    pub(crate) next_try: Option<String>,
    /// What was done when this file and the server had to be brought together.
    pub(crate) reconciled: Option<Reconciled>,
    /// How far the first download has come, while it is under way.
    pub(crate) download: Option<Download>,
}

/// How this file and the server were brought together when it could not simply go on.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, Type)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub(crate) enum Reconciled {
    /// The server was brought back from a backup.
    ServerRestored {
        /// How many records it had forgotten: they are sent to it again.
        forgotten: u32,
        /// How many records here were deleted there, which was forgotten, too.
        gone: u32,
    },
    /// The server had forgotten deletions that this file had not heard of.
    DeletionsForgotten {
        /// How many records here were deleted there.
        gone: u32,
    },
}

impl From<colophon_sync::Reconciled> for Reconciled {
    fn from(reconciled: colophon_sync::Reconciled) -> Self {
        match reconciled.cause {
            Cause::ServerRestored => Self::ServerRestored {
                forgotten: count(reconciled.forgotten),
                gone: count(reconciled.gone),
            },
            Cause::DeletionsForgotten => Self::DeletionsForgotten {
                gone: count(reconciled.gone),
            },
        }
    }
}

/// How far the first download of a catalogue has come.
#[derive(Debug, Clone, Serialize, Deserialize, Type)]
pub(crate) struct Download {
    /// Records that are here.
    pub(crate) rows: u32,
    /// About how many there are.
    pub(crate) total: u32,
    /// About how many seconds it goes on, once that is known.
    pub(crate) seconds_left: Option<u32>,
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
    /// Rows are quarantined, on either side; everything else is in step.
    NeedsCare,
    /// The server answers, but something has to be put right; `message` says what.
    Failed,
}

impl SyncState {
    /// With the present count of what waits: without a server nobody else counts it.
    pub(crate) fn counting(self, counts: &Status) -> Self {
        Self {
            pending: count(counts.pending),
            quarantined: count(counts.quarantined),
            not_kept: count(counts.not_kept),
            ..self
        }
    }
}

impl From<&SyncStatus> for SyncState {
    fn from(status: &SyncStatus) -> Self {
        let quarantined = status.quarantined.iter().filter(|row| !row.waits_for_news()).count();
        Self {
            kind: match status.state {
                Stand::NotConfigured => SyncKind::Unconfigured,
                Stand::Offline => SyncKind::Offline,
                Stand::Pending => SyncKind::Working,
                Stand::InStep => SyncKind::InStep,
                Stand::NeedsCare => SyncKind::NeedsCare,
                Stand::Error => SyncKind::Failed,
            },
            since: instant(status.since),
            pending: count(status.pending),
            quarantined: count(quarantined as u64),
            not_kept: count(status.not_kept.len() as u64),
            code: status.error.as_ref().map(|error| error.code.to_owned()),
            message: status.error.as_ref().map(|error| sentence(&error.message)),
            revision: status.revision.map(|revision| count(revision.unsigned_abs())),
            last_contact: status.last_contact.map(instant),
            next_try: status.next_try.map(instant),
            reconciled: status.reconciled.map(Into::into),
            download: status.download.map(|download| Download {
                rows: count(download.rows),
                total: count(download.total),
                seconds_left: download.seconds_left.map(count),
            }),
        }
    }
}
