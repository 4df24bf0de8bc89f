//! Migrations of the central side: up, down, status.
//!
//! The scripts are those of `migrations/postgres`, embedded. They call the catalogue `{schema}`, because one server
//! holds many catalogues and each is a schema of its own; a [`SchemaName`](super::SchemaName) is put there, and may
//! consist only of characters that mean the same everywhere in a statement. (psql's own variables would have been nicer
//! to read, but they are not replaced within the bodies of functions, where the names matter most.)
//!
//! refinery provides the versions, the checksums and the form of the history table. Running them is up to us: each
//! migration and its history row are one transaction, which refinery offers as well, but so are the role it runs as,
//! the search path, and the lock that keeps two people from migrating at once.

use colophon_store::migrations::MigrationStatus;
use refinery::Migration;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::cluster;
use super::connection::Connection;
use super::error::{Error, MigrationError, Result};
use super::ownership::who_may_migrate;
use super::schema::CentralSchema;
use super::script::statements;

const PREPARE: &str = include_str!("prepare.sql");
pub(super) const BECOME_OWNER: &str = include_str!("become_owner.sql");
const TAKE_OVER: &str = include_str!("take_over.sql");
const RENEW: &str = include_str!("renew.sql");
const HISTORY_TABLE: &str = "CREATE TABLE IF NOT EXISTS refinery_schema_history(
    version integer PRIMARY KEY, name varchar(255), applied_on varchar(255), checksum varchar(255))";
const HISTORY_ROW: &str = "INSERT INTO refinery_schema_history(version, name, applied_on, checksum)
    VALUES ($1, $2, to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), $3)";

/// What migrating did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CentralMigrationReport {
    /// The versions that were applied or taken back.
    pub versions: Vec<i32>,
    /// Roles that do not exist because this login may not make them. The catalogue works without them for the login that
    /// made it; for others an administrator makes them (`CREATE ROLE …`), and the next migration gives them their rights.
    pub missing_roles: Vec<String>,
}

struct Applied {
    version: i32,
    name: String,
    at: String,
    checksum: String,
}

impl Connection {
    /// Makes the catalogue if it does not exist, and brings it up to what this program knows.
    pub async fn migrate(&mut self, schema: &CentralSchema) -> Result<CentralMigrationReport> {
        self.refuse_what_is_not_ours().await?;
        self.migrate_ours(schema).await.map_err(who_may_migrate)
    }

    async fn migrate_ours(&self, schema: &CentralSchema) -> Result<CentralMigrationReport> {
        let waiting = waiting(schema, &self.applied().await?)?;
        let mut report = CentralMigrationReport::default();
        self.prepare().await?;
        if schema.has_own_machinery {
            self.bring_up_machinery().await?;
        }
        for migration in waiting {
            if self.apply(schema, migration).await? {
                report.versions.push(migration.version());
            }
        }
        report.missing_roles = self.grant_roles().await?;
        Ok(report)
    }

    /// Takes back the last migration with its down script.
    pub async fn roll_back_migration(&mut self, schema: &CentralSchema) -> Result<CentralMigrationReport> {
        self.refuse_what_is_not_ours().await?;
        let applied = self.applied().await?;
        waiting(schema, &applied)?;
        let last = applied.last().ok_or(MigrationError::NothingToRollBack)?;
        let version = last.version;
        let down = schema.down.iter().find(|migration| migration.version() == version);
        let script = down
            .and_then(Migration::sql)
            .ok_or(MigrationError::NoWayDown { version })?;
        let before = applied.iter().rev().nth(1).map_or(0, |row| row.version);
        let back_to = (before, schema.compatible_from_at(before));
        let work = async || self.take_back(script, version, back_to, schema.has_own_machinery).await;
        let what = format!("taking back migration V{version}");
        let taken_back = self.in_transaction(work).await;
        taken_back.map_err(|error| who_may_migrate(failed(what, error)))?;
        Ok(CentralMigrationReport {
            versions: vec![version],
            missing_roles: Vec::new(),
        })
    }

    /// All migrations this program knows, with when they were applied.
    pub async fn migration_status(&mut self, schema: &CentralSchema) -> Result<Vec<MigrationStatus>> {
        self.refuse_what_is_no_table().await?;
        let applied = self.applied().await?;
        let status = |migration: &Migration| MigrationStatus {
            version: migration.version(),
            name: migration.name().to_owned(),
            applied_on: applied
                .iter()
                .find(|row| row.version == migration.version())
                .map(|row| row.at.clone()),
        };
        Ok(schema.up.iter().map(status).collect())
    }

    async fn applied(&self) -> Result<Vec<Applied>> {
        let query = format!(
            "SELECT version, name, applied_on, checksum FROM \"{}\".refinery_schema_history ORDER BY version",
            self.schema
        );
        let rows = match self.client.query_typed(&query, &[]).await {
            Ok(rows) => rows,
            Err(error) if is_missing(&error) => return Ok(Vec::new()),
            Err(error) => return Err(self.peer.while_doing("reading the migrations", &error)),
        };
        let read = |row: &tokio_postgres::Row| -> Result<Applied, tokio_postgres::Error> {
            Ok(Applied {
                version: row.try_get(0)?,
                name: row.try_get(1)?,
                at: row.try_get(2)?,
                checksum: row.try_get(3)?,
            })
        };
        let read: Result<Vec<_>, _> = rows.iter().map(read).collect();
        read.map_err(|error| self.peer.while_doing("reading the migrations", &error))
    }

    /// Makes what the migrations need, in two transactions, because the other servers of a cluster see the roles and
    /// the schema only once they are committed. Either can be interrupted and repeated: what is there is left as it is.
    async fn prepare(&self) -> Result<()> {
        let prepare = self.of_catalogue(PREPARE);
        let work = async || self.run("making the catalogue's roles and schema", &prepare).await;
        self.in_transaction(work).await?;
        let work = async || {
            self.run("handing the catalogue to its owners", &self.of_catalogue(TAKE_OVER))
                .await?;
            self.run("becoming the catalogue's owner", &self.of_catalogue(BECOME_OWNER))
                .await?;
            self.run("making the table of migrations", HISTORY_TABLE).await
        };
        self.in_transaction(work).await
    }

    /// Applies one migration, unless somebody else just has.
    async fn apply(&self, schema: &CentralSchema, migration: &Migration) -> Result<bool> {
        let version = migration.version();
        let work = async || {
            self.run("becoming the catalogue's owner", &self.of_catalogue(BECOME_OWNER))
                .await?;
            if self.applied().await?.iter().any(|row| row.version == version) {
                return Ok(false);
            }
            self.run_each("migrating", migration.sql().unwrap_or_default()).await?;
            self.run("renewing the triggers", &self.of_catalogue(RENEW)).await?;
            self.write_history(migration).await?;
            self.set_version(version, schema.compatible_from_at(version)).await?;
            Ok(true)
        };
        let what = format!("migration V{version} ({})", migration.name());
        self.in_transaction(work).await.map_err(|error| failed(what, error))
    }

    async fn take_back(
        &self,
        script: &str,
        version: i32,
        (before, compatible_from): (i32, i32),
        head_stays: bool,
    ) -> Result<()> {
        self.run("becoming the catalogue's owner", &self.of_catalogue(BECOME_OWNER))
            .await?;
        self.run_each("taking back a migration", &self.of_catalogue(script))
            .await?;
        self.run("renewing the triggers", &self.of_catalogue(RENEW)).await?;
        let forget = "DELETE FROM refinery_schema_history WHERE version = $1";
        let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 1] = [(&version, Type::INT4)];
        self.ask(
            "taking back a migration",
            self.client.execute_typed(forget, &parameters),
        )
        .await?;
        if before > 0 || head_stays {
            self.set_version(before, compatible_from).await?;
        }
        Ok(())
    }

    async fn write_history(&self, migration: &Migration) -> Result<()> {
        let (version, name, checksum) = (migration.version(), migration.name(), migration.checksum().to_string());
        let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
            [(&version, Type::INT4), (&name, Type::TEXT), (&checksum, Type::TEXT)];
        self.ask("migrating", self.client.execute_typed(HISTORY_ROW, &parameters))
            .await?;
        Ok(())
    }

    /// Notes which version the catalogue is at, and which programs may go on. V1 has one column for both, which were
    /// the same then.
    async fn set_version(&self, version: i32, compatible_from: i32) -> Result<()> {
        let has_both = "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = 'catalogue_head'::regclass \
                        AND attname = 'version' AND NOT attisdropped)";
        let row = self
            .ask("migrating", self.client.query_typed_one(has_both, &[]))
            .await?;
        let has_both: bool = row
            .try_get(0)
            .map_err(|error| self.peer.while_doing("migrating", &error))?;
        let mut parameters: Vec<(&(dyn tokio_postgres::types::ToSql + Sync), Type)> =
            vec![(&compatible_from, Type::INT4)];
        let mut update = "UPDATE catalogue_head SET schema_version = $1".to_owned();
        if has_both {
            update.push_str(", version = $2");
            parameters.push((&version, Type::INT4));
        }
        self.ask("migrating", self.client.execute_typed(&update, &parameters))
            .await?;
        Ok(())
    }

    /// Gives the roles their rights; returns the roles that are missing.
    async fn grant_roles(&self) -> Result<Vec<String>> {
        let work = async || {
            self.run("becoming the catalogue's owner", &self.of_catalogue(BECOME_OWNER))
                .await?;
            let rows = self.client.query_typed("SELECT grant_roles()", &[]);
            let rows = self.ask("granting rights", rows).await?;
            let names: Result<Vec<String>, _> = rows.iter().map(|row| row.try_get(0)).collect();
            names.map_err(|error| self.peer.while_doing("granting rights", &error))
        };
        self.in_transaction(work).await
    }

    /// Runs the statements of a script, one at a time, in the form that this server accepts.
    pub(super) async fn run_each(&self, doing: &'static str, script: &str) -> Result<()> {
        let script = if self.is_of_cluster().await? {
            cluster::reworded(script)
        } else {
            script.to_owned()
        };
        for statement in statements(&script) {
            self.run(doing, &self.of_catalogue(statement)).await?;
        }
        Ok(())
    }

    pub(super) fn of_catalogue(&self, script: &str) -> String {
        script.replace("{schema}", self.schema.as_str())
    }
}

/// The migrations still to be applied, or why the catalogue must be left alone.
fn waiting<'s>(schema: &'s CentralSchema, applied: &[Applied]) -> Result<Vec<&'s Migration>, MigrationError> {
    let found = applied.last().map_or(0, |row| row.version);
    let known = schema.version();
    if found > known {
        return Err(MigrationError::Newer { found, known });
    }
    for row in applied {
        let ours = schema.up.iter().find(|migration| migration.version() == row.version);
        if ours.is_none_or(|migration| migration.checksum().to_string() != row.checksum) {
            return Err(MigrationError::Edited {
                version: row.version,
                name: row.name.clone(),
            });
        }
    }
    let is_waiting = |migration: &&Migration| !applied.iter().any(|row| row.version == migration.version());
    Ok(schema.up.iter().filter(is_waiting).collect())
}

/// A broken connection stays that; what the server said about the script becomes the script's failure.
pub(super) fn failed(what: String, error: Error) -> Error {
    match error {
        Error::Refused { reason, .. } | Error::Server { reason, .. } => MigrationError::Failed { what, reason }.into(),
        Error::NoSchema { .. } => {
            let reason = "it names a table or a function that is not there".to_owned();
            MigrationError::Failed { what, reason }.into()
        }
        other => other,
    }
}

fn is_missing(error: &tokio_postgres::Error) -> bool {
    error
        .code()
        .is_some_and(|code| *code == SqlState::UNDEFINED_TABLE || *code == SqlState::INVALID_SCHEMA_NAME)
}
