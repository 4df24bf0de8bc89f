//! Capture of this program's own writes.
//!
//! The [triggers](crate::capture) of the file are for other programs. SQLite compiles triggers into every statement,
//! and a statement with triggers keeps a statement journal even when none of them fires, which costs a third of a bulk
//! insert. So triggers are switched off on our own connection, and [`RepositoryMut`](crate::RepositoryMut) writes
//! exactly the notes that they would have written. A test writes the same history both ways and compares.

use rusqlite::CachedStatement;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::columns::Columns;
use crate::schema::json::write_row;
use crate::schema::sql::Sql;
use crate::session::WriteSession;

const BATCH_IN_FLIGHT: Sql = Sql::new("SELECT 1 FROM batch_in_flight LIMIT 1");
const CHANGED: Sql = Sql::new(
    "INSERT INTO pending(entity,id,kind,base,base_revision,change) VALUES(?,?,'update',?,?,1)
     ON CONFLICT(entity,id) DO UPDATE SET change=change+1",
);
const DELETED_AGAIN: Sql = Sql::new("UPDATE pending SET kind='delete',change=change+1 WHERE entity=? AND id=?");
const DELETED: Sql =
    Sql::new("INSERT INTO pending(entity,id,kind,base,base_revision,change) VALUES(?,?,'delete',?,?,1)");
const KEEP_CONTENT: Sql = Sql::new("INSERT OR REPLACE INTO deleted(entity,id,content,revision) VALUES(?,?,?,0)");
const WAS_DELETED: Sql = Sql::new("SELECT 1 FROM deleted WHERE entity=? AND id=?");
const BACK_OVER_TOMBSTONE: Sql = Sql::new(
    "INSERT INTO pending(entity,id,kind,base,base_revision,base_is_tombstone,change)
     SELECT entity,id,'update',content,revision,1,0 FROM deleted WHERE entity=?1 AND id=?2 AND revision>0
     ON CONFLICT(entity,id) DO NOTHING",
);
const BACK: Sql = Sql::new("UPDATE pending SET kind='update',change=change+1 WHERE entity=? AND id=?");
const FORGET_CONTENT: Sql = Sql::new("DELETE FROM deleted WHERE entity=? AND id=?");

impl WriteSession<'_> {
    /// Whether a change of a row with this revision must be noted as pending at all.
    pub(crate) fn must_mark_update(&self, revision: i64) -> Result<bool> {
        Ok(revision > 0 || self.has_batch_in_flight()?)
    }

    /// The statement that notes rows as changed, for [`PendingUpdate`]s.
    pub(crate) fn pending_update(&self) -> Result<PendingUpdate<'_>> {
        Ok(PendingUpdate {
            statement: self.prepare(&CHANGED)?,
            base: String::with_capacity(BASE_LENGTH),
        })
    }

    /// Notes the deletion of a row that was `before`, at `revision`, and keeps its content.
    pub(crate) fn note_deleted<E: Columns>(&self, id: Uuid, before: &E, revision: i64) -> Result<()> {
        let table = E::TABLE.name;
        let key = id.as_bytes().as_slice();
        let content = content(before);
        let was_pending = self.prepare(&DELETED_AGAIN)?.execute(rusqlite::params![table, key])? > 0;
        if !was_pending && (revision > 0 || self.has_batch_in_flight()?) {
            self.prepare(&DELETED)?
                .execute(rusqlite::params![table, key, content, revision])?;
        }
        self.prepare(&KEEP_CONTENT)?
            .execute(rusqlite::params![table, key, content])?;
        Ok(())
    }

    /// Notes that a row that may have been deleted before is back: over its own deletion that was not sent yet, or over
    /// the tombstone of one that was sent.
    pub(crate) fn note_inserted<E: Columns>(&self, id: Uuid) -> Result<()> {
        let parameters = || rusqlite::params_from_iter([text(E::TABLE.name), blob(id)]);
        if self.query_first(&WAS_DELETED, parameters(), |_| Ok(()))?.is_none() {
            return Ok(());
        }
        self.prepare(&BACK_OVER_TOMBSTONE)?.execute(parameters())?;
        self.prepare(&BACK)?.execute(parameters())?;
        let mut revision = Sql::new("UPDATE ");
        revision.push(E::TABLE.name);
        revision.push(
            " SET revision=coalesce((SELECT base_revision FROM pending WHERE entity=?1 AND id=?2),0) WHERE id=?2",
        );
        self.prepare(&revision)?.execute(parameters())?;
        self.prepare(&FORGET_CONTENT)?.execute(parameters())?;
        Ok(())
    }

    /// Whether a batch is on its way to the server; asked once per transaction, because only the sync itself changes
    /// it.
    fn has_batch_in_flight(&self) -> Result<bool> {
        if let Some(known) = self.batch_in_flight.get() {
            return Ok(known);
        }
        let found = self.query_first(&BATCH_IN_FLIGHT, [], |_| Ok(()))?.is_some();
        self.batch_in_flight.set(Some(found));
        Ok(found)
    }
}

/// Longer than most bases, so that their text is not moved while it grows.
const BASE_LENGTH: usize = 1024;

/// Notes rows as changed, one after another.
pub(crate) struct PendingUpdate<'s> {
    statement: CachedStatement<'s>,
    base: String,
}

impl PendingUpdate<'_> {
    /// Notes the change of a row that was `before`, at `revision`: the first note keeps that as the base, later ones
    /// are counted.
    pub(crate) fn write<E: Columns>(&mut self, id: Uuid, before: &E, revision: i64) -> Result<()> {
        self.base.clear();
        write_row(&mut self.base, before);
        self.statement.execute(rusqlite::params![
            E::TABLE.name,
            id.as_bytes().as_slice(),
            self.base,
            revision
        ])?;
        Ok(())
    }
}

fn text(text: &str) -> rusqlite::types::Value {
    rusqlite::types::Value::Text(text.to_owned())
}

fn blob(id: Uuid) -> rusqlite::types::Value {
    rusqlite::types::Value::Blob(id.as_bytes().to_vec())
}

/// A row as the triggers write it.
fn content<E: Columns>(row: &E) -> String {
    let mut content = String::new();
    write_row(&mut content, row);
    content
}
