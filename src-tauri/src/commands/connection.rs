//! The connection screen: the settings of the server as they hold, a try, and their use.
//!
//! What the environment, or the file that `COLOPHON_ENV_FILE` names, says cannot be changed here; the screen shows it and says so. Everything else is kept in the
//! settings file, but for the password, which goes to the system's keychain or nowhere.

mod trying;
mod wished;

use std::collections::BTreeMap;
use std::path::Path;

use colophon_catalogue::catalogue_list::ListedCatalogue;
use colophon_catalogue::schema::TABLES;
use colophon_store::Error;
use colophon_store::settings::{Layer, Sources};
use colophon_sync::central::{CentralSettings, Password};
use colophon_sync::keychain;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, State};
use tauri_plugin_dialog::DialogExt;

pub(crate) use self::trying::Tried;
use self::wished::{Wished, with_kept_password};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::chosen::{Chosen, Purpose};
use crate::error::{Code, CommandError, sentence};
use crate::location;

const PASSWORD: &str = CentralSettings::PASSWORD;

/// A field of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConnectionField {
    /// The server.
    Server,
    /// The port.
    Port,
    /// The database.
    Database,
    /// The schema, which is the catalogue.
    Schema,
    /// The login.
    User,
    /// The password.
    Password,
    /// How the connection is protected.
    Protection,
    /// The file with the certificates to trust.
    Certificates,
    /// The ways to sign in that are allowed.
    SignIn,
}

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

/// The texts of the fields. The password is not among them.
#[derive(Debug, Clone, Default, Serialize, Deserialize, Type)]
pub(crate) struct ConnectionTexts {
    /// A host name, an address or the folder of a socket; empty for no server.
    pub(crate) server: String,
    /// The port; empty for PostgreSQL's own.
    pub(crate) port: String,
    /// The database; empty for the usual name.
    pub(crate) database: String,
    /// The schema; empty for the usual name.
    pub(crate) schema: String,
    /// The login; empty for the usual name.
    pub(crate) user: String,
    /// libpq's `sslmode`; empty for the usual one.
    pub(crate) protection: String,
    /// A file; empty for the system's certificates.
    pub(crate) certificates: String,
    /// libpq's `require_auth`; empty for the usual.
    pub(crate) sign_in: String,
}

/// What became of the settings that were to be used.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Used {
    /// Why the password could not be kept, when it was not; then it holds until the program ends.
    pub(crate) password_not_kept: Option<String>,
}

impl ConnectionTexts {
    /// The texts by the names of their settings.
    fn by_name(&self) -> [(&'static str, ConnectionField, &str); 8] {
        [
            ("POSTGRES_SERVER", ConnectionField::Server, &self.server),
            ("POSTGRES_PORT", ConnectionField::Port, &self.port),
            ("POSTGRES_DB", ConnectionField::Database, &self.database),
            ("POSTGRES_SCHEMA", ConnectionField::Schema, &self.schema),
            ("POSTGRES_USER", ConnectionField::User, &self.user),
            ("POSTGRES_SSLMODE", ConnectionField::Protection, &self.protection),
            (
                "POSTGRES_SSLROOTCERT",
                ConnectionField::Certificates,
                &self.certificates,
            ),
            ("POSTGRES_REQUIRE_AUTH", ConnectionField::SignIn, &self.sign_in),
        ]
    }

    fn of(sources: &Sources) -> Result<Self, CommandError> {
        let text = |name: &str| Ok::<_, Error>(sources.get(name)?.unwrap_or_default().to_owned());
        Ok(Self {
            server: text("POSTGRES_SERVER")?,
            port: text("POSTGRES_PORT")?,
            database: text("POSTGRES_DB")?,
            schema: text("POSTGRES_SCHEMA")?,
            user: text("POSTGRES_USER")?,
            protection: text("POSTGRES_SSLMODE")?,
            certificates: text("POSTGRES_SSLROOTCERT")?,
            sign_in: text("POSTGRES_REQUIRE_AUTH")?,
        })
    }

    /// What is to be kept for the catalogue: nothing without a server.
    fn values(&self) -> BTreeMap<String, String> {
        if self.server.trim().is_empty() {
            return BTreeMap::new();
        }
        let filled = self
            .by_name()
            .into_iter()
            .filter(|(_, _, text)| !text.trim().is_empty());
        filled
            .map(|(name, _, text)| (name.to_owned(), text.trim().to_owned()))
            .collect()
    }
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
        // Who names the server says the rest of it: nothing that is set here is sent to that server, see `Wished`.
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

/// Keeps the texts in the settings file, for the catalogue in this file.
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
        let dialog = app.dialog().file().add_filter("PEM", &["pem", "crt", "cer"]);
        let Some(file) = dialog.blocking_pick_file().and_then(|file| file.into_path().ok()) else {
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

/// A setting that cannot be understood, as the field that it was typed into.
fn of_setting(error: Error, texts: &ConnectionTexts) -> CommandError {
    let field = match &error {
        Error::Setting { name, .. } => texts.by_name().into_iter().find(|(of, _, _)| of == name),
        _ => None,
    };
    match (field, error) {
        (Some((_, ConnectionField::Port, _)), _) => about_field(
            ConnectionField::Port,
            "Write a whole number from 1 to 65535, or leave it empty for 5432.",
        ),
        (Some((_, field, _)), Error::Setting { reason, .. }) => about_field(field, &sentence(&reason)),
        (_, error) => error.into(),
    }
}

fn about_field(field: ConnectionField, message: &str) -> CommandError {
    let word = serde_json::to_value(field).ok();
    CommandError {
        field: word.and_then(|word| word.as_str().map(str::to_owned)),
        ..CommandError::new(Code::Invalid, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(port: &str, schema: &str) -> ConnectionTexts {
        ConnectionTexts {
            server: " db.example.org ".to_owned(),
            port: port.to_owned(),
            schema: schema.to_owned(),
            ..ConnectionTexts::default()
        }
    }

    fn told(texts: &ConnectionTexts) -> CommandError {
        let values = texts.values();
        let values = values.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let sources = Sources::default().replacing(CentralSettings::PREFIX, values);
        of_setting(
            CentralSettings::from_sources(&sources).expect_err("it is no setting"),
            texts,
        )
    }

    #[test]
    fn what_cannot_be_understood_is_told_at_its_field() {
        assert_eq!(told(&texts("many", "")).field.as_deref(), Some("port"));
        let schema = told(&texts("", "Our Books"));
        assert_eq!((schema.code, schema.field.as_deref()), (Code::Invalid, Some("schema")));
        assert!(schema.message.starts_with("Must be a name"), "{}", schema.message);
    }

    #[test]
    fn without_a_server_nothing_is_kept_of_one() {
        let nothing = ConnectionTexts {
            server: "  ".to_owned(),
            ..texts("5433", "colophon")
        };
        assert_eq!(nothing.values(), BTreeMap::new());
        let values = texts("5433", "").values();
        assert_eq!(
            values.get("POSTGRES_SERVER").map(String::as_str),
            Some("db.example.org")
        );
        assert_eq!(values.len(), 2);
    }
}
