//! Throwaway catalogue files.

use std::path::PathBuf;

use colophon_catalogue as catalogue;
use colophon_store::{Database, FileSchema, Settings};
use tempfile::TempDir;

use crate::as_sql::file_from_sql;

/// A catalogue in a file of its own, removed when it is dropped.
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

    /// A file that was written down as SQL, as a program of some version opens it.
    pub fn of_sql(text: &str, schema: &FileSchema, change: impl FnOnce(&mut Settings)) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("catalogue.sqlite");
        file_from_sql(&rusqlite::Connection::open(&file)?, text)?;
        Self::opened(folder, schema, change)
    }

    /// An empty one of a program of some version.
    pub fn of_schema(schema: &FileSchema, change: impl FnOnce(&mut Settings)) -> anyhow::Result<Self> {
        Self::opened(tempfile::tempdir()?, schema, change)
    }

    fn opened(folder: TempDir, schema: &FileSchema, change: impl FnOnce(&mut Settings)) -> anyhow::Result<Self> {
        let mut settings = Settings::for_file(folder.path().join("catalogue.sqlite"));
        change(&mut settings);
        let database = Database::open_blocking(&settings)?;
        database.migrate_blocking(schema)?;
        Ok(Self { database, folder })
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
