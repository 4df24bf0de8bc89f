//! The central side's migrations that a program knows, and which programs may go on after each of them.
//!
//! A team is not upgraded in a minute. So the head of a migration says which is the oldest version of the program that
//! may go on after it: `-- compatible from: V1`. A migration that says nothing stops every program that does not know
//! it. Both sides of an encounter follow from these lines: an older program asks the server, which stores what the
//! newest migration allows, and a newer program looks up in its own list what it can do without.

use colophon_store::migrations::{Misnamed, Scripts};
use refinery::Migration;

use super::error::MigrationError;

/// Name, text and down script of every migration, made by the build script.
const MIGRATIONS: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/central_migrations.rs"));

/// How the line begins that says who may go on.
const COMPATIBLE_FROM: &str = "-- compatible from: V";

/// The migrations that this program knows.
#[derive(Debug, Clone)]
pub struct CentralSchema {
    /// Ascending.
    pub up: Vec<Migration>,
    /// For each of them, the script that takes it back, under the same version.
    pub down: Vec<Migration>,
    /// Whether the machinery that the sync needs is made by this crate's own migrations, before these. Colophon's own
    /// migrations include it.
    pub has_own_machinery: bool,
}

impl CentralSchema {
    /// Those of `migrations/postgres`.
    pub fn embedded() -> Result<Self, MigrationError> {
        Self::new(MIGRATIONS)
    }

    /// Those of an application, for the tables of its entities alone: the sync's machinery and the table of conflicts
    /// are made before them. A migration that makes a table calls `SELECT track('…')` with its name.
    pub fn for_application(migrations: &[(&str, &str, &str)]) -> Result<Self, MigrationError> {
        Ok(Self {
            has_own_machinery: true,
            ..Self::new(migrations)?
        })
    }

    /// A schema of migrations given as name (`V1__what_it_does`), text, and text of the down script, in any order.
    pub fn new(migrations: &[(&str, &str, &str)]) -> Result<Self, MigrationError> {
        let failed = |Misnamed { what, reason }| MigrationError::Failed { what, reason };
        let Scripts { up, down } = Scripts::parse(migrations).map_err(failed)?;
        Ok(Self {
            up,
            down,
            has_own_machinery: false,
        })
    }

    /// The newest version.
    pub fn version(&self) -> i32 {
        self.up.last().map_or(0, Migration::version)
    }

    /// The oldest version of the program that may work with a server that has all of them.
    pub fn compatible_from(&self) -> i32 {
        self.compatible_from_at(self.version())
    }

    /// The same for a server that has them up to a version. A migration that stops a program stops it for good.
    pub fn compatible_from_at(&self, version: i32) -> i32 {
        let applied = self.up.iter().filter(|migration| migration.version() <= version);
        applied.map(compatible_from).max().unwrap_or_default()
    }

    /// Which version a server that is at `server_version` must be brought to before this program can work with it;
    /// `None` if it can already.
    pub fn needs(&self, server_version: i32) -> Option<i32> {
        let missing = self.up.iter().filter(|migration| migration.version() > server_version);
        let needed = missing.filter(|migration| compatible_from(migration) > server_version);
        needed.map(Migration::version).max()
    }
}

/// What a migration says about older programs. Its own version if it says nothing: they stop.
fn compatible_from(migration: &Migration) -> i32 {
    let own = migration.version();
    let said = migration.sql().unwrap_or_default().lines().find_map(|line| {
        let version = line.strip_prefix(COMPATIBLE_FROM)?;
        version.trim().parse::<i32>().ok()
    });
    said.map_or(own, |version| version.clamp(1, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(heads: &[&str]) -> CentralSchema {
        let migrations: Vec<(String, String)> = (1..)
            .zip(heads)
            .map(|(version, head)| (format!("V{version}__step"), format!("-- A step.\n{head}\nSELECT 1;")))
            .collect();
        let given: Vec<(&str, &str, &str)> = migrations
            .iter()
            .map(|(name, sql)| (name.as_str(), sql.as_str(), ""))
            .collect();
        CentralSchema::new(&given).unwrap()
    }

    #[test]
    fn a_migration_that_says_nothing_stops_whoever_does_not_know_it() {
        let schema = schema(&["", "-- compatible from: V1", "", "-- compatible from: V2"]);
        let oldest: Vec<i32> = (1..=4).map(|version| schema.compatible_from_at(version)).collect();
        assert_eq!(oldest, [1, 1, 3, 3]);
        assert_eq!(schema.compatible_from(), 3);
    }

    #[test]
    fn a_newer_program_goes_on_against_an_older_server_as_far_as_its_migrations_say() {
        let schema = schema(&["", "-- compatible from: V1", "-- compatible from: V2"]);
        assert_eq!(schema.needs(3), None);
        assert_eq!(schema.needs(2), None);
        assert_eq!(schema.needs(1), Some(3));
        assert_eq!(schema.needs(9), None);
    }

    #[test]
    fn every_migration_of_this_program_says_something_that_can_be_read() {
        let schema = CentralSchema::embedded().unwrap();
        for migration in schema.up.iter().skip(1) {
            let sql = migration.sql().unwrap_or_default();
            let lines = sql.lines().filter(|line| line.contains("compatible from"));
            for line in lines.filter(|line| line.starts_with("--")) {
                let version = line.strip_prefix(COMPATIBLE_FROM).map(str::trim).map(str::parse::<i32>);
                assert!(matches!(version, Some(Ok(_))), "V{}: {line}", migration.version());
            }
        }
    }
}
