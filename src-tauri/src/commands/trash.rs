//! The trash: what was deleted, restored one by one or many at once, and emptied when a person says so.

use colophon_acts::RecordKind;
use colophon_acts::trash::{self, Trashed};
use colophon_store::PageRequest;
use colophon_store::journal::EditKind;
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::elsewhere::{WhoTold, history};
use super::subject::RecordRef;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::wire::{Rows, count, instant};
use crate::worded::Worded;

/// A record in the trash.
#[derive(Debug, Serialize, Type)]
pub(crate) struct TrashedTold {
    /// Its kind.
    pub(crate) kind: Worded<RecordKind>,
    /// Its id.
    pub(crate) id: Uuid,
    /// What it was called.
    pub(crate) name: String,
    /// When it was deleted, or when this device learnt of that; absent if it is not known.
    pub(crate) at: Option<String>,
    /// Whether it was deleted on another device.
    pub(crate) elsewhere: bool,
}

/// Who deleted a record elsewhere, and when.
#[derive(Debug, Serialize, Type)]
pub(crate) struct DeletedBy {
    /// The record.
    pub(crate) id: Uuid,
    /// When.
    pub(crate) at: String,
    /// Who.
    pub(crate) by: WhoTold,
}

/// What came of restoring.
#[derive(Debug, Serialize, Type)]
pub(crate) struct TrashRestored {
    /// How many records are back.
    pub(crate) records: u32,
    /// The first of them.
    pub(crate) first: Option<RecordRef>,
    /// What it is called.
    pub(crate) name: String,
    /// Values and parts that could not come back.
    pub(crate) left_out: u32,
}

/// One page of what was deleted, the latest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn trash_page(
    state: State<'_, AppState>,
    page: u32,
    per_page: u32,
) -> Result<Rows<TrashedTold>, CommandError> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let page = state.read(move |session| trash::page(session, request));
        Ok(Rows::of(page.await?))
    })
    .await
}

/// How many records are in the trash.
#[tauri::command]
#[specta::specta]
pub(crate) async fn trash_count(state: State<'_, AppState>) -> Result<u32, CommandError> {
    answer(async move { state.read(|session| trash::count(session).map(count)).await }).await
}

/// Who deleted these records elsewhere, according to the server.
#[tauri::command]
#[specta::specta]
pub(crate) async fn trash_by(state: State<'_, AppState>, ids: Vec<Uuid>) -> Result<Vec<DeletedBy>, CommandError> {
    answer(async move {
        let told = history(&state.opened()?, &ids).await?;
        let deletions = told.into_iter().filter(|change| change.kind == EditKind::Delete);
        Ok(deletions
            .map(|change| DeletedBy {
                id: change.id,
                at: instant(change.at),
                by: change.by.into(),
            })
            .collect())
    })
    .await
}

/// Restores these records, or everything in the trash, as one act that can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn trash_restore(
    state: State<'_, AppState>,
    ids: Option<Vec<Uuid>>,
) -> Result<TrashRestored, CommandError> {
    answer(async move {
        let restored = state.write(move |session| {
            let ids = match ids {
                Some(ids) => ids,
                None => trash::ids(session)?,
            };
            trash::restore(session, &ids)
        });
        let restored = restored.await?;
        let first = restored.records.first();
        Ok(TrashRestored {
            records: count(restored.records.len() as u64),
            first: first.map(|(kind, id)| RecordRef {
                kind: Worded(*kind),
                id: *id,
            }),
            name: restored.name,
            left_out: count(restored.left_out),
        })
    })
    .await
}

/// Empties the trash; how many records are no longer in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn trash_empty(state: State<'_, AppState>) -> Result<u32, CommandError> {
    answer(async move { state.write(|session| trash::empty(session).map(count)).await }).await
}

impl From<Trashed> for TrashedTold {
    fn from(gone: Trashed) -> Self {
        Self {
            kind: Worded(gone.kind),
            id: gone.id,
            name: gone.name,
            at: gone.at.map(instant),
            elsewhere: gone.is_elsewhere,
        }
    }
}
