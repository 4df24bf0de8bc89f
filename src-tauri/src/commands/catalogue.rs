//! The catalogue as a whole: what is in it, the sample, and the import of a file.

use colophon_acts::sample;
use colophon_catalogue::format::FORMATS;
use colophon_catalogue::status::Status as Counts;
use serde::Serialize;
use specta::Type;
use tauri::{Manager, State};
use tauri_specta::Event as _;

use crate::answer::answer;
use crate::app_state::{AppState, no_window};
use crate::chosen::{Chosen, ChosenFile, Purpose};
use crate::error::{Code, CommandError};
use crate::import::{self, ImportProgress, ImportTally};
use crate::leaving::Leaving;
use crate::runtime::{AppHandle, choose_file};
use crate::sync_state::SyncState;
use crate::window::MAIN_WINDOW;
use crate::wire::count;

/// What the foot of the window tells.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Status {
    /// How many books there are.
    pub(crate) books: u32,
    /// How many authors there are.
    pub(crate) authors: u32,
    /// Conflicts that want a person's choice.
    pub(crate) conflicts: u32,
    /// How the catalogue stands with the server.
    pub(crate) sync: SyncState,
    /// The file, as a person would look for it.
    pub(crate) file: String,
    /// Whether it can only be read: its medium or its rights say no to every write.
    pub(crate) read_only: bool,
}

/// Says that the first rows are painted; the window is shown then and not before, so that nobody sees it empty.
#[tauri::command]
#[specta::specta]
pub(crate) async fn painted(app: AppHandle, state: State<'_, AppState>) -> Result<(), CommandError> {
    answer(async move {
        let window = app.get_webview_window(MAIN_WINDOW).ok_or_else(no_window)?;
        let shown = window.show().and_then(|()| window.set_focus());
        shown.map_err(|error| CommandError::new(Code::Internal, error.to_string()))?;
        tracing::info!("the first rows are painted");
        state.prepare_search();
        Ok(())
    })
    .await
}

/// Tries once more to open the file, after what was in the way was put right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_again(app: AppHandle, state: State<'_, AppState>) -> Result<(), CommandError> {
    answer(async move { state.open_again(&app) }).await
}

/// Says that what was being typed is written down, so that the program may end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn may_leave(leaving: State<'_, Leaving>) -> Result<(), CommandError> {
    answer(async move {
        leaving.answered();
        Ok(())
    })
    .await
}

/// The counts and the state of sync.
#[tauri::command]
#[specta::specta]
pub(crate) async fn status(state: State<'_, AppState>) -> Result<Status, CommandError> {
    answer(async move {
        let opened = state.opened()?;
        let counts = opened.database.read(Counts::of).await?;
        Ok(Status {
            books: count(counts.books),
            authors: count(counts.authors),
            conflicts: count(counts.conflicts),
            sync: SyncState::from(&*opened.sync.status().borrow()).counting(&counts),
            file: opened.file.display().to_string(),
            read_only: opened.database.is_read_only(),
        })
    })
    .await
}

/// Lets a person choose a file to import; nothing when they change their mind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_choose(
    app: AppHandle,
    chosen: State<'_, Chosen>,
) -> Result<Option<ChosenFile>, CommandError> {
    answer(async move {
        let endings: Vec<&str> = FORMATS.iter().flat_map(|format| format.extensions).copied().collect();
        // The names of all formats would be wider than the dialog, and these need no language.
        let usual = FORMATS.iter().filter_map(|format| format.extensions.first());
        let usual: Vec<String> = usual.map(|ending| format!(".{ending}")).collect();
        let file = choose_file(&app, &usual.join(" "), &endings);
        Ok(file.map(|file| chosen.give(Purpose::Import, &file)))
    })
    .await
}

/// Imports a file that was chosen, whole or not at all, and tells how it went.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_file(
    app: AppHandle,
    state: State<'_, AppState>,
    chosen: State<'_, Chosen>,
    token: u32,
) -> Result<ImportTally, CommandError> {
    answer(async move {
        let file = chosen.file(Purpose::Import, token)?;
        let told = move |progress: ImportProgress| {
            if let Err(error) = progress.emit(&app) {
                tracing::warn!(%error, "the window was not told how far the import has come");
            }
        };
        import::import(&state.opened()?.database, &file, told).await
    })
    .await
}

/// Puts the books of the sample into the catalogue.
#[tauri::command]
#[specta::specta]
pub(crate) async fn load_sample(state: State<'_, AppState>) -> Result<ImportTally, CommandError> {
    answer(async move {
        let added = state.write(sample::add).await?;
        Ok(ImportTally {
            imported: count(added),
            ..ImportTally::default()
        })
    })
    .await
}
