//! The catalogue as CSV, one row per book.

use std::io::{self, Write};

use colophon_store::schema::{Column, ColumnKind, Table, Value};
use colophon_store::{Columns as _, Query, ReadSession};

use super::{ExportError, visit};
use crate::author::Author;
use crate::book::{Book, BookSort};
use crate::contribution::Contribution;

/// The columns that every export of ours has had from the first version on, in this order. A later one has more, wherever they stand.
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

/// The columns of an export of a version in which books have the columns of `table`: those of the book, and behind the subtitle, where a
/// title page has them, its people.
pub fn csv_header(table: &Table) -> Vec<&'static str> {
    let mut header = Vec::new();
    for column in exported(table).map(|(_, column)| column) {
        header.push(column.name);
        if column.name == BEFORE_PEOPLE {
            header.extend(PEOPLE);
        }
    }
    header
}

/// Whether a file with these headers is an export of ours, of this or any other version. Then its names are read as they stand.
pub fn is_export(headers: &[String]) -> bool {
    let mut rest = headers.iter();
    CSV_HEADER.iter().all(|name| rest.any(|header| header == name))
}

/// The column of a book behind which its people stand.
const BEFORE_PEOPLE: &str = "subtitle";
const PEOPLE: [&str; 3] = ["author", "author_sort_name", "contributors"];

/// The columns of a book that have a meaning outside this catalogue, by their positions.
fn exported(table: &Table) -> impl Iterator<Item = (usize, &'static Column)> {
    let columns = table.columns.iter().enumerate();
    columns.filter(|(_, column)| matches!(column.kind, ColumnKind::Text | ColumnKind::Integer))
}

/// Writes all books, in the order in which they were added, and returns how many.
pub fn csv(session: &ReadSession<'_>, writer: impl Write) -> Result<u64, ExportError> {
    let mut writer = ::csv::Writer::from_writer(writer);
    let mut books = 0;
    writer.write_record(csv_header(Book::TABLE)).map_err(io_error)?;
    visit::<Book>(session, &Query::all().sorted_by(BookSort::Added, false), |book| {
        let author = book
            .author_id
            .map(|author| session.repo::<Author>().get(author))
            .transpose()?;
        let (name, sort_name) = author.map(|author| (author.name, author.sort_name)).unwrap_or_default();
        let contributors = contributors(session, &book)?;
        let values = book.values();
        let mut people = Some([name, sort_name, contributors]);
        for (position, column) in exported(Book::TABLE) {
            match &values[position] {
                Value::Text(text) => writer.write_field(text),
                Value::Integer(number) => writer.write_field(number.to_string()),
                Value::Real(number) => writer.write_field(number.to_string()),
                Value::Null | Value::Uuid(_) => writer.write_field(""),
            }
            .map_err(io_error)?;
            let people = people.take_if(|_| column.name == BEFORE_PEOPLE);
            for name in people.into_iter().flatten() {
                writer.write_field(name).map_err(io_error)?;
            }
        }
        writer.write_record(None::<&[u8]>).map_err(io_error)?;
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
