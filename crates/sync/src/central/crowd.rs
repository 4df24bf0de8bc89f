//! How many devices share the server.

use super::connection::Connection;
use super::error::Result;
use crate::crowd::Crowd;

const COUNTING: &str = "counting the devices";

impl Connection {
    /// Who is there. The server knows of a device in use only once it has sent something.
    pub(crate) async fn crowd(&self) -> Result<Crowd> {
        let query = format!(
            "SELECT pg_catalog.pg_stat_get_db_numbackends(oid)::int, (SELECT count(*)::int FROM \"{}\".device \
             WHERE last_seen > now() - interval '2 minutes') FROM pg_catalog.pg_database WHERE datname = current_database()",
            self.schema
        );
        let row = self
            .ask_soon(COUNTING, self.client.query_typed_one(&query, &[]))
            .await?;
        let read = || Ok::<(i32, i32), tokio_postgres::Error>((row.try_get(0)?, row.try_get(1)?));
        let (sessions, in_use) = read().map_err(|error| self.peer.while_doing(COUNTING, &error))?;
        Ok(Crowd {
            sessions: sessions.unsigned_abs(),
            in_use: in_use.unsigned_abs(),
            turn: self.limits.turn,
        })
    }
}
