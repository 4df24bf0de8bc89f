//! Where backups are kept, and how many.

use std::path::PathBuf;

use crate::error::{Error, Result};
use crate::settings::sources::Sources;

/// Where backups are kept, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupSettings {
    /// The folder in which each catalogue has one for its backups (`BACKUP_FOLDER`); `None`: beside the file.
    pub folder: Option<PathBuf>,
    /// For how many days the newest backup is kept (`BACKUP_DAILY`).
    pub daily: u32,
    /// For how many weeks the newest backup is kept (`BACKUP_WEEKLY`). With neither days nor weeks, no automatic
    /// backups are made.
    pub weekly: u32,
}

impl BackupSettings {
    /// The names that are looked up.
    pub const NAMES: [&'static str; 3] = ["BACKUP_FOLDER", "BACKUP_DAILY", "BACKUP_WEEKLY"];
    /// The largest value of either number.
    pub const KEPT_MAX: u32 = 400;

    /// The settings as the sources say.
    pub fn from_sources(sources: &Sources) -> Result<Self> {
        let usual = Self::default();
        let [folder, daily, weekly] = Self::NAMES;
        let within = |name: &str, value: u32| {
            (value <= Self::KEPT_MAX)
                .then_some(value)
                .ok_or_else(|| Error::Setting {
                    name: name.to_owned(),
                    reason: format!("must be between 0 and {}", Self::KEPT_MAX),
                })
        };
        Ok(Self {
            folder: sources.path(folder),
            daily: within(daily, sources.parse(daily, usual.daily)?)?,
            weekly: within(weekly, sources.parse(weekly, usual.weekly)?)?,
        })
    }
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            folder: None,
            daily: 7,
            weekly: 4,
        }
    }
}
