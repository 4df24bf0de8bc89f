//! Authors and whatever else a file describes apart from any book: what an export of ours has, in each of its forms.
//!
//! A file that describes its authors tells them apart, so two of one name are two, and books name them by a key of the
//! file.

use std::collections::HashMap;

use colophon_store::{FieldOf, Patch};

use super::record::Person;
use super::write::Import;
use super::{ImportError, Problem};
use crate::author::{Author, AuthorId};
use crate::belongings::Belongings;

/// What a file has in each list of a record.
pub(super) type Listed = Vec<(&'static Belongings, Vec<String>)>;

/// Somebody, or something that has a name of its own.
#[derive(Debug, Clone)]
pub(crate) enum Described {
    /// An author.
    Author {
        /// By which the file means them.
        key: String,
        /// What it says about which field.
        fields: Vec<(FieldOf<Author>, String)>,
        /// What is in which list.
        lists: Listed,
    },
    /// Something that has a name of its own, whether or not it is in a list.
    Named(&'static Belongings, String),
}

/// What a record of a book says about one of its people besides their name and years.
#[derive(Debug, Clone)]
pub(crate) struct About {
    /// The person, as the record names them.
    pub(crate) person: Person,
    /// What is in which list.
    pub(crate) lists: Listed,
}

/// Whom a file describes, by their keys there.
pub(super) type Authors = HashMap<String, (AuthorId, String)>;

impl Import<'_, '_> {
    /// Takes into the catalogue what a file describes apart from any book.
    pub(super) fn describe(
        &mut self,
        line: u64,
        described: Described,
        authors: &mut Authors,
    ) -> Result<(), ImportError> {
        match described {
            Described::Author { key, fields, lists } => {
                if let Some(author) = self.author(line, fields, lists)? {
                    authors.insert(key, author);
                }
                Ok(())
            }
            Described::Named(list, name) => self.named(line, list, vec![name]),
        }
    }

    /// Takes an author into the catalogue; `None` if they are refused, which is reported.
    pub(super) fn author(
        &mut self,
        line: u64,
        fields: Vec<(FieldOf<Author>, String)>,
        lists: Listed,
    ) -> Result<Option<(AuthorId, String)>, ImportError> {
        let mut said = Patch::default();
        let read = fields.into_iter().try_for_each(|(field, cell)| {
            said.say(field, field.declared().parse(&cell)?);
            Ok(())
        });
        let existing = self.existing;
        match read
            .map_err(ImportError::Store)
            .and_then(|()| self.people.author(said, existing))
        {
            Ok(author) => {
                let lists = self.checked(line, lists);
                self.lists_of_author(author.id, lists)?;
                Ok(Some((author.id, author.name)))
            }
            Err(ImportError::Store(colophon_store::Error::Invalid { field, reason })) => {
                self.problem(Problem { line, field, reason });
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Fills the lists of people whom a book has brought in.
    pub(super) fn tell_about(&mut self, line: u64, about: Vec<About>) -> Result<(), ImportError> {
        for About { person, lists } in about {
            if let Some(author) = self.people.find(&person)? {
                let lists = self.checked(line, lists);
                self.lists_of_author(author, lists)?;
            }
        }
        Ok(())
    }

    /// The texts of lists in their stored form; what is refused is left out and reported.
    pub(super) fn checked(&mut self, line: u64, lists: Listed) -> Listed {
        let mut checked = Vec::new();
        for (list, texts) in lists {
            let mut kept = Vec::new();
            for text in texts {
                match list.checked(&text) {
                    Ok(text) => kept.push(text),
                    Err(error) => {
                        let reason = match error {
                            colophon_store::Error::Invalid { reason, .. } => reason,
                            error => error.to_string(),
                        };
                        self.problem(Problem {
                            line,
                            field: list.name,
                            reason,
                        });
                    }
                }
            }
            checked.push((list, kept));
        }
        checked
    }

    /// Makes what has a name of its own, where it does not exist yet.
    pub(super) fn named(
        &mut self,
        line: u64,
        list: &'static Belongings,
        names: Vec<String>,
    ) -> Result<(), ImportError> {
        for (list, names) in self.checked(line, vec![(list, names)]) {
            self.make_named(list, &names)?;
        }
        Ok(())
    }
}
