//! The devices that a server knows, and those that nobody waits for any more.
//!
//! How much a server may forget depends on the device that has come least far. One that was lost or given away would
//! make it keep everything for ever, so whoever runs the catalogue can retire it. Should it come back, it compares
//! everything once, and nothing is lost.

use jiff::Timestamp;
use serde::Serialize;
use tokio_postgres::Row;
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use super::connection::Connection;
use super::error::{Error, Result};
use super::ownership::who_may_migrate;

const LISTING: &str = "listing the devices";
const RETIRING: &str = "retiring a device";
const HEALING: &str = "healing what is there and deleted at once";

/// The first server version that knows retired devices, and records that exist and are deleted at once.
const KNOWN_FROM: i32 = 2;

/// A device as a server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KnownDevice {
    /// Made once per local file.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The login that uses it.
    pub login: String,
    /// The version of its program.
    pub app_version: String,
    /// When it last sent something.
    pub last_seen: Timestamp,
    /// The revision up to which everything is known to be in its file.
    pub has_come_to: i64,
    /// When it was retired, if it is.
    pub retired_at: Option<Timestamp>,
}

impl KnownDevice {
    fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        let time = |at: i64| Timestamp::from_microsecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        Ok(Self {
            id: row.try_get(0)?,
            name: row.try_get(1)?,
            login: row.try_get(2)?,
            app_version: row.try_get(3)?,
            last_seen: time(row.try_get(4)?),
            has_come_to: row.try_get(5)?,
            retired_at: row.try_get::<_, Option<i64>>(6)?.map(time),
        })
    }
}

impl Connection {
    /// All devices that ever sent something, those that have come least far first, the retired ones last.
    pub async fn devices(&self) -> Result<Vec<KnownDevice>> {
        self.needs_version(KNOWN_FROM).await?;
        // From where each was when it last sent something, on through the revisions that nobody but itself has written.
        let query = format!(
            "SELECT known.id, known.name, known.username, known.app_version, (extract(epoch FROM known.last_seen) * 1000000)::bigint, \
             known.acknowledged_revision + coalesce(own.steps, 0) AS come, (extract(epoch FROM known.retired_at) * 1000000)::bigint \
             FROM \"{0}\".device AS known LEFT JOIN (SELECT sent.device, count(*) AS steps FROM \
             (SELECT batch.device, batch.revision - it.acknowledged_revision AS ahead, \
             row_number() OVER (PARTITION BY batch.device ORDER BY batch.revision) AS step FROM \"{0}\".batch \
             JOIN \"{0}\".device AS it ON it.id = batch.device AND batch.revision > it.acknowledged_revision) AS sent \
             WHERE sent.ahead = sent.step GROUP BY sent.device) AS own ON own.device = known.id \
             ORDER BY known.retired_at IS NOT NULL, come, known.name, known.id",
            self.schema
        );
        let rows = self.ask(LISTING, self.client.query_typed(&query, &[])).await?;
        let read: Result<Vec<_>, _> = rows.iter().map(KnownDevice::read).collect();
        read.map_err(|error| self.peer.while_doing(LISTING, &error))
    }

    /// Stops waiting for a device, given by its name or its id. Returns its id.
    pub async fn retire_device(&self, which: &str) -> Result<Uuid> {
        self.needs_version(KNOWN_FROM).await?;
        let query = format!("SELECT \"{}\".retire_device($1)", self.schema);
        let bound: [(&(dyn ToSql + Sync), Type); 1] = [(&which, Type::TEXT)];
        let answer = self.ask(RETIRING, self.client.query_typed_one(&query, &bound)).await;
        let row = answer.map_err(who_may_migrate)?;
        row.try_get(0).map_err(|error| self.peer.while_doing(RETIRING, &error))
    }

    /// How many records exist and have a tombstone as well, as a restore without triggers leaves them; 0 if the server
    /// cannot tell yet.
    pub async fn count_undead(&self) -> Result<u64> {
        self.undead("count_undead").await
    }

    /// What exists, exists: it is announced to all devices again, and its tombstone is removed. Returns how many
    /// records that were.
    pub async fn heal_undead(&self) -> Result<u64> {
        self.undead("heal_undead").await
    }

    /// Which records these are, by table and id.
    pub async fn list_undead(&self) -> Result<Vec<(String, Uuid)>> {
        let query = format!(
            "SELECT entity, id FROM \"{}\".tombstone WHERE {} ORDER BY entity, id",
            self.schema,
            self.are_undead()
        );
        let rows = self.ask(HEALING, self.client.query_typed(&query, &[])).await?;
        let read = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
        let read: Result<_, tokio_postgres::Error> = read.collect();
        read.map_err(|error| self.peer.while_doing(HEALING, &error))
    }

    /// A condition on tombstones: that their record is really gone. A device that believed both would bring the record
    /// back and delete it in turns.
    pub(super) fn are_gone(&self) -> String {
        format!("NOT ({})", self.are_undead())
    }

    fn are_undead(&self) -> String {
        let schema = &self.schema;
        let undead = self.shared().all_there().iter().map(|table| {
            let name = table.name;
            format!("entity = '{name}' AND EXISTS (SELECT FROM \"{schema}\".{name} AS it WHERE it.id = tombstone.id)")
        });
        undead.collect::<Vec<_>>().join(" OR ")
    }

    async fn undead(&self, function: &str) -> Result<u64> {
        if self.head().await?.version < KNOWN_FROM {
            return Ok(0);
        }
        let query = format!("SELECT \"{}\".{function}()", self.schema);
        let row = match self.ask(HEALING, self.client.query_typed_one(&query, &[])).await {
            // Left to somebody who may see more, and heal.
            Err(Error::NotAllowed { .. }) => return Ok(0),
            row => row?,
        };
        let count: i64 = row.try_get(0).map_err(|error| self.peer.while_doing(HEALING, &error))?;
        Ok(count.unsigned_abs())
    }

    async fn needs_version(&self, needed: i32) -> Result<()> {
        let found = self.head().await?.version;
        if found < needed {
            return Err(Error::Older { found, needed });
        }
        Ok(())
    }
}
