//! `colophon migrate`: the version of the catalogue file.

use clap::{Args, ValueEnum};
use colophon_catalogue::file_schema;
use colophon_store::Loss;
use colophon_store::migrations::{MigrationReport, MigrationStatus};
use colophon_store::settings::Access;
use colophon_sync::central::{CentralMigrationReport, CentralSchema, Error};
use indicatif::HumanCount;
use serde::Serialize;
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::exit::Exit;
use crate::output::Output;
use crate::server;

/// Bring the catalogue file up to this version, list the migrations, or take the last one back.
///
/// Each step happens in one transaction. Before the first step on an existing file, and before one is taken back, a copy of
/// the file is kept beside it. With --central the same is done to the catalogue on the server that the settings name; there
/// is no copy of that, so whoever runs the server keeps one.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// What to do.
    #[arg(value_enum, default_value = "up")]
    direction: Direction,
    /// Work on the catalogue on the server instead of the file.
    #[arg(long)]
    central: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Direction {
    /// Apply the migrations that are missing.
    Up,
    /// List all migrations and when they were applied.
    Status,
    /// Take back the last migration with its down script.
    Rollback,
}

/// The JSON document for a step that was made.
#[derive(Serialize)]
struct Answer {
    done: &'static str,
    versions: Vec<i32>,
    backup: Option<String>,
    /// Roles that this login may not create on the server.
    missing_roles: Vec<String>,
}

impl Migrate {
    pub(crate) fn run(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        if self.central {
            return server::ask(file, self.migrate_central(file, output));
        }
        let schema = file_schema()?;
        match self.direction {
            Direction::Up => {
                let report = file.open_as_it_is(Access::Make)?.migrate_blocking(&schema)?;
                answer(Answer::of_file("applied", report), output)
            }
            Direction::Rollback => {
                let database = file.open_as_it_is(Access::Existing)?;
                say_what_is_lost(&database.would_lose_blocking(&schema)?, output);
                answer(
                    Answer::of_file("taken back", database.roll_back_migration_blocking(&schema)?),
                    output,
                )
            }
            Direction::Status => {
                let database = file.open_as_it_is(Access::Existing)?;
                list(&database.migration_status_blocking(&schema)?, output)
            }
        }
    }

    async fn migrate_central(&self, file: &CatalogueFile, output: &Output) -> anyhow::Result<Exit> {
        let schema = CentralSchema::embedded().map_err(Error::from)?;
        let mut connection = server::of_settings(file)?.connect().await?;
        match self.direction {
            Direction::Up => answer(
                Answer::of_central("applied", connection.migrate(&schema).await?),
                output,
            ),
            Direction::Rollback => {
                say_what_is_lost(&connection.would_lose(&schema).await?, output);
                answer(
                    Answer::of_central("taken back", connection.roll_back_migration(&schema).await?),
                    output,
                )
            }
            Direction::Status => list(&connection.migration_status(&schema).await?, output),
        }
    }
}

/// Says so before it is done.
fn say_what_is_lost(losses: &[Loss], output: &Output) {
    for Loss { entity, field, records } in losses {
        match field {
            Some(field) => output.note(format_args!(
                "This loses the {field} of {} records of {entity}.",
                HumanCount(*records)
            )),
            None => output.note(format_args!(
                "This loses all {} records of {entity}.",
                HumanCount(*records)
            )),
        }
    }
}

impl Answer {
    fn of_file(done: &'static str, report: MigrationReport) -> Self {
        let backup = report.backup.map(|path| path.display().to_string());
        Self {
            done,
            versions: report.versions,
            backup,
            missing_roles: Vec::new(),
        }
    }

    fn of_central(done: &'static str, report: CentralMigrationReport) -> Self {
        Self {
            done,
            versions: report.versions,
            backup: None,
            missing_roles: report.missing_roles,
        }
    }
}

fn answer(answer: Answer, output: &Output) -> anyhow::Result<Exit> {
    if output.is_json() {
        output.document(&answer)?;
        return Ok(Exit::Done);
    }
    for version in &answer.versions {
        output.line(format_args!("V{version} {}", answer.done))?;
    }
    if answer.versions.is_empty() {
        output.note("Nothing to do: every migration has been applied.");
    }
    if let Some(backup) = answer.backup {
        output.note(format_args!("A copy of the file as it was is in {backup}"));
    }
    if !answer.missing_roles.is_empty() {
        let roles = answer.missing_roles.join(", ");
        output.note(format_args!("This login may not make roles. Before others can sign in, an administrator has to make {roles}; then run this again."));
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
