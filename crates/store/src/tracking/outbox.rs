//! What waits for the server: the rows that [capture](crate::capture) has noted as pending, in the form that whoever
//! sends them needs.
//!
//! A row waits because it was never synced (`revision` 0), or because it is in `pending`. It stops waiting when the
//! server has it as it is here ([`acknowledge`](WriteSession::acknowledge)). In between it is *in flight*: what was
//! sent, and after which change, is kept in the file, so that neither a crash nor an edit made meanwhile is lost when
//! the answer comes.

use std::path::PathBuf;

use rusqlite::{OptionalExtension as _, Row};
use uuid::Uuid;

use crate::error::Result;
use crate::schema::field::read_uuid;
use crate::schema::kept_row::{damaged, read_values, select_row, values_of};
use crate::schema::sql::Sql;
use crate::schema::{Table, Value};
use crate::session::{ReadSession, WriteSession};
use crate::tracking::lineage::Seen;
use crate::tracking::record::Pending;

/// A row that waits for the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Its table.
    pub table: &'static Table,
    /// Its id.
    pub id: Uuid,
    /// The time of the transaction it belongs to, in microseconds since 1970: the one that made it, or the one that
    /// changed it last. Rows with the same time were written together, and a row is never before one it refers to,
    /// unless a clock went back. Deletions come last.
    pub since: i64,
    /// A number that differs after every further change, provided that the change sets the row's time.
    pub version: i64,
}

/// A row that waits, with everything that a decision about it needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    /// Its table.
    pub table: &'static Table,
    /// Its id.
    pub id: Uuid,
    /// The row as it was last seen on the server; `None` if it was never there.
    pub base: Option<Vec<Value>>,
    /// The revision it had there, or that of its deletion; 0 if it was never there.
    pub base_revision: i64,
    /// Whether it was deleted there, and the base is what its tombstone keeps.
    pub base_is_tombstone: bool,
    /// Counts the changes since; 0 for a row that is not pending, and was never sent.
    pub change: i64,
    /// The row, or `None` if it was deleted here.
    pub row: Option<Vec<Value>>,
    /// The last content of a row that was deleted here.
    pub last_content: Option<Vec<Value>>,
}

/// This installation, and how far it has come with its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalDevice {
    /// Made once per file.
    pub id: Uuid,
    /// The server's database that the file belongs to, once it has met one.
    pub incarnation: Option<Uuid>,
    /// Everything up to this revision has been taken from there.
    pub cursor: i64,
    /// The newest revision whose mark it knows: the cursor's, or one that it has made itself since.
    pub newest: Option<Seen>,
    /// The number of the last batch that was kept for sending.
    pub batch: i64,
}

const HAS_PENDING: Sql = Sql::new("SELECT 1 FROM pending WHERE entity=? LIMIT 1");
const DELETED_CONTENT: Sql = Sql::new("SELECT content FROM deleted WHERE entity=? AND id=?");
const DEVICE: Sql = Sql::new(
    "SELECT id,incarnation,cursor,batch,revision,mark FROM device
       LEFT JOIN seen ON seen.revision=(SELECT max(revision) FROM seen)",
);
const NEW_DEVICE: Sql =
    Sql::new("INSERT INTO device(only,id) VALUES(1,?) ON CONFLICT(only) DO UPDATE SET id=excluded.id,batch=0");
const SET_INCARNATION: Sql = Sql::new("UPDATE device SET incarnation=?");
const UNSENT_DELETIONS: Sql = Sql::new("DELETE FROM pending WHERE kind='delete' AND base_revision=0");

impl ReadSession<'_> {
    /// The file; `None` for a database in memory.
    pub fn file(&self) -> Option<PathBuf> {
        self.context.file().map(PathBuf::from)
    }

    /// How many rows wait.
    pub fn waiting_count(&self, tables: &[&'static Table]) -> Result<u64> {
        // A pending row with revision 0 belongs to a row that counts by its own revision, or to a deletion of one.
        let mut sql = Sql::new("SELECT (SELECT count(*) FROM pending WHERE base_revision>0 AND change>0)");
        for table in tables {
            sql.push("+(SELECT count(*) FROM ")
                .push(table.name)
                .push(" WHERE revision=0)");
        }
        let count = self.query_first(&sql, [], |row| row.get::<_, i64>(0))?;
        Ok(count.unwrap_or_default().unsigned_abs())
    }

    /// Whether any row waits. Only the first one that does is read.
    pub fn is_any_waiting(&self, tables: &[&'static Table]) -> Result<bool> {
        for table in tables {
            for rows in [unsynced(table), changed(table)] {
                let mut sql = Sql::new("SELECT EXISTS (");
                sql.append(&rows).push(")");
                if self.query_first(&sql, [], |row| row.get(0))? == Some(true) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// All rows that wait, those of one transaction together, earlier transactions first.
    pub fn waiting(&self, tables: &[&'static Table]) -> Result<Vec<Waiting>> {
        let mut waiting = Vec::new();
        for table in tables {
            self.visit(&unsynced(table), [], |row| {
                waiting.push(read_waiting(table, row)?);
                Ok(true)
            })?;
            self.visit(&changed(table), [], |row| {
                waiting.push(read_waiting(table, row)?);
                Ok(true)
            })?;
        }
        // Stable, so that within a transaction parents stay before children.
        waiting.sort_by_key(|row| row.since);
        Ok(waiting)
    }

    /// Visits those of these rows that still wait, as they are now, in the same order, until the visitor has seen
    /// enough (`false`).
    pub fn visit_outgoing(&self, rows: &[Waiting], visit: &mut dyn FnMut(Outgoing) -> Result<bool>) -> Result<()> {
        for of_table in rows.chunk_by(|one, next| one.table == next.table) {
            let Some(table) = of_table.first().map(|row| row.table) else {
                continue;
            };
            let mut select = self.prepare(&select_row(table))?;
            let has_pending = self.query_first(&HAS_PENDING, [table.name], |_| Ok(()))?.is_some();
            for waiting in of_table {
                let key = waiting.id.as_bytes().as_slice();
                let row = select
                    .query_row([key], |row| Ok((row.get::<_, i64>(0)?, read_values(table, row, 1)?)))
                    .optional()?;
                let pending = if has_pending {
                    self.pending(table, waiting.id)?
                } else {
                    None
                };
                if let Some(outgoing) = self.as_outgoing(*waiting, row, pending)?
                    && !visit(outgoing)?
                {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn as_outgoing(
        &self,
        waiting: Waiting,
        row: Option<(i64, Vec<Value>)>,
        pending: Option<Pending>,
    ) -> Result<Option<Outgoing>> {
        let Waiting { table, id, .. } = waiting;
        let pending = match (&row, pending) {
            (_, Some(pending)) => pending,
            (Some((0, _)), None) => Pending::default(),
            // It has arrived meanwhile, or was made and deleted without ever being sent.
            _ => return Ok(None),
        };
        let last_content = match row {
            Some(_) => None,
            None => self.query_first(
                &DELETED_CONTENT,
                rusqlite::params![table.name, id.as_bytes().as_slice()],
                |row| row.get::<_, String>(0),
            )?,
        };
        // With revision 0, it is the row as it was before a change that came while a batch was under way.
        let base = pending.base.filter(|_| pending.base_revision > 0);
        Ok(Some(Outgoing {
            table,
            id,
            base,
            base_revision: pending.base_revision,
            base_is_tombstone: pending.base_is_tombstone,
            change: pending.change,
            row: row.map(|(_, values)| values),
            last_content: last_content.map(|text| values_of(table, &text)).transpose()?,
        }))
    }

    /// This installation; `None` before it first wants to send something.
    pub fn device(&self) -> Result<Option<LocalDevice>> {
        self.query_first(&DEVICE, [], |row| {
            Ok(LocalDevice {
                id: read_uuid(row.get_ref(0)?)?,
                incarnation: read_optional_uuid(row.get_ref(1)?)?,
                cursor: row.get(2)?,
                batch: row.get(3)?,
                newest: match (row.get(4)?, read_optional_uuid(row.get_ref(5)?)?) {
                    (Some(revision), Some(mark)) => Some(Seen { revision, mark }),
                    _ => None,
                },
            })
        })
    }
}

impl WriteSession<'_> {
    /// This installation. Gets its id now if it has none.
    pub fn device_or_new(&self) -> Result<LocalDevice> {
        match self.device()? {
            Some(device) => Ok(device),
            None => self.renew_device(),
        }
    }

    /// Makes this installation another one, whose batches are counted from the start: for a file that turns out to be a
    /// copy.
    pub fn renew_device(&self) -> Result<LocalDevice> {
        let id = self.stamp().id;
        self.prepare(&NEW_DEVICE)?.execute([id.as_bytes().as_slice()])?;
        self.device()?.ok_or_else(|| damaged("no device"))
    }

    /// Notes which database of a server this file belongs to.
    pub fn set_incarnation(&self, incarnation: Uuid) -> Result<()> {
        self.prepare(&SET_INCARNATION)?
            .execute([incarnation.as_bytes().as_slice()])?;
        Ok(())
    }

    /// Drops from the pending rows those that were made and deleted here while a batch was under way that turned out
    /// not to have carried them: the server never had them. Only while nothing is in flight.
    pub fn forget_unsent_deletions(&self) -> Result<()> {
        self.prepare(&UNSENT_DELETIONS)?.execute([])?;
        Ok(())
    }
}

fn read_optional_uuid(value: rusqlite::types::ValueRef<'_>) -> rusqlite::Result<Option<Uuid>> {
    match value {
        rusqlite::types::ValueRef::Null => Ok(None),
        value => Ok(Some(read_uuid(value)?)),
    }
}

fn unsynced(table: &'static Table) -> Sql {
    let mut sql = Sql::new("SELECT id,created_at,updated_at FROM ");
    sql.push(table.name).push(" WHERE revision=0 ORDER BY id");
    sql
}

fn changed(table: &'static Table) -> Sql {
    let mut sql = Sql::new("SELECT p.id,coalesce(r.updated_at,9223372036854775807),coalesce(r.updated_at,p.change)");
    sql.push(" FROM pending AS p LEFT JOIN ").push(table.name);
    sql.push(" AS r ON r.id=p.id WHERE p.base_revision>0 AND p.change>0 AND p.entity='")
        .push(table.name)
        .push("'");
    sql
}

fn read_waiting(table: &'static Table, row: &Row<'_>) -> Result<Waiting> {
    Ok(Waiting {
        table,
        id: read_uuid(row.get_ref(0)?).map_err(rusqlite::Error::from)?,
        since: row.get(1)?,
        version: row.get(2)?,
    })
}
