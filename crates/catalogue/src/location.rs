//! Where an installation keeps its catalogue and its settings, unless somebody names another place.
//!
//! The window and the command must agree on it, or a person would import into one catalogue and look at another; and on
//! what this computer is called, or the server would list it twice.

use std::path::{Path, PathBuf};

use colophon_store::private;
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

/// Whether a file, which need not be there, is a catalogue's or may come to lie beside it as a part of it: nothing else may be
/// written there.
pub fn belongs_to(catalogue: &Path, file: &Path) -> bool {
    let catalogue = private::led_to(catalogue).unwrap_or_else(|_| catalogue.to_owned());
    ["", "-wal", "-shm", "-journal", "-exchange"].into_iter().any(|ending| {
        let mut part = catalogue.clone().into_os_string();
        part.push(ending);
        private::is_same_place(Path::new(&part), file)
    })
}

/// What people call this computer: its host name without a domain. The server lists devices by it.
pub fn device_name() -> String {
    let host = gethostname::gethostname().to_string_lossy().into_owned();
    match host.split('.').next() {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => "a computer".to_owned(),
    }
}
