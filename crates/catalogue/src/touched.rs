//! For which fields of a row the rules are checked.
//!
//! A rule is checked only for what is [touched](Touched). Other programs write into the same tables, and a year or an
//! ISBN that none of our fields would accept must not keep anybody from correcting the title beside it; `doctor` lists
//! such values.

use colophon_store::Entity;
use colophon_store::schema::{ColumnSet, Table};

/// The fields of a row for which rules are checked.
#[derive(Clone, Copy)]
pub(crate) struct Touched {
    table: &'static Table,
    columns: ColumnSet,
}

impl Touched {
    /// These fields of an entity.
    pub(crate) fn of<E: Entity>(columns: ColumnSet) -> Self {
        Self {
            table: E::TABLE,
            columns,
        }
    }

    /// Whether this field is one of them.
    pub(crate) fn is(self, field: &str) -> bool {
        let position = self.table.position(field);
        position.is_some_and(|position| self.columns.contains(position))
    }
}
