//! Another program that writes the central tables: psql, a nightly import. It knows nothing of devices.

use std::collections::HashMap;
use std::sync::Arc;

use colophon_store::schema::Value;
use colophon_sync::local::LocalRow;
use uuid::Uuid;

use super::{Open, Server, Write, Writer, flaw};
use crate::planted::Bug;
use crate::tables::{BOOKS, RecordKey, TABLE_COUNT, columns};

/// A write that a foreign program wants.
#[derive(Debug, Clone)]
pub(crate) enum Wish {
    /// Inserts or updates a row.
    Put(RecordKey, Vec<Value>),
    /// Deletes it.
    Delete(RecordKey),
}

impl Server {
    /// An id by the server's default.
    pub(crate) fn next_id(&mut self) -> Uuid {
        self.made += 1;
        Uuid::from_u64_pair(self.made.wrapping_mul(0xD6E8_FEB8_6659_FD93), self.made)
    }

    /// The server's clock, in microseconds.
    pub(crate) fn now(&self) -> i64 {
        self.time
    }

    /// One transaction of a foreign program. `holds`: it has written, and delays its commit. Returns whether it could
    /// be made.
    pub(crate) fn write(&mut self, wishes: &[Wish], holds: bool) -> bool {
        if self.open.is_some() || !self.would_hold(wishes) {
            return false;
        }
        let writes = wishes.iter().filter_map(|wish| match wish {
            Wish::Put(record, values) => Some(Write::Put(*record, values.clone(), Vec::new())),
            Wish::Delete(record) => self
                .row(*record)
                .map(|row| Write::Delete(*record, row.values.clone(), Vec::new())),
        });
        let open = Open {
            revision: self.revision + 1,
            writer: Writer {
                name: "w".to_owned(),
                device: None,
                clock_offset: 0,
            },
            writes: writes.collect(),
            batch: None,
            accepted: Vec::new(),
        };
        if !holds {
            self.carry_out(open);
            return true;
        }
        if self.bug == Some(Bug::SequenceAsCursor) {
            // The number is taken; whoever comes now takes the next one, and commits first.
            self.revision_taken();
        }
        self.open = Some(open);
        true
    }

    /// A sequence does not go back, and does not wait for a commit.
    fn revision_taken(&mut self) {
        self.revision += 1;
    }

    fn would_hold(&self, wishes: &[Wish]) -> bool {
        let mut after = self.rows.clone();
        for wish in wishes {
            match wish {
                Wish::Put((table, id), values) => {
                    let is_book = *table == BOOKS;
                    if is_book && super::push::is_refused(&values[columns::BOOK_TITLE]) {
                        return false;
                    }
                    let row = LocalRow {
                        values: values.clone(),
                        revision: 0,
                    };
                    after[*table].insert(*id, Arc::new(row));
                }
                Wish::Delete((table, id)) => {
                    after[*table].remove(id);
                }
            }
        }
        let borrowed: Vec<_> = after.iter().collect();
        debug_assert_eq!(borrowed.len(), TABLE_COUNT);
        flaw(&borrowed).is_none()
    }

    /// The rows of a table, for somebody who looks for one to change.
    pub(crate) fn contents(&self, table: usize) -> HashMap<Uuid, &[Value]> {
        self.rows[table]
            .iter()
            .map(|(id, row)| (*id, row.values.as_slice()))
            .collect()
    }
}
