//! Which fields have been read, so that what is left can be named.

use std::collections::BTreeSet;

use colophon_marc::{Field, Record};

use crate::import::left_out::LeftOut;

/// Fields that are about the record and not about the book.
const OF_THE_RECORD: [&str; 9] = ["001", "003", "005", "006", "007", "008", "040", "066", "801"];

/// The tags that a reading asks for.
#[derive(Debug, Default)]
pub(super) struct Taken {
    tags: BTreeSet<String>,
}

impl Taken {
    /// The fields with one of these tags, in the order of the record; they count as read.
    pub(super) fn fields<'record>(
        &mut self,
        record: &'record Record,
        tags: &'record [&'record str],
    ) -> impl Iterator<Item = &'record Field> + use<'record> {
        for tag in tags {
            self.take(tag);
        }
        record
            .fields
            .iter()
            .filter(move |field| tags.contains(&field.tag.as_str()))
    }

    /// Fields with this tag count as read.
    pub(super) fn take(&mut self, tag: &str) {
        if !self.tags.contains(tag) {
            self.tags.insert(tag.to_owned());
        }
    }

    /// Counts the fields that nothing has asked for.
    pub(super) fn leave(&self, record: &Record, left: &mut LeftOut) {
        for field in &record.fields {
            if !self.tags.contains(&field.tag) && !OF_THE_RECORD.contains(&field.tag.as_str()) {
                left.field(&field.tag);
            }
        }
    }
}
