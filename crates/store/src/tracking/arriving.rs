//! Rows that arrive in great numbers: prepared on one thread, written on another.
//!
//! That halves the time each row costs: one thread takes its values apart and derives its stored keys, the other does
//! SQLite's insert. [`Registered::arrive`](crate::Registered::arrive) does the first part for many rows at once, so
//! that the entity's type is known inside the loop over them and erased only around it.

use rusqlite::Statement;
use rusqlite::types::Value as Bound;
use uuid::Uuid;

use crate::entity::Entity;
use crate::error::{Error, Result};
use crate::schema::columns::column_list;
use crate::schema::field::EntityId as _;
use crate::schema::sql::Sql;
use crate::schema::{Table, Value};
use crate::tracking::fitting::fitting;
use crate::tracking::record::LocalRow;

/// Rows of one entity, ready to be written as they are.
pub struct Arrived {
    ready: Box<dyn Ready>,
    unfit: Vec<Unfit>,
    last: Option<Uuid>,
}

/// A row that cannot be kept, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Its id.
    pub id: Uuid,
    /// The revision that it has on the server.
    pub revision: i64,
    /// Why: an error [about a row](Error::is_about_a_row).
    pub error: Error,
}

impl Arrived {
    pub(crate) fn of<E: Entity>(rows: Vec<LocalRow>) -> Self {
        let mut unfit = Vec::new();
        let mut last = None;
        let mut ready = ReadyRows::<E> {
            rows: Vec::with_capacity(rows.len()),
            keys: Vec::with_capacity(rows.len() * E::DERIVED.len()),
        };
        for LocalRow { values, revision } in rows {
            let id = match values.first() {
                Some(Value::Uuid(id)) => *id,
                _ => Uuid::nil(),
            };
            last = Some(id);
            let row = match fitting::<E>(values) {
                Ok(row) => row,
                Err(error) => {
                    unfit.push(Unfit { id, revision, error });
                    continue;
                }
            };
            ready
                .keys
                .extend((0..E::DERIVED.len()).map(|position| row.derive(position)));
            ready.rows.push((row, revision));
        }
        let ready = Box::new(ready);
        Self { ready, unfit, last }
    }

    /// Those that do not fit their table. They will not be written.
    pub fn unfit(&self) -> &[Unfit] {
        &self.unfit
    }

    /// Their table.
    pub fn table(&self) -> &'static Table {
        self.ready.table()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ready.count() + self.unfit.len()
    }

    /// The id of the last of them.
    pub(crate) fn last(&self) -> Option<Uuid> {
        self.last
    }

    /// ` INTO prefix_table(…) VALUES(…)`: what [`write`](Self::write) binds to.
    pub(crate) fn insertion(&self, prefix: &'static str) -> Sql {
        self.ready.insertion(prefix)
    }

    /// Runs a statement once for each row. Returns those that break a rule of their table, which are not written.
    pub(crate) fn write(&self, statement: &mut Statement<'_>) -> Result<Vec<Unfit>> {
        self.ready.write(statement)
    }
}

trait Ready: Send {
    fn table(&self) -> &'static Table;
    fn count(&self) -> usize;
    fn insertion(&self, prefix: &'static str) -> Sql;
    fn write(&self, statement: &mut Statement<'_>) -> Result<Vec<Unfit>>;
}

struct ReadyRows<E> {
    /// Each with its revision.
    rows: Vec<(E, i64)>,
    /// The stored keys of all rows, one row's after another's.
    keys: Vec<Bound>,
}

impl<E: Entity> Ready for ReadyRows<E> {
    fn table(&self) -> &'static Table {
        E::TABLE
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn insertion(&self, prefix: &'static str) -> Sql {
        let mut sql = Sql::new(" INTO ");
        sql.push(prefix).push(E::TABLE.name).push("(");
        sql.append(&column_list(E::TABLE, None));
        for derived in E::DERIVED {
            sql.push(",").push(derived.name);
        }
        sql.push(",revision) VALUES(")
            .placeholders(E::TABLE.columns.len() + E::DERIVED.len() + 1)
            .push(")");
        sql
    }

    fn write(&self, statement: &mut Statement<'_>) -> Result<Vec<Unfit>> {
        let mut unfit = Vec::new();
        let (columns, keys) = (E::TABLE.columns.len(), E::DERIVED.len());
        for (number, (row, revision)) in self.rows.iter().enumerate() {
            row.bind(statement)?;
            for (position, key) in self.keys[number * keys..][..keys].iter().enumerate() {
                statement.raw_bind_parameter(columns + position + 1, key)?;
            }
            statement.raw_bind_parameter(columns + keys + 1, revision)?;
            match statement.raw_execute().map_err(Error::from) {
                // Such an error undoes only its own statement.
                Err(error) if error.is_about_a_row() => unfit.push(Unfit {
                    id: row.id().uuid(),
                    revision: *revision,
                    error,
                }),
                written => drop(written?),
            }
        }
        Ok(unfit)
    }
}
