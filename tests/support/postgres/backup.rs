//! A backup of a catalogue, and what whoever runs the server does with it when a disk has failed.

use std::fmt::Write as _;

use super::catalogue::CentralCatalogue;

/// All tables of a catalogue as they were.
#[derive(Debug)]
pub struct Backup {
    schema: String,
    tables: Vec<String>,
}

impl CentralCatalogue<'_> {
    /// Keeps every table as it is.
    pub fn back_up(&self) -> anyhow::Result<Backup> {
        self.back_up_as("backup")
    }

    /// The same, alongside other backups.
    pub fn back_up_as(&self, called: &str) -> anyhow::Result<Backup> {
        let mut psql = self.psql()?;
        let name = self.name();
        let tables = psql.run(&format!(
            "SELECT tablename FROM pg_tables WHERE schemaname = '{name}' ORDER BY 1"
        ))?;
        let schema = format!("{name}_{called}");
        psql.run(&format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}"
        ))?;
        for table in &tables {
            psql.run(&format!("CREATE TABLE {schema}.{table} AS TABLE {name}.{table}"))?;
        }
        Ok(Backup { schema, tables })
    }

    /// Puts the saved rows in place of those that are there, as `pg_restore` does: without triggers, so nobody is told.
    /// Connections stay, as they do through a pooler.
    pub fn bring_back(&self, backup: &Backup) -> anyhow::Result<()> {
        let Backup { schema, tables } = backup;
        let name = self.name();
        let mut restore = "BEGIN; SET LOCAL session_replication_role = replica;".to_owned();
        for table in tables {
            let _ = write!(
                restore,
                "DELETE FROM {name}.{table}; INSERT INTO {name}.{table} OVERRIDING SYSTEM VALUE TABLE {schema}.{table};"
            );
        }
        restore.push_str("COMMIT");
        self.psql()?.run(&restore)?;
        Ok(())
    }
}
