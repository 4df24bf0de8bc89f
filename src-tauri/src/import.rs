//! The import of a file, as the window runs it: in one transaction, with its progress told.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use colophon_acts::import::{Import, Imported};
use colophon_catalogue::import::{Existing, ImportError, ImportFile, Options, Problem, Progress, RejectedRows, Report};
use colophon_store::Database;

use crate::app_state::count;
use crate::commands::catalogue::{ImportProblem, ImportProgress, ImportTally};
use crate::error::CommandError;

/// Problems that the window lists; it counts the others, and rejected rows are in their file.
const PROBLEMS_SHOWN: usize = 500;

/// Imports a file, whole or not at all. `told` hears how far it has come.
pub(crate) async fn import(
    database: &Database,
    path: &Path,
    told: impl Fn(ImportProgress) + Send + 'static,
) -> Result<ImportTally, CommandError> {
    let file = BufReader::new(File::open(path).map_err(ImportError::Io)?);
    let import = Import {
        source: ImportFile::open(file, &Options::default())?,
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
