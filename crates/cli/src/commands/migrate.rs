//! `colophon migrate`: the version of the catalogue file.

use clap::{Args, ValueEnum};
use colophon_catalogue::file_schema;
use colophon_store::migrations::{MigrationReport, MigrationStatus};
use serde_json::json;

use crate::catalogue_file::{CatalogueFile, WhenMissing};
use crate::exit::Exit;
use crate::output::Output;

/// Brings the catalogue file up to this version, lists its steps, or takes the last one back.
///
/// Each step happens in one transaction. Before the first step on an existing file, and before one is taken back, a copy of
/// the file is kept beside it.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// What to do.
    #[arg(value_enum, default_value = "up")]
    direction: Direction,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Direction {
    /// Apply what is missing.
    Up,
    /// List all steps and when they were applied.
    Status,
    /// Take back the last step with its down script.
    Rollback,
}

impl Migrate {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let schema = file_schema()?;
        match self.direction {
            Direction::Up => {
                let report = file.open_as_it_is(WhenMissing::Make)?.migrate_blocking(&schema)?;
                answer("applied", &report, output)
            }
            Direction::Rollback => {
                let database = file.open_as_it_is(WhenMissing::Refuse)?;
                answer("taken back", &database.roll_back_migration_blocking(&schema)?, output)
            }
            Direction::Status => {
                let database = file.open_as_it_is(WhenMissing::Refuse)?;
                list(&database.migration_status_blocking(&schema)?, output)
            }
        }
    }
}

fn answer(done: &str, report: &MigrationReport, output: &Output) -> anyhow::Result<Exit> {
    let backup = report.backup.as_ref().map(|path| path.display().to_string());
    if output.is_json() {
        output.document(&json!({ "done": done, "versions": report.versions, "backup": backup }))?;
        return Ok(Exit::Done);
    }
    for version in &report.versions {
        output.line(format_args!("V{version} {done}"))?;
    }
    if report.versions.is_empty() {
        output.note("Nothing to do: the file is at this version.");
    }
    if let Some(backup) = backup {
        output.note(format_args!("As it was before, the file is kept in {backup}"));
    }
    Ok(Exit::Done)
}

fn list(steps: &[MigrationStatus], output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(&json!({ "migrations": steps }))?;
        return Ok(Exit::Done);
    }
    for step in steps {
        let applied = step.applied_on.as_deref().unwrap_or("not applied");
        output.line(format_args!("V{} {}\t{applied}", step.version, step.name))?;
    }
    Ok(Exit::Done)
}
