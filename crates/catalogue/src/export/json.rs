//! The catalogue as one JSON document.

use std::collections::BTreeMap;
use std::io::{self, Write};

use colophon_store::{Columns as _, EntityId as _, Query, ReadSession};
use serde::Serialize;

use super::{ExportError, Lists, visit};
use crate::author::{Author, AuthorSort};
use crate::belongings::BELONGINGS;
use crate::book::{Book, BookSort};
use crate::contribution::Contribution;

/// What the document's `format` says.
pub const JSON_FORMAT: &str = "colophon";
/// The document's `version`; it is raised when an older program could not read a newer document.
pub const JSON_VERSION: u32 = 1;

/// A book with its contributions and its lists.
#[derive(Serialize)]
struct WholeBook {
    #[serde(flatten)]
    book: Book,
    contributions: Vec<Contribution>,
    #[serde(flatten)]
    lists: BTreeMap<&'static str, Vec<String>>,
}

/// An author with the lists.
#[derive(Serialize)]
struct WholeAuthor {
    #[serde(flatten)]
    author: Author,
    #[serde(flatten)]
    lists: BTreeMap<&'static str, Vec<String>>,
}

/// Writes the names of what has one of its own, then authors, then books, each on a line of its own, and returns how many books.
pub fn json(session: &ReadSession<'_>, mut writer: impl Write) -> Result<u64, ExportError> {
    write!(writer, "{{\"format\":\"{JSON_FORMAT}\",\"version\":{JSON_VERSION}")?;
    // What has a name of its own and stands in no list must not be forgotten.
    for (list, named) in BELONGINGS.iter().filter_map(|list| Some((list, list.named?))) {
        write!(writer, ",\"{}\":[", list.name)?;
        let (mut names, mut outcome) = (List::default(), Ok(()));
        (named.all)(session, &mut |name| {
            outcome = names.add(&mut writer, &name);
            Ok(outcome.is_ok())
        })?;
        outcome?;
        writer.write_all(b"\n]")?;
    }
    write!(writer, ",\"authors\":[")?;
    let mut list = List::default();
    let lists = Lists::of(session, Author::TABLE)?;
    visit::<Author>(session, &Query::all().sorted_by(AuthorSort::Added, false), |author| {
        let lists = lists.texts(session, author.id.uuid())?;
        list.add(&mut writer, &WholeAuthor { author, lists })
    })?;
    write!(writer, "\n],\"books\":[")?;
    let mut list = List::default();
    let lists = Lists::of(session, Book::TABLE)?;
    visit::<Book>(session, &Query::all().sorted_by(BookSort::Added, false), |book| {
        let contributions = session.repo::<Book>().children::<Contribution>(book.id)?;
        let lists = lists.texts(session, book.id.uuid())?;
        let whole = WholeBook {
            book,
            contributions,
            lists,
        };
        list.add(&mut writer, &whole)
    })?;
    writer.write_all(b"\n]}\n")?;
    writer.flush()?;
    Ok(list.length)
}

/// A JSON list under way.
#[derive(Default)]
struct List {
    length: u64,
}

impl List {
    fn add(&mut self, writer: &mut impl Write, item: &impl Serialize) -> Result<(), ExportError> {
        writer.write_all(if self.length == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(writer, item).map_err(io::Error::from)?;
        self.length += 1;
        Ok(())
    }
}
