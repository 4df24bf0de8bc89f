//! Trying a connection before anybody relies on it: how far it gets, and what is wrong where it stops.

use colophon_store::schema::Table;
use tokio_postgres::types::{ToSql, Type};

use super::connection::{Central, Connection};
use super::error::{Error, Result};

const LOOKING: &str = "looking at the catalogue";

/// The result of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Everything is there that the sync needs.
    Ready {
        /// The revision of the catalogue.
        revision: i64,
        /// PostgreSQL's version, as it says it.
        server_version: String,
    },
    /// The database is there, but the catalogue is not, or was not made by Colophon.
    NotPrepared {
        /// Whether the schema exists, without what Colophon needs in it.
        schema_exists: bool,
        /// Whether this login may prepare it.
        may_prepare: bool,
        /// Who owns the database, and may prepare it or let somebody do it.
        owner: String,
    },
    /// The login may read but not write.
    ReadOnly {
        /// The tables that it may not write, by name.
        tables: Vec<String>,
    },
}

impl Central {
    /// Connects, looks at everything the sync needs, and changes nothing. An error says where the try stopped.
    pub async fn examine(&self, tables: &'static [&'static Table]) -> Result<Finding> {
        let (connection, head) = self.connect_to_holder().await?;
        let head = match head {
            Err(Error::NoSchema { .. }) => return connection.who_prepares().await,
            head => head?,
        };
        head.check_version()?;
        let tables = connection.not_writable(tables).await?;
        if !tables.is_empty() {
            return Ok(Finding::ReadOnly { tables });
        }
        Ok(Finding::Ready {
            revision: head.revision,
            server_version: connection.server_version().await?,
        })
    }
}

impl Connection {
    /// What is known about a catalogue that does not exist.
    async fn who_prepares(&self) -> Result<Finding> {
        let sql = "SELECT to_regnamespace(quote_ident($1)) IS NOT NULL, \
                   has_database_privilege(current_database(), 'CREATE'), \
                   (SELECT pg_get_userbyid(datdba)::text FROM pg_database WHERE datname = current_database())";
        let schema = self.schema.as_str();
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&schema, Type::TEXT)];
        let row = self.ask_soon(LOOKING, self.client.query_typed_one(sql, &bound)).await?;
        let read = || -> Result<_, tokio_postgres::Error> {
            Ok(Finding::NotPrepared {
                schema_exists: row.try_get(0)?,
                may_prepare: row.try_get(1)?,
                owner: row.try_get(2)?,
            })
        };
        read().map_err(|error| self.peer.while_doing(LOOKING, &error))
    }

    /// Those of these tables in which this login may not write everything.
    async fn not_writable(&self, tables: &'static [&'static Table]) -> Result<Vec<String>> {
        let names: Vec<String> = tables.iter().map(|table| table.name.to_owned()).collect();
        let sql = format!(
            "SELECT name FROM unnest($1) AS name WHERE NOT (\
                 has_table_privilege(format('\"{schema}\".%I', name), 'INSERT') \
             AND has_table_privilege(format('\"{schema}\".%I', name), 'UPDATE') \
             AND has_table_privilege(format('\"{schema}\".%I', name), 'DELETE'))",
            schema = self.schema
        );
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&names, Type::TEXT_ARRAY)];
        let rows = self.ask_soon(LOOKING, self.client.query_typed(&sql, &bound)).await?;
        let read = || rows.iter().map(|row| row.try_get(0)).collect();
        let read: Result<Vec<String>, tokio_postgres::Error> = read();
        read.map_err(|error| self.peer.while_doing(LOOKING, &error))
    }

    async fn server_version(&self) -> Result<String> {
        let answer = self
            .client
            .query_typed_one("SELECT current_setting('server_version')", &[]);
        let row = self.ask_soon(LOOKING, answer).await?;
        row.try_get(0).map_err(|error| self.peer.while_doing(LOOKING, &error))
    }
}
