//! Which columns of a batch hold anything.
//!
//! Whoever makes a thousand books gives most of them no series, no second title and no notes, and none of them is a
//! deletion or known to the server. A column that in every row has its default from the staging table is not sent: on a
//! narrow wire that saves a fifth of everything.

use colophon_store::schema::{ColumnSet, Table, Value};

use super::batch::TableChanges;
use super::copy::CHANGE_COLUMNS;

/// The columns of one table in a batch that are sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// Whether any row is a deletion.
    pub(super) deletes: bool,
    /// Whether any row is based on a revision.
    pub(super) base_revision: bool,
    /// The table's own columns that are not NULL in every row.
    pub(super) own: ColumnSet,
}

impl Said {
    pub(super) fn of(changes: &TableChanges) -> Self {
        let says = |position: usize| {
            let mut values = changes.rows.iter().map(|row| row.values.get(position));
            values.any(|value| value != Some(&Value::Null))
        };
        Self {
            deletes: changes.rows.iter().any(|row| row.deletes),
            base_revision: changes.rows.iter().any(|row| row.base_revision != 0),
            own: (0..changes.table.columns.len())
                .filter(|position| says(*position))
                .collect(),
        }
    }

    /// Their names, in the order in which they are sent.
    pub(super) fn names(self, table: &Table) -> impl Iterator<Item = &'static str> + use<'_> {
        let [(deletes, _), (base_revision, _)] = CHANGE_COLUMNS;
        let change = [
            self.deletes.then_some(deletes),
            self.base_revision.then_some(base_revision),
        ];
        let own = self.own.positions().map(|position| table.columns[position].name);
        change.into_iter().flatten().chain(own)
    }
}
