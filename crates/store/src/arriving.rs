//! Rows that arrive in great numbers: made ready on one thread, written on another.
//!
//! What costs time with such a row is halved that way: taking its values apart and deriving its stored keys is one thread's work,
//! SQLite's insert the other's. [`Registered::arrive`](crate::Registered::arrive) does the first for many rows at once, so that
//! the entity's type is known in the loop over them and forgotten only around it.

use rusqlite::Statement;
use rusqlite::types::Value as Bound;
use uuid::Uuid;

use crate::entity::{Entity, column_list};
use crate::error::Result;
use crate::field::EntityId as _;
use crate::record::LocalRow;
use crate::registered::fitting;
use crate::schema::Table;
use crate::sql::Sql;

/// Rows of one entity, ready to be written as they are.
pub struct Arrived(Box<dyn Ready>);

impl Arrived {
    pub(crate) fn of<E: Entity>(rows: Vec<LocalRow>) -> Result<Self> {
        let mut ready = ReadyRows::<E> {
            rows: Vec::with_capacity(rows.len()),
            keys: Vec::with_capacity(rows.len() * E::DERIVED.len()),
        };
        for LocalRow { values, revision } in rows {
            let row = fitting::<E>(values)?;
            ready
                .keys
                .extend((0..E::DERIVED.len()).map(|position| row.derive(position)));
            ready.rows.push((row, revision));
        }
        Ok(Self(Box::new(ready)))
    }

    /// Their table.
    pub fn table(&self) -> &'static Table {
        self.0.table()
    }

    /// How many they are.
    pub fn count(&self) -> usize {
        self.0.count()
    }

    /// The id of the last of them.
    pub(crate) fn last(&self) -> Option<Uuid> {
        self.0.last()
    }

    /// ` INTO prefix_table(…) VALUES(…)`: what [`write`](Self::write) binds to.
    pub(crate) fn insertion(&self, prefix: &'static str) -> Sql {
        self.0.insertion(prefix)
    }

    /// Runs a statement once for each row.
    pub(crate) fn write(&self, statement: &mut Statement<'_>) -> Result<()> {
        self.0.write(statement)
    }
}

trait Ready: Send {
    fn table(&self) -> &'static Table;
    fn count(&self) -> usize;
    fn last(&self) -> Option<Uuid>;
    fn insertion(&self, prefix: &'static str) -> Sql;
    fn write(&self, statement: &mut Statement<'_>) -> Result<()>;
}

struct ReadyRows<E> {
    /// Each with its revision.
    rows: Vec<(E, i64)>,
    /// The stored keys of all rows, one row's after the other's.
    keys: Vec<Bound>,
}

impl<E: Entity> Ready for ReadyRows<E> {
    fn table(&self) -> &'static Table {
        E::TABLE
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn last(&self) -> Option<Uuid> {
        self.rows.last().map(|(row, _)| row.id().uuid())
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

    fn write(&self, statement: &mut Statement<'_>) -> Result<()> {
        let (columns, keys) = (E::TABLE.columns.len(), E::DERIVED.len());
        for (number, (row, revision)) in self.rows.iter().enumerate() {
            row.bind(statement)?;
            for (position, key) in self.keys[number * keys..][..keys].iter().enumerate() {
                statement.raw_bind_parameter(columns + position + 1, key)?;
            }
            statement.raw_bind_parameter(columns + keys + 1, revision)?;
            statement.raw_execute()?;
        }
        Ok(())
    }
}
