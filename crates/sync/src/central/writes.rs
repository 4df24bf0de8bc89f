//! The writing of a batch, table by table: which statements are needed, and how many rows each must touch.

use std::collections::HashSet;

use colophon_store::schema::Table;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::batch::{Batch, Quarantined, RowChange, TableChanges};
use super::connection::Question;
use super::error::{Error, Result};
use super::statements::Statements;

/// One table's part in the writing: which statements are needed, and how many rows they must touch.
pub(super) struct Write {
    pub(super) table: &'static Table,
    part: Part,
    rows: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Rows that the server has never had.
    New,
    /// Rows that it has, or once had.
    Known,
    /// Rows to be deleted.
    Gone,
}

impl Write {
    /// Parents written, children written, children deleted, parents deleted.
    pub(super) fn all(batch: &Batch, quarantined: &[Quarantined]) -> Vec<Self> {
        let quarantined: HashSet<(&str, Uuid)> = quarantined.iter().map(|row| (row.entity.as_str(), row.id)).collect();
        let of = |changes: &TableChanges, part: Part| {
            let belongs = |row: &&RowChange| Part::of(row) == part;
            let stays = |row: &&RowChange| {
                quarantined.is_empty()
                    || !row
                        .id()
                        .is_some_and(|id| quarantined.contains(&(changes.table.name, id)))
            };
            let rows = changes.rows.iter().filter(belongs).filter(stays).count() as u64;
            Self {
                table: changes.table,
                part,
                rows,
            }
        };
        let written = batch
            .tables
            .iter()
            .flat_map(|changes| [of(changes, Part::New), of(changes, Part::Known)]);
        let deleted = batch.tables.iter().rev().map(|changes| of(changes, Part::Gone));
        written.chain(deleted).filter(|write| write.rows > 0).collect()
    }

    pub(super) fn statements<'q>(&self, statements: &Statements<'_>, revision: &'q i64) -> Vec<Question<'q>> {
        let with_revision = |sql: String| -> Question<'q> { (sql, vec![(revision, Type::INT8)]) };
        match self.part {
            Part::New => vec![with_revision(statements.insert_new())],
            Part::Known => vec![
                with_revision(statements.update()),
                with_revision(statements.insert_again()),
            ],
            Part::Gone => vec![
                with_revision(statements.update_last_content()),
                (statements.delete(), Vec::new()),
                (statements.find_undeleted(), Vec::new()),
            ],
        }
    }

    /// What was sent must have been written: a policy on the server may let rows be seen but silently not be touched.
    pub(super) fn check(&self, counts: &mut impl Iterator<Item = u64>) -> Result<()> {
        let mut next = || counts.next().unwrap_or_default();
        let (touched, wanted) = match self.part {
            Part::New => (next(), self.rows),
            Part::Known => (next() + next(), self.rows),
            Part::Gone => {
                next();
                next();
                (next(), 0)
            }
        };
        if touched == wanted {
            return Ok(());
        }
        Err(Error::refused(format!(
            "a rule on the server left out records of {} without a word",
            self.table.name
        )))
    }
}

impl Part {
    pub(super) fn of(row: &RowChange) -> Self {
        match (row.deletes, row.base_revision) {
            (true, _) => Self::Gone,
            (false, 0) => Self::New,
            (false, _) => Self::Known,
        }
    }
}
