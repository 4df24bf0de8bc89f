//! What was typed and is not stored in a record yet.

use colophon_acts::RecordKind;
use colophon_catalogue::drafts::{self, Draft};
use colophon_store::{Result, WriteSession};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;

/// A value that was typed, by the field of the record that it is meant for.
#[derive(Debug, Serialize, Deserialize, Type)]
pub(crate) struct DraftKept {
    /// The record and the field.
    pub(crate) slot: String,
    /// What was typed, as the window writes it; nothing when it is to be forgotten.
    pub(crate) content: Option<String>,
}

/// What was typed into a field of a record has been stored in it: its draft is forgotten in the same transaction.
pub(crate) fn taken_in(session: &WriteSession<'_>, record: Uuid, field: &str) -> Result<()> {
    drafts::forget(session, &format!("{record}/{field}"))
}

/// A record was made from what was typed for it: the same for all of that.
pub(crate) fn taken_into_new(session: &WriteSession<'_>, kind: RecordKind) -> Result<()> {
    drafts::forget_of(session, &format!("new-{}", kind.word()))
}

/// All that was typed into this catalogue's fields and is not kept in its records.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drafts(state: State<'_, AppState>) -> std::result::Result<Vec<DraftKept>, CommandError> {
    answer(async move {
        let kept = state.read(drafts::all).await?;
        let told = kept.into_iter().map(|Draft { slot, content }| DraftKept {
            slot,
            content: Some(content),
        });
        Ok(told.collect())
    })
    .await
}

/// Writes drafts down, all or none; those without content are forgotten. Tells which were too long to be kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drafts_keep(
    state: State<'_, AppState>,
    drafts: Vec<DraftKept>,
) -> std::result::Result<Vec<String>, CommandError> {
    answer(async move {
        state
            .write(move |session| {
                let mut too_long = Vec::new();
                for DraftKept { slot, content } in drafts {
                    let Some(content) = content else {
                        drafts::forget(session, &slot)?;
                        continue;
                    };
                    let draft = Draft { slot, content };
                    if !drafts::keep(session, &draft)? {
                        too_long.push(draft.slot);
                    }
                }
                Ok(too_long)
            })
            .await
    })
    .await
}
