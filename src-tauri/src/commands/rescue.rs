//! When the catalogue file is damaged: what there is to go back to, and one step for each way out.
//!
//! Whatever is chosen, the damaged file is kept. None of these commands takes a path: what they read and write follows
//! from the catalogue with which the window was opened.

use std::path::{Path, PathBuf};

use colophon_catalogue::export;
use colophon_catalogue::file_schema;
use colophon_catalogue::rescue::{Rescued, contents, rescue};
use colophon_catalogue::schema::TABLES;
use colophon_store::backup::Stop;
use colophon_store::clock::Origin;
use colophon_store::{Backup, Backups, Database, private};
use colophon_sync::central::{self, Central, CentralSettings};
use serde::Serialize;
use specta::Type;
use tauri::State;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{Code, CommandError, sentence};
use crate::keeping::backups_of;
use crate::location;
use crate::runtime::AppHandle;
use crate::wire::{count, instant};

/// The newest backup that can be gone back to.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BackupTold {
    /// When it was made.
    pub(crate) at: String,
    /// How many books it has.
    pub(crate) books: u32,
    /// How many authors it has.
    pub(crate) authors: u32,
}

/// What the server has.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ServerTold {
    /// Its address.
    pub(crate) address: String,
    /// About how many records it has; absent when it does not answer.
    pub(crate) records: Option<u32>,
    /// Why it says no; absent when nobody answers at all.
    pub(crate) fault: Option<String>,
}

/// What was saved of the damaged file.
#[derive(Debug, Serialize, Type)]
pub(crate) struct SavedTold {
    /// The file with what was read.
    pub(crate) file: String,
    /// How many books.
    pub(crate) books: u32,
    /// How many authors.
    pub(crate) authors: u32,
    /// How many records are missing, or not as they were.
    pub(crate) lost: u32,
    /// The file that lists them.
    pub(crate) list: Option<String>,
    /// Whether more may be missing than is known.
    pub(crate) has_gaps: bool,
    /// How many changes had not gone to the server; they are saved as well.
    pub(crate) waiting: u32,
    /// How many of these are deletions.
    pub(crate) deletions: u32,
    /// Whether of these, the questions and the history not everything could be read.
    pub(crate) besides_unread: bool,
}

/// The newest backup that can be read; nothing when there is none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rescue_backup(state: State<'_, AppState>) -> Result<Option<BackupTold>, CommandError> {
    answer(async move {
        let file = state.file()?;
        aside(move || {
            Ok(newest(&backups_of(&file)?)?.map(|(backup, within)| BackupTold {
                at: instant(backup.at),
                books: count(within.books),
                authors: count(within.authors),
            }))
        })
        .await
    })
    .await
}

/// What the server has; nothing when the catalogue is on this computer only.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rescue_server(state: State<'_, AppState>) -> Result<Option<ServerTold>, CommandError> {
    answer(async move {
        let Some(settings) = CentralSettings::from_sources(&location::sources(&state.file()?)?)? else {
            return Ok(None);
        };
        let address = settings.address();
        let asked = async {
            let (connection, _) = Central::new(settings).asking_keychain().open().await?;
            let snapshot = connection.begin_download(TABLES).await?;
            connection.end_download().await?;
            Ok::<_, central::Error>(snapshot.rows)
        };
        let asked = asked.await;
        Ok(Some(ServerTold {
            address,
            records: asked.as_ref().ok().copied().map(count),
            fault: asked.as_ref().err().and_then(said),
        }))
    })
    .await
}

/// What an answering server says. For one that does not answer, the words in the foot of the window would say that
/// edits are safe here, which is not so in a damaged file.
fn said(error: &central::Error) -> Option<String> {
    let is_away = matches!(error, central::Error::Unreachable { .. });
    (!is_away).then(|| sentence(&error.to_string()))
}

/// Goes back to the newest backup. Returns the name under which the damaged file is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rescue_restore(app: AppHandle, state: State<'_, AppState>) -> Result<Option<String>, CommandError> {
    answer(async move {
        state.close();
        let file = state.file()?;
        let kept = aside(move || {
            let backups = backups_of(&file)?;
            let (backup, _) =
                newest(&backups)?.ok_or_else(|| CommandError::new(Code::NotFound, "There is no backup."))?;
            Ok(backups
                .restore(&backup.file, &file_schema()?, now(), &Stop::default())?
                .kept)
        })
        .await?;
        state.open_anew(&app)?;
        Ok(shown(kept))
    })
    .await
}

/// Puts the damaged file aside and begins a new one, which is filled from the server. Returns the name under which the old one is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rescue_fetch(app: AppHandle, state: State<'_, AppState>) -> Result<Option<String>, CommandError> {
    answer(async move {
        let file = state.file()?;
        if CentralSettings::from_sources(&location::sources(&file)?)?.is_none() {
            return Err(CommandError::new(
                Code::Setting,
                "This catalogue has no server; nothing was changed.",
            ));
        }
        begin_anew(&app, &state, file).await
    })
    .await
}

/// Puts the file aside and begins an empty one in its place. Returns the name under which the old one is kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rescue_begin(app: AppHandle, state: State<'_, AppState>) -> Result<Option<String>, CommandError> {
    answer(async move {
        let file = state.file()?;
        begin_anew(&app, &state, file).await
    })
    .await
}

async fn begin_anew(app: &AppHandle, state: &AppState, file: PathBuf) -> Result<Option<String>, CommandError> {
    state.close();
    let kept = aside(move || Ok(backups_of(&file)?.put_the_file_aside(now())?)).await?;
    state.open_anew(app)?;
    Ok(shown(kept))
}

/// Writes what can still be read beside the damaged file, and a list of what is missing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rescue_save(state: State<'_, AppState>) -> Result<SavedTold, CommandError> {
    answer(async move {
        let file = state.file()?;
        aside(move || save(&file)).await
    })
    .await
}

fn save(file: &Path) -> Result<SavedTold, CommandError> {
    let database = Database::in_memory_blocking()?;
    database.migrate_blocking(&file_schema()?)?;
    let rescued = rescue(file, &database)?;
    if rescued.read.books + rescued.read.authors == 0 {
        return Err(CommandError::new(
            Code::Corrupt,
            "Not one record can be read in this file; it is as it was.",
        ));
    }
    let mut text = Vec::new();
    let mut outcome = Ok(0);
    database.read_blocking(|session| {
        outcome = export::json_with(session, &mut text, &rescued.besides);
        Ok(())
    })?;
    outcome.map_err(|error| CommandError::new(Code::Disk, sentence(&error.to_string())))?;
    let (saved, list) = (beside(file, "saved", "json"), beside(file, "missing", "txt"));
    write(&saved, &text)?;
    let list = (!rescued.lost.is_empty()).then_some(list);
    if let Some(list) = &list {
        write(list, missing(&rescued).as_bytes())?;
    }
    Ok(SavedTold {
        file: saved.display().to_string(),
        books: count(rescued.read.books),
        authors: count(rescued.read.authors),
        lost: count(rescued.lost.len() as u64),
        list: shown(list),
        has_gaps: rescued.has_gaps,
        waiting: count(rescued.besides.waiting.len() as u64),
        deletions: count(rescued.besides.deletions_waiting() as u64),
        besides_unread: !rescued.besides.unread.is_empty(),
    })
}

fn missing(rescued: &Rescued) -> String {
    let mut list = String::new();
    for lost in &rescued.lost {
        let line = [lost.entity, &lost.id.to_string(), &lost.reason].join("\t");
        list.push_str(&line);
        list.push('\n');
    }
    list
}

fn write(file: &Path, content: &[u8]) -> Result<(), CommandError> {
    private::rewrite(file, content).map_err(|error| {
        let what = "What can be read of the file could not be saved";
        CommandError::new(Code::Disk, format!("{what}: {error}."))
    })
}

/// A name beside the file that is not taken.
fn beside(file: &Path, what: &str, ending: &str) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    private::free_name(|number| file.with_file_name(format!("{stem}-{what}{number}.{ending}")))
}

/// The newest backup that can be read, and what it has.
fn newest(backups: &Backups) -> Result<Option<(Backup, colophon_catalogue::rescue::Contents)>, CommandError> {
    let mut all = backups.all()?.into_iter();
    Ok(all.find_map(|backup| contents(&backup.file).ok().map(|within| (backup, within))))
}

fn now() -> jiff::Timestamp {
    Origin::default().clock.now()
}

fn shown(file: Option<PathBuf>) -> Option<String> {
    file.map(|file| file.display().to_string())
}

/// Runs work on files on a thread meant for it.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
) -> Result<T, CommandError> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(CommandError::new(Code::Internal, error.to_string())),
    }
}
