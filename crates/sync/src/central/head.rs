//! The head of the central catalogue: one row that says which revision it is at.

use colophon_store::Seen;
use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::connection::Connection;
use super::error::{Error, Result};
use super::schema::CentralSchema;

const READING: &str = "reading the head";

/// Where the central catalogue stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Which central database this is; a different one after a restore from a backup.
    pub incarnation: Uuid,
    /// The revision of the last transaction that wrote.
    pub revision: i64,
    /// The mark that this revision carries. A different one after a restore from a backup.
    pub mark: Uuid,
    /// Tombstones of this and of earlier revisions may be gone.
    pub purge_floor: i64,
    /// The last migration that was applied there.
    pub version: i32,
    /// The oldest version of a program that may go on there.
    pub schema_version: i32,
    /// The server's clock at the time of the answer.
    pub server_time: Timestamp,
}

impl Head {
    pub(super) fn read(row: &Row) -> Result<Self, tokio_postgres::Error> {
        Ok(Self {
            incarnation: row.try_get(0)?,
            revision: row.try_get(1)?,
            purge_floor: row.try_get(2)?,
            version: row.try_get(3)?,
            schema_version: row.try_get(4)?,
            server_time: Timestamp::from_microsecond(row.try_get(5)?).unwrap_or(Timestamp::UNIX_EPOCH),
            // Before anything was written, there is no revision to carry one.
            mark: row.try_get::<_, Option<Uuid>>(6)?.unwrap_or_default(),
        })
    }

    /// The revision and its mark.
    pub fn seen(&self) -> Seen {
        Seen {
            revision: self.revision,
            mark: self.mark,
        }
    }

    /// An error if this program and the central catalogue cannot work together.
    pub fn check_version(&self) -> Result<()> {
        self.check_for(&CentralSchema::embedded()?)
    }

    /// An error if a program that knows these migrations and the central catalogue cannot work together. They can even
    /// if one is newer, unless a migration in between says otherwise.
    pub fn check_for(&self, schema: &CentralSchema) -> Result<()> {
        let (found, known) = (self.version, schema.version());
        if self.schema_version > known {
            let oldest = self.schema_version;
            let found = found.max(oldest);
            return Err(Error::ServerNewer { found, known, oldest });
        }
        match schema.needs(found) {
            Some(needed) => Err(Error::Older { found, needed }),
            None => Ok(()),
        }
    }
}

impl Connection {
    /// Reads the head.
    pub async fn head(&self) -> Result<Head> {
        let query = self.head_question();
        let row = self.ask_soon(READING, self.client.query_typed_one(&query, &[])).await?;
        Head::read(&row).map_err(|error| self.peer.while_doing(READING, &error))
    }

    /// Reads only the revision.
    pub async fn revision(&self) -> Result<i64> {
        let query = format!("SELECT revision FROM \"{}\".catalogue_head", self.schema);
        let row = self.ask_soon(READING, self.client.query_typed_one(&query, &[])).await?;
        row.try_get(0).map_err(|error| self.peer.while_doing(READING, &error))
    }

    pub(super) fn head_question(&self) -> String {
        format!(
            "SELECT incarnation, head.revision, purge_floor, coalesce((to_jsonb(head) ->> 'version')::int, schema_version), \
             schema_version, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint, lineage.mark FROM \"{0}\".catalogue_head AS head \
             LEFT JOIN \"{0}\".lineage AS lineage ON lineage.revision = head.revision",
            self.schema
        )
    }
}
