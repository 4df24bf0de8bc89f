//! Rows that come before those they refer to, and rows that are deleted before those that refer to them.
//!
//! Within one transaction that is allowed: what is missing is on its way. SQLite lets references wait for the end of a
//! transaction if it is told to, and from then on recompiles every statement that a connection keeps. That costs a
//! transaction that takes in a few rows more than everything else in it. So SQLite is told only when a reference is
//! open, and a transaction in which none is does without.

use colophon_store::Result;
use colophon_store::schema::{ColumnKind, Table, Value};

use super::OpenFile;
use crate::local::Key;

impl OpenFile<'_, '_> {
    /// Before a row is written.
    pub(super) fn let_its_parents_come_later(&self, table: &'static Table, values: &[Value]) -> Result<()> {
        if self.references_wait.get() {
            return Ok(());
        }
        for (column, value) in table.columns.iter().zip(values) {
            if let (ColumnKind::Reference { table: parent }, Value::Uuid(id)) = (column.kind, value)
                && !self.session.has_row(parent, *id)?
            {
                return self.let_references_wait();
            }
        }
        Ok(())
    }

    /// Before a row is erased.
    pub(super) fn let_its_children_go_later(&self, key: Key) -> Result<()> {
        let tables = self.file.edition.tables;
        if self.references_wait.get() || !self.session.is_referred_to(tables, key.table, key.id)? {
            return Ok(());
        }
        self.let_references_wait()
    }

    fn let_references_wait(&self) -> Result<()> {
        self.references_wait.set(true);
        self.session.defer_references()
    }
}
