//! The backups of a catalogue: where they are, and making them while it is open.

use std::path::Path;

use colophon_catalogue::file_schema;
use colophon_store::backup::{Made, Pace};
use colophon_store::{BackupSettings, Backups, Database, Error};
use tauri::Manager as _;
use tauri_specta::Event as _;

use crate::app_state::AppState;
use crate::error::CommandError;
use crate::events::BackupFailed;
use crate::location;
use crate::runtime::AppHandle;

/// The backups of a catalogue.
pub(crate) fn backups_of(file: &Path) -> Result<Backups, CommandError> {
    Ok(Backups::of(
        file,
        BackupSettings::from_sources(&location::sources(file)?)?,
    ))
}

/// Makes a backup now and then, until it is dropped. A backup that finds the file damaged ends the work on it; any
/// other failure is reported.
pub(crate) async fn keep_backups(app: AppHandle, database: Database, backups: Backups) {
    let Ok(schema) = file_schema() else { return };
    let tell = move |made: colophon_store::Result<Made>| match made {
        Ok(made) => tracing::info!(backup = %made.backup.file.display(), "a backup was made"),
        Err(Error::Closed | Error::Interrupted) => {}
        Err(error) => {
            tracing::warn!(%error, "there is no backup");
            let is_damaged = matches!(error, Error::Corrupt { .. });
            let coded = CommandError::from(error);
            if is_damaged {
                app.state::<AppState>().give_up(coded);
            } else if let Err(error) = (BackupFailed { message: coded.message }).emit(&app) {
                tracing::warn!(%error, "the window was not told that there is no backup");
            }
        }
    };
    backups.keep(database, schema, Pace::default(), tell).await;
}
