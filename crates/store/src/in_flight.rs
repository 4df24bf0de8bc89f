//! Batches under way to the server.
//!
//! A batch is kept in the file before it is sent, and stays until its fate is known. It holds what was sent of each row and
//! after which change, which is what it takes to tell, when the answer comes, whether the row has been edited since: then
//! the server has what was sent, that is the row's new base, and the edit still waits.

use rusqlite::params;
use serde_json::{Value as Json, json};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher as _;
use uuid::Uuid;

use crate::changes::ChangeKind;
use crate::error::Result;
use crate::outbox::{damaged, row_json, row_of_json};
use crate::schema::{Table, Value};
use crate::session::{ReadSession, WriteSession};
use crate::sql::Sql;

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
    /// All values, in the order of the columns; of a deletion, its last content.
    pub values: Vec<Value>,
}

const KEEP: Sql = Sql::new("INSERT INTO batch_in_flight(number,hash,content) VALUES(?,?,?)");
const COUNT: Sql = Sql::new("UPDATE device SET batch=batch+1");
const NUMBERS: Sql = Sql::new("SELECT number FROM batch_in_flight ORDER BY number");
const CONTENT: Sql = Sql::new("SELECT hash,content FROM batch_in_flight WHERE number=?");
const FORGET: Sql = Sql::new("DELETE FROM batch_in_flight WHERE number=?");
const HAS_MARKS: Sql = Sql::new("SELECT 1 FROM pending WHERE entity=? LIMIT 1");
const CHANGE: Sql = Sql::new("SELECT change FROM pending WHERE entity=? AND id=?");
const UNMARK: Sql = Sql::new("DELETE FROM pending WHERE entity=? AND id=?");
const REBASE: Sql = Sql::new("UPDATE pending SET base=?3,base_revision=?4 WHERE entity=?1 AND id=?2");
const DELETION_IS_KNOWN: Sql = Sql::new("UPDATE deleted SET revision=?3 WHERE entity=?1 AND id=?2");

impl ReadSession<'_> {
    /// The numbers of the batches whose fate is not known, ascending.
    pub fn in_flight(&self) -> Result<Vec<i64>> {
        self.query(&NUMBERS, [], |row| row.get(0))
    }
}

impl WriteSession<'_> {
    /// Keeps a batch and gives it the next number of this device.
    pub fn keep_in_flight(&self, rows: &[Sent]) -> Result<i64> {
        self.device_or_new()?;
        self.prepare(&COUNT)?.execute([])?;
        let number = self.device_or_new()?.batch;
        let rows = rows.iter().map(|row| {
            let id = row.id.simple().to_string();
            json!([row.table.name, id, row.deletes, row.change, row_json(&row.values)])
        });
        let content = Json::Array(rows.collect()).to_string().into_bytes();
        self.prepare(&KEEP)?
            .execute(params![number, checksum(&content), content])?;
        self.batch_in_flight.set(None);
        Ok(number)
    }

    /// Forgets a batch that the server did not accept and never will. Its rows wait as before.
    pub fn forget_in_flight(&self, number: i64) -> Result<()> {
        self.prepare(&FORGET)?.execute([number])?;
        self.batch_in_flight.set(None);
        Ok(())
    }

    /// The server has a batch, at this revision, except the rows that it declined. What was sent becomes the base; a row
    /// that was not edited since waits no more. Returns how many rows the server has taken.
    pub fn acknowledge(
        &self,
        tables: &[&'static Table],
        number: i64,
        revision: i64,
        is_declined: impl Fn(&'static Table, Uuid) -> bool,
    ) -> Result<u64> {
        let mut taken = 0;
        for of_table in self.sent(tables, number)?.chunk_by(|one, next| one.table == next.table) {
            let Some(table) = of_table.first().map(|row| row.table) else {
                continue;
            };
            let mut sql = Sql::new("UPDATE ");
            sql.push(table.name).push(" SET revision=? WHERE id=?");
            let mut set_revision = self.prepare(&sql)?;
            let has_marks = self.query_first(&HAS_MARKS, [table.name], |_| Ok(()))?.is_some();
            for row in of_table.iter().filter(|row| !is_declined(table, row.id)) {
                let is_still_here = set_revision.execute(params![revision, row.id.as_bytes().as_slice()])? > 0;
                if has_marks || row.deletes {
                    self.rebase(row, revision, is_still_here)?;
                }
                self.note(table.name, row.id, ChangeKind::Updated);
                taken += 1;
            }
        }
        self.forget_in_flight(number)?;
        Ok(taken)
    }

    fn rebase(&self, row: &Sent, revision: i64, is_still_here: bool) -> Result<()> {
        let (entity, key) = (row.table.name, row.id.as_bytes().as_slice());
        if row.deletes {
            self.prepare(&DELETION_IS_KNOWN)?
                .execute(params![entity, key, revision])?;
        }
        let change = self.query_first(&CHANGE, params![entity, key], |mark| mark.get::<_, i64>(0))?;
        let Some(change) = change else {
            return Ok(());
        };
        // Of a row that was brought back and deleted again, the server has it so already.
        if change == row.change || (row.deletes && !is_still_here) {
            self.prepare(&UNMARK)?.execute(params![entity, key])?;
        } else {
            let base = row_json(&row.values).to_string();
            self.prepare(&REBASE)?.execute(params![entity, key, base, revision])?;
        }
        Ok(())
    }

    fn sent(&self, tables: &[&'static Table], number: i64) -> Result<Vec<Sent>> {
        let kept = self.query_first(&CONTENT, [number], |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        let Some((hash, content)) = kept else {
            return Ok(Vec::new());
        };
        if hash != checksum(&content) {
            return Err(damaged("a batch that is under way"));
        }
        let rows: Option<Vec<Sent>> = serde_json::from_slice::<Vec<Json>>(&content)
            .ok()
            .and_then(|rows| rows.iter().map(|row| sent_of_json(tables, row)).collect());
        rows.ok_or_else(|| damaged("a batch that is under way"))
    }
}

fn sent_of_json(tables: &[&'static Table], row: &Json) -> Option<Sent> {
    let name = row.get(0)?.as_str()?;
    let table = tables.iter().find(|table| table.name == name)?;
    Some(Sent {
        table,
        id: row.get(1)?.as_str()?.parse().ok()?,
        deletes: row.get(2)?.as_bool()?,
        change: row.get(3)?.as_i64()?,
        values: row_of_json(table, row.get(4)?)?,
    })
}

fn checksum(content: &[u8]) -> Vec<u8> {
    let mut hasher = SipHasher13::new();
    hasher.write(content);
    hasher.finish128().as_bytes().to_vec()
}
