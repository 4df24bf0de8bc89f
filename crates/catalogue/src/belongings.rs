//! The lists of texts that records have: the tags of a book, its identifiers and an author's, the other forms of a name.
//!
//! To a person each is a list of words to add to and take from, whatever tables it lies in. So each is declared once,
//! as a [`Belongings`], and the parts of the program go by the table of them ([`BELONGINGS`]): the options and the
//! answers of the command line, the columns of imports and exports, the members of the JSON document, the search, the
//! chips of the window's editors. A new list needs no line in any of them.
//!
//! A text appears in a list only once, even if two people have written it down on two devices: both rows exist, and are
//! removed together.

mod list;

use std::collections::HashSet;

use colophon_store::schema::Table;
use colophon_store::{Error, ReadSession, Result, WriteSession};
use uuid::Uuid;

pub use self::list::{Belonging, Belongings, ListColumn};
pub(crate) use self::list::{Named, Reading, visit_texts};
use crate::author_name::OTHER_NAMES;
use crate::identifier::{IDENTIFIERS_OF_AUTHOR, IDENTIFIERS_OF_BOOK};
use crate::schema;
use crate::tag::TAGS;

/// All of them, in the order in which a person sees them.
pub const BELONGINGS: &[Belongings] = &[TAGS, IDENTIFIERS_OF_BOOK, OTHER_NAMES, IDENTIFIERS_OF_AUTHOR];

/// The lists that the records of a table have.
pub fn belongings_of(table: &Table) -> impl Iterator<Item = &'static Belongings> {
    let name = table.name;
    BELONGINGS.iter().filter(move |list| list.of.name == name)
}

/// The list of this name, if the records of a table have it.
pub fn belongings_named(table: &Table, name: &str) -> Option<&'static Belongings> {
    belongings_of(table).find(|list| list.name == name)
}

/// The texts of all lists of a record, by the name of the list, including the empty ones.
pub fn texts_of(session: &ReadSession<'_>, table: &Table, record: Uuid) -> Result<Vec<(&'static str, Vec<String>)>> {
    belongings_of(table)
        .map(|list| Ok((list.name, list.texts(session, record)?)))
        .collect()
}

impl Belongings {
    /// Adds a text to the list of a record. `false` if it is already there. [`Error::NotFound`] if the record does not
    /// exist.
    pub fn add(&self, session: &WriteSession<'_>, record: Uuid, typed: &str) -> Result<bool> {
        Ok(self.add_all(session, record, &[typed])? > 0)
    }

    /// Adds texts to the list of a record, and says how many were not there already. What stands there is read once, however many they are:
    /// a cell of a file may have tens of thousands. [`Error::NotFound`] where the record is not there.
    pub fn add_all(&self, session: &WriteSession<'_>, record: Uuid, typed: &[impl AsRef<str>]) -> Result<usize> {
        self.name_of(session, record)?;
        let there = self.rows_of(session, record)?;
        let mut there: HashSet<String> = there.iter().map(|row| (self.same)(&row.text)).collect();
        let mut added = 0;
        for text in typed {
            let text = self.checked(text.as_ref())?;
            if there.insert((self.same)(&text)) {
                (self.add)(session, record, &text)?;
                added += 1;
            }
        }
        Ok(added)
    }

    /// Takes a text out of the list of a record; [`Error::Invalid`] if it is not there.
    pub fn remove(&self, session: &WriteSession<'_>, record: Uuid, typed: &str) -> Result<()> {
        // What another program has written may be something that could not be added.
        let same = (self.same)(&self.checked(typed).unwrap_or_else(|_| typed.trim().to_owned()));
        if self.remove_same(session, record, &same)? == 0 {
            return Err(Error::invalid(self.one, format!("“{}” is not there", typed.trim())));
        }
        Ok(())
    }

    /// Takes the text of one row out of the list of a record, however many rows have it. Does nothing if it is already
    /// gone.
    pub fn remove_row(&self, session: &WriteSession<'_>, record: Uuid, row: Uuid) -> Result<()> {
        let rows = self.rows_of(session, record)?;
        let Some(row) = rows.into_iter().find(|one| one.id == row) else {
            return Ok(());
        };
        self.remove_same(session, record, &(self.same)(&row.text)).map(drop)
    }

    /// Fills the list of a record with what a file says about it: if it is empty, or else in place of what it has.
    /// Returns whether anything changed.
    pub fn fill(&self, session: &WriteSession<'_>, record: Uuid, texts: &[String], overwrite: bool) -> Result<bool> {
        let there = self.rows_of(session, record)?;
        if texts.is_empty() || (!there.is_empty() && !overwrite) {
            return Ok(false);
        }
        let wanted: HashSet<_> = texts.iter().map(|text| (self.same)(text)).collect();
        let gone = there.iter().filter(|row| !wanted.contains(&(self.same)(&row.text)));
        let removed = self.delete(session, gone)?;
        Ok(self.add_all(session, record, texts)? + removed > 0)
    }

    /// What people call the record; [`Error::NotFound`] if there is none.
    pub fn name_of(&self, session: &ReadSession<'_>, record: Uuid) -> Result<String> {
        let name = schema::name_of(session, self.of.name, record)?;
        name.ok_or(Error::NotFound {
            entity: self.of.name,
            id: record,
        })
    }

    fn remove_same(&self, session: &WriteSession<'_>, record: Uuid, same: &str) -> Result<usize> {
        let rows = self.rows_of(session, record)?;
        self.delete(session, rows.iter().filter(|row| (self.same)(&row.text) == same))
    }

    fn delete<'r>(&self, session: &WriteSession<'_>, rows: impl Iterator<Item = &'r Belonging>) -> Result<usize> {
        let mut deleted = 0;
        for row in rows {
            if let Some(entity) = schema::entity(self.rows.name) {
                entity.delete(session, row.id)?;
            }
            deleted += 1;
        }
        Ok(deleted)
    }
}
