//! What the server remembers of changes.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::Connection;
use super::error::{Error, Result};

const READING: &str = "reading the history";

/// One change of one record.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct HistoryEntry {
    /// The table of the record.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// The revision that made the change.
    pub revision: i64,
    /// `update` or `delete`.
    pub kind: String,
    /// The values before, by field: the changed ones of an update, all of a deletion.
    pub old: Map<String, Json>,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// The login that made it.
    pub by: String,
    /// The device, where it was one of ours.
    pub device_id: Option<Uuid>,
    /// What people call it.
    pub device: Option<String>,
}

impl Connection {
    /// Everything that was ever changed about these records, the earliest first.
    pub async fn history(&self, records: &[Uuid]) -> Result<Vec<HistoryEntry>> {
        let query = format!(
            "SELECT h.entity, h.id, h.revision, h.kind, h.old::text, \
             (extract(epoch FROM h.changed_at) * 1000000)::bigint, h.changed_by, h.device, d.name \
             FROM \"{0}\".history AS h LEFT JOIN \"{0}\".device AS d ON d.id = h.device \
             WHERE h.id = ANY ($1) ORDER BY h.number",
            self.schema
        );
        let parameters = [(&records as _, Type::UUID_ARRAY)];
        let rows = self.ask(READING, self.client.query_typed(&query, &parameters)).await?;
        rows.iter().map(|row| self.read_entry(row)).collect()
    }

    fn read_entry(&self, row: &Row) -> Result<HistoryEntry> {
        let read = || -> Result<_, tokio_postgres::Error> {
            let entry = HistoryEntry {
                entity: row.try_get(0)?,
                id: row.try_get(1)?,
                revision: row.try_get(2)?,
                kind: row.try_get(3)?,
                old: Map::new(),
                at: Timestamp::from_microsecond(row.try_get(5)?).unwrap_or(Timestamp::UNIX_EPOCH),
                by: row.try_get(6)?,
                device_id: row.try_get(7)?,
                device: row.try_get(8)?,
            };
            Ok((entry, row.try_get::<_, String>(4)?))
        };
        let (entry, old) = read().map_err(|error| self.peer.while_doing(READING, &error))?;
        let old = serde_json::from_str(&old).map_err(|error| Error::Server {
            server: self.peer.server.clone(),
            reason: format!("the history of a record cannot be read: {error}"),
        })?;
        Ok(HistoryEntry { old, ..entry })
    }
}
