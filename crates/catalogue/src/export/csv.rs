//! The catalogue as CSV, one row per book.

use std::borrow::Cow;
use std::io::{self, Write};

use colophon_store::schema::{Column, ColumnKind, Table, Value};
use colophon_store::{Children, Columns as _, EntityId as _, Parent, ReadSession, WithChildren, WithParent};

use super::{ExportError, Lists, Wanted, in_one_cell, spreadsheet, visit_books};
use crate::author::{Author, AuthorId};
use crate::belongings::belongings_of;
use crate::book::Book;
use crate::contribution::Contribution;
use crate::rescue::Besides;

/// The columns that every export of ours has had since the first version, in this order. A later one has more,
/// anywhere.
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

/// The columns of an export by a version in which books have the columns of `table`: those of the book, and after the
/// subtitle, where a title page has them, its people.
pub fn csv_header(table: &Table) -> Vec<&'static str> {
    let mut header = Vec::new();
    for column in exported(table).map(|(_, column)| column) {
        header.push(column.name);
        if column.name == BEFORE_PEOPLE {
            header.extend(PEOPLE);
        }
    }
    header.extend(listed(table));
    header
}

/// Whether a file with these headers is an export of ours, by this or any other version. If so, its names are read
/// literally.
pub fn is_export(headers: &[String]) -> bool {
    let mut rest = headers.iter();
    CSV_HEADER.iter().all(|name| rest.any(|header| header == name))
}

/// The column of a book after which its people come.
const BEFORE_PEOPLE: &str = "subtitle";
const PEOPLE: [&str; 3] = ["author", "author_sort_name", "contributors"];

/// The columns of a book that have a meaning outside this catalogue, by their positions.
fn exported(table: &Table) -> impl Iterator<Item = (usize, &'static Column)> {
    let columns = table.columns.iter().enumerate();
    columns.filter(|(_, column)| matches!(column.kind, ColumnKind::Text | ColumnKind::Integer))
}

/// The columns of the lists of a book, after its fields.
fn listed(table: &Table) -> impl Iterator<Item = &'static str> {
    belongings_of(table)
        .filter_map(|list| list.columns.first())
        .map(|column| column.name)
}

/// How a text is written into a cell.
type Cell = fn(&str) -> Cow<'_, str>;

/// Writes all books, in the order in which they were added, and returns how many.
pub fn csv(session: &ReadSession<'_>, writer: impl Write) -> Result<u64, ExportError> {
    written(session, writer, &Wanted::everything(&Besides::default()))
}

/// The books that are wanted, for a spreadsheet if that is wanted.
pub fn csv_wanted(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    if wanted.for_spreadsheet {
        writer.write_all(spreadsheet::BYTE_ORDER_MARK)?;
    }
    written(session, writer, wanted)
}

fn written(session: &ReadSession<'_>, writer: impl Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let cell: Cell = if wanted.for_spreadsheet {
        spreadsheet::shown
    } else {
        spreadsheet::plain
    };
    let mut writer = ::csv::Writer::from_writer(writer);
    let lists = Lists::of(session, Book::TABLE)?;
    writer.write_record(csv_header(Book::TABLE)).map_err(io_error)?;
    let books = visit_books(session, wanted, |some| {
        let mut texts = lists.texts(session, some.iter().map(|book| book.id.uuid()))?;
        for (book, people) in with_people(session, some)? {
            let texts = texts.of(book.id.uuid());
            let listed = listed(Book::TABLE).map(|name| texts.get(name).map(|texts| in_one_cell(texts)));
            write_book(&mut writer, &book, &people, (listed, cell)).map_err(io_error)?;
        }
        Ok(())
    })?;
    writer.flush()?;
    Ok(books)
}

/// Books with the cells for their people: the author's name as printed and as sorted, and everybody else.
fn with_people(session: &ReadSession<'_>, books: Vec<Book>) -> Result<Vec<(Book, [String; 3])>, ExportError> {
    let mut authors: Vec<AuthorId> = books.iter().filter_map(|book| book.author_id).collect();
    authors.sort_unstable_by_key(|id| id.uuid());
    authors.dedup();
    let authors = session.repo::<Author>().find_all(&authors)?;
    let loaded = session
        .repo::<Book>()
        .load::<Children<Contribution, Parent<Author>>>(books)?;
    let cells = |loaded: WithChildren<Book, WithParent<Contribution, Author>>| {
        let author = loaded.parent.author_id.and_then(|id| authors.get(&id));
        let (name, sort_name) = author
            .map(|author| (author.name.clone(), author.sort_name.clone()))
            .unwrap_or_default();
        (loaded.parent, [name, sort_name, contributors(&loaded.children)])
    };
    Ok(loaded.into_iter().map(cells).collect())
}

fn write_book<W: Write>(
    writer: &mut ::csv::Writer<W>,
    book: &Book,
    people: &[String; 3],
    (mut listed, cell): (impl Iterator<Item = Option<String>>, Cell),
) -> ::csv::Result<()> {
    let values = book.values();
    for (position, column) in exported(Book::TABLE) {
        match &values[position] {
            Value::Text(text) => writer.write_field(cell(text).as_bytes()),
            Value::Integer(number) => writer.write_field(number.to_string()),
            Value::Real(number) => writer.write_field(number.to_string()),
            Value::Null | Value::Uuid(_) => writer.write_field(""),
        }?;
        if column.name == BEFORE_PEOPLE {
            people
                .iter()
                .try_for_each(|name| writer.write_field(cell(name).as_bytes()))?;
        }
    }
    listed.try_for_each(|texts| writer.write_field(cell(&texts.unwrap_or_default()).as_bytes()))?;
    writer.write_record(None::<&[u8]>)
}

/// What the operating system said, which the CSV writer wraps.
pub(crate) fn io_error(error: ::csv::Error) -> io::Error {
    match error.into_kind() {
        ::csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Everybody but the author: `Robert Fagles (translator); Bernard Knox (editor)`.
fn contributors(contributions: &[WithParent<Contribution, Author>]) -> String {
    let named = contributions
        .iter()
        .filter_map(|one| Some((one.parent.as_ref()?, &one.row.role)));
    let people: Vec<String> = named
        .map(|(author, role)| format!("{} ({})", author.name, role.as_str()))
        .collect();
    in_one_cell(&people)
}
