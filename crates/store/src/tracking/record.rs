//! What the file knows of one record, for whoever brings it in step with a server.
//!
//! The row, what the server had when it was first changed here, and, if it is gone, what it last was. Everything here
//! is written as it is: it is not an edit, so it is neither captured nor journalled, and no rule is applied. What a
//! colleague's program wrote on the server must come through, even if we would not have accepted it from a person.

use rusqlite::types::Value as Bound;
use rusqlite::{OptionalExtension as _, params};
use uuid::Uuid;

use crate::entity::Entity;
use crate::error::Result;
use crate::repository::repository_mut::RepositoryMut;
use crate::schema::bound;
use crate::schema::field::{EntityId as _, read_uuid};
use crate::schema::kept_row::{row_json, select_row, values_of};
use crate::schema::sql::Sql;
use crate::schema::{ColumnKind, Table, Value};
use crate::session::changes::ChangeKind;
use crate::session::{ReadSession, WriteSession};

/// What the file knows of one record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// The row, unless it is deleted or was never here.
    pub row: Option<LocalRow>,
    /// That it waits for the server, and over what. A row that was never there need not be pending to wait.
    pub pending: Option<Pending>,
    /// Its last content, if it is deleted.
    pub deleted: Option<Deleted>,
}

/// A row as it is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalRow {
    /// In the order of the table's columns.
    pub values: Vec<Value>,
    /// The revision that it, or its tombstone, has on the server; 0: the server never had it.
    pub revision: i64,
}

/// What the server had when a record was first changed here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pending {
    /// The row as it was last seen there, or as its tombstone keeps it. With revision 0, it is the row as it was before
    /// a change that came while a batch was under way.
    pub base: Option<Vec<Value>>,
    /// The revision it had there, or that its tombstone had; 0 if it was never there.
    pub base_revision: i64,
    /// Whether the base is what a tombstone keeps: in that case it holds no value that must be unique.
    pub base_is_tombstone: bool,
    /// Counts the changes since; 0: it [waits for nothing](Self::at_rest).
    pub change: i64,
}

impl Pending {
    /// The row that the server has, as it was last seen there; `None` if it never had one, or only a tombstone is left
    /// of it.
    pub fn row_there(&self) -> Option<&[Value]> {
        let is_there = self.base_revision > 0 && !self.base_is_tombstone;
        self.base.as_deref().filter(|_| is_there)
    }

    /// The same, waiting for nothing: the record is deleted on both sides, and what it last was here is in no
    /// tombstone. The next change of the record counts on from here, and waits.
    #[must_use]
    pub fn at_rest(self) -> Self {
        Self { change: 0, ..self }
    }

    /// Whether it waits for nothing.
    pub fn is_at_rest(&self) -> bool {
        self.base_revision > 0 && self.change == 0
    }
}

/// A deletion that the file remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// The row as it last was.
    pub content: Vec<Value>,
    /// The revision of the tombstone; 0 while the server does not know of the deletion.
    pub revision: i64,
}

const PENDING: Sql =
    Sql::new("SELECT base,base_revision,base_is_tombstone,change FROM pending WHERE entity=? AND id=?");
const PENDING_IDS: Sql = Sql::new("SELECT id FROM pending WHERE entity=?");
const DROP_PENDING: Sql = Sql::new("DELETE FROM pending WHERE entity=? AND id=?");
const SET_PENDING: Sql = Sql::new(
    "INSERT OR REPLACE INTO pending(entity,id,kind,base,base_revision,base_is_tombstone,change) VALUES(?,?,?,?,?,?,?)",
);
const DELETED: Sql = Sql::new("SELECT content,revision FROM deleted WHERE entity=? AND id=?");
const SET_DELETED: Sql = Sql::new("INSERT OR REPLACE INTO deleted(entity,id,content,revision) VALUES(?,?,?,?)");
const FORGET_DELETED: Sql = Sql::new("DELETE FROM deleted WHERE entity=? AND id=?");
const DEFER_REFERENCES: Sql = Sql::new("PRAGMA defer_foreign_keys=ON");

impl ReadSession<'_> {
    /// Everything that is known of one record.
    pub fn record(&self, table: &'static Table, id: Uuid) -> Result<Record> {
        let row = self
            .prepare(&select_row(table))?
            .query_row([id.as_bytes().as_slice()], |row| {
                Ok(LocalRow {
                    revision: row.get(0)?,
                    values: crate::schema::kept_row::read_values(table, row, 1)?,
                })
            })
            .optional()?;
        let deleted = match row {
            Some(_) => None,
            None => self.deletion(table, id)?,
        };
        Ok(Record {
            row,
            pending: self.pending(table, id)?,
            deleted,
        })
    }

    /// Visits all rows of a table in the order of their ids, until the visitor has seen enough (`false`).
    pub fn visit_rows(
        &self,
        table: &'static Table,
        mut visit: impl FnMut(Uuid, LocalRow) -> Result<bool>,
    ) -> Result<()> {
        let mut sql = Sql::new("SELECT revision,");
        sql.join(table.columns.iter().map(|column| column.name), ",");
        sql.push(" FROM ").push(table.name).push(" ORDER BY id");
        self.visit(&sql, [], |row| {
            let values = crate::schema::kept_row::read_values(table, row, 1)?;
            let Some(Value::Uuid(id)) = values.first() else {
                return Ok(true);
            };
            let (id, revision) = (*id, row.get(0)?);
            visit(id, LocalRow { values, revision })
        })
    }

    /// What is pending of it, if anything is.
    pub(crate) fn pending(&self, table: &'static Table, id: Uuid) -> Result<Option<Pending>> {
        let found = self.query_first(&PENDING, params![table.name, id.as_bytes().as_slice()], |row| {
            let pending = Pending {
                base: None,
                base_revision: row.get(1)?,
                base_is_tombstone: row.get(2)?,
                change: row.get(3)?,
            };
            Ok((row.get::<_, Option<String>>(0)?, pending))
        })?;
        found
            .map(|(base, pending)| {
                let base = base.map(|text| values_of(table, &text)).transpose()?;
                Ok(Pending { base, ..pending })
            })
            .transpose()
    }

    fn deletion(&self, table: &'static Table, id: Uuid) -> Result<Option<Deleted>> {
        let found = self.query_first(&DELETED, params![table.name, id.as_bytes().as_slice()], |row| {
            Ok((row.get::<_, String>(0)?, row.get(1)?))
        })?;
        found
            .map(|(content, revision)| {
                let content = values_of(table, &content)?;
                Ok(Deleted { content, revision })
            })
            .transpose()
    }

    /// The ids of all records of a table that are pending.
    pub fn pending_ids(&self, table: &'static Table) -> Result<Vec<Uuid>> {
        self.query(&PENDING_IDS, [table.name], |row| Ok(read_uuid(row.get_ref(0)?)?))
    }

    /// The row that has a value in a column whose values are unique.
    pub fn holder(&self, table: &'static Table, column: usize, value: &Value) -> Result<Option<Uuid>> {
        let Some(column) = table.columns.get(column) else {
            return Ok(None);
        };
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(table.name).push(" WHERE ").push(column.name).push("=?");
        self.query_first(&sql, [bound(value)], |row| Ok(read_uuid(row.get_ref(0)?)?))
    }

    /// Whether a row is there.
    pub fn has_row(&self, table: &'static str, id: Uuid) -> Result<bool> {
        let mut sql = Sql::new("SELECT 1 FROM ");
        sql.push(table).push(" WHERE id=?");
        Ok(self
            .query_first(&sql, [id.as_bytes().as_slice()], |_| Ok(()))?
            .is_some())
    }

    /// Whether a row of any of these tables refers to this one.
    pub fn is_referred_to(&self, tables: &[&'static Table], table: &'static Table, id: Uuid) -> Result<bool> {
        for child in tables {
            for column in child.columns {
                if !matches!(column.kind, ColumnKind::Reference { table: parent } if parent == table.name) {
                    continue;
                }
                let mut sql = Sql::new("SELECT 1 FROM ");
                sql.push(child.name)
                    .push(" WHERE ")
                    .push(column.name)
                    .push("=? LIMIT 1");
                let found = self.query_first(&sql, [id.as_bytes().as_slice()], |_| Ok(()))?;
                if found.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

impl WriteSession<'_> {
    /// Allows rows of this transaction to come before those they refer to. All must be there at its end.
    pub fn defer_references(&self) -> Result<()> {
        self.prepare(&DEFER_REFERENCES)?.execute([])?;
        Ok(())
    }

    /// Removes a row as it is; returns whether it was there.
    pub fn erase_row(&self, table: &'static Table, id: Uuid) -> Result<bool> {
        let mut sql = Sql::new("DELETE FROM ");
        sql.push(table.name).push(" WHERE id=?");
        let was_here = self.prepare(&sql)?.execute([id.as_bytes().as_slice()])? > 0;
        if was_here {
            self.note(table.name, id, ChangeKind::Deleted);
        }
        Ok(was_here)
    }

    /// Notes a record as pending, or as not pending any more.
    pub fn set_pending(&self, table: &'static Table, id: Uuid, pending: Option<&Pending>) -> Result<()> {
        let key = id.as_bytes().as_slice();
        let Some(pending) = pending else {
            self.prepare(&DROP_PENDING)?.execute(params![table.name, key])?;
            return Ok(());
        };
        let is_here = self.prepare(&select_row(table))?.exists([key])?;
        let kind = if is_here { "update" } else { "delete" };
        let base = pending.base.as_ref().map(|base| row_json(table, base).to_string());
        self.prepare(&SET_PENDING)?.execute(params![
            table.name,
            key,
            kind,
            base,
            pending.base_revision,
            pending.base_is_tombstone,
            pending.change
        ])?;
        Ok(())
    }

    /// Remembers or forgets the last content of a record that is gone.
    pub fn set_deleted(&self, table: &'static Table, id: Uuid, deleted: Option<&Deleted>) -> Result<()> {
        let key = id.as_bytes().as_slice();
        match deleted {
            None => self.prepare(&FORGET_DELETED)?.execute(params![table.name, key])?,
            Some(deleted) => {
                let content = row_json(table, &deleted.content).to_string();
                self.prepare(&SET_DELETED)?
                    .execute(params![table.name, key, content, deleted.revision])?
            }
        };
        Ok(())
    }
}

impl<E: Entity> RepositoryMut<'_, '_, E> {
    /// Writes a row as it is, whether or not it is there already, with the revision that it has on the server.
    pub fn put(&self, row: &E, revision: i64) -> Result<()> {
        let id = row.id().uuid();
        let statements = E::statements();
        let was_here = self
            .session
            .prepare(&statements.get)?
            .exists([id.as_bytes().as_slice()])?;
        let mut statement = self.session.prepare(&statements.put)?;
        row.bind(&mut statement)?;
        let columns = E::TABLE.columns.len();
        for position in 0..E::DERIVED.len() {
            statement.raw_bind_parameter(columns + position + 1, row.derive(position))?;
        }
        statement.raw_bind_parameter(columns + E::DERIVED.len() + 1, Bound::Integer(revision))?;
        statement.raw_execute().map_err(|error| self.explain(error, row))?;
        let kind = if was_here {
            ChangeKind::Updated
        } else {
            ChangeKind::Created
        };
        self.session.note(E::TABLE.name, id, kind);
        Ok(())
    }
}
