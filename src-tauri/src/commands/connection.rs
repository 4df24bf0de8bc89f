//! The connection screen: the settings of the server that are in effect, trying settings, and using them.
//!
//! What the environment says, or the file that `COLOPHON_ENV_FILE` names, cannot be changed here; the screen shows it
//! and says so. Everything else is kept in the settings file, except for the password, which goes to the system's
//! keychain or nowhere.

mod fields;
mod invitation;
mod trying;
mod wished;

use std::collections::BTreeMap;
use std::path::Path;

use colophon_catalogue::catalogue_list::ListedCatalogue;
use colophon_catalogue::schema::TABLES;
use colophon_store::settings::{Layer, Sources};
use colophon_sync::central::{CentralSettings, Password};
use colophon_sync::keychain;
use serde::Serialize;
use specta::Type;
use tauri::State;

use self::fields::{ConnectionField, ConnectionTexts, about_field};
use self::invitation::Invitation;
pub(crate) use self::trying::Tried;
use self::wished::{Wished, with_kept_password};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::chosen::{Chosen, Purpose};
use crate::error::{CommandError, sentence};
use crate::location;
use crate::runtime::{AppHandle, choose_file};

const PASSWORD: &str = CentralSettings::PASSWORD;

/// The settings of the server as they hold now.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ConnectionTold {
    /// What is set, as texts; empty where nothing is.
    pub(crate) values: ConnectionTexts,
    /// The fields that the environment decides, or the file that it names.
    pub(crate) fixed: Vec<ConnectionField>,
    /// Where each field that is set has its value from.
    pub(crate) decided: Vec<Decided>,
    /// The settings file, as a person would look for it.
    pub(crate) settings_file: String,
}

/// A field, and where its value comes from.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Decided {
    /// The field.
    pub(crate) field: ConnectionField,
    /// The place, for a person to read: a file, or nothing where it is the environment.
    pub(crate) file: Option<String>,
}

/// What became of the settings that were to be used.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Used {
    /// Why the password could not be kept, when it was not; then it holds until the program ends.
    pub(crate) password_not_kept: Option<String>,
}

/// The settings as they hold for the catalogue that is shown.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connection(state: State<'_, AppState>) -> Result<ConnectionTold, CommandError> {
    answer(async move {
        let sources = CentralSettings::counted(&location::sources(&state.opened()?.file)?);
        let values = ConnectionTexts::of(&sources)?;
        let mut fields: Vec<_> = values.by_name().map(|(name, field, _)| (name, field)).into();
        let is_meant = CentralSettings::unmeant(&sources).is_none();
        if is_meant && sources.get_beside(PASSWORD, CentralSettings::SERVER)?.is_some() {
            fields.push((CentralSettings::SERVER, ConnectionField::Password));
        }
        // Whoever names the server says the rest about it too: nothing that is set here is sent to that server, see
        // `Wished`.
        let all = sources.is_fixed(CentralSettings::SERVER);
        let fixed = fields.iter().filter(|(name, _)| all || sources.is_fixed(name));
        Ok(ConnectionTold {
            fixed: fixed.map(|(_, field)| *field).collect(),
            decided: fields
                .iter()
                .filter_map(|(name, field)| decided(&sources, name, *field))
                .collect(),
            values,
            settings_file: location::settings_file()?.display().to_string(),
        })
    })
    .await
}

fn decided(sources: &Sources, name: &str, field: ConnectionField) -> Option<Decided> {
    let file = match sources.decides(name)? {
        Layer::Environment => None,
        Layer::EnvFile(file) | Layer::SettingsFile(file) => Some(file.display().to_string()),
    };
    Some(Decided { field, file })
}

/// What a line that was sent to a person says, for the fields of the screen. Nothing is tried or kept.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connection_read(line: String) -> Result<Invitation, CommandError> {
    answer(async move { Invitation::read(&line) }).await
}

/// Tries settings without using them. An empty password stands for the one that is known already.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connection_try(
    state: State<'_, AppState>,
    chosen: State<'_, Chosen>,
    texts: ConnectionTexts,
    password: String,
) -> Result<Tried, CommandError> {
    answer(async move {
        let wished = Wished::of(&state.opened()?.file, &chosen, &texts, &password)?;
        let Some(settings) = wished.settings else {
            return Err(about_field(ConnectionField::Server, "Name a server to try."));
        };
        let central = with_kept_password(settings.clone(), wished.held.as_ref()).await?;
        let examined = central.examine(TABLES).await;
        Ok(Tried::of(&settings, examined))
    })
    .await
}

/// Keeps settings and uses them from now on. Without a server, the catalogue stays on this computer.
#[tauri::command]
#[specta::specta]
pub(crate) async fn connection_use(
    app: AppHandle,
    state: State<'_, AppState>,
    chosen: State<'_, Chosen>,
    texts: ConnectionTexts,
    password: String,
) -> Result<Used, CommandError> {
    answer(async move {
        let file = state.opened()?.file;
        let wished = Wished::of(&file, &chosen, &texts, &password)?;
        let settings = wished.settings;
        let central = match &settings {
            Some(settings) => Some(with_kept_password(settings.clone(), wished.held.as_ref()).await?),
            None => None,
        };
        if wished.counts {
            keep(&file, &texts)?;
        }
        let mut used = Used {
            password_not_kept: None,
        };
        if let Some(settings) = settings.as_ref().filter(|_| !password.is_empty()) {
            let kept = keychain::remember(settings, &Password::new(password)).await;
            used.password_not_kept = kept.err().map(|error| sentence(&error.to_string()));
        }
        state.connect(&app, central)?;
        Ok(used)
    })
    .await
}

/// Stores the texts in the settings file, for the catalogue in this file.
fn keep(file: &Path, texts: &ConnectionTexts) -> Result<(), CommandError> {
    let known = location::catalogue_list()?;
    let before = known.of_file(file)?.unwrap_or_else(|| ListedCatalogue::of_file(file));
    let mut values: BTreeMap<_, _> = before
        .values
        .into_iter()
        .filter(|(name, _)| !is_of_server(name))
        .collect();
    values.extend(texts.values());
    Ok(known.keep(&ListedCatalogue { values, ..before })?)
}

/// Lets a person choose the file with the certificates to trust; nothing when they change their mind.
#[tauri::command]
#[specta::specta]
pub(crate) async fn certificates_choose(
    app: AppHandle,
    chosen: State<'_, Chosen>,
) -> Result<Option<String>, CommandError> {
    answer(async move {
        let Some(file) = choose_file(&app, "PEM", &["pem", "crt", "cer"]) else {
            return Ok(None);
        };
        let text = file.to_str().ok_or_else(|| {
            about_field(
                ConnectionField::Certificates,
                "The settings are text, and the name of this file or of its folder is not. Choose a copy of it with a plain name.",
            )
        })?;
        chosen.give(Purpose::Certificates, &file);
        Ok(Some(text.to_owned()))
    })
    .await
}

fn is_of_server(name: &str) -> bool {
    name.starts_with(CentralSettings::PREFIX)
}
