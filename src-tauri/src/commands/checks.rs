//! Is it true? What the window offers as proof that nothing was lost: comparing with the server, and adding up all
//! edits.

use std::time::Duration;

use colophon_store::ReadSession;
use colophon_sync::audit::{Audit, audit};
use colophon_sync::verify::{self, Healed, Verified};
use colophon_sync::{Error, Exchange};
use serde::Serialize;
use specta::Type;
use tauri::State;

use super::subject::Subject;
use crate::answer::answer;
use crate::app_state::{AppState, Opened, identity};
use crate::error::{Code, CommandError, sentence};
use crate::wire::{count, instant};

/// How many records are listed one by one.
const TOLD_MAX: usize = 50;
/// The sync of this window and a comparison take turns: how many times, and how often, its turn is waited for.
const TURNS_MAX: u32 = 600;
const TURN: Duration = Duration::from_millis(50);

/// What a comparison with the server has found.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Compared {
    /// Both sides are the same at this revision.
    pub(crate) revision: u32,
    /// When that was found.
    pub(crate) at: String,
    /// How many records are the same.
    pub(crate) same: u32,
    /// How many were left out, because they wait for the server.
    pub(crate) waiting: u32,
    /// How many the server shows and this file cannot keep: what they refer to is hidden from this login.
    pub(crate) hidden: u32,
    /// How many differed and are the same now.
    pub(crate) healed_total: u32,
    /// The first of them.
    pub(crate) healed: Vec<HealedTold>,
}

/// A record that was not the same on both sides, and is now.
#[derive(Debug, Serialize, Type)]
pub(crate) struct HealedTold {
    /// The record.
    pub(crate) subject: Subject,
    /// What was wrong with it.
    pub(crate) how: Difference,
}

/// How a record differed.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Difference {
    /// The server had other values.
    Content,
    /// It was only on the server.
    MissingHere,
    /// It was only here.
    MissingThere,
    /// The server had it as a record and as deleted, at once.
    ThereAndDeleted,
}

impl From<verify::Difference> for Difference {
    fn from(difference: verify::Difference) -> Self {
        match difference {
            verify::Difference::Content => Self::Content,
            verify::Difference::MissingHere => Self::MissingHere,
            verify::Difference::MissingThere => Self::MissingThere,
            verify::Difference::ThereAndDeleted => Self::ThereAndDeleted,
        }
    }
}

/// What became of all edits that were ever made in this file.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Audited {
    /// How many there were.
    pub(crate) edits: u32,
    /// When they were added up.
    pub(crate) at: String,
    /// What became of them, in the order in which it is told; what became of none is left out.
    pub(crate) fates: Vec<FateTold>,
    /// How many of them nothing accounts for.
    pub(crate) unaccounted_total: u32,
    /// The first of these, by the record they are about.
    pub(crate) unaccounted: Vec<UnaccountedTold>,
    /// Whether the server could be asked for its history; without it, an edit may only seem unaccounted for.
    pub(crate) asked_server: bool,
}

/// How many edits came to the same end.
#[derive(Debug, PartialEq, Eq, Serialize, Type)]
pub(crate) struct FateTold {
    /// The end.
    pub(crate) fate: Fate,
    /// How many.
    pub(crate) edits: u32,
}

/// What became of an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// In the record as it was made, and on the server.
    Applied,
    /// Here, and on its way to the server.
    Pending,
    /// Here, and quarantined.
    Quarantined,
    /// Replaced by a later edit on this device.
    Superseded,
    /// Part of a text that was merged by line.
    Merged,
    /// Parked as a conflict, settled or not.
    Parked,
    /// In a record that was deleted afterwards.
    Deleted,
    /// Was on the server, and somebody replaced it there.
    Replaced,
    /// Was on the server before it was brought back from a backup.
    Forgotten,
}

/// An edit that nothing accounts for.
#[derive(Debug, Serialize, Type)]
pub(crate) struct UnaccountedTold {
    /// The record.
    pub(crate) subject: Subject,
    /// The field; absent when it is the whole record.
    pub(crate) field: Option<String>,
    /// The value that was set.
    pub(crate) value: String,
}

/// Brings both sides in step, compares them by digests, and heals what differs nevertheless.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_verify(state: State<'_, AppState>) -> Result<Compared, CommandError> {
    answer(async move {
        let opened = state.opened()?;
        let verified = verified(&opened).await?;
        let healed_total = count(verified.healed.len() as u64);
        let first: Vec<Healed> = verified.healed.into_iter().take(TOLD_MAX).collect();
        let tell = move |session: &ReadSession<'_>| {
            first
                .iter()
                .map(|one| {
                    Ok(HealedTold {
                        subject: Subject::of(session, one.entity, one.id)?,
                        how: one.difference.into(),
                    })
                })
                .collect()
        };
        Ok(Compared {
            revision: count(verified.revision.unsigned_abs()),
            at: now(&opened),
            same: count(verified.same),
            waiting: count(verified.waiting),
            hidden: count(verified.hidden),
            healed_total,
            healed: opened.database.read(tell).await?,
        })
    })
    .await
}

async fn verified(opened: &Opened) -> Result<Verified, CommandError> {
    let Some(central) = opened.central.clone() else {
        return Err(CommandError::new(
            Code::Setting,
            "This catalogue is on this computer only, so there is nothing to compare it with.",
        ));
    };
    let mut exchange = Exchange::new(opened.database.clone(), central, identity());
    let mut turns = 0;
    loop {
        match exchange.verify().await {
            Err(Error::ExchangedElsewhere) if turns < TURNS_MAX => {
                turns += 1;
                tokio::time::sleep(TURN).await;
            }
            verified => return verified.map_err(|error| of_sync(&error)),
        }
    }
}

/// Adds up every edit that was ever made in this file by what became of it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sync_audit(state: State<'_, AppState>) -> Result<Audited, CommandError> {
    answer(async move {
        let opened = state.opened()?;
        let mut audited: Audit = opened.database.read(audit).await?;
        let is_in_question = !audited.unaccounted.is_empty();
        let mut asked_server = false;
        if let Some(central) = opened.central.as_ref().filter(|_| is_in_question) {
            let records = audited.in_question();
            let asked = async {
                let (connection, _) = central.open().await?;
                connection.history(&records).await
            };
            let history = asked.await.map_err(|error| of_sync(&error.into()))?;
            audited.account_by_history(&history);
            asked_server = true;
        }
        let edits = count(audited.edits);
        let fates = fates(&audited);
        let unaccounted_total = count(audited.unaccounted.len() as u64);
        let tell = move |session: &ReadSession<'_>| {
            let first = audited.unaccounted.iter().take(TOLD_MAX);
            first
                .map(|one| {
                    Ok(UnaccountedTold {
                        subject: Subject::of(session, &one.entity, one.id)?,
                        field: one.field.clone(),
                        value: one.value.to_string(),
                    })
                })
                .collect()
        };
        Ok(Audited {
            edits,
            at: now(&opened),
            fates,
            unaccounted_total,
            unaccounted: opened.database.read(tell).await?,
            asked_server,
        })
    })
    .await
}

fn fates(audit: &Audit) -> Vec<FateTold> {
    let fates = [
        (Fate::Applied, audit.applied),
        (Fate::Pending, audit.pending),
        (Fate::Quarantined, audit.quarantined),
        (Fate::Superseded, audit.superseded),
        (Fate::Merged, audit.merged),
        (Fate::Parked, audit.parked),
        (Fate::Deleted, audit.deleted),
        (Fate::Replaced, audit.replaced),
        (Fate::Forgotten, audit.forgotten),
    ];
    let told = fates.into_iter().filter(|(_, edits)| *edits > 0);
    told.map(|(fate, edits)| FateTold {
        fate,
        edits: count(edits),
    })
    .collect()
}

fn now(opened: &Opened) -> String {
    instant(opened.database.origin().clock.now())
}

fn of_sync(error: &Error) -> CommandError {
    let code = if error.passes_by_itself() {
        Code::Busy
    } else {
        Code::Server
    };
    CommandError::new(code, sentence(&error.to_string()))
}
