//! The catalogue as RIS: a record for each book, from `TY` to `ER`.

use std::io::Write;

use colophon_store::ReadSession;

use super::keys::Keys;
use super::names::Name;
use super::whole::{Whole, visit_whole};
use super::{ExportError, Wanted, with_subtitle};
use crate::author::Author;
use crate::contribution::Role;

/// Writes all books and returns how many.
pub fn ris(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let mut keys = Keys::of(session, wanted)?;
    let books = visit_whole(session, wanted, |whole| {
        let key = keys.key(&whole);
        record(writer, &key, whole)
    })?;
    writer.flush()?;
    Ok(books)
}

fn record(writer: &mut dyn Write, key: &str, mut whole: Whole) -> Result<(), ExportError> {
    let mut line = |tag: &str, text: &str| -> Result<(), ExportError> {
        if !text.is_empty() {
            // A line that goes on is set in, so that none of it is taken for a tag.
            write!(writer, "{tag}  - {}\r\n", text.replace('\n', "\r\n  "))?;
        }
        Ok(())
    };
    let is_ebook = whole.book.format.as_deref() == Some("ebook");
    line("TY", if is_ebook { "EBOOK" } else { "BOOK" })?;
    line("ID", key)?;
    for (author, role) in &whole.people {
        let tag = match role {
            Role::Author => "AU",
            Role::Editor => "ED",
            Role::Translator => "A4",
            _ => "A3",
        };
        line(tag, &person(author))?;
    }
    let numbers = [
        whole.take_identifiers("doi"),
        whole.take_identifiers("issn"),
        whole.take_addresses(),
    ];
    let [dois, issns, addresses] = numbers;
    let book = whole.book;
    let said = |text: Option<String>| text.unwrap_or_default();
    let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
    line("TI", &with_subtitle(&book))?;
    line("T2", &said(book.series))?;
    line("VL", &said(book.series_position))?;
    line("PB", &said(book.publisher))?;
    line("CY", &said(book.place))?;
    line("ET", &said(book.edition))?;
    line("PY", &number(book.published_year))?;
    line("LA", &said(book.language))?;
    line("SP", &number(book.page_count))?;
    line("SN", &said(book.isbn))?;
    issns.iter().try_for_each(|issn| line("SN", issn))?;
    line("CN", &said(book.shelf_mark))?;
    dois.iter().try_for_each(|doi| line("DO", doi))?;
    addresses.iter().try_for_each(|address| line("UR", address))?;
    whole.tags.iter().try_for_each(|tag| line("KW", tag))?;
    line("N1", &said(book.notes))?;
    writer.write_all(b"ER  - \r\n\r\n")?;
    Ok(())
}

/// The sort name, if it is the name in another order.
fn person(author: &Author) -> String {
    match Name::of(author) {
        Name::Parts { .. } => author.sort_name.clone(),
        Name::Whole(name) => name.to_owned(),
    }
}
