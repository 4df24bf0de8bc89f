//! Migrations of the local file: up, down, status.
//!
//! refinery brings a file up, each migration in one transaction together with its history row, and refuses an applied
//! migration whose text was changed. Ours are the parts it lacks: the way down, a backup before an existing file is touched,
//! and a clear answer to a file that a newer program has written.

use std::path::{Path, PathBuf};

use refinery::{Migration, Runner};
use rusqlite::Connection;

use crate::capture;
use crate::database::Database;
use crate::error::Result;
use crate::schema::Table;
use crate::staging;
use crate::transaction::{Kind, OpenTransaction};

/// What a program expects of its file: the migrations it knows and the tables it keeps in step.
#[derive(Debug, Clone)]
pub struct FileSchema {
    /// The migrations, ascending.
    pub up: Vec<Migration>,
    /// For each of them the script that takes it back, under the same version.
    pub down: Vec<Migration>,
    /// The synchronised tables, parents first.
    pub tables: &'static [&'static Table],
}

impl FileSchema {
    /// A schema of migrations given as name (`V1__what_it_does`), text, and text of the down script; in any order. A name
    /// that is not of that form is an error.
    pub fn new(migrations: &[(&str, &str, &str)], tables: &'static [&'static Table]) -> Result<Self> {
        let parse = |name: &str, sql: &str| {
            Migration::unapplied(name, sql).map_err(|error| MigrationError::Failed {
                what: format!("reading the migration {name}"),
                reason: error.to_string(),
            })
        };
        let mut up = Vec::with_capacity(migrations.len());
        let mut down = Vec::with_capacity(migrations.len());
        for (name, up_sql, down_sql) in migrations {
            up.push(parse(name, up_sql)?);
            down.push(parse(name, down_sql)?);
        }
        up.sort_by_key(Migration::version);
        Ok(Self { up, down, tables })
    }

    /// The newest version.
    pub fn version(&self) -> i32 {
        self.up.last().map_or(0, Migration::version)
    }
}

/// Why a file cannot be migrated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MigrationError {
    /// A newer program has written the file.
    #[error(
        "this catalogue file was written by a newer Colophon (it is at version {found}, this program knows up to {known}); \
         it was not changed: install the newer version to open it"
    )]
    Newer {
        /// The file's version.
        found: i32,
        /// The newest version this program knows.
        known: i32,
    },
    /// The text of a migration was changed after it had been applied.
    #[error("migration V{version} ({name}) was edited after it had been applied to this file; nothing was changed")]
    Edited {
        /// Its version.
        version: i32,
        /// Its name.
        name: String,
    },
    /// A migration failed and left everything as it was.
    #[error("{what} failed and left the file as it was: {reason}")]
    Failed {
        /// Which one, in words.
        what: String,
        /// SQLite's words.
        reason: String,
    },
    /// There is nothing to take back.
    #[error("no migration has been applied to this file, so there is none to take back")]
    NothingToRollBack,
    /// The last migration has no way down.
    #[error("migration V{version} has no down script; nothing was changed")]
    NoWayDown {
        /// Its version.
        version: i32,
    },
}

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
    /// Where the file was copied to before.
    pub backup: Option<PathBuf>,
}

const HISTORY_ROW: &str = "DELETE FROM refinery_schema_history WHERE version=?";

impl Database {
    /// Brings the file up to what the program expects, and installs the capture of changes.
    pub async fn migrate(&self, schema: &FileSchema) -> Result<MigrationReport> {
        let (database, schema) = (self.clone(), schema.clone());
        crate::database::in_background(move || database.migrate_blocking(&schema)).await
    }

    /// [`migrate`](Self::migrate) on the calling thread.
    pub fn migrate_blocking(&self, schema: &FileSchema) -> Result<MigrationReport> {
        self.maintain(|connection| {
            let (applied, waiting) = split(connection, schema)?;
            let mut report = MigrationReport::default();
            staging::build_all(connection)?;
            if !waiting.is_empty() {
                report.backup = if applied == 0 {
                    None
                } else {
                    back_up(connection, applied)?
                };
                discard_staged(connection)?;
                capture::remove(connection)?;
                report.versions = run_up(connection, schema, &waiting)?;
            }
            capture::install(connection, schema.tables)?;
            Ok(report)
        })
    }

    /// Takes back the last applied migration with its down script.
    pub fn roll_back_migration_blocking(&self, schema: &FileSchema) -> Result<MigrationReport> {
        self.maintain(|connection| {
            let (applied, _) = split(connection, schema)?;
            if applied == 0 {
                return Err(MigrationError::NothingToRollBack.into());
            }
            let down = schema.down.iter().find(|migration| migration.version() == applied);
            let script = down
                .and_then(Migration::sql)
                .ok_or(MigrationError::NoWayDown { version: applied })?;
            let backup = back_up(connection, applied)?;
            discard_staged(connection)?;
            capture::remove(connection)?;
            let transaction = OpenTransaction::begin(connection, Kind::Write)?;
            let failed = |error: rusqlite::Error| MigrationError::Failed {
                what: format!("taking back migration V{applied}"),
                reason: error.to_string(),
            };
            connection.execute_batch(script).map_err(failed)?;
            connection.execute(HISTORY_ROW, [applied]).map_err(failed)?;
            transaction.commit()?;
            let known_before = schema.up.iter().any(|migration| migration.version() < applied);
            if known_before {
                capture::install(connection, schema.tables)?;
            }
            Ok(MigrationReport {
                versions: vec![applied],
                backup,
            })
        })
    }

    /// All migrations this program knows, with when they were applied.
    pub fn migration_status_blocking(&self, schema: &FileSchema) -> Result<Vec<MigrationStatus>> {
        self.maintain(|connection| {
            let applied = applied_migrations(connection)?;
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

/// Rows that were staged for the tables as they are would not fit those that a migration makes of them.
fn discard_staged(connection: &Connection) -> Result<()> {
    let transaction = OpenTransaction::begin(connection, Kind::Write)?;
    staging::drop_staged(connection)?;
    transaction.commit()
}

/// The file's version (0 for a new one) and the versions that wait, or why the file must be left alone.
fn split(connection: &Connection, schema: &FileSchema) -> Result<(i32, Vec<i32>)> {
    let applied = applied_migrations(connection)?;
    let known = schema.version();
    let found = applied.iter().map(|row| row.0).max().unwrap_or(0);
    if found > known {
        return Err(MigrationError::Newer { found, known }.into());
    }
    for (version, _, checksum) in &applied {
        let ours = schema.up.iter().find(|migration| migration.version() == *version);
        if let Some(migration) = ours.filter(|migration| migration.checksum().to_string() != *checksum) {
            let name = migration.name().to_owned();
            return Err(MigrationError::Edited {
                version: *version,
                name,
            }
            .into());
        }
    }
    let is_waiting = |version: &i32| !applied.iter().any(|row| row.0 == *version);
    Ok((
        found,
        schema.up.iter().map(Migration::version).filter(is_waiting).collect(),
    ))
}

/// Version, time and checksum of every applied migration.
fn applied_migrations(connection: &Connection) -> Result<Vec<(i32, String, String)>> {
    let exists = "SELECT count(*) FROM sqlite_schema WHERE name='refinery_schema_history'";
    if connection.query_row(exists, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(Vec::new());
    }
    let mut statement =
        connection.prepare("SELECT version,applied_on,checksum FROM refinery_schema_history ORDER BY version")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn run_up(connection: &mut Connection, schema: &FileSchema, waiting: &[i32]) -> Result<Vec<i32>> {
    let outcome = Runner::new(&schema.up).set_grouped(false).run(connection);
    let Err(error) = outcome else {
        return Ok(waiting.to_vec());
    };
    let (version, still_waiting) = split(connection, schema)?;
    if still_waiting.is_empty() {
        // Another program that was started at the same moment has done it.
        return Ok(Vec::new());
    }
    capture::install_if_possible(connection, schema.tables);
    let what = format!("migration V{}", still_waiting.first().copied().unwrap_or(version));
    let reason = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
    Err(MigrationError::Failed { what, reason }.into())
}

/// Copies the file beside itself; `None` for a database in memory.
fn back_up(connection: &Connection, version: i32) -> Result<Option<PathBuf>> {
    let Some(file) = connection.path().filter(|path| !path.is_empty()).map(PathBuf::from) else {
        return Ok(None);
    };
    let target = free_name(&file, version);
    connection.execute("VACUUM INTO ?", [target.to_string_lossy()])?;
    Ok(Some(target))
}

fn free_name(file: &Path, version: i32) -> PathBuf {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let candidates = (1..).map(|copy| match copy {
        1 => format!("{name}.backup-v{version}"),
        _ => format!("{name}.backup-v{version}-{copy}"),
    });
    let free = candidates
        .map(|candidate| file.with_file_name(candidate))
        .find(|path| !path.exists());
    free.unwrap_or_else(|| file.with_extension("backup"))
}
