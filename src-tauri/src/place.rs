//! Where this window's catalogue and settings are: the account's own, or those that the environment names.
//!
//! `COLOPHON_FILE` names another catalogue; then several windows may be open at once, one for each.

use std::env;
use std::path::{Path, PathBuf};

use colophon_catalogue::place::{FILE_VARIABLE, Place};
use colophon_store::settings::Sources;

use crate::error::{Code, Coded};

/// Whether the catalogue is the account's own, and not one that was named.
pub(crate) fn is_own_catalogue() -> bool {
    named_file().is_none()
}

/// The catalogue file. The folder of the account's own is made when it is not there.
pub(crate) fn catalogue_file() -> Result<PathBuf, Coded> {
    if let Some(file) = named_file() {
        return Ok(file);
    }
    let file = of_account()?.catalogue_file();
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| cannot_make(folder, &error))?;
    }
    Ok(file)
}

/// The settings: the environment, `.env` where the program was started, then the account's settings file.
pub(crate) fn sources() -> Result<Sources, Coded> {
    let file = of_account()?.settings_file();
    Ok(Sources::load(Some(Path::new(".env")), Some(&file))?)
}

fn named_file() -> Option<PathBuf> {
    env::var_os(FILE_VARIABLE)
        .filter(|file| !file.is_empty())
        .map(PathBuf::from)
}

fn of_account() -> Result<Place, Coded> {
    Place::of_account().ok_or_else(|| {
        Coded::new(
            Code::Setting,
            "This account has no home folder, so there is no place for the catalogue: name a file in COLOPHON_FILE.",
        )
    })
}

fn cannot_make(folder: &Path, error: &std::io::Error) -> Coded {
    let folder = folder.display();
    Coded::new(
        Code::ReadOnly,
        format!("The folder {folder} for the catalogue cannot be made: {error}."),
    )
}
