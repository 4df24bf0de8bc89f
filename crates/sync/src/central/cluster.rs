//! A server that is one of many: Citus, which keeps each schema on one of its workers.
//!
//! A catalogue is a schema, so all of it lies on one worker. Whoever speaks to that worker sees an ordinary PostgreSQL:
//! one connection, one transaction, temporary tables. Through the coordinator or another worker, each statement is
//! passed on, over one connection per role; what the head's owner has written there locks out the editor for the rest
//! of the transaction, and the transaction's settings are not passed along. So a device asks whichever server it was
//! given where the catalogue lies, and goes there. Programs that only write rows need not know any of this.
//!
//! Migrations go to the coordinator, which alone may change what all servers must know.

use std::sync::Arc;

use futures_util::future::join;
use tokio_postgres::types::{ToSql, Type};

use super::connection::{Central, Connection};
use super::error::Result;
use super::head::Head;
use super::settings::CentralSettings;

const LOOKING: &str = "looking where the catalogue lies";

/// True of every row, but never a constant to whoever plans a statement. A cluster takes an `INSERT … SELECT` apart
/// unless something in it must be evaluated in one place, and then adds a condition that is not valid SQL if a table
/// has only one part.
pub(super) const EVALUATED_WHOLE: &str = "clock_timestamp() IS NOT NULL";

/// Statements of a released migration that a cluster does not accept, and the same in a form that it does.
const REWORDED: [(&str, &str); 1] = [(
    "DROP CONSTRAINT IF EXISTS %2$I, ADD CONSTRAINT %2$I",
    "DROP CONSTRAINT IF EXISTS %2$I', entity, entity || '_' || field || '_check');
    EXECUTE format('ALTER TABLE \"{schema}\".%1$I ADD CONSTRAINT %2$I",
)];

/// The server that holds a catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Holder {
    server: String,
    port: u16,
}

impl Central {
    /// Connects to the server that holds the catalogue: the one in the settings, or, in a cluster, the worker that it
    /// names. Reads the head there.
    pub(super) async fn connect_to_holder(&self) -> Result<(Connection, Result<Head>)> {
        // Boxed, because much else waits for a connection to be made, and these are two futures.
        let connection = Box::pin(self.connect()).await?;
        // Both at once, because nearly always the answer is: here.
        let (head, holder) = join(connection.head(), connection.holder()).await;
        let Ok(Some(holder)) = holder else {
            return Ok((connection, head));
        };
        let connection = Box::pin(connection.doubt.of().at(holder).connect_as_told()).await?;
        let head = connection.head().await;
        Ok((connection, head))
    }

    fn at(&self, holder: Holder) -> Self {
        let settings = CentralSettings {
            server: holder.server,
            port: holder.port,
            ..CentralSettings::clone(&self.settings)
        };
        Self {
            settings: Arc::new(settings),
            ..self.clone()
        }
    }
}

impl Connection {
    /// Whether this server is part of a cluster.
    pub(super) async fn is_of_cluster(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'citus')";
        let row = self.ask_soon(LOOKING, self.client.query_typed_one(sql, &[])).await?;
        row.try_get(0).map_err(|error| self.peer.while_doing(LOOKING, &error))
    }

    /// The server that holds the catalogue, if it is a different one.
    async fn holder(&self) -> Result<Option<Holder>> {
        if !self.is_of_cluster().await? {
            return Ok(None);
        }
        let sql = "SELECT node.nodename, node.nodeport FROM pg_catalog.pg_dist_shard AS shard \
                   JOIN pg_catalog.pg_dist_placement AS placement ON placement.shardid = shard.shardid \
                   JOIN pg_catalog.pg_dist_node AS node ON node.groupid = placement.groupid AND node.noderole = 'primary' \
                   WHERE shard.logicalrelid = to_regclass($1) \
                   AND node.groupid <> (SELECT here.groupid FROM pg_catalog.pg_dist_local_group AS here)";
        let head = format!("\"{}\".catalogue_head", self.schema);
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&head, Type::TEXT)];
        let row = self.ask_soon(LOOKING, self.client.query_typed_opt(sql, &bound)).await?;
        let read = |row: &tokio_postgres::Row| -> Result<Holder, tokio_postgres::Error> {
            let (server, port): (String, i32) = (row.try_get(0)?, row.try_get(1)?);
            let port = u16::try_from(port).unwrap_or_default();
            Ok(Holder { server, port })
        };
        let holder = row.as_ref().map(read).transpose();
        holder.map_err(|error| self.peer.while_doing(LOOKING, &error))
    }
}

/// A script in a form that a cluster accepts.
pub(super) fn reworded(script: &str) -> String {
    REWORDED
        .iter()
        .fold(script.to_owned(), |script, (said, better)| script.replace(said, better))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::CentralSchema;

    #[test]
    fn what_is_reworded_for_a_cluster_is_said_once_in_a_migration() {
        let schema = CentralSchema::embedded().unwrap();
        for (said, _) in REWORDED {
            let times = |migration: &refinery::Migration| migration.sql().unwrap_or_default().matches(said).count();
            assert_eq!(schema.up.iter().map(times).sum::<usize>(), 1, "{said}");
        }
    }

    #[test]
    fn a_script_that_a_cluster_takes_stays_as_it_is() {
        assert_eq!(reworded("SELECT 1"), "SELECT 1");
    }
}
