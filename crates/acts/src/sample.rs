//! The sample: well-known books of the world's literature, to try things out with.
//!
//! They are compiled from facts: works under the titles they first came out with, in their own scripts, and a few
//! translations as well, so that sorting, search and contributors show what they can do. A field whose value is not
//! certain is empty; there are no ISBNs, because those belong to editions and not to works.
//!
//! Every record of the sample has an id of its own that is the same everywhere. So adding it twice adds nothing, two
//! devices of a team that both try it do not double it, and removing it finds exactly what was added, whatever has been
//! done since. An author whom the catalogue already has is used, and stays when the sample goes; so does an author of
//! the sample's who has got another book meanwhile.

use std::collections::HashMap;
use std::io::Cursor;

use colophon_catalogue::import::{BookRow, CsvFile, Options, Person};
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookDraft, BookId, Contribution, ContributionDraft};
use colophon_store::{Entity as _, EntityId, Error, Result, Stamp, WriteSession};
use uuid::Uuid;

use crate::deed::{Deed, Did};

/// The records, in the form of an export.
const BOOKS: &str = include_str!("sample/books.csv");

/// The ids of the sample begin here; they are UUIDv7 from the first day of 2024, which no device will make again.
const FIRST_ID: u128 = 0x018c_c251_f400_7000_8c01_0f00_0000_0000;
/// How far apart the ids of authors, books and contributions begin.
const IDS_PER_TABLE: u128 = 0x0001_0000;
/// The most contributors that one book of the sample may have.
const CONTRIBUTORS_MAX: u128 = 0x10;

/// Adds the sample and returns how many books were added: those that do not exist yet.
pub fn add(session: &WriteSession<'_>) -> Result<u64> {
    let rows = rows()?;
    let mut people = People {
        session,
        numbers: numbers(&rows),
        known: HashMap::new(),
    };
    let books = session.repo_mut::<Book>();
    let mut added = 0;
    for (number, row) in (0..).zip(&rows) {
        let id = book_id(number);
        if books.find(BookId::from_uuid(id))?.is_none() {
            let author_id = row.author.as_ref().map(|author| people.person(author)).transpose()?;
            let draft = BookDraft {
                author_id,
                ..BookDraft::default()
            };
            let mut book = Book::from_draft(&draft, stamp(session, id));
            row.fields.clone().apply(&mut book)?;
            books.create_checked(&book)?;
            for (position, contributor) in (1..).zip(&row.contributors) {
                let author_id = people.person(&contributor.person)?;
                let role = contributor.role.clone();
                let contribution = ContributionDraft {
                    book_id: book.id,
                    author_id,
                    role,
                    position,
                };
                let id = contribution_id(number, position.unsigned_abs().into());
                session
                    .repo_mut::<Contribution>()
                    .create_as(stamp(session, id), &contribution)?;
            }
            added += 1;
        }
    }
    Deed::of_many(Did::SampleAdded, added).note(session);
    Ok(added)
}

/// Removes the books of the sample, and those of its authors that nothing else needs. Returns how many books were
/// removed.
pub fn remove(session: &WriteSession<'_>) -> Result<u64> {
    let rows = rows()?;
    let books = session.repo_mut::<Book>();
    let mut removed = 0;
    for number in 0..rows.len() as u128 {
        if let Some(book) = books.find(BookId::from_uuid(book_id(number)))? {
            books.delete(book.id)?;
            removed += 1;
        }
    }
    let authors = session.repo_mut::<Author>();
    for number in 0..numbers(&rows).len() as u128 {
        match authors.delete(AuthorId::from_uuid(author_id(number))) {
            // Gone already, or needed by a book that is not part of the sample.
            Ok(_) | Err(Error::NotFound { .. } | Error::ForeignKey { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Deed::of_many(Did::SampleRemoved, removed).note(session);
    Ok(removed)
}

/// The people of the sample, while it is being added.
struct People<'s, 'c> {
    session: &'s WriteSession<'c>,
    numbers: HashMap<String, u128>,
    known: HashMap<String, AuthorId>,
}

impl People<'_, '_> {
    /// The person with that name: the catalogue's own, or the sample's, made if it does not exist yet.
    fn person(&mut self, person: &Person) -> Result<AuthorId> {
        if let Some(id) = self.known.get(&person.name) {
            return Ok(*id);
        }
        let authors = self.session.repo_mut::<Author>();
        let namesake = authors
            .find_by_name(&person.name)?
            .filter(|author| author.name == person.name);
        let id = match (namesake, self.numbers.get(&person.name)) {
            (Some(author), _) => author.id,
            (None, Some(number)) => {
                let draft = AuthorDraft {
                    sort_name: person.sort_name.clone().unwrap_or_default(),
                    ..AuthorDraft::named(&person.name)
                };
                authors.create_as(stamp(self.session, author_id(*number)), &draft)?.id
            }
            (None, None) => return Err(damaged(format!("nobody is called {}", person.name))),
        };
        self.known.insert(person.name.clone(), id);
        Ok(id)
    }
}

/// The books of the sample.
fn rows() -> Result<Vec<BookRow>> {
    let mut file = CsvFile::open(Cursor::new(BOOKS), &Options::default()).map_err(damaged)?;
    let mut rows = Vec::new();
    while let Some(row) = file.next_row().map_err(damaged)? {
        rows.extend(row.book);
    }
    Ok(rows)
}

/// Everybody who is named, numbered in the order of first mention.
fn numbers(rows: &[BookRow]) -> HashMap<String, u128> {
    let mut numbers = HashMap::new();
    for row in rows {
        let contributors = row.contributors.iter().map(|contributor| &contributor.person);
        for person in row.author.iter().chain(contributors) {
            let next = numbers.len() as u128;
            numbers.entry(person.name.clone()).or_insert(next);
        }
    }
    numbers
}

fn stamp(session: &WriteSession<'_>, id: Uuid) -> Stamp {
    Stamp { id, now: session.now() }
}

fn author_id(number: u128) -> Uuid {
    Uuid::from_u128(FIRST_ID + number)
}

fn book_id(number: u128) -> Uuid {
    Uuid::from_u128(FIRST_ID + IDS_PER_TABLE + number)
}

fn contribution_id(book: u128, position: u128) -> Uuid {
    Uuid::from_u128(FIRST_ID + 2 * IDS_PER_TABLE + book * CONTRIBUTORS_MAX + position)
}

/// The sample is part of the program, so this is never seen; a test reads it.
fn damaged(detail: impl std::fmt::Display) -> Error {
    Error::Io {
        what: "reading the sample",
        message: detail.to_string(),
    }
}
