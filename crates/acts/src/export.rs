//! Exporting: everything, what a list finds, or what a person has chosen, from one snapshot.
//!
//! What is chosen comes as the question that it was chosen by, so a million books are as quickly asked for as three, and the
//! file has what the question finds at the moment of the export. People are exported with their books.

use std::io::Write;
use std::path::Path;

use colophon_catalogue::export::{ExportError, Wanted, into_file};
use colophon_catalogue::format::Format;
use colophon_catalogue::lists::{Lists, Selection};
use colophon_catalogue::rescue::Besides;
use colophon_catalogue::{Author, Book};
use colophon_store::{Query, ReadSession, Result};

/// Which books are exported.
#[derive(Clone)]
pub enum Books {
    /// All, and whatever there is besides.
    All,
    /// Chosen ones, with their people.
    Chosen(Selection<Book>),
    /// Those in which chosen people had a hand.
    Of(Selection<Author>),
}

impl Books {
    /// How many there are.
    pub fn count(&self, lists: &Lists) -> Result<u64> {
        self.asked(lists, |session, query| {
            session.repo::<Book>().count(query.unwrap_or(&Query::all()))
        })
    }

    fn asked<T>(
        &self,
        lists: &Lists,
        body: impl FnOnce(&ReadSession<'_>, Option<&Query<Book>>) -> Result<T>,
    ) -> Result<T> {
        match self {
            Self::All => lists.read(|session| body(session, None)),
            Self::Chosen(books) => lists.selected(books, |session, query| body(session, Some(query))),
            Self::Of(people) => lists.books_of(people, |session, query| body(session, Some(query))),
        }
    }
}

/// What is exported, and how.
#[derive(Clone)]
pub struct Export<'a> {
    /// The format.
    pub format: &'static Format,
    /// Which books.
    pub books: Books,
    /// Whether a spreadsheet is to open it.
    pub for_spreadsheet: bool,
    /// What a damaged file held besides its records.
    pub besides: &'a Besides,
}

impl Export<'_> {
    /// Writes it and returns how many books were written, of which `told` hears now and then. Ends when the handle of
    /// the lists interrupts.
    pub fn write(
        &self,
        lists: &Lists,
        writer: &mut dyn Write,
        told: &dyn Fn(u64),
    ) -> std::result::Result<u64, ExportError> {
        self.books.asked(lists, |session, books| {
            let wanted = Wanted {
                books,
                besides: self.besides,
                for_spreadsheet: self.for_spreadsheet,
                told,
            };
            Ok(self.format.export(session, writer, &wanted))
        })?
    }

    /// The same into a file, which is written as a whole or not at all.
    pub fn write_file(
        &self,
        lists: &Lists,
        target: &Path,
        told: &dyn Fn(u64),
    ) -> std::result::Result<u64, ExportError> {
        into_file(target, |writer| self.write(lists, writer, told))
    }
}
