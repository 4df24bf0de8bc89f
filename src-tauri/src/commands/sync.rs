//! Sync, as the foot of the window tells it, and the rows that are quarantined.

use colophon_catalogue::status::Status;
use colophon_store::{NotKeptEntry, QuarantinedEntry, ReadSession, Result};
use colophon_sync::central::QuarantineReason;
use colophon_sync::{Cause, SyncState as Stand, SyncStatus, WhyNotKept, WhyQuarantined};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::instant;
use super::subject::Subject;
use crate::answer::answer;
use crate::app_state::{AppState, count};
use crate::error::{CommandError, sentence};

/// How many quarantined rows are told one by one.
const QUARANTINED_SHOWN: usize = 100;

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

/// The rows that are quarantined, on either side.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Quarantine {
    /// The first of those of this file; before the others those that wait for a person.
    pub(crate) rows: Vec<QuarantinedRow>,
    /// How many there are.
    pub(crate) total: u32,
    /// The first of the rows of the server that cannot be kept here.
    pub(crate) not_kept: Vec<QuarantinedRow>,
    /// How many there are.
    pub(crate) not_kept_total: u32,
}

/// One row that is quarantined.
#[derive(Debug, Serialize, Type)]
pub(crate) struct QuarantinedRow {
    /// Its id.
    pub(crate) id: Uuid,
    /// What it is about.
    pub(crate) subject: Subject,
    /// Why.
    pub(crate) why: Why,
}

/// Why a row is quarantined, on either side.
#[derive(Debug, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Why {
    /// The server, or a rule of whoever runs it, refuses the row as it is.
    Refused {
        /// The server's words.
        reason: String,
        /// The constraint that it breaks, if it is one.
        constraint: Option<String>,
    },
    /// The server is of an older version and has no room for what was edited.
    NoRoom,
    /// It was changed or deleted there; that comes with the next look.
    Changed,
    /// Another row there has the same value.
    ValueHeld {
        /// The field.
        field: String,
    },
    /// What it refers to is not there yet.
    MissingParent {
        /// The field that refers.
        field: String,
    },
    /// It was to be deleted, but others there refer to it.
    StillNeeded,
    /// The server has it, and hides it from this login.
    Hidden,
    /// This login may not write it, or nobody may just now.
    Withheld {
        /// In the words of the core.
        reason: String,
    },
    /// It is on the server, and cannot be kept here.
    NotKept {
        /// In words.
        reason: String,
    },
}

impl SyncState {
    /// With what waits counted now: without a server nobody else counts it.
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

impl From<WhyQuarantined> for Why {
    fn from(why: WhyQuarantined) -> Self {
        match why {
            WhyQuarantined::Refused { reason, constraint } => Self::Refused { reason, constraint },
            WhyQuarantined::NoRoom => Self::NoRoom,
            WhyQuarantined::WaitsForNews(reason) => match reason {
                QuarantineReason::Changed | QuarantineReason::Deleted | QuarantineReason::Purged => Self::Changed,
                QuarantineReason::ValueHeld { column } => Self::ValueHeld { field: column },
                QuarantineReason::MissingParent { column } => Self::MissingParent { field: column },
                QuarantineReason::StillNeeded => Self::StillNeeded,
            },
            WhyQuarantined::Hidden => Self::Hidden,
            WhyQuarantined::Withheld { reason, .. } => Self::Withheld {
                reason: sentence(&reason),
            },
        }
    }
}

/// Asks for a round now instead of in a while; what is quarantined is tried again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_now(state: State<'_, AppState>) -> Result<(), CommandError> {
    answer(async move {
        state.opened()?.sync.sync_now();
        Ok(())
    })
    .await
}

/// The rows that are quarantined. They are in the file, so they can be told without a server too.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quarantine(state: State<'_, AppState>) -> Result<Quarantine, CommandError> {
    answer(async move {
        state
            .read(|session| {
                let mut entries = session.quarantined()?;
                let not_kept = session.not_kept()?;
                let (total, not_kept_total) = (count(entries.len() as u64), count(not_kept.len() as u64));
                entries.sort_by_key(|entry| !entry.waits_for_a_person);
                let rows = entries.into_iter().take(QUARANTINED_SHOWN);
                let not_kept = not_kept.into_iter().take(QUARANTINED_SHOWN);
                Ok(Quarantine {
                    rows: rows
                        .map(|entry| quarantined_row(session, entry))
                        .collect::<Result<_>>()?,
                    total,
                    not_kept: not_kept
                        .map(|entry| row_not_kept(session, entry))
                        .collect::<Result<_>>()?,
                    not_kept_total,
                })
            })
            .await
    })
    .await
}

fn quarantined_row(session: &ReadSession<'_>, entry: QuarantinedEntry) -> Result<QuarantinedRow> {
    Ok(QuarantinedRow {
        id: entry.id,
        subject: Subject::of(session, &entry.entity, entry.id)?,
        why: WhyQuarantined::read(entry.why).into(),
    })
}

fn row_not_kept(session: &ReadSession<'_>, entry: NotKeptEntry) -> Result<QuarantinedRow> {
    let reason = match WhyNotKept::read(entry.why) {
        WhyNotKept::Unreadable { reason } | WhyNotKept::BreaksRule { reason } => reason,
        WhyNotKept::ParentMissing => "it refers to a record that is not here".to_owned(),
    };
    Ok(QuarantinedRow {
        id: entry.id,
        subject: Subject::of(session, &entry.entity, entry.id)?,
        why: Why::NotKept {
            reason: sentence(&reason),
        },
    })
}
