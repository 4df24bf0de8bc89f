//! What goes to the server in one transaction, and what the server replies.

use colophon_store::schema::{Table, Value};
use colophon_store::{InFlight, Seen};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// This installation, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Made once per local file.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The version of this program.
    pub app_version: String,
    /// How far the server's clock is ahead of this device's.
    pub clock_offset: SignedDuration,
    /// Everything up to this revision is in its file.
    pub acknowledged_revision: i64,
    /// The newest revision whose mark its file knows. The server must know it, too.
    pub newest: Option<Seen>,
}

/// Rows that are written together or not at all, except those that are quarantined one by one.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// Ascending per device and never used twice: a device asks for the fate of a batch by it.
    pub number: i64,
    /// Random: another batch under this number is not this one.
    pub token: Uuid,
    /// The rows, parents first.
    pub tables: Vec<TableChanges>,
}

/// The changed rows of one table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableChanges {
    /// The table.
    pub table: &'static Table,
    /// Its rows, each at most once.
    pub rows: Vec<RowChange>,
}

/// One row as it should be on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct RowChange {
    /// Whether the row is to be deleted. Its values are then its last content, which the tombstone keeps.
    pub deletes: bool,
    /// The revision of the row, or of its tombstone, that this change is based on; 0 for a row that the server never
    /// had.
    pub base_revision: i64,
    /// All values, in the order of the table's columns; the first is the id.
    pub values: Vec<Value>,
    /// When which fields were edited, by the server's clock, where that differs from the row's own time.
    pub edited: Vec<(&'static str, Timestamp)>,
}

impl RowChange {
    /// The id of the row.
    pub fn id(&self) -> Option<Uuid> {
        match self.values.first() {
            Some(Value::Uuid(id)) => Some(*id),
            _ => None,
        }
    }
}

impl Outcome {
    /// The revision that it made, and its mark.
    pub fn seen(&self) -> Option<Seen> {
        let revision = self.revision;
        self.mark.map(|mark| Seen { revision, mark })
    }
}

impl Batch {
    /// Which batch it is.
    pub fn in_flight(&self) -> InFlight {
        InFlight {
            number: self.number,
            token: self.token,
        }
    }

    /// The columns that this program knows in the tables it writes, as JSON. Whatever other columns the server has are
    /// kept when a row comes back over its tombstone.
    pub(super) fn columns(&self) -> String {
        let of = |changes: &TableChanges| {
            let names = changes
                .table
                .columns
                .iter()
                .map(|column| serde_json::Value::from(column.name));
            (changes.table.name.to_owned(), names.collect())
        };
        serde_json::Value::Object(self.tables.iter().map(of).collect()).to_string()
    }

    /// The times of its edits that differ from those of their rows, as JSON: by record and field, in microseconds.
    /// Empty if there are none.
    pub(super) fn times(&self) -> String {
        let rows = self.tables.iter().flat_map(|changes| &changes.rows);
        let told = rows.filter(|row| !row.edited.is_empty()).filter_map(|row| {
            let fields = row.edited.iter();
            let fields = fields.map(|(field, at)| ((*field).to_owned(), at.as_microsecond().into()));
            Some((row.id()?.to_string(), serde_json::Value::Object(fields.collect())))
        });
        let told: serde_json::Map<_, _> = told.collect();
        if told.is_empty() {
            return String::new();
        }
        serde_json::Value::Object(told).to_string()
    }

    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.tables.iter().map(|changes| changes.rows.len()).sum()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Two batches with half of the rows each, parents in the first; `None` for a single row. Numbering them is up to
    /// the caller.
    pub fn halves(self) -> Option<(Self, Self)> {
        let mut left_in_first = self.len() / 2;
        if left_in_first == 0 {
            return None;
        }
        let (number, token) = (self.number, self.token);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for TableChanges { table, mut rows } in self.tables {
            let rest = rows.split_off(left_in_first.min(rows.len()));
            left_in_first -= rows.len();
            for (half, rows) in [(&mut first, rows), (&mut second, rest)] {
                if !rows.is_empty() {
                    half.push(TableChanges { table, rows });
                }
            }
        }
        let half = |tables| Self { number, token, tables };
        Some((half(first), half(second)))
    }
}

/// What became of a batch. Every row that is not quarantined is on the server, at this revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The revision that its rows got; 0 if all of them are quarantined, because that is no change that others would
    /// have to learn of.
    pub revision: i64,
    /// The mark that this revision bears.
    pub mark: Option<Uuid>,
    /// The rows that are quarantined, each for a reason of its own.
    pub quarantined: Vec<Quarantined>,
    /// Whether the server is known to have written at this revision exactly what was sent and nothing else. Other
    /// people's triggers may write more.
    pub as_sent: bool,
}

/// A row that is quarantined, because the server knows something that this device does not know yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantined {
    /// The table of the row.
    pub entity: String,
    /// The row.
    pub id: Uuid,
    /// Why.
    #[serde(flatten)]
    pub reason: QuarantineReason,
}

/// Why a row of a batch is quarantined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum QuarantineReason {
    /// The row is at another revision than the one the change is based on.
    Changed,
    /// The row was deleted since.
    Deleted,
    /// The row was deleted so long ago that its tombstone is gone: the server has nothing of it left that could be
    /// changed or deleted.
    Purged,
    /// Another row holds a value that must be unique.
    ValueHeld {
        /// The column of that value.
        column: String,
    },
    /// The row refers to one that the server does not have.
    MissingParent {
        /// The column that refers.
        column: String,
    },
    /// The row was to be deleted, but others on the server refer to it.
    StillNeeded,
}

#[cfg(test)]
mod tests {
    use colophon_store::schema::{Column, ColumnKind};

    use super::*;

    static PARENT: Table = Table {
        name: "parent",
        columns: &[Column {
            name: "id",
            kind: ColumnKind::Id,
            nullable: false,
        }],
        unique: &[],
        merged_by_line: &[],
    };
    static CHILD: Table = Table {
        name: "child",
        columns: PARENT.columns,
        unique: &[],
        merged_by_line: &[],
    };

    fn batch(parents: u128, children: u128) -> Batch {
        let rows = |count: u128| {
            (0..count).map(|number| RowChange {
                deletes: false,
                base_revision: 0,
                values: vec![Value::Uuid(Uuid::from_u128(number))],
                edited: Vec::new(),
            })
        };
        Batch {
            number: 7,
            token: Uuid::nil(),
            tables: vec![
                TableChanges {
                    table: &PARENT,
                    rows: rows(parents).collect(),
                },
                TableChanges {
                    table: &CHILD,
                    rows: rows(children).collect(),
                },
            ],
        }
    }

    #[test]
    fn a_batch_is_halved_without_losing_a_row_and_with_parents_first() {
        for (parents, children) in [(0, 2), (1, 1), (1, 4), (3, 2), (5, 0), (2, 9)] {
            let whole = batch(parents, children);
            let (first, second) = whole.clone().halves().unwrap();
            assert_eq!(first.len(), whole.len() / 2);
            assert_eq!(first.len() + second.len(), whole.len());
            let tables = [&first, &second].into_iter().flat_map(|half| &half.tables);
            let joined: Vec<_> = tables
                .flat_map(|changes| changes.rows.iter().map(|row| (changes.table.name, row.id())))
                .collect();
            let expected: Vec<_> = whole
                .tables
                .iter()
                .flat_map(|changes| changes.rows.iter().map(|row| (changes.table.name, row.id())))
                .collect();
            assert_eq!(joined, expected);
        }
    }

    #[test]
    fn a_single_row_cannot_be_halved() {
        assert_eq!(batch(1, 0).halves(), None);
        assert_eq!(batch(0, 0).halves(), None);
    }

    #[test]
    fn a_quarantined_row_is_kept_as_json_and_read_back() {
        let quarantined = Quarantined {
            entity: "book".to_owned(),
            id: Uuid::from_u128(5),
            reason: QuarantineReason::ValueHeld {
                column: "isbn".to_owned(),
            },
        };
        let text = serde_json::to_string(&quarantined).unwrap();
        assert_eq!(
            text,
            r#"{"entity":"book","id":"00000000-0000-0000-0000-000000000005","reason":"value_held","column":"isbn"}"#
        );
        assert_eq!(serde_json::from_str::<Quarantined>(&text).unwrap(), quarantined);
    }
}
