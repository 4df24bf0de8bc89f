//! The import of a file, as the window runs it: in one transaction, reporting its progress.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::Path;

use colophon_acts::import::{Import, Imported};
use colophon_catalogue::import::{Existing, ImportError, ImportFile, Options, Problem, Progress, RejectedRows, Report};
use colophon_store::Database;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri_specta::Event;

use crate::error::CommandError;
use crate::wire::count;

/// How many problems the window lists; it counts the others, and rejected rows are in their file.
const PROBLEMS_SHOWN: usize = 500;

/// What an import did. The sum of its numbers is the number of records in the file.
#[derive(Debug, Default, Serialize, Type)]
pub(crate) struct ImportTally {
    /// Records that became new books.
    pub(crate) imported: u32,
    /// Books that were there and took something from the file.
    pub(crate) updated: u32,
    /// Records that changed nothing.
    pub(crate) skipped: u32,
    /// How many problems there were.
    pub(crate) problems_total: u32,
    /// The first of them.
    pub(crate) problems: Vec<ImportProblem>,
    /// The file with the rows that were not taken.
    pub(crate) rejected: Option<String>,
    /// How the file was read: which sheet, in which order names are, what was left out.
    pub(crate) reading: Vec<String>,
}

/// One thing that is wrong with a line of an imported file.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ImportProblem {
    /// The line in the file, counted from 1.
    pub(crate) line: u32,
    /// The field it is about; `row` when it is about the row as a whole.
    pub(crate) field: String,
    /// What is wrong, in words.
    pub(crate) reason: String,
}

/// How far an import has come. Nothing of it is in the catalogue before it is done.
#[derive(Debug, Clone, Serialize, Deserialize, Type, Event)]
pub(crate) struct ImportProgress {
    /// Records read so far.
    pub(crate) records: u32,
    /// How much of the file was read, in percent.
    pub(crate) percent: u8,
}

/// Imports a file, as a whole or not at all. `told` is called with how far it has come.
pub(crate) async fn import(
    database: &Database,
    path: &Path,
    told: impl Fn(ImportProgress) + Send + 'static,
) -> Result<ImportTally, CommandError> {
    let file = BufReader::new(opened(path).map_err(ImportError::Io)?);
    let options = Options {
        extension: path
            .extension()
            .map(|extension| extension.to_string_lossy().into_owned()),
        ..Options::default()
    };
    let import = Import {
        source: ImportFile::open(file, &options)?,
        name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        existing: Existing::default(),
        rejected: RejectedRows::beside(path),
        is_trial: false,
    };
    let Imported { report, rejected } = import
        .run(database, move |progress| told(ImportProgress::of(progress)))
        .await?;
    Ok(tally(report, rejected.as_deref()))
}

/// A file that was chosen. A dialog lists pipes and devices as well, and of some of them nobody would see the end.
fn opened(path: &Path) -> io::Result<File> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file"));
    }
    File::open(path)
}

fn tally(report: Report, rejected: Option<&Path>) -> ImportTally {
    let problems_total = report.problems.len() as u64 + report.problems_not_listed;
    ImportTally {
        imported: count(report.imported),
        updated: count(report.updated),
        skipped: count(report.skipped),
        problems_total: count(problems_total),
        problems: report
            .problems
            .into_iter()
            .take(PROBLEMS_SHOWN)
            .map(ImportProblem::from)
            .collect(),
        rejected: rejected.map(|path| path.display().to_string()),
        reading: report.reading,
    }
}

impl ImportProgress {
    fn of(progress: Progress) -> Self {
        let share = progress.bytes_read.saturating_mul(100) / progress.bytes_total.max(1);
        Self {
            records: count(progress.rows),
            percent: u8::try_from(share.min(100)).unwrap_or(100),
        }
    }
}

impl From<Problem> for ImportProblem {
    fn from(problem: Problem) -> Self {
        Self {
            line: count(problem.line),
            field: problem.field.to_owned(),
            reason: problem.reason,
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_not_read() {
        for path in ["/dev/zero", "/"] {
            let refused = opened(Path::new(path)).unwrap_err();
            assert_eq!(refused.to_string(), "it is no file", "{path}");
        }
    }
}
