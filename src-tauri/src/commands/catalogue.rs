//! The catalogue as a whole: what is in it, the sample, and the import of a file.

use serde::Serialize;
use specta::Type;

use super::sync::SyncState;
use crate::error::Coded;

/// What the foot of the window tells.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Status {
    /// How many books there are.
    pub(crate) books: u32,
    /// How many authors there are.
    pub(crate) authors: u32,
    /// How the catalogue stands with the server.
    pub(crate) sync: SyncState,
    /// The file, as a person would look for it.
    pub(crate) file: String,
}

/// What an import did. The sum of its numbers is the number of records in the file.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ImportTally {
    /// Records that became new books.
    pub(crate) imported: u32,
    /// Books that were there and took something from the file.
    pub(crate) updated: u32,
    /// Records that changed nothing.
    pub(crate) skipped: u32,
    /// How many problems there were.
    pub(crate) problems_total: u32,
    /// The first of them.
    pub(crate) problems: Vec<ImportProblem>,
    /// The file with the rows that were not taken.
    pub(crate) rejected: Option<String>,
}

/// One thing that is wrong with a line of an imported file.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ImportProblem {
    /// The line in the file, counted from 1.
    pub(crate) line: u32,
    /// The column it is about.
    pub(crate) field: Option<String>,
    /// What is wrong, in words.
    pub(crate) reason: String,
}

/// How far an import has come. Nothing of it is in the catalogue before it is done.
#[derive(Debug, Clone, Serialize, serde::Deserialize, Type, tauri_specta::Event)]
pub(crate) struct ImportProgress {
    /// Records read so far.
    pub(crate) records: u32,
    /// How much of the file was read, in percent.
    pub(crate) percent: u8,
}

/// Tables whose rows are others than before. It is sent after the commit.
#[derive(Debug, Clone, Serialize, serde::Deserialize, Type, tauri_specta::Event)]
pub(crate) struct Changed {
    /// The tables.
    pub(crate) tables: Vec<String>,
    /// Whether rows came or went; otherwise every row is still there, with other values.
    pub(crate) rows_came_or_went: bool,
}

/// Says that the first rows are painted; the window is shown then and not before, so that nobody sees it empty.
#[tauri::command]
#[specta::specta]
pub(crate) async fn painted() -> Result<(), Coded> {
    Err(Coded::unwired())
}

/// Tries once more to open the file, after what was in the way was put right.
#[tauri::command]
#[specta::specta]
pub(crate) async fn open_again() -> Result<(), Coded> {
    Err(Coded::unwired())
}

/// The counts and the state of sync.
#[tauri::command]
#[specta::specta]
pub(crate) async fn status() -> Result<Status, Coded> {
    Err(Coded::unwired())
}

/// Lets a person choose a file to import; nothing when they change their mind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_choose() -> Result<Option<String>, Coded> {
    Err(Coded::unwired())
}

/// Imports a file, whole or not at all, and tells how it went.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_file(path: String) -> Result<ImportTally, Coded> {
    let _ = path;
    Err(Coded::unwired())
}

/// Puts the books of the sample into the catalogue.
#[tauri::command]
#[specta::specta]
pub(crate) async fn load_sample() -> Result<ImportTally, Coded> {
    Err(Coded::unwired())
}
