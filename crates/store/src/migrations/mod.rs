//! Migrations of the local file: up, down, status.
//!
//! refinery brings a file up, each migration in one transaction together with its history row, and refuses an applied
//! migration whose text was changed. We add the parts it lacks: the way down, a backup before an existing file is
//! touched, and a clear answer to a file written by a newer program.

pub(crate) mod bookkeeping;
pub(crate) mod losing;

mod before;

use std::path::PathBuf;

use refinery::{Migration, Runner, Target};
use rusqlite::Connection;
use rusqlite::functions::FunctionFlags;

use crate::capture;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::expected::{refuse_unknown, refuse_unmade, refuse_views, split};
use crate::file::history;
use crate::file::transaction::{Kind, OpenTransaction, writing_from_the_beginning};
use crate::migrations::before::back_up;
use crate::repository::parts::hold;
use crate::schema::{ColumnSet, Table};
use crate::staging;
use crate::tracking::in_flight;
use crate::tracking::parts::Entities;

pub use crate::error::MigrationError;
pub use crate::expected::FileSchema;
pub use crate::file::scripts::{Misnamed, Scripts};

/// One migration, as `colophon migrate status` lists it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct MigrationStatus {
    /// Its version.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// When it was applied (RFC 3339), if it was.
    pub applied_on: Option<String>,
}

/// What migrating did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// The versions that were applied or taken back.
    pub versions: Vec<i32>,
    /// Where the file was copied to beforehand.
    pub backup: Option<PathBuf>,
}

const HISTORY_ROW: &str = "DELETE FROM refinery_schema_history WHERE version=?";

impl Database {
    /// Brings the file up to what the program expects, and installs the capture of changes.
    pub async fn migrate(&self, schema: &FileSchema) -> Result<MigrationReport> {
        let (database, schema) = (self.clone(), schema.clone());
        crate::database::background::in_background(move || database.migrate_blocking(&schema)).await
    }

    /// [`migrate`](Self::migrate) on the calling thread.
    pub fn migrate_blocking(&self, schema: &FileSchema) -> Result<MigrationReport> {
        let report = self.maintain(|connection| {
            offer_functions(connection)?;
            let (applied, waiting) = split(connection, schema)?;
            refuse_views(connection, schema)?;
            let mut report = MigrationReport::default();
            if self.is_read_only() {
                return if waiting.is_empty() {
                    Ok(report)
                } else {
                    Err(Error::ReadOnly)
                };
            }
            if schema.has_bookkeeping {
                bookkeeping::bring_up(connection)?;
            }
            staging::build_all(connection)?;
            if !waiting.is_empty() {
                report.backup = if applied == 0 {
                    None
                } else {
                    back_up(connection, self.file(), applied, schema)?
                };
                discard_staged(connection)?;
                capture::remove(connection)?;
                report.versions = run_up(connection, schema, &waiting)?;
            }
            refuse_unmade(connection, schema)?;
            capture::install(connection, &schema.tables())?;
            Ok(report)
        })?;
        hold(&self.inner().context, Entities(schema.entities));
        Ok(report)
    }

    /// Takes back the last applied migration with its down script.
    pub fn roll_back_migration_blocking(&self, schema: &FileSchema) -> Result<MigrationReport> {
        self.maintain(|connection| {
            offer_functions(connection)?;
            let (applied, _) = split(connection, schema)?;
            if applied == 0 {
                return Err(MigrationError::NothingToRollBack.into());
            }
            let down = schema.down.iter().find(|migration| migration.version() == applied);
            let script = down
                .and_then(Migration::sql)
                .ok_or(MigrationError::NoWayDown { version: applied })?;
            let backup = back_up(connection, self.file(), applied, schema)?;
            discard_staged(connection)?;
            capture::remove(connection)?;
            let transaction = OpenTransaction::begin(connection, Kind::Write)?;
            let failed = |error: rusqlite::Error| MigrationError::Failed {
                what: format!("taking back migration V{applied}"),
                reason: error.to_string(),
            };
            connection.execute_batch(script).map_err(failed)?;
            connection.execute(HISTORY_ROW, [applied]).map_err(failed)?;
            forget_what_is_gone(connection)?;
            transaction.commit()?;
            let known_before = schema.up.iter().any(|migration| migration.version() < applied);
            if known_before {
                // Triggers that name what has just gone would fail every write of another program.
                capture::install(connection, &as_they_are(connection, &schema.tables())?)?;
            }
            Ok(MigrationReport {
                versions: vec![applied],
                backup,
            })
        })
    }

    /// An error if no program of this version may work with the file, whatever migrations are waiting.
    pub fn check_version_blocking(&self, schema: &FileSchema) -> Result<()> {
        self.maintain(|connection| refuse_unknown(connection, schema))
    }

    /// All migrations this program knows, with when they were applied.
    pub fn migration_status_blocking(&self, schema: &FileSchema) -> Result<Vec<MigrationStatus>> {
        self.maintain(|connection| {
            let applied = history::applied(connection)?;
            let status = |migration: &Migration| MigrationStatus {
                version: migration.version(),
                name: migration.name().to_owned(),
                applied_on: applied
                    .iter()
                    .find(|row| row.0 == migration.version())
                    .map(|row| row.1.clone()),
            };
            Ok(schema.up.iter().map(status).collect())
        })
    }
}

/// After a way down: forgets what the file keeps for the sync about tables and columns that no longer exist. If they
/// come back, they are new.
fn forget_what_is_gone(connection: &Connection) -> Result<()> {
    let there = "SELECT name FROM sqlite_schema WHERE type='table'";
    for table in ["pending", "deleted", "set_aside", "edit", "in_step"] {
        if connection.table_exists(None, table)? {
            connection.execute(&format!("DELETE FROM {table} WHERE entity NOT IN ({there})"), [])?;
        }
    }
    if connection.table_exists(None, "in_step")? {
        let columns = "SELECT name FROM pragma_table_info(in_step.entity)";
        connection.execute(&format!("DELETE FROM in_step WHERE name NOT IN ({columns})"), [])?;
    }
    Ok(())
}

/// What the scripts may call besides SQLite's own functions: `batch_checksum(content)`, because a batch under way that
/// a migration rewrites must still be recognised by whoever has kept it.
pub(crate) fn offer_functions(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("batch_checksum", 1, flags, |call| {
        Ok(in_flight::checksum(call.get_raw(0).as_bytes()?))
    })?;
    Ok(())
}

/// Rows that were staged for the tables as they are would not fit the tables that a migration makes of them.
fn discard_staged(connection: &Connection) -> Result<()> {
    let transaction = OpenTransaction::begin(connection, Kind::Write)?;
    staging::drop_staged(connection)?;
    transaction.commit()
}

/// Tables, reduced to those of their columns that are in the file.
fn as_they_are(connection: &Connection, tables: &[&'static Table]) -> Result<Vec<&'static Table>> {
    let mut present = Vec::new();
    for table in tables {
        let mut there = ColumnSet::default();
        for (position, column) in table.columns.iter().enumerate() {
            if connection.column_exists(None, table.name, column.name)? {
                there.insert(position);
            }
        }
        if !there.is_empty() {
            present.push(table.narrowed(there));
        }
    }
    Ok(present)
}

/// Runs the waiting migrations, and returns those that another program has not already applied. Each is one transaction
/// together with the note that it was applied, so nobody ever finds the one without the other; and it is a write from
/// its beginning, so programs started at the same moment go one after the other.
fn run_up(connection: &mut Connection, schema: &FileSchema, waiting: &[i32]) -> Result<Vec<i32>> {
    history::make(connection)?;
    writing_from_the_beginning(connection, |connection| {
        let ours = waiting
            .iter()
            .filter_map(|version| match run_one(connection, schema, *version) {
                Ok(is_ours) => is_ours.then_some(Ok(*version)),
                Err(error) => Some(Err(error)),
            });
        ours.collect()
    })
}

/// Returns whether it was done here: another program started at the same moment may have been faster.
fn run_one(connection: &mut Connection, schema: &FileSchema, version: i32) -> Result<bool> {
    let runner = Runner::new(&schema.up)
        .set_target(Target::Version(version))
        .set_grouped(true);
    let Err(error) = runner.run(connection) else {
        return Ok(true);
    };
    let (_, still_waiting) = split(connection, schema)?;
    if !still_waiting.contains(&version) {
        return Ok(false);
    }
    capture::install_if_possible(connection, &schema.tables());
    let what = format!("migration V{version}");
    let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
    Err(MigrationError::Failed { what, reason }.into())
}
