//! What a program and a server of different versions both know.
//!
//! Those of this program's tables that the server has, and those of their columns that it has. A row travels with these
//! columns; on this side it always has all. What the server has no room for stays as it is here, and says nothing
//! there.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use colophon_store::schema::{ColumnSet, Table, Value};

/// What both know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shared {
    /// The tables that both have, parents first, with all the columns that they have here.
    pub tables: &'static [&'static Table],
    /// The same tables with the columns that both have.
    there: &'static [&'static Table],
}

/// The columns of the server's tables, by the tables' names.
pub type ColumnsThere = HashMap<String, HashSet<String>>;

impl Shared {
    /// Everything that this program knows.
    pub fn all(tables: &'static [&'static Table]) -> Self {
        Self { tables, there: tables }
    }

    /// What a server has of it.
    pub fn of(tables: &'static [&'static Table], columns: &ColumnsThere) -> Self {
        let both = tables.iter().filter_map(|table| {
            let named = columns.get(table.name)?;
            let columns = table.columns.iter().enumerate();
            let both: ColumnSet = columns
                .filter(|(_, column)| named.contains(column.name))
                .map(|(position, _)| position)
                .collect();
            Some((*table, table.narrowed(both)))
        });
        let both: Vec<_> = both.collect();
        if both.len() == tables.len() && both.iter().all(|(table, there)| table == there) {
            return Self::all(tables);
        }
        kept(both)
    }

    /// Whether both have every column of the tables that both have, so that nothing must be left out of a row.
    pub fn is_whole(&self) -> bool {
        std::ptr::eq(self.tables, self.there)
    }

    /// A table as both have it. One that the server does not have is not asked for.
    pub fn there(&self, table: &'static Table) -> &'static Table {
        let index = self.tables.iter().position(|own| own.name == table.name);
        index.map_or(table, |index| self.there[index])
    }

    /// All of them as both have them.
    pub fn all_there(&self) -> &'static [&'static Table] {
        self.there
    }

    /// The columns of a table that the server has no room for.
    pub fn lacks(&self, table: &'static Table) -> ColumnSet {
        let there = self.there(table);
        if there.columns.len() == table.columns.len() {
            return ColumnSet::default();
        }
        let columns = table.columns.iter().enumerate();
        columns
            .filter(|(_, column)| there.position(column.name).is_none())
            .map(|(position, _)| position)
            .collect()
    }

    /// The columns of a table in which a file is not in step, and could be.
    pub fn gained(&self, table: &'static Table, in_step: &HashSet<(String, String)>) -> ColumnSet {
        let there = self.there(table);
        let known = in_step.iter().filter(|(known, _)| known == table.name);
        let known: HashSet<&str> = known.map(|(_, column)| column.as_str()).collect();
        let is_new = |name: &str| there.position(name).is_some() && !known.contains(name);
        let columns = table.columns.iter().enumerate();
        columns
            .filter(|(_, column)| is_new(column.name))
            .map(|(position, _)| position)
            .collect()
    }

    /// Whether a file is in step with exactly what both know.
    pub fn is(&self, in_step: &HashSet<(String, String)>) -> bool {
        let count: usize = self.there.iter().map(|table| table.columns.len()).sum();
        let has = |table: &str, column: &str| {
            let there = self.there.iter().find(|there| there.name == table);
            there.is_some_and(|there| there.position(column).is_some())
        };
        count == in_step.len() && in_step.iter().all(|(table, column)| has(table, column))
    }
}

/// The values of a row that came with the columns of `there`, extended to all columns of a table.
pub fn widened(table: &'static Table, there: &'static Table, values: Vec<Value>) -> Vec<Value> {
    if table.columns.len() == there.columns.len() {
        return values;
    }
    let mut come = there.columns.iter().zip(values).peekable();
    let columns = table.columns.iter();
    columns
        .map(|column| match come.next_if(|(there, _)| there.name == column.name) {
            Some((_, value)) => value,
            None => column.unsaid(),
        })
        .collect()
}

/// The values of a row that are sent if a table has the columns of `there`.
pub fn narrowed(table: &'static Table, there: &'static Table, values: &[Value]) -> Vec<Value> {
    let columns = table.columns.iter().zip(values);
    columns
        .filter(|(column, _)| there.position(column.name).is_some())
        .map(|(_, value)| value.clone())
        .collect()
}

/// Keeps it to the end of the program, once: a program meets one or two other versions in its life.
fn kept(both: Vec<(&'static Table, &'static Table)>) -> Shared {
    static KEPT: Mutex<Vec<Shared>> = Mutex::new(Vec::new());
    let (tables, there): (Vec<_>, Vec<_>) = both.into_iter().unzip();
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = kept
        .iter()
        .find(|known| *known.tables == *tables && *known.there == *there)
    {
        return *known;
    }
    let shared = Shared {
        tables: tables.leak(),
        there: there.leak(),
    };
    kept.push(shared);
    shared
}
