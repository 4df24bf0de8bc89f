//! The file was renamed, deleted or replaced while it was open: what became of it, and going on with one file or the
//! other.

use std::path::{Path, PathBuf};

use colophon_catalogue::catalogue_list::ListedCatalogue;
use colophon_sync::central::CentralSettings;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;

use crate::answer::answer;
use crate::app_state::{AppState, MovedFile};
use crate::error::{Code, CommandError};
use crate::location;
use crate::runtime::AppHandle;

/// What became of the file that was open.
#[derive(Debug, Serialize, Type)]
pub(crate) struct MovedTold {
    /// The path at which it was opened.
    pub(crate) file: String,
    /// What it is called now, where it has a name.
    pub(crate) now: Option<String>,
    /// Whether something is at the path where it was.
    pub(crate) is_there: bool,
}

/// The two files that a person can go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum GoOnWith {
    /// The one that was open, by the name that it has now.
    TheOpenOne,
    /// What is now at the path where it was.
    WhatIsThere,
}

/// What became of the file, when it is not where it was opened.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue_moved(state: State<'_, AppState>) -> Result<Option<MovedTold>, CommandError> {
    answer(async move {
        let moved = state.moved().await?;
        Ok(moved.map(|moved| MovedTold {
            file: moved.file.display().to_string(),
            now: moved.now.map(|now| now.display().to_string()),
            is_there: moved.is_there,
        }))
    })
    .await
}

/// Goes on with one of the two files. The one that was open is closed first, so that all that was kept is in it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue_go_on(
    app: AppHandle,
    state: State<'_, AppState>,
    which: GoOnWith,
) -> Result<(), CommandError> {
    answer(async move {
        let Some(moved) = state.moved().await? else {
            return Ok(());
        };
        let file = wished(&moved, which)?;
        if which == GoOnWith::TheOpenOne {
            keep_its_server(&moved.file, &file)?;
        }
        state.go_on(&app, file)
    })
    .await
}

fn wished(moved: &MovedFile, which: GoOnWith) -> Result<PathBuf, CommandError> {
    let file = match which {
        GoOnWith::TheOpenOne => moved.now.clone(),
        GoOnWith::WhatIsThere => moved.is_there.then(|| moved.file.clone()),
    };
    file.ok_or_else(|| {
        let file = moved.file.display();
        CommandError::new(
            Code::NotFound,
            format!("There is no file {file} yet. Put it back, then try again."),
        )
    })
}

/// The catalogue stays shared where it was shared before, whichever layer of the settings said so: they do not know its
/// new path.
fn keep_its_server(before: &Path, now: &Path) -> Result<(), CommandError> {
    if before == now {
        return Ok(());
    }
    let known = location::catalogue_list()?;
    let settings = CentralSettings::from_sources(&location::sources(before)?)?;
    let values = settings.iter().flat_map(CentralSettings::to_values);
    let named = known.of_file(before)?.map(|known| known.name);
    let of_file = ListedCatalogue::of_file(now);
    known.keep(&ListedCatalogue {
        name: named.unwrap_or_else(|| of_file.name.clone()),
        values: values.map(|(name, value)| (name.to_owned(), value)).collect(),
        ..of_file
    })?;
    Ok(())
}
