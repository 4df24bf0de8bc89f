//! An entity as a value, for code that must treat all entities alike: undo and the sync.
//!
//! A [`Registered`] holds the table and the few operations whose generic code needs the entity's type. A catalogue
//! lists its entities once, as a constant array of these; adding a line to that list registers a new entity.

mod looking_through;

use rusqlite::types::Value as Bound;
use uuid::Uuid;

use crate::entity::{Entity, SortOrder as _};
use crate::error::{Error, Result};
use crate::schema::declaration::Declared;
use crate::schema::field::EntityId;
use crate::schema::sql::Sql;
use crate::schema::{ColumnKind, ColumnSet, Table, Value};
use crate::session::{ReadSession, WriteSession};
use crate::tracking::arriving::Arrived;
use crate::tracking::fitting::fitting;
use crate::tracking::record::LocalRow;

/// A broken rule that joins fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The field to blame, among those that were touched.
    pub field: &'static str,
    /// The rule, in words.
    pub reason: String,
}

/// One entity of a catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Registered {
    /// Its table.
    pub table: &'static Table,
    /// Its fields as declared.
    pub declared: &'static [Declared],
    /// The column that holds what people call a row.
    pub name: &'static str,
    find: Find,
    bring_back: BringBack,
    set: Set,
    set_as_it_was: Set,
    broken_by: BrokenBy,
    each_broken: EachBroken,
    stale_keys: fn(&ReadSession<'_>) -> Result<u64>,
    renew_keys: fn(&WriteSession<'_>) -> Result<u64>,
    broken_together: BrokenTogether,
    delete: Delete,
    put: Put,
    arrive: Arrive,
    list_order: fn() -> &'static str,
}

type Arrive = fn(Vec<LocalRow>) -> Arrived;
type Find = fn(&ReadSession<'_>, Uuid) -> Result<Option<Vec<Value>>>;
type BringBack = fn(&WriteSession<'_>, Vec<Value>) -> Result<()>;
type Set = fn(&WriteSession<'_>, Uuid, &[(usize, Value)]) -> Result<()>;
type BrokenBy = fn(&ReadSession<'_>, Uuid, &[(usize, Value)]) -> Result<Option<String>>;
type EachBroken = fn(&ReadSession<'_>, &mut dyn FnMut(Uuid, Error)) -> Result<()>;
type BrokenTogether = fn(Vec<Value>, ColumnSet) -> Option<Broken>;
type Put = fn(&WriteSession<'_>, Vec<Value>, i64) -> Result<()>;
type Delete = fn(&WriteSession<'_>, Uuid) -> Result<()>;

impl Registered {
    /// The entity `E`.
    pub const fn of<E: Entity>() -> Self {
        Self {
            table: E::TABLE,
            declared: E::DECLARED,
            name: E::NAME.plain,
            find: |session, id| Ok(session.repo::<E>().find(E::Id::from_uuid(id))?.map(|row| row.values())),
            bring_back: |session, values| {
                let row = fitting::<E>(values)?;
                session.repo_mut::<E>().bring_back(&row)?;
                session
                    .recorder
                    .borrow_mut()
                    .brought_back(E::TABLE.name, row.id().uuid());
                Ok(())
            },
            set: |session, id, fields| {
                let after = with_fields::<E>(session, id, fields)?;
                session.repo_mut::<E>().update(after).map(drop)
            },
            set_as_it_was: |session, id, fields| {
                let after = with_fields::<E>(session, id, fields)?;
                session.repo_mut::<E>().update_as_it_was(&after)
            },
            broken_by: |session, id, fields| {
                let row = session.repo::<E>().get(E::Id::from_uuid(id))?;
                let touched = fields.iter().map(|(position, _)| *position).collect();
                match row.checked(touched) {
                    Err(Error::Invalid { field, reason }) => Ok(Some(format!("{}: {reason}", field.replace('_', " ")))),
                    other => other.map(|_| None),
                }
            },
            each_broken: looking_through::broken::<E>,
            stale_keys: |session| Ok(looking_through::stale_keys::<E>(session)?.len() as u64),
            renew_keys: looking_through::renew_keys::<E>,
            broken_together: |values, touched| match E::from_values(values)?.joined(touched) {
                Err(Error::Invalid { field, reason }) => Some(Broken { field, reason }),
                _ => None,
            },
            put: |session, values, revision| {
                let row = fitting::<E>(values)?;
                session.repo_mut::<E>().put(&row, revision)
            },
            delete: |session, id| session.repo_mut::<E>().delete(E::Id::from_uuid(id)).map(drop),
            arrive: Arrived::of::<E>,
            list_order: || E::Sort::default().expression(),
        }
    }

    /// The values of a row, in the order of the table's columns.
    pub fn find(&self, session: &ReadSession<'_>, id: Uuid) -> Result<Option<Vec<Value>>> {
        (self.find)(session, id)
    }

    /// Inserts a complete row that was deleted before, under its old id. This is an edit: it is journalled and
    /// captured.
    pub fn bring_back(&self, session: &WriteSession<'_>, values: Vec<Value>) -> Result<()> {
        (self.bring_back)(session, values)
    }

    /// Sets fields of a row, by the position of their columns. This is an edit, and the rules of these fields are
    /// applied.
    pub fn set(&self, session: &WriteSession<'_>, id: Uuid, fields: &[(usize, Value)]) -> Result<()> {
        (self.set)(session, id, fields)
    }

    /// Gives fields of a row values that the catalogue has held before, in this row or another. This is an edit, but no
    /// rule is checked: what another program wrote was good enough to be kept.
    pub fn set_as_it_was(&self, session: &WriteSession<'_>, id: Uuid, fields: &[(usize, Value)]) -> Result<()> {
        (self.set_as_it_was)(session, id, fields)
    }

    /// The first rule that these fields of a row, as they are now, break, in words.
    pub fn broken_by(&self, session: &ReadSession<'_>, id: Uuid, fields: &[(usize, Value)]) -> Result<Option<String>> {
        (self.broken_by)(session, id, fields)
    }

    /// Visits the rows that could not be stored again as they are, each with the rule that it breaks.
    pub fn broken(&self, session: &ReadSession<'_>, mut each: impl FnMut(Uuid, Error)) -> Result<()> {
        (self.each_broken)(session, &mut each)
    }

    /// How many rows have stale stored keys: not those that follow from their values.
    pub fn stale_keys(&self, session: &ReadSession<'_>) -> Result<u64> {
        (self.stale_keys)(session)
    }

    /// Writes stale stored keys anew and returns how many rows had some.
    pub fn renew_keys(&self, session: &WriteSession<'_>) -> Result<u64> {
        (self.renew_keys)(session)
    }

    /// The columns by which a row names the records of another table that it is a part of, by their positions.
    pub fn wholes(&self, table: &str) -> impl Iterator<Item = usize> {
        let wholes = self.declared.iter().filter(|declared| declared.options.is_whole);
        let of_table = wholes.filter(
            move |declared| matches!(declared.column.kind, ColumnKind::Reference { table: other } if other == table),
        );
        of_table.map(|declared| declared.position)
    }

    /// The ids of the rows that refer to a record by a column, in the order of their list.
    pub fn referring(&self, session: &ReadSession<'_>, column: usize, id: Uuid) -> Result<Vec<Uuid>> {
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(self.table.name)
            .push(" WHERE ")
            .push(self.table.columns[column].name);
        sql.push("=? ORDER BY ").push(self.list_order()).push(",rowid");
        let key = [id.as_bytes().to_vec()];
        session.query(&sql, key, |row| Ok(crate::schema::field::read_uuid(row.get_ref(0)?)?))
    }

    /// The rule that fields of a row break together, if one of the touched fields is among them. Rules for a single
    /// field are not checked.
    pub fn broken_together(&self, values: &[Value], touched: ColumnSet) -> Option<Broken> {
        (self.broken_together)(values.to_vec(), touched)
    }

    /// Deletes a row. This is an edit, and the entity's rules are applied.
    pub fn delete(&self, session: &WriteSession<'_>, id: Uuid) -> Result<()> {
        (self.delete)(session, id)
    }

    /// Writes a row as it is, whether or not it is there already, with the revision that it has on the server; 0 for
    /// one that the server has yet to get. This is not an edit: it is neither captured nor journalled, and no rule is
    /// applied.
    pub fn put(&self, session: &WriteSession<'_>, values: Vec<Value>, revision: i64) -> Result<()> {
        (self.put)(session, values, revision)
    }

    /// Prepares rows that have come from the server in great numbers. This is not an edit, and no rule is applied.
    /// Those that do not fit their table are [listed separately](Arrived::unfit).
    pub fn arrive(&self, rows: Vec<LocalRow>) -> Arrived {
        (self.arrive)(rows)
    }

    /// What the rows are ordered by in a list, unless somebody wants another order.
    pub(crate) fn list_order(&self) -> &'static str {
        (self.list_order)()
    }

    /// The ids of the rows that one transaction made and that still exist: made at its time, with ids between its first
    /// and its last. A single row is named by its id.
    pub fn made_between(
        &self,
        session: &ReadSession<'_>,
        first: Uuid,
        last: Uuid,
        created_at: jiff::Timestamp,
    ) -> Result<Vec<Uuid>> {
        if first == last {
            return Ok(self.find(session, first)?.map(|_| first).into_iter().collect());
        }
        let mut sql = Sql::new("SELECT id FROM ");
        sql.push(self.table.name)
            .push(" WHERE id BETWEEN ? AND ? AND created_at=? ORDER BY id");
        let bounds = [
            Bound::Blob(first.as_bytes().to_vec()),
            Bound::Blob(last.as_bytes().to_vec()),
            Bound::Integer(created_at.as_microsecond()),
        ];
        session.query(&sql, bounds, |row| {
            Ok(crate::schema::field::read_uuid(row.get_ref(0)?)?)
        })
    }
}

/// A row as it is, except for these fields.
fn with_fields<E: Entity>(session: &WriteSession<'_>, id: Uuid, fields: &[(usize, Value)]) -> Result<E> {
    let mut values = session.repo::<E>().get(E::Id::from_uuid(id))?.values();
    for (position, value) in fields {
        values[*position] = value.clone();
    }
    fitting(values)
}
