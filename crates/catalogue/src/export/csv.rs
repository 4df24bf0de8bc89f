//! The catalogue as CSV, one row per book.

use std::io::{self, Write};

use colophon_store::{Query, ReadSession};

use super::{ExportError, visit};
use crate::author::Author;
use crate::book::{Book, BookSort};
use crate::contribution::Contribution;

/// The columns. A file that begins with exactly these is one of ours, and its names are read as they stand.
pub const CSV_HEADER: [&str; 13] = [
    "title",
    "subtitle",
    "author",
    "author_sort_name",
    "contributors",
    "isbn",
    "publisher",
    "published_year",
    "language",
    "page_count",
    "series",
    "series_position",
    "notes",
];

/// Writes all books, in the order in which they were added, and returns how many.
pub fn csv(session: &ReadSession<'_>, writer: impl Write) -> Result<u64, ExportError> {
    let mut writer = ::csv::Writer::from_writer(writer);
    let mut books = 0;
    writer.write_record(CSV_HEADER).map_err(io_error)?;
    visit::<Book>(session, &Query::all().sorted_by(BookSort::Added, false), |book| {
        let author = session.repo::<Author>().get(book.author_id)?;
        let contributors = contributors(session, &book)?;
        let number = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        let (year, pages) = (number(book.published_year), number(book.page_count));
        let text = |text: &'_ Option<String>| text.clone().unwrap_or_default();
        writer
            .write_record([
                book.title.as_str(),
                &text(&book.subtitle),
                &author.name,
                &author.sort_name,
                &contributors,
                &text(&book.isbn),
                &text(&book.publisher),
                &year,
                &text(&book.language),
                &pages,
                &text(&book.series),
                &text(&book.series_position),
                &text(&book.notes),
            ])
            .map_err(io_error)?;
        books += 1;
        Ok(())
    })?;
    writer.flush()?;
    Ok(books)
}

/// What the operating system said, which the CSV writer wraps.
pub(crate) fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Everybody but the author: `Robert Fagles (translator); Bernard Knox (editor)`.
///
/// Names have no line breaks, but they may have semicolons; a cell in which one does has each person on a line, which a
/// line break at its end shows where there is only one.
fn contributors(session: &ReadSession<'_>, book: &Book) -> Result<String, ExportError> {
    let mut people = Vec::new();
    for contribution in session.repo::<Book>().children::<Contribution>(book.id)? {
        let name = session.repo::<Author>().get(contribution.author_id)?.name;
        people.push(format!("{name} ({})", contribution.role.as_str()));
    }
    if people.iter().any(|person| person.contains("; ")) {
        return Ok(people.join("\n") + "\n");
    }
    Ok(people.join("; "))
}
