//! The catalogue as a workbook of Excel: one sheet, one row per book, with the columns of the CSV export.
//!
//! Texts are texts, whatever they look like: ISBNs and leading zeros stay, and nothing runs as a formula. Years and
//! pages are numbers, so that they sort and add up. Rows go through a file on the disk, so that many of them need no
//! memory.

use std::io::{self, Write};

use colophon_store::schema::Value;
use colophon_store::{Columns as _, EntityId as _, ReadSession};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::csv::{BEFORE_PEOPLE, csv_header, exported, listed, with_people};
use super::{ExportError, Lists, Wanted, in_one_cell, visit_books};
use crate::book::Book;

/// How many characters a cell has room for.
const CELL_MAX_CHARS: usize = 32_767;
/// How many books a sheet has room for, below its header.
const BOOKS_MAX: u32 = 1_048_575;
/// The name of the sheet.
const SHEET: &str = "Books";
/// How wide a column is, in characters; the first, with the titles, is wider.
const WIDTHS: (f64, f64) = (40.0, 16.0);

/// Writes all books, in the order in which they were added, and returns how many.
pub(crate) fn workbook(
    session: &ReadSession<'_>,
    writer: &mut dyn Write,
    wanted: &Wanted<'_>,
) -> Result<u64, ExportError> {
    let mut workbook = Workbook::new();
    // The same catalogue gives the same file.
    let beginning = ExcelDateTime::from_timestamp(0).map_err(failed)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&beginning));
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
    sheet.set_name(SHEET).map_err(failed)?;
    header(sheet).map_err(failed)?;
    let mut below = 0;
    let lists = Lists::of(session, Book::TABLE)?;
    let books = visit_books(session, wanted, |some| {
        let mut texts = lists.texts(session, some.iter().map(|book| book.id.uuid()))?;
        for (book, people) in with_people(session, some)? {
            if below == BOOKS_MAX {
                return Err(not_fitting(format!(
                    "a sheet has room for {BOOKS_MAX} books and the catalogue has more; CSV has room for all"
                )));
            }
            below += 1;
            let mut texts = texts.of(book.id.uuid());
            let listed = listed(Book::TABLE).map(|name| in_one_cell(&texts.remove(name).unwrap_or_default()));
            row(sheet, below, &book, people.into_iter(), listed)?;
        }
        Ok(())
    })?;
    let bytes = workbook.save_to_buffer().map_err(failed)?;
    writer.write_all(&bytes)?;
    writer.flush()?;
    Ok(books)
}

fn header(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (column, name) in (0..).zip(csv_header(Book::TABLE)) {
        sheet.set_column_width(column, if column == 0 { WIDTHS.0 } else { WIDTHS.1 })?;
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// A cell of a row.
enum Cell {
    Nothing,
    Text(String),
    Number(f64),
}

fn row(
    sheet: &mut Worksheet,
    number: u32,
    book: &Book,
    people: impl Iterator<Item = String>,
    listed: impl Iterator<Item = String>,
) -> Result<(), ExportError> {
    let values = book.values();
    let mut people = Some(people);
    let mut cells = Vec::new();
    for (position, column) in exported(Book::TABLE) {
        cells.push(match &values[position] {
            Value::Text(text) => Cell::Text(text.clone()),
            Value::Integer(whole) => match i32::try_from(*whole) {
                Ok(whole) => Cell::Number(whole.into()),
                // A spreadsheet would round it.
                Err(_) => Cell::Text(whole.to_string()),
            },
            Value::Real(real) => Cell::Number(real.number()),
            Value::Null | Value::Uuid(_) => Cell::Nothing,
        });
        if column.name == BEFORE_PEOPLE {
            cells.extend(people.take().into_iter().flatten().map(Cell::Text));
        }
    }
    cells.extend(listed.map(Cell::Text));
    for (column, cell) in (0..).zip(cells) {
        let written = match cell {
            Cell::Text(text) if text.chars().count() > CELL_MAX_CHARS => {
                return Err(not_fitting(format!(
                    "“{}” does not fit into a workbook: a cell has room for {CELL_MAX_CHARS} characters; CSV has room for it",
                    book.title
                )));
            }
            Cell::Text(text) if !text.is_empty() => sheet.write_string(number, column, text),
            Cell::Number(value) => sheet.write_number(number, column, value),
            Cell::Text(_) | Cell::Nothing => continue,
        };
        written.map_err(failed)?;
    }
    Ok(())
}

fn not_fitting(words: String) -> ExportError {
    ExportError::Io(io::Error::new(io::ErrorKind::InvalidData, words))
}

fn failed(error: XlsxError) -> ExportError {
    ExportError::Io(match error {
        XlsxError::IoError(error) => error,
        other => io::Error::other(other),
    })
}
