//! The kinds of record that people look at.
//!
//! What is in other tables belongs to one of these, and is shown with it.

use colophon_catalogue::{Author, Book, words};
use colophon_store::schema::{Table, Value};
use colophon_store::{ReadSession, Registered, Result};
use uuid::Uuid;

words! {
    /// A kind of record that people look at.
    pub enum RecordKind {
        /// A book.
        Book = "book",
        /// An author, translator, editor or illustrator.
        Author = "author",
    }
}

/// What its rows are, and the column that says what people call one.
const KINDS: [(RecordKind, Registered, &str); 2] = [
    (RecordKind::Book, Registered::of::<Book>(), "title"),
    (RecordKind::Author, Registered::of::<Author>(), "name"),
];

impl RecordKind {
    /// The kind whose rows are in a table; `None` for a table whose rows belong to others.
    pub fn of_table(table: &str) -> Option<Self> {
        let mut kinds = KINDS.iter();
        kinds
            .find(|(_, rows, _)| rows.table.name == table)
            .map(|(kind, _, _)| *kind)
    }

    /// The table of its rows.
    pub fn table(self) -> &'static Table {
        self.rows().table
    }

    /// The column that says what people call a record.
    pub fn name_column(self) -> &'static str {
        self.row().2
    }

    /// What people call a record; `None` if it does not exist.
    pub fn name_of(self, session: &ReadSession<'_>, id: Uuid) -> Result<Option<String>> {
        let found = self.rows().find(session, id)?;
        Ok(found.and_then(|values| self.name_in(values)))
    }

    /// What a record that is gone was called, as far as that is remembered.
    pub fn last_name_of(self, session: &ReadSession<'_>, id: Uuid) -> Result<Option<String>> {
        let deleted = session.record(self.rows().table, id)?.deleted;
        Ok(deleted.and_then(|kept| self.name_in(kept.content)))
    }

    fn name_in(self, values: Vec<Value>) -> Option<String> {
        let position = self.rows().table.position(self.name_column())?;
        match values.into_iter().nth(position) {
            Some(Value::Text(name)) => Some(name),
            _ => None,
        }
    }

    fn rows(self) -> &'static Registered {
        &self.row().1
    }

    fn row(self) -> &'static (Self, Registered, &'static str) {
        &KINDS[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use colophon_catalogue::word::Word as _;

    use super::*;

    #[test]
    fn every_kind_stands_at_its_place_in_the_table() {
        for kind in RecordKind::ALL {
            assert_eq!(kind.row().0, *kind);
            assert_eq!(RecordKind::of_table(kind.table().name), Some(*kind));
        }
        assert_eq!(RecordKind::of_table("contribution"), None);
    }
}
