//! Importing a file: as a whole or not at all, as one act.
//!
//! It handles its transaction explicitly, because a trial reads and writes everything like any other import, so that it
//! can report what would arrive, and then rolls back.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use colophon_catalogue::import::{Existing, ImportError, ImportFile, Progress, RejectedRows, Report};
use colophon_store::{Database, WriteSession};

use crate::deed::{Deed, Did};

/// What is to be imported, and how.
pub struct Import<R> {
    /// The file, as it was understood.
    pub source: ImportFile<R>,
    /// What the file is called, for the undo.
    pub name: String,
    /// What happens to books that are already there.
    pub existing: Existing,
    /// Where rejected rows go.
    pub rejected: RejectedRows,
    /// Read everything and report what would arrive, but keep nothing.
    pub is_trial: bool,
}

/// The result of an import.
#[derive(Debug)]
pub struct Imported {
    /// What it did, or in a trial would have done.
    pub report: Report,
    /// Where the rejected rows are, if there are any and they were kept.
    pub rejected: Option<PathBuf>,
}

impl<R: Read + Seek + Send + 'static> Import<R> {
    /// Imports it. `told` is called with how far it has come. An import that fails leaves nothing behind, not even
    /// rejected rows.
    pub async fn run(
        self,
        database: &Database,
        told: impl Fn(Progress) + Send + 'static,
    ) -> Result<Imported, ImportError> {
        let is_trial = self.is_trial;
        let mut transaction = database.begin().await?;
        // If it fails, the transaction is dropped, and that rolls it back.
        let (report, rejected) = transaction.step(move |session| self.write(session, told)).await?;
        if is_trial {
            transaction.rollback().await?;
        } else if let Err(error) = transaction.commit().await {
            rejected.discard();
            return Err(error.into());
        }
        let rejected = rejected.path().map(Path::to_owned);
        Ok(Imported { report, rejected })
    }

    fn write(
        mut self,
        session: &WriteSession<'_>,
        told: impl Fn(Progress),
    ) -> Result<(Report, RejectedRows), ImportError> {
        match self.source.import(session, self.existing, &mut self.rejected, told) {
            Ok(report) => {
                let deed = Deed::of_many(Did::Imported, report.imported + report.updated);
                deed.named(self.name).note(session);
                Ok((report, self.rejected))
            }
            Err(error) => {
                self.rejected.discard();
                Err(error)
            }
        }
    }
}
