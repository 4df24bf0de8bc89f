//! Writing the catalogue into a file that other programs read.
//!
//! **CSV** is one row per book, with the columns the import knows; people are named as on the title page, further ones
//! in one cell with their roles in brackets. What belongs to an author and not to a book (dates, addresses, notes) has
//! no place in it. **JSON** is the whole catalogue: every author, every book with its contributions, every field,
//! including ids and times. Both are written as they are read, so a million books need no more memory than one, and
//! from one snapshot, so an edit made meanwhile is in it completely or not at all.
//!
//! Either can be imported again and gives the same books, people and contributions. The other formats have a record for
//! each book with its people (`whole`), under a key (`keys`), with names in parts (`names`); what each cannot carry is in
//! `docs/formats.md`.

mod bibtex;
mod csl;
mod csv;
mod file;
mod json;
mod keys;
mod loss;
mod marc;
mod names;
mod ris;
mod spreadsheet;
mod whole;

use std::collections::{BTreeMap, HashMap};
use std::io;

use colophon_store::schema::Table;
use colophon_store::{Query, ReadSession, Where};
use uuid::Uuid;

use thiserror::Error;

use crate::author::{Author, AuthorSort};
use crate::belongings::{Belonging, Belongings, belongings_of};
use crate::book::{Book, BookSort};
use crate::lists::hexes;
use crate::rescue::Besides;

pub use self::bibtex::bibtex;
pub use self::csl::csl_json;
pub(crate) use self::csv::io_error;
pub use self::csv::{CSV_HEADER, csv, csv_header, csv_wanted, is_export};
pub use self::file::into_file;
pub use self::json::{JSON_FORMAT, JSON_VERSION, json, json_wanted, json_with};
pub use self::loss::Loss;
pub(crate) use self::marc::{OURS, marc, marcxml};
pub use self::ris::ris;

/// Why an export was broken off. What was written so far is not a whole catalogue.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The file could not be written.
    #[error("the export could not be written ({0}); the catalogue was not changed")]
    Io(#[from] io::Error),
    /// The catalogue could not be read.
    #[error(transparent)]
    Store(#[from] colophon_store::Error),
    /// The format is only read.
    #[error("{0} is read here and not written")]
    NotWritten(&'static str),
}

/// What is wanted of an export besides its format.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Only these books, in this order, with their people; `None` for all there are, in the order in which they were added, with
    /// everything that belongs to no book.
    pub books: Option<&'a Query<Book>>,
    /// What a damaged file held besides its records; only JSON has a place for it.
    pub besides: &'a Besides,
    /// Whether a spreadsheet is to open it: only CSV is written in another way then.
    pub for_spreadsheet: bool,
    /// Called now and then with the number of books that are written.
    pub told: &'a dyn Fn(u64),
}

impl<'a> Wanted<'a> {
    /// All there is.
    pub fn everything(besides: &'a Besides) -> Self {
        Self {
            books: None,
            besides,
            for_spreadsheet: false,
            told: &|_| {},
        }
    }

    /// These books and nothing else.
    fn only(books: &'a Query<Book>, besides: &'a Besides) -> Self {
        Self {
            books: Some(books),
            ..Self::everything(besides)
        }
    }

    /// The people who go along, in the order in which they were added: those of the wanted books, or all.
    fn people(&self, session: &ReadSession<'_>) -> Result<Query<Author>, ExportError> {
        const OF_THESE: &str = "(id IN (SELECT author_id FROM book WHERE id IN (SELECT unhex(value) FROM json_each(?))) \
             OR id IN (SELECT author_id FROM contribution WHERE book_id IN (SELECT unhex(value) FROM json_each(?))))";
        let all = Query::all().sorted_by(AuthorSort::Added, false);
        let Some(books) = self.books else { return Ok(all) };
        let books = hexes(&session.repo::<Book>().ids(books)?);
        let mut of_these = Where::default();
        of_these.and(OF_THESE, [books.clone(), books]);
        Ok(all.matching(of_these.into()))
    }
}

/// The title with the subtitle, where a format has one field for both.
fn with_subtitle(book: &Book) -> String {
    match &book.subtitle {
        Some(subtitle) => format!("{}: {subtitle}", book.title),
        None => book.title.clone(),
    }
}

/// The lists of the records of a table; lists in which no record has anything are not queried.
struct Lists(Vec<(&'static Belongings, bool)>);

impl Lists {
    fn of(session: &ReadSession<'_>, table: &Table) -> colophon_store::Result<Self> {
        let lists = belongings_of(table).map(|list| Ok((list, list.is_used(session)?)));
        lists.collect::<colophon_store::Result<_>>().map(Self)
    }

    /// What is in the lists of some records, queried all at once.
    fn texts(&self, session: &ReadSession<'_>, records: impl Iterator<Item = Uuid>) -> colophon_store::Result<Texts> {
        let records: Vec<_> = records.collect();
        let texts = |(list, is_used): &(&'static Belongings, bool)| {
            let rows = if *is_used {
                list.lists(session, &records)?
            } else {
                HashMap::new()
            };
            Ok((list.name, rows))
        };
        self.0
            .iter()
            .map(texts)
            .collect::<colophon_store::Result<_>>()
            .map(Texts)
    }
}

/// What is in lists, by their names and by record.
struct Texts(Vec<(&'static str, HashMap<Uuid, Vec<Belonging>>)>);

impl Texts {
    /// What is in the lists of a record, by their names; empty lists are left out.
    fn of(&mut self, record: Uuid) -> BTreeMap<&'static str, Vec<String>> {
        let lists = self.0.iter_mut().map(|(name, rows)| {
            let rows = rows.remove(&record).unwrap_or_default();
            (*name, rows.into_iter().map(|row| row.text).collect())
        });
        lists.collect()
    }
}

/// Several texts in one cell. If one contains a semicolon, each is put on its own line; if there is only one, a line
/// break at its end shows that.
fn in_one_cell(texts: &[String]) -> String {
    if texts.iter().any(|text| text.contains("; ")) {
        return texts.join("\n") + "\n";
    }
    texts.join("; ")
}

/// How many rows are read together, so that what belongs to them is queried only once.
const TOGETHER: usize = 1_000;

/// Visits the books that are wanted, some at a time, tells how far that has come, and returns how many there were.
fn visit_books(
    session: &ReadSession<'_>,
    wanted: &Wanted<'_>,
    mut write: impl FnMut(Vec<Book>) -> Result<(), ExportError>,
) -> Result<u64, ExportError> {
    let all = Query::all().sorted_by(BookSort::Added, false);
    let mut books = 0;
    visit_some(session, wanted.books.unwrap_or(&all), |some| {
        books += some.len() as u64;
        write(some)?;
        (wanted.told)(books);
        Ok(())
    })?;
    Ok(books)
}

/// Visits all rows of an entity, some at a time, and stops at the first error of the writer.
fn visit_some<E: colophon_store::Entity>(
    session: &ReadSession<'_>,
    query: &Query<E>,
    mut write: impl FnMut(Vec<E>) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut some = Vec::with_capacity(TOGETHER);
    visit(session, query, |row| {
        some.push(row);
        if some.len() < TOGETHER {
            return Ok(());
        }
        write(std::mem::replace(&mut some, Vec::with_capacity(TOGETHER)))
    })?;
    write(some)
}

/// Visits all rows of an entity and stops at the first error of the writer, which the store's own errors have no place for.
fn visit<E: colophon_store::Entity>(
    session: &ReadSession<'_>,
    query: &Query<E>,
    mut write: impl FnMut(E) -> Result<(), ExportError>,
) -> Result<(), ExportError> {
    let mut outcome = Ok(());
    session.repo::<E>().for_each(query, |row| {
        outcome = write(row);
        Ok(outcome.is_ok())
    })?;
    outcome
}
