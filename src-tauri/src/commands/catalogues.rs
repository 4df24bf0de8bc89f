//! The catalogues side by side: each is a file and, if it is shared, a schema on a server. The window shows one of
//! them.

use std::path::Path;

use colophon_catalogue::catalogue_list::ListedCatalogue;
use colophon_sync::central::CentralSettings;
use serde::Serialize;
use specta::Type;
use tauri::State;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::chosen::{Chosen, ChosenFile, Purpose};
use crate::error::{Code, CommandError};
use crate::location;
use crate::runtime::{AppHandle, choose_file};

/// A catalogue that the window can go to.
#[derive(Debug, Serialize, Type)]
pub(crate) struct CatalogueTold {
    /// What the person calls it.
    pub(crate) name: String,
    /// Its file, as a person would look for it.
    pub(crate) file: String,
    /// What the page says to have it opened.
    pub(crate) token: u32,
    /// The schema that it is shared in; absent for one that is on this computer only.
    pub(crate) schema: Option<String>,
    /// Whether it is the one that is shown.
    pub(crate) is_open: bool,
    /// Whether it can be taken off the list.
    pub(crate) can_be_forgotten: bool,
}

/// The catalogues that are known: the one that the program was started with, and those in the settings file.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogues(
    state: State<'_, AppState>,
    chosen: State<'_, Chosen>,
) -> Result<Vec<CatalogueTold>, CommandError> {
    answer(async move {
        let open = state.opened().ok().map(|opened| opened.file);
        let started_with = location::catalogue_file()?;
        let mut known = location::catalogue_list()?.all()?;
        let named = known.iter().position(|one| one.file == started_with);
        let first = match named {
            Some(at) => known.remove(at),
            None => ListedCatalogue::of_file(&started_with),
        };
        let mut told = vec![CatalogueTold {
            can_be_forgotten: false,
            ..self::told(&chosen, first, open.as_deref())
        }];
        told.extend(known.into_iter().map(|one| self::told(&chosen, one, open.as_deref())));
        Ok(told)
    })
    .await
}

fn told(chosen: &Chosen, known: ListedCatalogue, open: Option<&Path>) -> CatalogueTold {
    let settings = location::sources(&known.file).and_then(|sources| Ok(CentralSettings::from_sources(&sources)?));
    let is_open = open == Some(&known.file);
    CatalogueTold {
        token: chosen.give(Purpose::Catalogue, &known.file).token,
        name: known.name,
        file: known.file.display().to_string(),
        schema: settings.ok().flatten().map(|settings| settings.schema.to_string()),
        is_open,
        can_be_forgotten: !is_open,
    }
}

/// Lets a person choose the file of a catalogue; nothing when they change their mind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue_choose(
    app: AppHandle,
    chosen: State<'_, Chosen>,
) -> Result<Option<ChosenFile>, CommandError> {
    answer(async move {
        let file = choose_file(&app, "Colophon", &["sqlite"]);
        Ok(file.map(|file| chosen.give(Purpose::Catalogue, &file)))
    })
    .await
}

/// Makes a new catalogue of this name, and goes to it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue_make(
    app: AppHandle,
    state: State<'_, AppState>,
    name: String,
) -> Result<(), CommandError> {
    answer(async move {
        let file = location::file_named(&name)?;
        if file.exists() {
            let mut coded = CommandError::new(
                Code::Duplicate,
                format!(
                    "There is a catalogue of this name already: {}. Open it, or take another name.",
                    file.display()
                ),
            );
            coded.field = Some("name".to_owned());
            return Err(coded);
        }
        let known = ListedCatalogue {
            name: name.trim().to_owned(),
            ..ListedCatalogue::of_file(&file)
        };
        location::catalogue_list()?.keep(&known)?;
        state.switch(&app, file)
    })
    .await
}

/// Goes to the catalogue in a file that was chosen or is on the list, which must be there, and keeps it on the list.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue_open(
    app: AppHandle,
    state: State<'_, AppState>,
    chosen: State<'_, Chosen>,
    token: u32,
) -> Result<(), CommandError> {
    answer(async move {
        let file = chosen.file(Purpose::Catalogue, token)?;
        if !file.exists() {
            let gone = format!(
                "There is no file {}. It may have been moved; the catalogue that is shown stays as it is.",
                file.display()
            );
            return Err(CommandError::new(Code::NotFound, gone));
        }
        state.switch(&app, file.clone())?;
        let known = location::catalogue_list()?;
        if file != location::catalogue_file()? && known.of_file(&file)?.is_none() {
            known.keep(&ListedCatalogue::of_file(&file))?;
        }
        Ok(())
    })
    .await
}

/// Takes a catalogue off the list, with the settings of its server. Its file stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn catalogue_forget(chosen: State<'_, Chosen>, token: u32) -> Result<(), CommandError> {
    answer(async move { Ok(location::catalogue_list()?.forget(&chosen.file(Purpose::Catalogue, token)?)?) }).await
}
