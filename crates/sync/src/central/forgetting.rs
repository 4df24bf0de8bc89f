//! What a server may forget when whoever runs it says so: tombstones that every device has seen, and history.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::types::{ToSql, Type};

use super::connection::Connection;
use super::error::Result;
use super::people::not_an_administrator;

const FORGETTING: &str = "forgetting what nobody needs any more";

/// What a server has forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Forgotten {
    /// How many tombstones.
    pub tombstones: i64,
    /// How many entries of the history; `None` if that was not asked for.
    pub history: Option<i64>,
}

impl Connection {
    /// Has the server forget the tombstones that every device has seen, and, if a time is given, the history before it.
    /// What a device that is still waited for has not seen yet stays, however old it is.
    pub async fn forget(&self, history_before: Option<Timestamp>) -> Result<Forgotten> {
        let tombstones = self.count(&format!("SELECT \"{}\".purge()", self.schema), &[]).await?;
        let history = match history_before.map(Timestamp::as_microsecond) {
            Some(before) => {
                let question = format!(
                    "SELECT \"{}\".purge_history(to_timestamp($1 / 1000000.0::float8))",
                    self.schema
                );
                Some(self.count(&question, &[(&before, Type::INT8)]).await?)
            }
            None => None,
        };
        Ok(Forgotten { tombstones, history })
    }

    async fn count(&self, question: &str, bound: &[(&(dyn ToSql + Sync), Type)]) -> Result<i64> {
        let row = self.ask(FORGETTING, self.client.query_typed_one(question, bound)).await;
        let row = row.map_err(not_an_administrator)?;
        row.try_get(0)
            .map_err(|error| self.peer.while_doing(FORGETTING, &error))
    }
}
