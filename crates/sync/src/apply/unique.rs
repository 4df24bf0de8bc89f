//! Values that only one row may have.
//!
//! The row that has the value on the server keeps it. A row that has it only here gives it up and goes back to what the
//! server knows of it, if that is free, and the value is parked as "the same book?". Nothing is lost, and both rows
//! survive.

use colophon_store::Result;
use colophon_store::schema::Value;

use super::Application;
use super::take::next_change;
use crate::local::{Key, LocalRow, Parked, ParkedKind, Pending, Record};
use crate::remote::Pulled;

impl Application<'_> {
    /// Takes from every row that a pull changes the values that it will no longer have, so that others can have them.
    pub(super) fn release(&mut self, pulled: &Pulled) -> Result<()> {
        for row in pulled.rows.iter_where(has_unique_values) {
            let row = row?;
            self.release_from(row.key, |column| Some(&row.values[column]))?;
        }
        let gone = pulled.deletions.keys().chain(pulled.unheard.iter().copied());
        for key in gone.filter(|key| has_unique_values(*key)) {
            self.release_from(key, |_| None)?;
        }
        Ok(())
    }

    fn release_from<'v>(&mut self, key: Key, next: impl Fn(usize) -> Option<&'v Value>) -> Result<()> {
        let Some(mut row) = self.tx.record(key)?.row else {
            return Ok(());
        };
        let mut released = Vec::new();
        for column in unique_columns(key) {
            let value = &mut row.values[column];
            if *value != Value::Null && next(column) != Some(value) {
                released.push((column, std::mem::replace(value, Value::Null)));
            }
        }
        if !released.is_empty() {
            self.tx.write_row(key, &row)?;
            self.released.insert(key, released);
        }
        Ok(())
    }

    /// Writes a row, keeping the rule for unique values. `known` is the row as the server has it, unless it has none.
    /// Returns the values as they were written.
    pub(super) fn write_unique(&mut self, key: Key, mut row: LocalRow, known: Option<&[Value]>) -> Result<Vec<Value>> {
        for column in unique_columns(key) {
            let value = row.values[column].clone();
            let Some(holder) = self.other_holder(key, column, &value)? else {
                continue;
            };
            if known.is_some_and(|known| known[column] == value) {
                self.give_up(
                    Key {
                        table: key.table,
                        id: holder,
                    },
                    column,
                    key,
                )?;
            } else {
                self.park_value(key, column, value, holder)?;
                row.values[column] = self.free_or_null(key, column, known.map(|known| &known[column]))?;
            }
        }
        self.write(key, &row)?;
        if key.table.parents().next().is_some() {
            self.children.push(key);
        }
        Ok(row.values)
    }

    /// A row that has a value only here gives it up to one that has it on the server.
    fn give_up(&mut self, key: Key, column: usize, to: Key) -> Result<()> {
        let record = self.tx.record(key)?;
        let Record {
            row: Some(mut row),
            pending,
            ..
        } = record.clone()
        else {
            return Ok(());
        };
        let value = std::mem::replace(&mut row.values[column], Value::Null);
        if pending.is_none() && row.revision > 0 {
            // The server had it so and has it no more, but this login was not told, because the row is now hidden from
            // it.
            return self.write(key, &row);
        }
        let known = pending
            .as_ref()
            .and_then(Pending::row_there)
            .map(|base| &base[column])
            .filter(|known| **known != value);
        row.values[column] = self.free_or_null(key, column, known)?;
        self.write(key, &row)?;
        if let Some(pending) = pending {
            let change = next_change(&record);
            self.tx.set_pending(key, Some(&Pending { change, ..pending }))?;
        }
        self.park_value(key, column, value, to.id)
    }

    fn free_or_null(&self, key: Key, column: usize, wanted: Option<&Value>) -> Result<Value> {
        match wanted {
            Some(value) if self.other_holder(key, column, value)?.is_none() => Ok(value.clone()),
            _ => Ok(Value::Null),
        }
    }

    fn other_holder(&self, key: Key, column: usize, value: &Value) -> Result<Option<uuid::Uuid>> {
        if *value == Value::Null {
            return Ok(None);
        }
        let holder = self.tx.holder(key.table, column, value)?;
        Ok(holder.filter(|holder| *holder != key.id))
    }

    fn park_value(&mut self, key: Key, column: usize, value: Value, holder: uuid::Uuid) -> Result<()> {
        self.park(&Parked {
            key,
            kind: ParkedKind::SameValue {
                column: key.table.columns[column].name,
                holder,
            },
            base: None,
            mine: Some(value),
            theirs: None,
            theirs_at: None,
            theirs_by: None,
            revision: 0,
        })
    }
}

fn has_unique_values(key: Key) -> bool {
    !key.table.unique.is_empty()
}

fn unique_columns(key: Key) -> impl Iterator<Item = usize> {
    key.table.unique.iter().filter_map(move |name| key.table.position(name))
}
