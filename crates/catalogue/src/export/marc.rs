//! The catalogue as records of libraries.
//!
//! In ISO 2709 every book is a record of MARC 21. In MARCXML, people are records as well, before the books, and the books
//! name them by their numbers: so nothing of the catalogue is lost there, and an import of ours knows two people of one
//! name apart. Letters are UTF-8. The leaders say that no punctuation was added, so that texts are read back literally.

mod author;
mod book;
mod long_notes;

use std::io::{self, Write};

use colophon_marc::{XmlWriter, to_binary};
use colophon_store::{Columns as _, EntityId as _, ReadSession};

pub(crate) use self::author::OURS;
use super::whole::visit_whole;
use super::{ExportError, Lists, Wanted, visit_some};
use crate::author::Author;
use crate::tag::TAGS;

/// Writes all books in ISO 2709 and returns how many. A book that is too long for the format breaks it off.
pub(crate) fn marc(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let books = visit_whole(session, wanted, |whole| {
        let bytes = to_binary(&long_notes::parted(&book::record(&whole))).map_err(|error| {
            let title = &whole.book.title;
            let words = format!("“{title}” does not fit into MARC 21: {error}; MARCXML has room for it");
            io::Error::new(io::ErrorKind::InvalidData, words)
        })?;
        Ok(writer.write_all(&bytes)?)
    })?;
    writer.flush()?;
    Ok(books)
}

/// Writes tags, people and books in MARCXML and returns how many books.
pub(crate) fn marcxml(
    session: &ReadSession<'_>,
    writer: &mut dyn Write,
    wanted: &Wanted<'_>,
) -> Result<u64, ExportError> {
    let mut collection = XmlWriter::begin(writer)?;
    let mut outcome = Ok(());
    if let (Some(named), None) = (TAGS.named, wanted.books) {
        (named.all)(session, &mut |name| {
            outcome = collection.record(&author::tag(&name));
            Ok(outcome.is_ok())
        })?;
    }
    outcome?;
    let lists = Lists::of(session, Author::TABLE)?;
    visit_some::<Author>(session, &wanted.people(session)?, |authors| {
        let mut texts = lists.texts(session, authors.iter().map(|author| author.id.uuid()))?;
        authors.into_iter().try_for_each(|author| {
            let record = author::record(&author, &texts.of(author.id.uuid()));
            Ok(collection.record(&record)?)
        })
    })?;
    let books = visit_whole(session, wanted, |whole| Ok(collection.record(&book::record(&whole))?))?;
    collection.finish()?;
    Ok(books)
}
