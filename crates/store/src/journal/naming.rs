//! Acts that name records without changing them, and which acts are taken back.
//!
//! Some of what a person decides about records is in none of their fields: that what was deleted need not be shown any
//! more. Such a decision is an act like others, with a name and an undo, and the journal is where it is kept. Its lines
//! are changes of no field: nothing of it waits for a server.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use rusqlite::types::ValueRef;
use uuid::Uuid;

use crate::error::Result;
use crate::journal::ids;
use crate::schema::field::read_uuid;
use crate::schema::sql::Sql;
use crate::session::{ReadSession, WriteSession};

/// Later acts first, so that the undo of an undo is seen before what it takes back.
const UNDOES: Sql = Sql::new("SELECT act,undoes FROM edit WHERE undoes IS NOT NULL ORDER BY id DESC");
const DELETIONS: Sql = Sql::new(
    "SELECT entity_id,act,at,kind='delete' FROM edit
     WHERE entity=? AND (kind='delete' OR kind='create' AND last_id IS NULL) ORDER BY id",
);
const SAID: Sql = Sql::new("SELECT label,undoes FROM edit WHERE id=?");
const UNDONE_BY: Sql = Sql::new("SELECT act FROM edit WHERE undoes=? ORDER BY id DESC");
const NAMINGS: Sql = Sql::new("SELECT act,entity_id,others FROM edit WHERE kind='update' AND before='{}'");

/// A deletion in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeletionHere {
    /// The act that deleted the record.
    pub act: i64,
    /// When.
    pub at: Timestamp,
}

impl ReadSession<'_> {
    /// The acts that are taken back: by an undo, or an undo by a redo.
    pub fn taken_back(&self) -> Result<HashSet<i64>> {
        let mut taken_back = HashSet::new();
        self.visit(&UNDOES, [], |row| {
            let (act, undoes): (i64, i64) = (row.get(0)?, row.get(1)?);
            if !taken_back.contains(&act) {
                taken_back.insert(undoes);
            }
            Ok(true)
        })?;
        Ok(taken_back)
    }

    /// The act that has taken back another one, if that is taken back now.
    pub fn undone_by(&self, act: i64) -> Result<Option<i64>> {
        let taken_back = self.taken_back()?;
        let undos = self.query(&UNDONE_BY, [act], |row| row.get(0))?;
        Ok(undos.into_iter().find(|undo| !taken_back.contains(undo)))
    }

    /// The last deletion of each record of a table that the journal tells of, unless the record was brought back since.
    pub fn deletions_here(&self, table: &'static str) -> Result<HashMap<Uuid, DeletionHere>> {
        let mut deletions = HashMap::new();
        self.visit(&DELETIONS, [table], |row| {
            let id = read_uuid(row.get_ref(0)?).map_err(rusqlite::Error::from)?;
            if !row.get::<_, bool>(3)? {
                deletions.remove(&id);
                return Ok(true);
            }
            let deletion = DeletionHere {
                act: row.get(1)?,
                at: Timestamp::from_microsecond(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH),
            };
            deletions.insert(id, deletion);
            Ok(true)
        })?;
        Ok(deletions)
    }

    /// What an act said of itself, and the act that it takes back: each if there is one.
    pub fn said_of(&self, act: i64) -> Result<(Option<String>, Option<i64>)> {
        let said = self.query_first(&SAID, [act], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(said.unwrap_or_default())
    }

    /// The records that acts have named without changing them; what is taken back names nothing.
    pub fn named(&self) -> Result<HashSet<Uuid>> {
        let mut named = HashSet::new();
        let taken_back = self.taken_back()?;
        self.visit(&NAMINGS, [], |row| {
            if taken_back.contains(&row.get::<_, i64>(0)?) {
                return Ok(true);
            }
            named.insert(read_uuid(row.get_ref(1)?).map_err(rusqlite::Error::from)?);
            if row.get_ref(2)? != ValueRef::Null {
                named.extend(ids(row.get_ref(2)?)?);
            }
            Ok(true)
        })?;
        Ok(named)
    }
}

impl WriteSession<'_> {
    /// Names records of a table in this act, without changing them.
    pub fn name_records(&self, table: &'static str, ids: &[Uuid]) {
        self.recorder.borrow_mut().named(table, ids);
    }
}
