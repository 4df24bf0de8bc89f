//! The catalogue as one JSON document.

use std::collections::BTreeMap;
use std::io::{self, Write};

use colophon_store::{Children, Columns as _, EntityId as _, ReadSession, WithChildren};
use serde::Serialize;

use super::{ExportError, Lists, Wanted, visit_books, visit_some};
use crate::author::Author;
use crate::belongings::BELONGINGS;
use crate::book::Book;
use crate::contribution::Contribution;
use crate::rescue::Besides;

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

/// An author with their lists.
#[derive(Serialize)]
struct WholeAuthor {
    #[serde(flatten)]
    author: Author,
    #[serde(flatten)]
    lists: BTreeMap<&'static str, Vec<String>>,
}

/// Writes the names of whatever has a name of its own, then authors, then books, each on its own line, and returns how
/// many books.
pub fn json(session: &ReadSession<'_>, writer: impl Write) -> Result<u64, ExportError> {
    json_with(session, writer, &Besides::default())
}

/// The same, plus what a damaged file held besides its records. The import skips that.
pub fn json_with(session: &ReadSession<'_>, mut writer: impl Write, besides: &Besides) -> Result<u64, ExportError> {
    json_wanted(session, &mut writer, &Wanted::everything(besides))
}

/// The same of the books that are wanted, with their people.
pub fn json_wanted(
    session: &ReadSession<'_>,
    mut writer: &mut dyn Write,
    wanted: &Wanted<'_>,
) -> Result<u64, ExportError> {
    write!(writer, "{{\"format\":\"{JSON_FORMAT}\",\"version\":{JSON_VERSION}")?;
    if wanted.books.is_none() {
        write_names(session, &mut writer)?;
    }
    write!(writer, ",\"authors\":[")?;
    let mut list = List::default();
    let lists = Lists::of(session, Author::TABLE)?;
    visit_some::<Author>(session, &wanted.people(session)?, |authors| {
        let mut texts = lists.texts(session, authors.iter().map(|author| author.id.uuid()))?;
        authors.into_iter().try_for_each(|author| {
            let lists = texts.of(author.id.uuid());
            list.add(&mut writer, &WholeAuthor { author, lists })
        })
    })?;
    write!(writer, "\n],\"books\":[")?;
    let mut list = List::default();
    let lists = Lists::of(session, Book::TABLE)?;
    let books = visit_books(session, wanted, |books| {
        let mut texts = lists.texts(session, books.iter().map(|book| book.id.uuid()))?;
        let books = session.repo::<Book>().load::<Children<Contribution>>(books)?;
        books
            .into_iter()
            .try_for_each(|WithChildren { parent: book, children }| {
                let whole = WholeBook {
                    lists: texts.of(book.id.uuid()),
                    book,
                    contributions: children,
                };
                list.add(&mut writer, &whole)
            })
    })?;
    let besides = wanted.besides;
    writer.write_all(b"\n]")?;
    write_list(&mut writer, "conflicts", &besides.conflicts)?;
    write_list(&mut writer, "waiting", &besides.waiting)?;
    write_list(&mut writer, "history", &besides.history)?;
    writer.write_all(b"}\n")?;
    writer.flush()?;
    Ok(books)
}

/// What has a name of its own and is in no list must not be forgotten.
fn write_names(session: &ReadSession<'_>, writer: &mut impl Write) -> Result<(), ExportError> {
    for (list, named) in BELONGINGS.iter().filter_map(|list| Some((list, list.named?))) {
        write!(writer, ",\"{}\":[", list.name)?;
        let (mut names, mut outcome) = (List::default(), Ok(()));
        (named.all)(session, &mut |name| {
            outcome = names.add(writer, &name);
            Ok(outcome.is_ok())
        })?;
        outcome?;
        writer.write_all(b"\n]")?;
    }
    Ok(())
}

/// A list of what else there is, unless there is nothing.
fn write_list(writer: &mut impl Write, name: &str, items: &[impl Serialize]) -> Result<(), ExportError> {
    if items.is_empty() {
        return Ok(());
    }
    write!(writer, ",\"{name}\":[")?;
    let mut list = List::default();
    items.iter().try_for_each(|item| list.add(writer, item))?;
    Ok(writer.write_all(b"\n]")?)
}

/// A JSON list being written.
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
