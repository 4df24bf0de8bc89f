//! Which of the server's revisions this file has seen, and what it knows of records since a revision.
//!
//! A revision number alone does not say what was seen: a server that was restored from a backup gives the same numbers
//! to other transactions. So every revision carries a random mark, and the file keeps the marks of those it was in step
//! with. The newest one that the server still knows is where the two parted.

use jiff::Timestamp;
use rusqlite::params;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::Table;
use crate::schema::field::read_uuid;
use crate::schema::sql::Sql;
use crate::session::{ReadSession, WriteSession};

/// A revision of the server that the file was in step with, or has made itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub revision: i64,
    /// Its mark.
    pub mark: Uuid,
}

/// How many of the newest ones are kept. Of those before them, one an hour is kept.
const KEPT_EACH: i64 = 1000;

const SEEN: Sql = Sql::new("SELECT revision,mark FROM seen ORDER BY revision");
const SEEN_AFTER: Sql = Sql::new("SELECT revision FROM seen WHERE revision>? ORDER BY revision");
const KEEP_SEEN: Sql = Sql::new("INSERT OR REPLACE INTO seen(revision,mark,at) VALUES(?,?,?)");
const THIN_OUT: Sql = Sql::new(
    "DELETE FROM seen WHERE revision=(SELECT revision FROM seen ORDER BY revision DESC LIMIT 1 OFFSET ?)
       AND EXISTS (SELECT 1 FROM seen AS before WHERE before.revision<seen.revision AND before.at/3600000000=seen.at/3600000000)",
);
const NOTE_RESTORE: Sql = Sql::new("INSERT INTO restored(at) SELECT max(?,coalesce(max(at),0)) FROM edit");
const LAST_RESTORE: Sql = Sql::new("SELECT max(at) FROM restored");
const FORGET_SEEN: Sql = Sql::new("DELETE FROM seen WHERE revision>?");
const SET_CURSOR: Sql = Sql::new("UPDATE device SET cursor=?");
const GONE_EVERYWHERE: Sql = Sql::new(
    "SELECT id FROM deleted WHERE entity=?1 AND revision=0 AND id NOT IN (SELECT id FROM pending WHERE entity=?1)",
);
const TAKE_CURSOR_BACK: Sql = Sql::new("UPDATE device SET cursor=min(cursor,?)");

impl ReadSession<'_> {
    /// The revisions that this file was in step with, or has made itself, as far as they are kept, ascending.
    pub fn seen(&self) -> Result<Vec<Seen>> {
        self.query(&SEEN, [], |row| {
            Ok(Seen {
                revision: row.get(0)?,
                mark: read_uuid(row.get_ref(1)?)?,
            })
        })
    }

    /// The numbers of those after a revision. Those after the cursor are the ones that this file has made itself and
    /// was told of.
    pub fn seen_after(&self, revision: i64) -> Result<Vec<i64>> {
        self.query(&SEEN_AFTER, [revision], |row| row.get(0))
    }

    /// The records of a table that the file last saw on the server at a revision between these two: after the first, up
    /// to the second. Those that are gone are included.
    pub fn known_between(&self, table: &'static Table, after: i64, up_to: i64) -> Result<Vec<Uuid>> {
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(table.name).push(" WHERE revision>?1 AND revision<=?2");
        for (remembered, revision) in [("pending", "base_revision"), ("deleted", "revision")] {
            sql.push(" UNION SELECT id FROM ").push(remembered);
            sql.push(" WHERE entity='").push(table.name).push("' AND ");
            sql.push(revision).push(">?1 AND ").push(revision).push("<=?2");
        }
        self.query(&sql, [after, up_to], |row| Ok(read_uuid(row.get_ref(0)?)?))
    }

    /// The records of a table that are deleted here, and of which the server had nothing when it was last asked:
    /// neither the row nor a tombstone.
    pub fn gone_everywhere(&self, table: &'static Table) -> Result<Vec<Uuid>> {
        self.query(&GONE_EVERYWHERE, [table.name], |row| Ok(read_uuid(row.get_ref(0)?)?))
    }
}

impl ReadSession<'_> {
    /// When it last turned out that the server had been restored from a backup: not before any edit made until then.
    pub fn last_restore(&self) -> Result<Option<Timestamp>> {
        let at = self.query_first(&LAST_RESTORE, [], |row| row.get::<_, Option<i64>>(0))?;
        Ok(at.flatten().and_then(|at| Timestamp::from_microsecond(at).ok()))
    }
}

impl WriteSession<'_> {
    /// Notes that the server turns out to have been restored from a backup. All edits in the journal came before that,
    /// whatever the wall clock shows now: it may have been set back since. The whole journal is read for this, which is
    /// little compared with what reconciling the two costs.
    pub fn note_restore(&self) -> Result<()> {
        self.prepare(&NOTE_RESTORE)?.execute([self.now().as_microsecond()])?;
        Ok(())
    }

    /// Everything up to this revision of the server is in the file.
    pub fn set_cursor(&self, seen: Seen) -> Result<()> {
        self.prepare(&SET_CURSOR)?.execute([seen.revision])?;
        self.keep_seen(seen)
    }

    /// The server has this revision, and what this file sent is in it.
    pub fn keep_seen(&self, seen: Seen) -> Result<()> {
        self.prepare(&KEEP_SEEN)?.execute(params![
            seen.revision,
            seen.mark.as_bytes().as_slice(),
            self.now().as_microsecond()
        ])?;
        self.prepare(&THIN_OUT)?.execute([KEPT_EACH])?;
        Ok(())
    }

    /// What was seen of the server after this revision no longer exists there.
    pub fn forget_seen_after(&self, revision: i64) -> Result<()> {
        self.prepare(&FORGET_SEEN)?.execute([revision])?;
        self.prepare(&TAKE_CURSOR_BACK)?.execute([revision])?;
        Ok(())
    }
}
