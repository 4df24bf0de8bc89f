//! The deletions that the file remembers, here and elsewhere: their records' last content is kept.

use jiff::Timestamp;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::field::read_uuid;
use crate::schema::kept_row::values_of;
use crate::schema::sql::Sql;
use crate::schema::{Table, Value};
use crate::session::ReadSession;

const IDS: Sql = Sql::new("SELECT id,revision FROM deleted WHERE entity=?");
const ROWS: Sql = Sql::new("SELECT id,revision,content FROM deleted WHERE entity=?");
/// The first time that the file was in step with the revision: by then it knew of what was done in it.
const KNOWN_AT: Sql = Sql::new("SELECT at FROM seen WHERE revision>=? ORDER BY revision LIMIT 1");

const KNOWN_BEFORE: Sql = Sql::new("SELECT max(revision) FROM seen WHERE at<?");

/// A record that is gone, as the file remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedRecord {
    /// The record.
    pub id: Uuid,
    /// The revision of its deletion on the server; 0 while the server does not know of it.
    pub revision: i64,
    /// Its last content, in the order of the table's columns; empty if it was not asked for.
    pub content: Vec<Value>,
}

impl ReadSession<'_> {
    /// The records of a table that are gone, without their content.
    pub fn deleted_ids(&self, table: &'static Table) -> Result<Vec<DeletedRecord>> {
        self.query(&IDS, [table.name], |row| {
            Ok(DeletedRecord {
                id: read_uuid(row.get_ref(0)?)?,
                revision: row.get(1)?,
                content: Vec::new(),
            })
        })
    }

    /// Visits the records of a table that are gone, with what they last were.
    pub fn visit_deleted(
        &self,
        table: &'static Table,
        mut visit: impl FnMut(DeletedRecord) -> Result<()>,
    ) -> Result<()> {
        self.visit(&ROWS, [table.name], |row| {
            let content: String = row.get(2)?;
            visit(DeletedRecord {
                id: read_uuid(row.get_ref(0)?).map_err(rusqlite::Error::from)?,
                revision: row.get(1)?,
                content: values_of(table, &content)?,
            })?;
            Ok(true)
        })
    }

    /// The last revision that the file was in step with before a time; 0 if it knows of none.
    pub fn known_before(&self, at: Timestamp) -> Result<i64> {
        let revision = self.query_first(&KNOWN_BEFORE, [at.as_microsecond()], |row| row.get::<_, Option<i64>>(0))?;
        Ok(revision.flatten().unwrap_or(0))
    }

    /// When the file learnt what the server had at a revision; `None` if it is not known.
    pub fn known_at(&self, revision: i64) -> Result<Option<Timestamp>> {
        let at = self.query_first(&KNOWN_AT, [revision], |row| row.get::<_, i64>(0))?;
        Ok(at.and_then(|at| Timestamp::from_microsecond(at).ok()))
    }
}
