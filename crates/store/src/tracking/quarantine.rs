//! The quarantine, for rows that hold up nothing else: those of this file that the server did not take, and those of
//! the server that this file could not keep. The reason is put in the sync's own words; here it is JSON.
//!
//! Either may be temporary, because a right is missing or a rule is too strict. So each has a time at which it is tried
//! again without anybody asking, at growing intervals.

use rusqlite::{Connection, params};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::Table;
use crate::schema::field::read_uuid;
use crate::schema::sql::Sql;
use crate::session::{ReadSession, WriteSession};

/// A quarantined row of this file: the server did not take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuarantinedEntry {
    /// Its table.
    pub entity: String,
    /// Its id.
    pub id: Uuid,
    /// [Which content](crate::Waiting::version) of it is quarantined.
    pub version: i64,
    /// Whether it waits for a person.
    pub waits_for_a_person: bool,
    /// Why.
    pub why: Json,
    /// How often it was tried.
    pub tries: u32,
    /// When it is tried again, in microseconds since 1970.
    pub next_try: i64,
}

/// A quarantined row of the server, or a deletion there: this file could not keep it. The local record is as it was
/// before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotKeptEntry {
    /// Its table.
    pub entity: String,
    /// Its id.
    pub id: Uuid,
    /// The revision that it had there.
    pub revision: i64,
    /// Why.
    pub why: Json,
    /// How often it was tried.
    pub tries: u32,
    /// When it is asked for again, in microseconds since 1970.
    pub next_try: i64,
}

const QUARANTINED: Sql =
    Sql::new("SELECT entity,id,version,refused,why,tries,next_try FROM set_aside ORDER BY entity,id");
const ADD_QUARANTINED: Sql =
    Sql::new("INSERT OR REPLACE INTO set_aside(entity,id,version,refused,why,tries,next_try) VALUES(?,?,?,?,?,?,?)");
const DROP_QUARANTINED: Sql = Sql::new("DELETE FROM set_aside WHERE entity=? AND id=?");
const QUARANTINED_COUNT: Sql = Sql::new("SELECT count(*) FROM set_aside WHERE refused");
const NOT_KEPT: Sql = Sql::new("SELECT entity,id,revision,why,tries,next_try FROM not_kept ORDER BY entity,id");
const ADD_NOT_KEPT: Sql =
    Sql::new("INSERT OR REPLACE INTO not_kept(entity,id,revision,why,tries,next_try) VALUES(?,?,?,?,?,?)");
const DROP_NOT_KEPT: Sql = Sql::new("DELETE FROM not_kept WHERE entity=? AND id=?");
const NOT_KEPT_COUNT: Sql = Sql::new("SELECT count(*) FROM not_kept");

impl ReadSession<'_> {
    /// The quarantined rows of this file.
    pub fn quarantined(&self) -> Result<Vec<QuarantinedEntry>> {
        self.query(&QUARANTINED, [], |row| {
            Ok(QuarantinedEntry {
                entity: row.get(0)?,
                id: read_uuid(row.get_ref(1)?)?,
                version: row.get(2)?,
                waits_for_a_person: row.get(3)?,
                why: serde_json::from_str(row.get_ref(4)?.as_str()?).unwrap_or_default(),
                tries: row.get(5)?,
                next_try: row.get(6)?,
            })
        })
    }

    /// How many of them wait for a person. The others wait for what the next pull brings.
    pub fn quarantined_count(&self) -> Result<u64> {
        let count = self.query_first(&QUARANTINED_COUNT, [], |row| row.get::<_, i64>(0))?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    /// The rows of the server that this file could not keep.
    pub fn not_kept(&self) -> Result<Vec<NotKeptEntry>> {
        self.query(&NOT_KEPT, [], |row| {
            Ok(NotKeptEntry {
                entity: row.get(0)?,
                id: read_uuid(row.get_ref(1)?)?,
                revision: row.get(2)?,
                why: serde_json::from_str(row.get_ref(3)?.as_str()?).unwrap_or_default(),
                tries: row.get(4)?,
                next_try: row.get(5)?,
            })
        })
    }

    /// How many there are.
    pub fn not_kept_count(&self) -> Result<u64> {
        let count = self.query_first(&NOT_KEPT_COUNT, [], |row| row.get::<_, i64>(0))?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }
}

impl WriteSession<'_> {
    /// Quarantines a row, in place of an earlier reason.
    pub fn add_quarantined(&self, entry: &QuarantinedEntry) -> Result<()> {
        self.prepare(&ADD_QUARANTINED)?.execute(params![
            entry.entity,
            entry.id.as_bytes().as_slice(),
            entry.version,
            entry.waits_for_a_person,
            entry.why.to_string(),
            entry.tries,
            entry.next_try,
        ])?;
        Ok(())
    }

    /// Releases a row from the quarantine.
    pub fn drop_quarantined(&self, table: &'static Table, id: Uuid) -> Result<()> {
        self.prepare(&DROP_QUARANTINED)?
            .execute(params![table.name, id.as_bytes().as_slice()])?;
        Ok(())
    }

    /// Notes a row of the server that could not be kept, in place of an earlier reason.
    pub fn add_not_kept(&self, entry: &NotKeptEntry) -> Result<()> {
        list_not_kept(self.connection(), entry)
    }

    /// Such a row has now been kept, or no longer exists.
    pub fn drop_not_kept(&self, table: &'static Table, id: Uuid) -> Result<()> {
        self.prepare(&DROP_NOT_KEPT)?
            .execute(params![table.name, id.as_bytes().as_slice()])?;
        Ok(())
    }
}

/// Notes a row that could not be kept, in whatever transaction is open.
pub(crate) fn list_not_kept(connection: &Connection, entry: &NotKeptEntry) -> Result<()> {
    connection.prepare_cached(ADD_NOT_KEPT.as_str())?.execute(params![
        entry.entity,
        entry.id.as_bytes().as_slice(),
        entry.revision,
        entry.why.to_string(),
        entry.tries,
        entry.next_try,
    ])?;
    Ok(())
}
