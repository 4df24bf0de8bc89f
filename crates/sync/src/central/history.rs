//! What the server remembers about changes.

use colophon_catalogue::elsewhere::{Elsewhere, Who};
use colophon_store::journal::EditKind;
use colophon_store::schema::{ColumnKind, Table, Value};
use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::connection::Connection;
use super::content::read_content;
use super::error::Result;
use super::rows::{read_fields, read_json};

const READING: &str = "reading the history";

/// One change of one record.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct HistoryEntry {
    /// Its number on the server; later ones have greater ones.
    pub number: i64,
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
    /// The device, if it was one of ours.
    pub device_id: Option<Uuid>,
    /// What people call it.
    pub device: Option<String>,
}

/// A row that was made, and the device that made it, if it is known and one of ours.
pub type MadeThere = (Elsewhere, Option<Uuid>);

impl From<HistoryEntry> for Elsewhere {
    fn from(entry: HistoryEntry) -> Self {
        Self {
            entity: entry.entity,
            id: entry.id,
            revision: entry.revision,
            kind: if entry.kind == "delete" {
                EditKind::Delete
            } else {
                EditKind::Update
            },
            before: entry.old,
            at: entry.at,
            by: Who {
                login: Some(entry.by),
                device: entry.device,
            },
        }
    }
}

impl HistoryEntry {
    /// The value that a column had before this change; `None` if the entry does not tell.
    pub fn value_before(&self, table: &Table, position: usize) -> Option<Value> {
        let column = table.columns.get(position)?;
        read_json(column, self.old.get(column.name)?).ok()
    }
}

impl Connection {
    /// Everything that was ever changed about these records, earliest first.
    pub async fn history(&self, records: &[Uuid]) -> Result<Vec<HistoryEntry>> {
        let query = format!(
            "SELECT h.entity, h.id, h.revision, h.kind, h.old::text, \
             (extract(epoch FROM h.changed_at) * 1000000)::bigint, h.changed_by, h.device, d.name, h.number \
             FROM \"{0}\".history AS h LEFT JOIN \"{0}\".device AS d ON d.id = h.device \
             WHERE h.id = ANY ($1) ORDER BY h.number",
            self.schema
        );
        let parameters = [(&records as _, Type::UUID_ARRAY)];
        let rows = self.ask(READING, self.client.query_typed(&query, &parameters)).await?;
        rows.iter().map(|row| self.read_entry(row)).collect()
    }

    /// What was changed since a time, latest first; of the last `most` changes of all.
    pub async fn changes_since(&self, since: Timestamp, most: i64) -> Result<Vec<HistoryEntry>> {
        let query = format!(
            "SELECT h.entity, h.id, h.revision, h.kind, h.old::text, \
             (extract(epoch FROM h.changed_at) * 1000000)::bigint, h.changed_by, h.device, d.name, h.number \
             FROM (SELECT * FROM \"{0}\".history ORDER BY number DESC LIMIT $1) AS h \
             LEFT JOIN \"{0}\".device AS d ON d.id = h.device \
             WHERE (extract(epoch FROM h.changed_at) * 1000000)::bigint >= $2 ORDER BY h.number DESC",
            self.schema
        );
        let since = since.as_microsecond();
        let parameters = [(&most as _, Type::INT8), (&since as _, Type::INT8)];
        let rows = self.ask(READING, self.client.query_typed(&query, &parameters)).await?;
        rows.iter().map(|row| self.read_entry(row)).collect()
    }

    /// The rows of a table that were made since a time and after a revision, latest first. Who made them is known of
    /// those that nobody has changed since, if it was one of our devices.
    pub async fn made_since(&self, table: &Table, since: Timestamp, after: i64, most: i64) -> Result<Vec<MadeThere>> {
        let query = format!(
            "SELECT it.id, it.revision, (extract(epoch FROM it.created_at) * 1000000)::bigint, d.username, b.device, d.name \
             FROM \"{0}\".\"{1}\" AS it LEFT JOIN \"{0}\".batch AS b ON b.revision = it.revision \
               AND NOT EXISTS (SELECT FROM \"{0}\".history AS h WHERE h.id = it.id) \
             LEFT JOIN \"{0}\".device AS d ON d.id = b.device \
             WHERE it.revision > $1 AND (extract(epoch FROM it.created_at) * 1000000)::bigint >= $2 \
             ORDER BY it.revision DESC LIMIT $3",
            self.schema, table.name
        );
        let since = since.as_microsecond();
        let parameters = [
            (&after as _, Type::INT8),
            (&since as _, Type::INT8),
            (&most as _, Type::INT8),
        ];
        let rows = self.ask(READING, self.client.query_typed(&query, &parameters)).await?;
        let read = rows.iter().map(|row| {
            let change = Elsewhere {
                entity: table.name.to_owned(),
                id: row.try_get(0)?,
                revision: row.try_get(1)?,
                kind: EditKind::Create,
                before: Map::new(),
                at: Timestamp::from_microsecond(row.try_get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
                by: Who {
                    login: row.try_get(3)?,
                    device: row.try_get(5)?,
                },
            };
            Ok::<MadeThere, tokio_postgres::Error>((change, row.try_get(4)?))
        });
        let read: Result<Vec<_>, _> = read.collect();
        read.map_err(|error| self.peer.while_doing(READING, &error))
    }

    /// The values before a change, by the positions of their columns.
    pub fn values_before(&self, entry: &HistoryEntry, table: &Table) -> Result<Vec<(usize, Value)>> {
        read_fields(table, &entry.old).map_err(|field| self.unreadable(&format!("history, at {field},")))
    }

    /// What was deleted in the transaction that deleted a record, because it refers to it or to one of these; parents
    /// first. Nothing is known about that once the tombstones are purged.
    pub async fn deleted_with(
        &self,
        entry: &HistoryEntry,
        tables: &'static [&'static Table],
    ) -> Result<Vec<(&'static Table, Vec<Value>)>> {
        let mut known = vec![entry.id.to_string()];
        let mut gone = Vec::new();
        for table in tables {
            let refers = table.columns.iter().filter_map(|column| match column.kind {
                ColumnKind::Reference { .. } => Some(format!("content ->> '{}' = ANY ($3)", column.name)),
                _ => None,
            });
            let refers: Vec<_> = refers.collect();
            if refers.is_empty() {
                continue;
            }
            let query = format!(
                "SELECT id, content::text FROM \"{}\".tombstone WHERE revision = $1 AND entity = $2 AND ({})",
                self.schema,
                refers.join(" OR ")
            );
            let parameters = [
                (&entry.revision as _, Type::INT8),
                (&table.name as _, Type::TEXT),
                (&known as _, Type::TEXT_ARRAY),
            ];
            let rows = self.ask(READING, self.client.query_typed(&query, &parameters)).await?;
            for row in &rows {
                let read =
                    || Ok::<_, tokio_postgres::Error>((row.try_get::<_, Uuid>(0)?, row.try_get::<_, String>(1)?));
                let (id, content) = read().map_err(|error| self.peer.while_doing(READING, &error))?;
                known.push(id.to_string());
                gone.push((
                    *table,
                    read_content(table, &content).map_err(|field| self.unreadable(&format!("history, at {field},")))?,
                ));
            }
        }
        Ok(gone)
    }

    fn read_entry(&self, row: &Row) -> Result<HistoryEntry> {
        let read = || -> Result<_, tokio_postgres::Error> {
            let entry = HistoryEntry {
                number: row.try_get(9)?,
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
        let old = serde_json::from_str(&old).map_err(|error| self.unreadable(&format!("history ({error})")))?;
        Ok(HistoryEntry { old, ..entry })
    }
}
