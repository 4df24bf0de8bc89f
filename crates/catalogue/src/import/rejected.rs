//! The file of rejected rows, so that nothing of an imported file is lost.
//!
//! It is a CSV file in UTF-8 with the original columns as they were, and a first column `problem` that says why. It
//! comes first because a row may be rejected for having too many cells, which would push a last column out of line.
//! Once corrected, it can be imported like any other file; its `problem` column is not imported, and not duplicated if
//! rows are rejected again.
//!
//! A rejected record that is no text is in a second file beside it, byte by byte as it was.
//!
//! A file is made when the first row is rejected, and is completely on the disk before the import is committed.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use colophon_store::private;

use super::{ImportError, Problem};
use crate::export::io_error;

/// The name of the added column.
const PROBLEM: &str = "problem";

/// Where rejected rows go.
pub struct RejectedRows {
    path: PathBuf,
    writer: Option<csv::Writer<File>>,
    /// Records that are no text, as they are in the imported file.
    bytes: Option<File>,
    keep: bool,
}

impl RejectedRows {
    /// Into a new file beside the imported one: `books.csv` gets `books.rejected.csv`, or `books.rejected-2.csv` if
    /// there is one already, which somebody may be correcting.
    pub fn beside(imported: &Path) -> Self {
        Self::into_file(private::free_name(|number| {
            let mut name = imported.file_stem().unwrap_or_default().to_owned();
            name.push(format!(".rejected{number}.csv"));
            imported.with_file_name(name)
        }))
    }

    /// Into a new file of this name. A file that exists is not overwritten: the import stops instead.
    pub fn into_file(path: PathBuf) -> Self {
        Self {
            path,
            writer: None,
            bytes: None,
            keep: true,
        }
    }

    /// Nowhere, for a trial.
    pub fn counted_only() -> Self {
        Self {
            path: PathBuf::new(),
            writer: None,
            bytes: None,
            keep: false,
        }
    }

    /// The file, if a row was rejected.
    pub fn path(&self) -> Option<&Path> {
        self.writer.is_some().then_some(self.path.as_path())
    }

    /// Removes what was written, because the import that rejected it did not happen.
    pub fn discard(self) {
        let beside = self.bytes.is_some().then(|| self.path_of_bytes());
        let path = self.writer.is_some().then_some(self.path);
        drop((self.writer, self.bytes));
        // A file that cannot be removed is merely in the way.
        for path in path.into_iter().chain(beside) {
            let _ = std::fs::remove_file(path);
        }
    }

    /// Where records are kept that are no text: beside the others, as `books.rejected.mrc`.
    fn path_of_bytes(&self) -> PathBuf {
        self.path.with_extension("mrc")
    }

    /// Keeps the own bytes of a record that is no text.
    pub(super) fn keep_bytes(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
        if !self.keep || bytes.is_empty() {
            return Ok(());
        }
        let file = match self.bytes.take() {
            Some(file) => Ok(file),
            None => private::new_file(&self.path_of_bytes()),
        };
        let written = file.and_then(|mut file| {
            file.write_all(bytes)?;
            Ok(file)
        });
        self.bytes = Some(written.map_err(|error| self.error(error))?);
        Ok(())
    }

    /// Adds a row.
    pub(super) fn add<'row>(
        &mut self,
        headers: &[String],
        cells: impl Iterator<Item = &'row str>,
        problems: &[Problem],
    ) -> Result<(), ImportError> {
        if !self.keep {
            return Ok(());
        }
        // The column that an earlier import added.
        let earlier = usize::from(headers.first().is_some_and(|header| header == PROBLEM));
        self.write(headers, cells.skip(earlier), earlier, problems)
            .map_err(|error| self.error(error))
    }

    /// Flushes everything to the disk.
    pub(super) fn finish(&mut self) -> Result<(), ImportError> {
        let beside = self.bytes.as_ref().map_or(Ok(()), File::sync_all);
        let Some(writer) = &mut self.writer else { return Ok(()) };
        let finished = writer.flush().and_then(|()| writer.get_ref().sync_all()).and(beside);
        finished.map_err(|error| self.error(error))
    }

    fn write<'row>(
        &mut self,
        headers: &[String],
        cells: impl Iterator<Item = &'row str>,
        earlier: usize,
        problems: &[Problem],
    ) -> io::Result<()> {
        let writer = match &mut self.writer {
            Some(writer) => writer,
            none => {
                let file = private::new_file(&self.path)?;
                let writer = none.insert(csv::WriterBuilder::new().flexible(true).from_writer(file));
                let headers = headers[earlier..].iter().map(String::as_str);
                writer
                    .write_record(std::iter::once(PROBLEM).chain(headers))
                    .map_err(io_error)?;
                writer
            }
        };
        let reasons: Vec<_> = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.reason))
            .collect();
        writer.write_field(reasons.join("; ")).map_err(io_error)?;
        for cell in cells {
            writer.write_field(cell).map_err(io_error)?;
        }
        writer.write_record(None::<&[u8]>).map_err(io_error)
    }

    fn error(&self, source: io::Error) -> ImportError {
        ImportError::Rejected {
            path: self.path.clone(),
            source,
        }
    }
}
