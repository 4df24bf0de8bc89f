//! Throwaway catalogue files.

use std::path::PathBuf;

use colophon_catalogue as catalogue;
use colophon_store::{Database, Settings};
use tempfile::TempDir;

/// A catalogue in a file of its own, gone when it is dropped.
pub struct Catalogue {
    pub database: Database,
    folder: TempDir,
}

impl Catalogue {
    /// An empty one.
    pub fn empty() -> Self {
        Self::with(|_| {})
    }

    /// An empty one with other settings.
    pub fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut settings = Settings::for_file(folder.path().join("catalogue.sqlite"));
        change(&mut settings);
        let (database, _) = catalogue::open_blocking(&settings).expect("a new catalogue opens");
        Self { database, folder }
    }

    /// A copy of another one, as somebody makes who copies its file.
    pub fn copy_of(other: &Self) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("catalogue.sqlite");
        other
            .other_program()
            .execute("VACUUM INTO ?", [file.display().to_string()])?;
        let (database, _) = catalogue::open_blocking(&Settings::for_file(&file))?;
        Ok(Self { database, folder })
    }

    /// Its file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("catalogue.sqlite")
    }

    /// Another program's connection to the same file.
    pub fn other_program(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.file()).expect("the file opens a second time")
    }
}
