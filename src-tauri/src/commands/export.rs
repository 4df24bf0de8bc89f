//! The export from the window: what there would be in it, where it goes, and that it is written.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use colophon_acts::RecordKind;
use colophon_acts::export::{Books, Export};
use colophon_catalogue::export::{ExportError, Loss};
use colophon_catalogue::format::Format;
use colophon_catalogue::location::belongs_to;
use colophon_catalogue::rescue::Besides;
use colophon_store::Result;
use serde::Serialize;
use specta::Type;
use tauri::State;
use tauri_specta::Event as _;

use super::selection::Selected;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::chosen::{Chosen, ChosenFile, Purpose};
use crate::error::{Code, CommandError};
use crate::events::ManyExported;
use crate::questions::Question;
use crate::runtime::{AppHandle, choose_new_file};
use crate::wire::count;
use crate::worded::Worded;

/// What an export would have in it, and the ways to write it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ExportTold {
    /// How many books.
    pub(crate) books: u32,
    /// The ways.
    pub(crate) ways: Vec<ExportWay>,
}

/// A way to write an export: a format, for programs or for a spreadsheet.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ExportWay {
    /// The name of the format.
    pub(crate) format: &'static str,
    /// Its name, as people call it.
    pub(crate) title: &'static str,
    /// What the names of its files end in.
    pub(crate) extension: &'static str,
    /// Whether it is the way that a spreadsheet opens.
    pub(crate) for_spreadsheet: bool,
    /// What of a catalogue has no place in it.
    pub(crate) loses: Vec<Worded<Loss>>,
}

/// What an export came to.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ExportTally {
    /// How many books were written.
    pub(crate) books: u32,
    /// The file, as a person would look for it.
    pub(crate) file: String,
}

/// What an export of chosen records would have in it, or of all there is. Of people, their books are exported.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_told(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    selected: Option<Selected>,
) -> Result<ExportTold, CommandError> {
    answer(async move {
        let books = state.listed(Arc::default(), move |lists| books(kind.0, selected)?.count(lists));
        Ok(ExportTold {
            books: count(books.await?),
            ways: ways(),
        })
    })
    .await
}

/// Lets a person say where an export goes; nothing when they change their mind. `name` is what the file may be called.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_choose(
    app: AppHandle,
    chosen: State<'_, Chosen>,
    format: String,
    name: String,
) -> Result<Option<ChosenFile>, CommandError> {
    answer(async move {
        let format = called(&format)?;
        let usual = format.extensions[0];
        let name: String = name.chars().filter(|letter| !"/\\:".contains(*letter)).collect();
        let file = choose_new_file(&app, &format!("{name}.{usual}"), format.title, format.extensions);
        Ok(file.map(|file| chosen.give(Purpose::Export, &with_extension(file, usual))))
    })
    .await
}

/// Writes an export into a file that was chosen, whole or not at all.
#[tauri::command]
#[specta::specta]
#[expect(clippy::too_many_arguments, reason = "what a sheet of choices says")]
pub(crate) async fn export_write(
    app: AppHandle,
    state: State<'_, AppState>,
    chosen: State<'_, Chosen>,
    kind: Worded<RecordKind>,
    selected: Option<Selected>,
    format: String,
    for_spreadsheet: bool,
    token: u32,
) -> Result<ExportTally, CommandError> {
    answer(async move {
        let (format, target) = (called(&format)?, chosen.file(Purpose::Export, token)?);
        writable(&state.opened()?.file, &target)?;
        let shown = target.display().to_string();
        let question = state.questions.put(Question::Export(Some(token)));
        let written = state.listed(question, move |lists| {
            let besides = Besides::default();
            let export = Export {
                format,
                books: books(kind.0, selected)?,
                for_spreadsheet,
                besides: &besides,
            };
            match export.write_file(lists, &target, &|books| tell(&app, books)) {
                Err(ExportError::Store(error)) => Err(error),
                other => Ok(other),
            }
        });
        Ok(ExportTally {
            books: count(written.await??),
            file: shown,
        })
    })
    .await
}

/// Leaves off the export that is under way, which leaves nothing behind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_leave_off(state: State<'_, AppState>) -> Result<(), CommandError> {
    answer(async move {
        drop(state.questions.put(Question::Export(None)));
        Ok(())
    })
    .await
}

fn tell(app: &AppHandle, books: u64) {
    let books = count(books);
    if let Err(error) = (ManyExported { books }).emit(app) {
        tracing::warn!(%error, "the window was not told how far the export has come");
    }
}

fn books(kind: RecordKind, selected: Option<Selected>) -> Result<Books> {
    Ok(match (selected, kind) {
        (None, _) => Books::All,
        (Some(books), RecordKind::Book) => Books::Chosen(books.selection()?),
        (Some(people), RecordKind::Author) => Books::Of(people.selection()?),
    })
}

fn called(format: &str) -> Result<&'static Format, CommandError> {
    let format = Format::named(format).filter(|format| format.is_written());
    format.ok_or_else(|| CommandError::new(Code::NotFound, "There is no such format."))
}

fn ways() -> Vec<ExportWay> {
    let way = |format: &'static Format, for_spreadsheet| ExportWay {
        format: format.name,
        title: format.title,
        extension: format.extensions[0],
        for_spreadsheet,
        loses: format.loses.iter().copied().map(Worded).collect(),
    };
    Format::written()
        .flat_map(|format| {
            let spreadsheet = format.has_spreadsheets().then(|| way(format, true));
            std::iter::once(way(format, false)).chain(spreadsheet)
        })
        .collect()
}

/// The file with the usual ending, if it has none and another file is not in the way: about that one, nobody was asked.
fn with_extension(file: PathBuf, usual: &str) -> PathBuf {
    let longer = file.with_extension(usual);
    if file.extension().is_some() || longer.exists() {
        return file;
    }
    longer
}

/// Refuses what is no file, and what belongs to the catalogue itself.
fn writable(catalogue: &Path, target: &Path) -> Result<(), CommandError> {
    if belongs_to(catalogue, target) {
        let words = "This file belongs to the catalogue itself; nothing was written. Choose another name.";
        return Err(CommandError::new(Code::Invalid, words));
    }
    if fs::metadata(target).is_ok_and(|found| !found.is_file()) {
        let words = "This is a folder, a pipe or a device; nothing was written. Choose a file.";
        return Err(CommandError::new(Code::Invalid, words));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_is_added_only_where_no_other_file_would_be_hit() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let list = folder.path().join("list");
        assert_eq!(with_extension(list.clone(), "bib"), folder.path().join("list.bib"));
        assert_eq!(
            with_extension(list.with_extension("txt"), "bib"),
            list.with_extension("txt")
        );
        fs::write(list.with_extension("bib"), "").expect("a file");
        assert_eq!(with_extension(list.clone(), "bib"), list);
    }

    #[test]
    fn the_catalogue_itself_is_no_place_for_an_export() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let catalogue = folder.path().join("books.sqlite");
        for target in ["books.sqlite", "books.sqlite-wal", "."] {
            assert!(writable(&catalogue, &folder.path().join(target)).is_err(), "{target}");
        }
        assert!(writable(&catalogue, &folder.path().join("books.bib")).is_ok());
    }
}
