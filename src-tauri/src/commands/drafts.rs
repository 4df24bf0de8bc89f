//! What was typed and is not kept in a record yet.

use colophon_catalogue::drafts::{self, Draft};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::answer::answer;
use crate::desk::Desk;
use crate::error::Coded;

/// A value that was typed, by the field of the record that it is meant for.
#[derive(Debug, Serialize, Deserialize, Type)]
pub(crate) struct DraftKept {
    /// The record and the field.
    pub(crate) slot: String,
    /// What was typed, as the window writes it; nothing when it is to be forgotten.
    pub(crate) content: Option<String>,
}

/// All that was typed into this catalogue's fields and is not kept in its records.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drafts(desk: State<'_, Desk>) -> Result<Vec<DraftKept>, Coded> {
    answer(async move {
        let kept = desk.read(drafts::all).await?;
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
pub(crate) async fn drafts_keep(desk: State<'_, Desk>, drafts: Vec<DraftKept>) -> Result<Vec<String>, Coded> {
    answer(async move {
        desk.write(move |session| {
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
