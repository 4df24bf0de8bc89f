//! Asking for a round now, and the rows that are quarantined.

use colophon_store::{NotKeptEntry, QuarantinedEntry, ReadSession, Result};
use colophon_sync::central::QuarantineReason;
use colophon_sync::{WhyNotKept, WhyQuarantined};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::subject::Subject;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{CommandError, sentence};
use crate::wire::count;

/// How many quarantined rows are listed one by one.
const QUARANTINED_SHOWN: usize = 100;

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
