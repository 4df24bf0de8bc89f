//! Which catalogue file is meant, and how it is opened.
//!
//! `--file` comes first, then `COLOPHON_FILE` (from the environment, `.env` or the settings file), then the file that the
//! window uses. A command that writes makes a file that is not there, and says so; a command that only reads does not,
//! because an empty answer from a mistyped path would look like a loss.

use std::path::{Path, PathBuf};

use colophon_catalogue::known::KnownCatalogues;
use colophon_catalogue::place::{FILE_VARIABLE, Place};
use colophon_store::settings::Sources;
use colophon_store::{Database, Settings};
use colophon_sync::central::CentralSettings;

use crate::arguments::Arguments;
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// The catalogue file of this run, not opened yet.
pub(crate) struct CatalogueFile {
    settings: Settings,
    sources: Sources,
}

/// What a command wants of a file that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WhenMissing {
    /// To be made.
    Make,
    /// To be told.
    Refuse,
}

impl CatalogueFile {
    /// Finds out which file is meant.
    pub(crate) fn of(arguments: &Arguments) -> anyhow::Result<Self> {
        let place = Place::of_account();
        let settings_file = place.as_ref().map(Place::settings_file);
        let sources = Sources::load(Some(Path::new(".env")), settings_file.as_deref())?;
        let named = arguments
            .file
            .clone()
            .or_else(|| sources.get(FILE_VARIABLE).map(PathBuf::from));
        let file = match (named, place) {
            (Some(file), _) => file,
            (None, Some(place)) => own_file(&place)?,
            (None, None) => {
                let message =
                    "this account has no home folder, so there is no place for a catalogue: name a file with --file";
                return Err(refusal(Exit::Usage, message));
            }
        };
        let sources = match settings_file {
            Some(settings_file) => {
                KnownCatalogues::in_file(settings_file).sources(&file, sources, CentralSettings::PREFIX)?
            }
            None => sources,
        };
        Ok(Self {
            settings: Settings::from_sources(file, &sources)?,
            sources,
        })
    }

    /// The path.
    pub(crate) fn path(&self) -> &Path {
        &self.settings.file
    }

    /// Where further settings are looked up.
    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Whether the file is there.
    pub(crate) fn exists(&self) -> bool {
        self.path().exists()
    }

    /// Opens it and brings it up to what this program expects.
    pub(crate) fn open(&self, when_missing: WhenMissing, output: &Output) -> anyhow::Result<Database> {
        let is_new = self.check_missing(when_missing)?;
        let (database, report) =
            colophon_catalogue::open_blocking(&self.settings).map_err(|error| self.about(error))?;
        if is_new {
            output.note(format_args!("Made a new catalogue: {}", self.path().display()));
        }
        if let Some(backup) = report.backup {
            let backup = backup.display();
            output.note(format_args!(
                "The file was brought up to this version; as it was before, it is kept in {backup}"
            ));
        }
        Ok(database)
    }

    /// Opens it as it is, without migrating.
    pub(crate) fn open_as_it_is(&self, when_missing: WhenMissing) -> anyhow::Result<Database> {
        self.check_missing(when_missing)?;
        Database::open_blocking(&self.settings).map_err(|error| self.about(error))
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
fn own_file(place: &Place) -> anyhow::Result<PathBuf> {
    let file = place.catalogue_file();
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            let message = format!(
                "the folder {} for the catalogue cannot be made: {error}",
                folder.display()
            );
            refusal(Exit::CatalogueFile, message)
        })?;
    }
    Ok(file)
}
