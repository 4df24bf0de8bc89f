//! Batches on their way to the server.
//!
//! A batch is kept in the file before it is sent, and stays until its fate is known. It holds which rows were sent,
//! after which change, and their values. So, when the answer comes, it is known whether a row has been edited since: if
//! so, what was sent is the row's new base, and the edit still waits.
//!
//! The values of a row that is not pending are not kept, and in a large import that is most rows: the first change to
//! such a row notes it and keeps what it was before, and that is what was sent.

use std::borrow::Cow;
use std::hash::Hasher as _;

use rusqlite::params;
use serde::{Deserialize, Serialize, Serializer as _};
use serde_json::Value as Json;
use siphasher::sip128::{Hasher128, SipHasher13};
use uuid::Uuid;

use crate::error::Result;
use crate::schema::field::read_uuid;
use crate::schema::kept_row::{damaged, row_json, values_of};
use crate::schema::sql::Sql;
use crate::schema::{Table, Value};
use crate::session::changes::ChangeKind;
use crate::session::{ReadSession, WriteSession};

/// One row of a batch, as it is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// Its table.
    pub table: &'static Table,
    /// Its id.
    pub id: Uuid,
    /// Whether it is to be deleted.
    pub deletes: bool,
    /// The number of its last change when it was read.
    pub change: i64,
    /// All values, in the order of the columns; for a deletion, its last content.
    pub values: Vec<Value>,
}

/// A batch under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InFlight {
    /// Ascending per device.
    pub number: i64,
    /// Random: a copy of the file gives the same numbers to other batches.
    pub token: Uuid,
}

const KEEP: Sql = Sql::new("INSERT INTO batch_in_flight(number,token,hash,content) VALUES(?,?,?,?)");
const COUNT: Sql = Sql::new("UPDATE device SET batch=batch+1");
const NUMBERS: Sql = Sql::new("SELECT number,token FROM batch_in_flight ORDER BY number");
const CONTENT: Sql = Sql::new("SELECT hash,content FROM batch_in_flight WHERE number=?");
const FORGET: Sql = Sql::new("DELETE FROM batch_in_flight WHERE number=?");
const HAS_PENDING: Sql = Sql::new("SELECT 1 FROM pending WHERE entity=? LIMIT 1");
const CHANGE: Sql = Sql::new("SELECT change FROM pending WHERE entity=? AND id=?");
const DROP_PENDING: Sql = Sql::new("DELETE FROM pending WHERE entity=? AND id=?");
const REBASE: Sql = Sql::new(
    "UPDATE pending SET base=coalesce(?3,base),base_revision=?4,base_is_tombstone=?5 WHERE entity=?1 AND id=?2",
);
const REST: Sql = Sql::new(
    "UPDATE pending SET base=coalesce(?3,base),base_revision=?4,base_is_tombstone=1,change=0 WHERE entity=?1 AND id=?2",
);
const LAST_CONTENT: Sql = Sql::new("SELECT content FROM deleted WHERE entity=? AND id=?");
const DELETED_LATER: Sql = Sql::new("UPDATE deleted SET revision=?3 WHERE entity=?1 AND id=?2");
const DELETION_IS_KNOWN: Sql =
    Sql::new("UPDATE deleted SET revision=?3,content=coalesce(?4,content) WHERE entity=?1 AND id=?2");

impl ReadSession<'_> {
    /// The batches whose fate is not known, in ascending order of their numbers.
    pub fn in_flight(&self) -> Result<Vec<InFlight>> {
        self.query(&NUMBERS, [], |row| {
            Ok(InFlight {
                number: row.get(0)?,
                token: read_uuid(row.get_ref(1)?)?,
            })
        })
    }
}

impl WriteSession<'_> {
    /// Keeps a batch and gives it the next number of this device.
    pub fn keep_in_flight(&self, rows: &[Sent]) -> Result<InFlight> {
        self.device_or_new()?;
        self.prepare(&COUNT)?.execute([])?;
        let number = self.device_or_new()?.batch;
        let token = self.stamp().id;
        let rows = rows.iter().map(|row| KeptRow {
            entity: row.table.name.into(),
            id: row.id,
            deletes: row.deletes,
            change: row.change,
            values: (row.change > 0).then(|| row_json(row.table, &row.values)),
        });
        // One row at a time: as JSON values they take several times as much memory as text does.
        let mut content = Vec::new();
        let mut writer = serde_json::Serializer::new(&mut content);
        writer.collect_seq(rows).map_err(|error| damaged(&error.to_string()))?;
        self.prepare(&KEEP)?.execute(params![
            number,
            token.as_bytes().as_slice(),
            checksum(&content),
            content
        ])?;
        self.batch_in_flight.set(None);
        Ok(InFlight { number, token })
    }

    /// Forgets a batch that the server did not accept and never will. Its rows wait as before.
    pub fn forget_in_flight(&self, number: i64) -> Result<()> {
        self.prepare(&FORGET)?.execute([number])?;
        self.batch_in_flight.set(None);
        Ok(())
    }

    /// The server has a batch, at this revision, except the rows that are quarantined. What was sent becomes the base;
    /// a row that has not been edited since no longer waits. Returns how many rows the server has taken.
    pub fn acknowledge(
        &self,
        tables: &[&'static Table],
        number: i64,
        revision: i64,
        is_quarantined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64> {
        let content = self.kept(number)?;
        let rows: Vec<KeptRow<'_>> = serde_json::from_slice(&content).map_err(|error| damaged(&error.to_string()))?;
        let mut taken = 0;
        for of_table in rows.chunk_by(|one, next| one.entity == next.entity) {
            let name = of_table.first().map_or("", |row| row.entity.as_ref());
            // A table that no longer exists was taken back by a migration, and its rows with it.
            let Some(table) = tables.iter().find(|table| table.name == name) else {
                continue;
            };
            taken += self.acknowledge_table(table, of_table, revision, is_quarantined)?;
        }
        self.forget_in_flight(number)?;
        Ok(taken)
    }

    fn acknowledge_table(
        &self,
        table: &'static Table,
        rows: &[KeptRow<'_>],
        revision: i64,
        is_quarantined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64> {
        let mut sql = Sql::new("UPDATE ");
        sql.push(table.name).push(" SET revision=? WHERE id=?");
        let mut set_revision = self.prepare(&sql)?;
        let has_pending = self.query_first(&HAS_PENDING, [table.name], |_| Ok(()))?.is_some();
        let mut taken = 0;
        for row in rows.iter().filter(|row| !is_quarantined(table, row.id)) {
            let is_still_here = set_revision.execute(params![revision, row.id.as_bytes().as_slice()])? > 0;
            if has_pending || row.deletes {
                self.rebase(table, row, revision, is_still_here)?;
            }
            self.note(table.name, row.id, ChangeKind::Updated);
            taken += 1;
        }
        Ok(taken)
    }

    fn rebase(&self, table: &'static Table, row: &KeptRow<'_>, revision: i64, is_still_here: bool) -> Result<()> {
        let key = row.id.as_bytes().as_slice();
        let sent = row.values.as_ref().map(Json::to_string);
        let change = self.query_first(&CHANGE, params![table.name, key], |pending| pending.get::<_, i64>(0))?;
        if row.deletes && !is_still_here && change.is_some() && self.says_more(table, row)? {
            // For instance, it refers to a record that the server does not have yet, or it was brought back meanwhile,
            // changed, and deleted again. The tombstone has what was sent, and nothing waits.
            self.prepare(&DELETED_LATER)?
                .execute(params![table.name, key, revision])?;
            self.prepare(&REST)?.execute(params![table.name, key, sent, revision])?;
            return Ok(());
        }
        if row.deletes {
            // Should the record come back, it comes back over what the tombstone keeps, and that is what was sent.
            self.prepare(&DELETION_IS_KNOWN)?
                .execute(params![table.name, key, revision, sent])?;
        }
        let Some(change) = change else {
            return Ok(());
        };
        if change == row.change || (row.deletes && !is_still_here) {
            self.prepare(&DROP_PENDING)?.execute(params![table.name, key])?;
        } else {
            self.prepare(&REBASE)?
                .execute(params![table.name, key, sent, revision, row.deletes])?;
        }
        Ok(())
    }

    /// Whether a record that is gone was last something other than what was sent.
    fn says_more(&self, table: &'static Table, row: &KeptRow<'_>) -> Result<bool> {
        let Some(sent) = &row.values else { return Ok(false) };
        let key = row.id.as_bytes().as_slice();
        let last = self.query_first(&LAST_CONTENT, params![table.name, key], |row| row.get::<_, String>(0))?;
        match last {
            Some(last) => Ok(values_of(table, &last)? != values_of(table, &sent.to_string())?),
            None => Ok(false),
        }
    }

    /// The content of a batch; an empty list if it is no longer kept.
    fn kept(&self, number: i64) -> Result<Vec<u8>> {
        let kept = self.query_first(&CONTENT, [number], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        match kept {
            None => Ok(b"[]".to_vec()),
            Some((hash, content)) if hash == checksum(&content) => Ok(content),
            Some(_) => Err(damaged("a batch under way has changed in the file")),
        }
    }
}

/// One row of a batch, as it is kept.
#[derive(Serialize, Deserialize)]
struct KeptRow<'b> {
    #[serde(rename = "e", borrow)]
    entity: Cow<'b, str>,
    #[serde(rename = "i")]
    id: Uuid,
    #[serde(rename = "d", default, skip_serializing_if = "is_false")]
    deletes: bool,
    #[serde(rename = "c", default, skip_serializing_if = "is_zero")]
    change: i64,
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    values: Option<Json>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// The checksum of a batch. The SQL of a migration that rewrites a batch calls it as `batch_checksum`.
pub(crate) fn checksum(content: &[u8]) -> Vec<u8> {
    let mut hasher = SipHasher13::new();
    hasher.write(content);
    hasher.finish128().as_bytes().to_vec()
}
