//! What was typed and is not kept in a record yet.

use colophon_catalogue::drafts::{self, Draft};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

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
    let kept = desk.read(drafts::all).await?;
    let told = kept.into_iter().map(|Draft { slot, content }| DraftKept {
        slot,
        content: Some(content),
    });
    Ok(told.collect())
}

/// Writes drafts down, all or none; those without content are forgotten.
#[tauri::command]
#[specta::specta]
pub(crate) async fn drafts_keep(desk: State<'_, Desk>, drafts: Vec<DraftKept>) -> Result<(), Coded> {
    desk.write(move |session| {
        drafts.into_iter().try_for_each(|kept| match kept.content {
            Some(content) => drafts::keep(
                session,
                &Draft {
                    slot: kept.slot,
                    content,
                },
            ),
            None => drafts::forget(session, &kept.slot),
        })
    })
    .await
}
