//! Which catalogue file is meant, and how it is opened.
//!
//! `--file` comes first, then `COLOPHON_FILE` (from the environment, the file that `--env-file` names, or the settings
//! file), then the file that the window uses. A command that writes creates a missing file, and says so; a command that
//! only reads does not, because an empty answer from a mistyped path would look like a loss.

use std::path::{Path, PathBuf};

use colophon_catalogue::catalogue_list::CatalogueList;
use colophon_catalogue::file_schema;
use colophon_catalogue::location::{FILE_VARIABLE, Location, belongs_to};
use colophon_store::settings::{Access, Sources};
use colophon_store::{BackupSettings, Backups, Database, Error, Settings, private};
use colophon_sync::central::CentralSettings;

use crate::ending::Ending;
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// The catalogue file of this run, not opened yet.
pub(crate) struct CatalogueFile {
    settings: Settings,
    sources: Sources,
    ending: Ending,
}

/// What a command wants if the file does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenMissing {
    /// Create it.
    Make,
    /// Report it.
    Refuse,
}

impl CatalogueFile {
    /// Finds out which file is meant: from the arguments, from settings, or by default.
    pub(crate) fn of(file: Option<&Path>, env_file: Option<&Path>, ending: Ending) -> anyhow::Result<Self> {
        let location = Location::of_account();
        let settings_file = location.as_ref().map(Location::settings_file);
        let env_file = env_file.map(Path::to_owned).or_else(Sources::env_file_of_environment);
        let sources = Sources::load(env_file.as_deref(), settings_file.as_deref())?;
        let named = file.map(Path::to_owned).or_else(|| sources.path(FILE_VARIABLE));
        let file = match (named, location) {
            (Some(file), _) => file,
            (None, Some(location)) => own_file(&location)?,
            (None, None) => {
                let message = "this account has no home folder to keep a catalogue in: name a file with --file";
                return Err(refusal(Exit::Usage, message));
            }
        };
        let sources = match settings_file {
            Some(settings_file) => {
                CatalogueList::in_file(settings_file).sources(&file, sources, CentralSettings::PREFIX)?
            }
            None => sources,
        };
        Ok(Self {
            settings: Settings::from_sources(file, &sources)?,
            sources,
            ending,
        })
    }

    /// The path.
    pub(crate) fn path(&self) -> &Path {
        &self.settings.file
    }

    /// Refuses to write something else over the file, or where what belongs to it lies or will lie.
    pub(crate) fn spare(&self, target: &Path) -> anyhow::Result<()> {
        if !belongs_to(self.path(), target) {
            return Ok(());
        }
        let target = target.display();
        let message = format!("{target} belongs to the catalogue itself: name another file; nothing was changed");
        Err(refusal(Exit::OtherFile, message))
    }

    /// Where further settings are looked up.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Whether there is something there: not an empty file, and SQLite treats a file of a single byte as empty, too.
    pub(crate) fn exists(&self) -> bool {
        std::fs::metadata(self.path()).is_ok_and(|found| !found.is_file() || found.len() > 1)
    }

    /// Opens it and brings it up to what this program expects.
    pub(crate) fn open(&self, when_missing: WhenMissing, output: &Output) -> anyhow::Result<Database> {
        let is_new = self.check_missing(when_missing)?;
        let access = match when_missing {
            WhenMissing::Make => Access::Make,
            WhenMissing::Refuse => Access::Existing,
        };
        let settings = self.settings_with(access);
        let database = self.open_with(&settings)?;
        if when_missing == WhenMissing::Make && database.is_read_only() {
            return Err(self.about(Error::ReadOnly));
        }
        let migrated = file_schema().and_then(|schema| database.migrate_blocking(&schema));
        let report = migrated.map_err(|error| self.about(error))?;
        if is_new {
            output.note(format_args!("Made a new catalogue: {}", self.path().display()));
        }
        if let Some(backup) = report.backup {
            let backup = backup.display();
            output.note(format_args!(
                "The file was brought up to this version; a copy of it as it was is in {backup}"
            ));
        }
        Ok(database)
    }

    /// What is done when the run ends.
    pub(crate) fn ending(&self) -> &Ending {
        &self.ending
    }

    /// Its backups.
    pub(crate) fn backups(&self) -> anyhow::Result<Backups> {
        let settings = BackupSettings::from_sources(&self.sources)?;
        Ok(Backups::of(self.path(), settings))
    }

    /// Makes a backup of what was changed when the file is closed.
    pub(crate) fn back_up_at_the_end(&self, backups: Backups) {
        self.ending.back_up_with(backups);
    }

    /// Opens it as it is, without migrating.
    pub(crate) fn open_as_it_is(&self, access: Access) -> anyhow::Result<Database> {
        if access != Access::Make {
            self.check_missing(WhenMissing::Refuse)?;
        }
        self.open_with(&self.settings_with(access))
    }

    fn open_with(&self, settings: &Settings) -> anyhow::Result<Database> {
        let opened = self.ending.open(|| Database::open_blocking(settings));
        opened.map_err(|error| self.about(error))
    }

    fn settings_with(&self, access: Access) -> Settings {
        Settings {
            access,
            ..self.settings.clone()
        }
    }

    /// An error with the file's path in front.
    fn about(&self, error: colophon_store::Error) -> anyhow::Error {
        anyhow::Error::new(error).context(self.path().display().to_string())
    }

    /// Whether the file is missing and may be made.
    fn check_missing(&self, when_missing: WhenMissing) -> anyhow::Result<bool> {
        let is_missing = !self.exists();
        if is_missing && when_missing == WhenMissing::Refuse {
            let path = self.path().display();
            let message = format!(
                "there is no catalogue at {path}: make one with `colophon init`, or name another file with --file"
            );
            return Err(refusal(Exit::CatalogueFile, message));
        }
        Ok(is_missing)
    }
}

/// The account's own catalogue; its folder is ours to make.
fn own_file(location: &Location) -> anyhow::Result<PathBuf> {
    let file = location.catalogue_file();
    if let Some(folder) = file.parent() {
        private::new_folder(folder).map_err(|error| {
            let message = format!(
                "the folder {} for the catalogue cannot be made: {error}",
                folder.display()
            );
            refusal(Exit::CatalogueFile, message)
        })?;
    }
    Ok(file)
}
