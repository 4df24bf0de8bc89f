//! Reading an export of ours in JSON.
//!
//! The document is read as a stream, one author or book at a time, and every value passes the same rules as a cell of a
//! CSV file: it is turned into the cells of a row and read as such. What JSON adds is who is who: authors have ids in
//! it, so two people with the same name remain two. An author whom the catalogue already has by name is that one, as in
//! any import; ids are not kept, because a record that enters a catalogue is a new record there.
//!
//! Lines are counted while the document is read, so a problem has a location although lines mean nothing in JSON; our
//! own exports put each record on a line.

mod records;

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};
use std::marker::PhantomData;

use colophon_store::{Columns as _, WriteSession};
use csv::StringRecord;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use self::records::{AuthorRecord, BookRecord};
use super::columns::Columns;
use super::described::Authors;
use super::options::Options;
use super::record::{Contributor, Person, RowReader};
use super::rows::ROW_MAX_BYTES;
use super::write::{Existing, Import, Progress, ROWS_PER_PROGRESS, Report};
use super::{ImportError, Problem};
use crate::belongings::{BELONGINGS, Belongings};
use crate::book::Book;
use crate::contribution::Role;
use crate::export::{JSON_FORMAT, JSON_VERSION, csv_header};

/// Imports a JSON document in the caller's transaction; `bytes_total` is its size, for the progress.
pub(super) fn import_document(
    session: &WriteSession<'_>,
    document: impl BufRead,
    bytes_total: u64,
    existing: Existing,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let offset = Offset::default();
    let header = csv_header(Book::TABLE);
    let mut loading = Loading {
        import: Import::begin(session, existing)?,
        rows: RowReader::new(Columns::recognise(&header, &[])?, &[], false, &Options::default()),
        header,
        authors: Authors::new(),
        offset: &offset,
        error: None,
        records: 0,
        bytes_total,
        progress: &mut progress,
    };
    let mut deserializer = serde_json::Deserializer::from_reader(Counted {
        inner: document,
        offset: &offset,
    });
    let outcome = deserializer
        .deserialize_map(Document(&mut loading))
        .and_then(|()| deserializer.end());
    if let Some(error) = loading.error.take() {
        return Err(error);
    }
    outcome.map_err(|error| offset.explain(error))?;
    loading.tell();
    Ok(loading.import.finish())
}

/// An import under way.
struct Loading<'s, 'c> {
    import: Import<'s, 'c>,
    rows: RowReader,
    /// The columns that the rows have.
    header: Vec<&'static str>,
    /// Who is meant by the document's ids.
    authors: Authors,
    offset: &'s Offset,
    /// An error of the catalogue, for which the JSON reader has no place.
    error: Option<ImportError>,
    records: u64,
    bytes_total: u64,
    progress: &'s mut dyn FnMut(Progress),
}

impl Loading<'_, '_> {
    fn author(&mut self, record: AuthorRecord) -> Result<(), ImportError> {
        let line = self.offset.record_line.get();
        let author = self.import.author(line, record.fields, record.lists)?;
        self.authors.extend(author.map(|author| (record.id, author)));
        Ok(())
    }

    /// Something that has a name of its own, whether or not it is in a list.
    fn named(&mut self, list: &'static Belongings, names: Vec<String>) -> Result<(), ImportError> {
        self.import.named(self.offset.record_line.get(), list, names)
    }

    fn book(&mut self, record: BookRecord) -> Result<(), ImportError> {
        let line = self.offset.record_line.get();
        let cells = self.cells(&record);
        let mut row = self.rows.read(line, &cells);
        let author = record.author_id.as_deref().map(|id| self.person(id));
        if let Some(None) = author {
            let reason =
                "the document has no author with the id that the book names, or that author was refused".to_owned();
            row.problems.push(Problem {
                line,
                field: "author",
                reason,
            });
            row.book = None;
        }
        let lists = self.import.checked(line, record.lists);
        if let Some(book) = &mut row.book {
            book.lists = lists;
            book.author = author.flatten();
            for contribution in record.contributions {
                match (self.person(&contribution.author_id), Role::of_word(&contribution.role)) {
                    (Some(person), Some(role)) => book.contributors.push(Contributor { person, role }),
                    (person, _) => {
                        let what = if person.is_none() {
                            "names nobody in the document"
                        } else {
                            "has a role that is not known here"
                        };
                        let reason = format!("a contribution {what}; it was left out");
                        row.problems.push(Problem {
                            line,
                            field: "contributors",
                            reason,
                        });
                    }
                }
            }
        }
        self.import.row(row).map(drop)
    }

    /// The row that a CSV export would have for the book, without its people.
    fn cells(&self, record: &BookRecord) -> StringRecord {
        let cell = |name: &&'static str| {
            let mut fields = record.fields.iter();
            let said = fields.find(|(field, _)| field.name() == *name);
            said.map(|(_, cell)| cell.as_str()).unwrap_or_default()
        };
        self.header.iter().map(cell).collect()
    }

    fn person(&self, id: &str) -> Option<Person> {
        let (id, name) = self.authors.get(id)?;
        Some(Person {
            name: name.clone(),
            sort_name: None,
            birth_year: None,
            death_year: None,
            known: Some(*id),
        })
    }

    /// Ends the reading with an error of the catalogue.
    fn keep<E: serde::de::Error>(&mut self, outcome: Result<(), ImportError>) -> Result<(), E> {
        self.records += 1;
        self.tell();
        outcome.map_err(|error| {
            self.error = Some(error);
            E::custom("the import has ended")
        })
    }

    fn tell(&mut self) {
        if self.records.is_multiple_of(ROWS_PER_PROGRESS) {
            (self.progress)(Progress {
                rows: self.records,
                bytes_read: self.offset.bytes.get(),
                bytes_total: self.bytes_total,
            });
        }
    }
}

/// How far the reading of the document has come.
#[derive(Default)]
struct Offset {
    /// Line ends so far.
    ends: Cell<u64>,
    bytes: Cell<u64>,
    /// The line on which the current record begins, and the byte.
    record_line: Cell<u64>,
    record_byte: Cell<u64>,
}

impl Offset {
    fn record_begins(&self) {
        self.record_line.set(self.ends.get() + 1);
        self.record_byte.set(self.bytes.get());
    }

    fn explain(&self, error: serde_json::Error) -> ImportError {
        if error.is_io() && self.is_too_long() {
            return ImportError::RowTooLong {
                line: self.record_line.get().max(1),
            };
        }
        if error.is_io() {
            return ImportError::Io(error.into());
        }
        ImportError::Document {
            reason: error.to_string(),
        }
    }

    fn is_too_long(&self) -> bool {
        self.bytes.get() - self.record_byte.get() > ROW_MAX_BYTES as u64
    }
}

/// Passes bytes on, counts them and their lines, and refuses a record that is longer than any could be.
struct Counted<'p, R> {
    inner: R,
    offset: &'p Offset,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.offset.is_too_long() {
            return Err(io::Error::other("a record is too long"));
        }
        let read = self.inner.read(buffer)?;
        self.offset.bytes.set(self.offset.bytes.get() + read as u64);
        let ends = memchr::memchr_iter(b'\n', &buffer[..read]).count() as u64;
        self.offset.ends.set(self.offset.ends.get() + ends);
        Ok(read)
    }
}

/// One record, whose offset is noted before it is read.
struct Record<'p, T>(&'p Offset, PhantomData<T>);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for Record<'_, T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        self.0.record_begins();
        T::deserialize(deserializer)
    }
}

/// The document as a whole.
struct Document<'l, 's, 'c>(&'l mut Loading<'s, 'c>);

impl<'de> Visitor<'de> for Document<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an export of Colophon")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (mut is_ours, mut has_authors) = (false, false);
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "format" => is_ours = map.next_value::<String>()? == JSON_FORMAT,
                "version" => check_version(map.next_value()?)?,
                "authors" if is_ours => {
                    map.next_value_seed(List(&mut *self.0, Loading::author))?;
                    has_authors = true;
                }
                "books" if has_authors => map.next_value_seed(List(&mut *self.0, Loading::book))?,
                "authors" | "books" => {
                    return Err(A::Error::custom(
                        "“format”, “authors” and “books” are not in this order",
                    ));
                }
                name => match BELONGINGS.iter().find(|list| list.name == name && list.named.is_some()) {
                    Some(list) if is_ours => {
                        let names = map.next_value::<Vec<String>>()?;
                        let outcome = self.0.named(list, names);
                        self.0.keep(outcome)?;
                    }
                    _ => drop(map.next_value::<IgnoredAny>()?),
                },
            }
        }
        if has_authors {
            Ok(())
        } else {
            Err(A::Error::custom("it is not an export of Colophon"))
        }
    }
}

fn check_version<E: serde::de::Error>(version: u32) -> Result<(), E> {
    if version <= JSON_VERSION {
        return Ok(());
    }
    Err(E::custom(format!(
        "it was written by a newer version of the program (version {version}, and this one knows {JSON_VERSION})"
    )))
}

/// A list of records, each passed on as soon as it is read.
struct List<'l, 's, 'c, T>(
    &'l mut Loading<'s, 'c>,
    fn(&mut Loading<'s, 'c>, T) -> Result<(), ImportError>,
);

impl<'de, T: Deserialize<'de>> DeserializeSeed<'de> for List<'_, '_, '_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<'_, '_, '_, T> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self(loading, take) = self;
        while let Some(record) = list.next_element_seed(Record::<T>(loading.offset, PhantomData))? {
            let outcome = take(loading, record);
            loading.keep(outcome)?;
        }
        Ok(())
    }
}
