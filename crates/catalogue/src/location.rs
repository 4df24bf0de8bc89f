//! Where an installation keeps its catalogue and its settings, unless somebody names another place.
//!
//! The window and the command must agree on it, or a person would import into one catalogue and look at another; and on
//! what this computer is called, or the server would list it twice.

use std::path::PathBuf;

use directories::ProjectDirs;

/// The variable that names another catalogue file.
pub const FILE_VARIABLE: &str = "COLOPHON_FILE";

/// The folders of this account.
#[derive(Debug, Clone)]
pub struct Location {
    folders: ProjectDirs,
}

impl Location {
    /// The platform's folders for this account; `None` for an account without a home folder.
    pub fn of_account() -> Option<Self> {
        ProjectDirs::from("org", "colophon", "Colophon").map(|folders| Self { folders })
    }

    /// The catalogue file, in the platform's folder for data. Neither it nor its folder needs to exist yet.
    pub fn catalogue_file(&self) -> PathBuf {
        self.folders.data_dir().join("catalogue.sqlite")
    }

    /// The settings file, in the platform's folder for settings. It need not exist.
    pub fn settings_file(&self) -> PathBuf {
        self.folders.config_dir().join("settings.toml")
    }
}

/// What people call this computer: its host name without a domain. The server lists devices by it.
pub fn device_name() -> String {
    let host = gethostname::gethostname().to_string_lossy().into_owned();
    match host.split('.').next() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => "a computer".to_owned(),
    }
}
