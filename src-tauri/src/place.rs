//! Where this installation keeps things: the catalogue file, the settings, the logs.
//!
//! `COLOPHON_FILE` names another catalogue; then several windows may be open at once, one for each.

use std::env;
use std::path::{Path, PathBuf};

use colophon_store::settings::Sources;
use directories::ProjectDirs;

use crate::error::{Code, Coded};

/// The variable that names another catalogue file.
const FILE: &str = "COLOPHON_FILE";

/// The catalogue file's name in the platform's data folder.
const FILE_NAME: &str = "catalogue.sqlite";

/// Whether the catalogue is the one of this installation, and not one that was named.
pub(crate) fn is_own_catalogue() -> bool {
    env::var_os(FILE).is_none_or(|file| file.is_empty())
}

/// The catalogue file. Its folder is made when it is not there.
pub(crate) fn catalogue_file() -> Result<PathBuf, Coded> {
    if let Some(file) = env::var_os(FILE).filter(|file| !file.is_empty()) {
        return Ok(PathBuf::from(file));
    }
    let folders = folders()?;
    let folder = folders.data_dir();
    std::fs::create_dir_all(folder).map_err(|error| cannot_make(folder, &error))?;
    Ok(folder.join(FILE_NAME))
}

/// The settings of this installation: the environment, `.env` where the program was started, then `settings.toml`.
pub(crate) fn sources() -> Result<Sources, Coded> {
    let settings = folders()?.config_dir().join("settings.toml");
    Ok(Sources::load(Some(Path::new(".env")), Some(&settings))?)
}

fn folders() -> Result<ProjectDirs, Coded> {
    ProjectDirs::from("org", "colophon", "Colophon").ok_or_else(|| {
        Coded::new(
            Code::Setting,
            "This account has no home folder, so there is no place for the catalogue: name a file in COLOPHON_FILE.",
        )
    })
}

fn cannot_make(folder: &Path, error: &std::io::Error) -> Coded {
    Coded::new(
        Code::ReadOnly,
        format!(
            "The folder {} for the catalogue cannot be made: {error}.",
            folder.display()
        ),
    )
}
