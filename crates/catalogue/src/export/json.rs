//! The catalogue as one JSON document.

use std::io::{self, Write};

use colophon_store::{Children, Query, ReadSession, WithChildren};
use serde::Serialize;

use super::{ExportError, visit, visit_some};
use crate::author::{Author, AuthorSort};
use crate::book::{Book, BookSort};
use crate::contribution::Contribution;
use crate::rescue::Besides;

/// What the document's `format` says.
pub const JSON_FORMAT: &str = "colophon";
/// The document's `version`; it is raised when an older program could not read a newer document.
pub const JSON_VERSION: u32 = 1;

/// A book with its contributions.
#[derive(Serialize)]
struct WholeBook {
    #[serde(flatten)]
    book: Book,
    contributions: Vec<Contribution>,
}

/// Writes authors, then books, each on a line of its own, and returns how many books.
pub fn json(session: &ReadSession<'_>, writer: impl Write) -> Result<u64, ExportError> {
    json_with(session, writer, &Besides::default())
}

/// The same, and what a damaged file kept besides. The import passes over that.
pub fn json_with(session: &ReadSession<'_>, mut writer: impl Write, besides: &Besides) -> Result<u64, ExportError> {
    write!(
        writer,
        "{{\"format\":\"{JSON_FORMAT}\",\"version\":{JSON_VERSION},\"authors\":["
    )?;
    let mut list = List::default();
    visit::<Author>(session, &Query::all().sorted_by(AuthorSort::Added, false), |author| {
        list.add(&mut writer, &author)
    })?;
    write!(writer, "\n],\"books\":[")?;
    let mut list = List::default();
    visit_some::<Book>(session, &Query::all().sorted_by(BookSort::Added, false), |books| {
        let books = session.repo::<Book>().load::<Children<Contribution>>(books)?;
        books
            .into_iter()
            .try_for_each(|WithChildren { parent: book, children }| {
                let contributions = children;
                list.add(&mut writer, &WholeBook { book, contributions })
            })
    })?;
    let books = list.length;
    writer.write_all(b"\n]")?;
    write_list(&mut writer, "conflicts", &besides.conflicts)?;
    write_list(&mut writer, "waiting", &besides.waiting)?;
    write_list(&mut writer, "history", &besides.history)?;
    writer.write_all(b"}\n")?;
    writer.flush()?;
    Ok(books)
}

/// A list of what there is besides, unless there is nothing.
fn write_list(writer: &mut impl Write, name: &str, items: &[impl Serialize]) -> Result<(), ExportError> {
    if items.is_empty() {
        return Ok(());
    }
    write!(writer, ",\"{name}\":[")?;
    let mut list = List::default();
    items.iter().try_for_each(|item| list.add(writer, item))?;
    Ok(writer.write_all(b"\n]")?)
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
