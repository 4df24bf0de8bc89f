//! What people do with the fields and the table that newer versions have.

use colophon_store::schema::Value;
use fastrand::Rng;

use super::{Person, State, names, pick};
use crate::tables::SHELVES;
use crate::versions::{OLDEST, new_fields};

impl Person<'_> {
    /// Now and then somebody whose program has them uses them. Returns what was done, in words.
    pub(super) fn act_on_what_is_new(&mut self, state: &State, chance: &mut Rng) -> Option<String> {
        if self.says == OLDEST || chance.u8(..5) > 1 {
            return None;
        }
        let fields = new_fields(self.says);
        let (table, column) = fields[chance.usize(..fields.len())];
        if table == SHELVES && chance.u8(..3) == 0 {
            return Some(self.make_shelf());
        }
        let record = pick(state, table, chance)?;
        if table == SHELVES && chance.u8(..5) == 0 {
            return Some(self.delete_all(state, &[record]));
        }
        let before = state.rows[record.0][&record.1].values[column].clone();
        let word = Value::Text(self.word());
        Some(self.set(record, column, before, word))
    }

    fn make_shelf(&mut self) -> String {
        let name = Value::Text(self.word());
        let made = self.file.edit(|hand| {
            let record = (SHELVES, hand.next_id());
            hand.create(record, vec![name])?;
            Ok(record)
        });
        let record = made.unwrap_or_else(|error| panic!("a person cannot make: {error}"));
        let row = self.file.state().rows[record.0][&record.1].values.clone();
        self.log.made(self.number, record, &row);
        format!("makes {}", names(&[record]))
    }
}
