//! What the sync needs on a server besides the tables of an application.
//!
//! Colophon's own migrations have made it since V1, among its tables. Another application gets it from here: in
//! migrations of this crate, which are numbered in a table of their own, so that neither needs to know the other's
//! numbers. A test keeps the two alike.

use tokio_postgres::types::{ToSql, Type};

use super::connection::Connection;
use super::error::{MigrationError, Result};
use super::migrations::{BECOME_OWNER, failed};

/// What the sync needs besides the tables of an application, in the order in which it is applied. Once released, a
/// script is never edited.
const SCRIPTS: [&str; 1] = [include_str!("../../migrations/V1__what_the_sync_needs.sql")];
const TABLE: &str = "CREATE TABLE IF NOT EXISTS sync_migrations(version integer PRIMARY KEY)";
const APPLIED: &str = "SELECT coalesce(max(version), 0) FROM sync_migrations";
const APPLY: &str = "INSERT INTO sync_migrations(version) VALUES ($1)";

impl Connection {
    /// Makes what the sync needs besides the tables of an application, and brings it up to what this program knows. It
    /// is numbered separately from the application's own migrations, and has no way down: what is in it belongs to the
    /// rows, whatever version those are.
    pub(super) async fn bring_up_machinery(&self) -> Result<()> {
        let work = async || {
            self.run("becoming the catalogue's owner", &self.of_catalogue(BECOME_OWNER))
                .await?;
            self.run("making the table of the machinery's migrations", TABLE)
                .await?;
            let row = self.ask("migrating", self.client.query_typed_one(APPLIED, &[]));
            let found: i32 = row
                .await?
                .try_get(0)
                .map_err(|error| self.peer.while_doing("migrating", &error))?;
            let known = i32::try_from(SCRIPTS.len()).unwrap_or(i32::MAX);
            if found > known {
                return Err(MigrationError::Newer { found, known }.into());
            }
            for (version, script) in (1..).zip(SCRIPTS).skip_while(|(version, _)| *version <= found) {
                self.run_each("making what the sync needs", script).await?;
                let parameters: [(&(dyn ToSql + Sync), Type); 1] = [(&version, Type::INT4)];
                self.ask("migrating", self.client.execute_typed(APPLY, &parameters))
                    .await?;
            }
            Ok(())
        };
        let made = self.in_transaction(work).await;
        made.map_err(|error| failed("making what the sync needs".to_owned(), error))
    }
}
