//! Records of other programs' formats, on their way into the catalogue.
//!
//! A reader of a format gives one [`Record`] after the other: which field says what, who did what, and what has no
//! field of its own. From there on a record goes the way of a row of a table: its values pass the same rules, its
//! people the same parser, its books the same matching, and whatever is refused is reported with its line. What a
//! record says twice about a field that has room for one is not lost: it is added to the notes.

mod people;

use colophon_store::schema::Value;
use colophon_store::{Columns as _, FieldOf, Kind, WriteSession};
use csv::StringRecord;

use super::columns::{Column, Columns};
use super::described::{About, Authors, Described};
use super::lines::SoFar;
use super::options::Options;
use super::people::{Habit, NameOrder};
use super::record::{Person, Row, RowReader};
use super::rejected::RejectedRows;
use super::write::{Existing, Import, Progress, ROWS_PER_PROGRESS, Report};
use super::{ImportError, Problem};
use crate::belongings::{Belongings, ListColumn, belongings_of};
use crate::book::Book;
use crate::contribution::Role;
use crate::export::csv_header;

/// The columns of the file of rejected records.
const REJECTED: [&str; 2] = ["line", "record"];
/// No name contains it, so that a cell that has one person in it is not parted.
const NEVER: &str = "\u{1f}";

/// What a reader of a format gives for one record.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    /// The line on which it begins, counted from 1.
    pub(crate) line: u64,
    /// The record as it stands in the file.
    pub(crate) text: String,
    /// The same byte by byte, where it is no text.
    pub(crate) bytes: Vec<u8>,
    /// What it says about which field of the book or into which of its lists.
    pub(crate) said: Vec<(Column, String)>,
    /// Who did what, in the order of the record.
    pub(crate) people: Vec<(Whom, Role)>,
    /// What has no field and belongs to the notes.
    pub(crate) remarks: Vec<String>,
    /// What is wrong with it, by the name of the field.
    pub(crate) problems: Vec<(&'static str, String)>,
    /// Why it does not become a book, if it does not.
    pub(crate) refused: Option<String>,
    /// Whether it says that it has no author; then nobody becomes the author who is merely named as one who wrote it.
    pub(crate) has_no_author: bool,
    /// What it says about its people besides their names and years.
    pub(crate) about: Vec<About>,
    /// Whom or what it describes in place of a book.
    pub(crate) described: Option<Described>,
}

/// Who is meant, as a format says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whom {
    /// One person in words, as in a cell of a table: `Twain, Mark, 1835-1910`.
    InWords(String),
    /// Somebody whose name the format itself takes apart.
    Known(Person),
    /// Somebody whom an earlier record describes, by the key that it has there; without such a record, this person.
    Described(String, Person),
}

/// Reads the records of a file, one by one.
pub(crate) trait RecordReader {
    /// The next record; `None` after the last. A record that cannot be read is one whose `refused` says why.
    fn next_record(&mut self) -> Result<Option<Record>, ImportError>;

    /// How the file was read, one line for each thing worth mentioning; known at its end.
    fn reading(&self) -> Vec<String>;

    /// How far the file has been read, and in which encoding.
    fn so_far(&self) -> SoFar;
}

impl Record {
    /// A record that begins on this line.
    pub(crate) fn on(line: u64) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    /// Says something about a field. An empty text says nothing.
    pub(crate) fn say(&mut self, field: FieldOf<Book>, text: impl Into<String>) {
        self.put(Column::Field(field), text.into());
    }

    /// Adds a text to a list, by the name of the column that fills it in a table: `tags`, `doi`, `identifiers`.
    pub(crate) fn list(&mut self, column: &str, text: impl Into<String>) {
        if let Some(column) = list_column(column) {
            self.put(Column::List(column), text.into());
        }
    }

    /// Adds an identifier; what is none after all goes to the notes, with a heading.
    pub(crate) fn identifier(&mut self, column: &str, heading: &str, text: &str) {
        let text = text.trim();
        let is_one = list_column(column).is_some_and(|column| {
            let list = belongings_of(Book::TABLE).find(|list| list.columns.contains(column));
            list.is_some_and(|list| list.checked(&column.in_full(text)).is_ok())
        });
        if is_one {
            self.list(column, text);
        } else {
            self.remark(heading, text);
        }
    }

    /// Adds to the notes what has no field, with a heading that says what it is.
    pub(crate) fn remark(&mut self, heading: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.remarks.push(format!("{heading}: {text}"));
        }
    }

    /// Names somebody, unless the text is empty.
    pub(crate) fn person(&mut self, name: &str, role: Role) {
        if !name.trim().is_empty() {
            self.people.push((Whom::InWords(name.trim().to_owned()), role));
        }
    }

    /// Reports something that is wrong.
    pub(crate) fn problem(&mut self, field: &'static str, reason: impl Into<String>) {
        self.problems.push((field, reason.into()));
    }

    /// What was said about a field first.
    pub(crate) fn said_of(&self, field: FieldOf<Book>) -> Option<&str> {
        let mut said = self.said.iter();
        said.find(|(column, _)| *column == Column::Field(field))
            .map(|(_, text)| text.as_str())
    }

    fn put(&mut self, column: Column, text: String) {
        if !text.trim().is_empty() {
            self.said.push((column, text));
        }
    }
}

impl Person {
    /// Somebody of whom only the name is known, in direct order.
    pub(crate) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sort_name: None,
            birth_year: None,
            death_year: None,
            known: None,
        }
    }
}

fn list_column(name: &str) -> Option<&'static ListColumn> {
    let mut columns = belongings_of(Book::TABLE).flat_map(|list| list.columns);
    columns.find(|column| column.name == name)
}

/// Imports the rest of a file in the caller's transaction; `bytes_total` is its size, for the progress.
pub(super) fn import_records(
    session: &WriteSession<'_>,
    reader: &mut dyn RecordReader,
    bytes_total: u64,
    (existing, options): (Existing, &Options),
    rejected: &mut RejectedRows,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let mut import = Import::begin(session, existing)?;
    let mut rows = Records::new(options)?;
    let headers = REJECTED.map(str::to_owned);
    let mut read = 0;
    while let Some(mut record) = reader.next_record()? {
        if let Some(described) = record.described.take() {
            import.describe(record.line, described, &mut rows.authors)?;
            continue;
        }
        let (text, bytes) = (std::mem::take(&mut record.text), std::mem::take(&mut record.bytes));
        let (line, about) = (record.line, std::mem::take(&mut record.about));
        let row = rows.row(record, reader.so_far().is_damaged);
        match import.row(row)? {
            Some(problems) => {
                let line = line.to_string();
                rejected.add(&headers, [line.as_str(), text.as_str()].into_iter(), &problems)?;
                rejected.keep_bytes(&bytes)?;
            }
            None => import.tell_about(line, about)?,
        }
        read += 1;
        if read % ROWS_PER_PROGRESS == 0 {
            progress(Progress {
                rows: read,
                bytes_read: reader.so_far().bytes_read,
                bytes_total,
            });
        }
    }
    progress(Progress {
        rows: read,
        bytes_read: bytes_total,
        bytes_total,
    });
    rejected.finish()?;
    let mut report = import.finish();
    report.reading = reader.reading();
    Ok(report)
}

/// Turns records into rows.
struct Records {
    rows: RowReader,
    /// The columns that the rows have: those of an export of ours, in which everything is meant literally.
    header: Vec<&'static str>,
    /// How people in words are read.
    habit: Habit,
    /// Whom earlier records describe, by their keys.
    authors: Authors,
}

impl Records {
    fn new(options: &Options) -> Result<Self, ImportError> {
        let header = csv_header(Book::TABLE);
        let order = options.names.unwrap_or(NameOrder::Inverted);
        let separator = options.people_separator.as_deref().unwrap_or(NEVER);
        Ok(Self {
            rows: RowReader::new(Columns::recognise(&header, &[])?, &[], false, &Options::default()),
            header,
            habit: Habit::found("", std::iter::empty(), Some(order), Some(separator)),
            authors: Authors::new(),
        })
    }

    fn row(&mut self, mut record: Record, is_damaged: bool) -> Row {
        let line = record.line;
        let said = |(field, reason): (&'static str, String)| Problem { line, field, reason };
        let mut problems: Vec<Problem> = std::mem::take(&mut record.problems).into_iter().map(said).collect();
        if let Some(reason) = record.refused.take() {
            problems.push(said(("row", reason)));
            return Row {
                line,
                book: None,
                problems,
            };
        }
        if is_damaged {
            self.rows.expect_damage();
        }
        let cells = self.cells(&mut record);
        let mut row = self.rows.read(line, &cells);
        if let Some(book) = &mut row.book {
            let language = record.said_of(Book::FIELDS.language.any()).unwrap_or_default();
            self.people(book, &record, language, &mut |field, reason| {
                problems.push(said((field, reason)));
            });
            book.lists = lists(&record.said, &mut |field, reason| problems.push(said((field, reason))));
        }
        row.problems.splice(0..0, problems);
        row
    }

    /// The row that an export of ours would have for the record, without its people and lists.
    fn cells(&self, record: &mut Record) -> StringRecord {
        let mut cells: Vec<(FieldOf<Book>, String)> = Vec::new();
        for (column, text) in &record.said {
            let Column::Field(field) = *column else { continue };
            let Some((_, cell)) = cells.iter_mut().find(|(known, _)| *known == field) else {
                cells.push((field, text.clone()));
                continue;
            };
            if field == Book::FIELDS.isbn {
                // The reader of the cell takes the first that is valid, and says so if there is another.
                cell.push_str("; ");
                cell.push_str(text);
            } else if has_lines(field) {
                add_lines(cell, text);
            } else if !says_same(field, cell, text) {
                record
                    .remarks
                    .push(format!("{}: {text}", field.name().replace('_', " ")));
            }
        }
        let notes = Book::FIELDS.notes.any();
        for remark in &record.remarks {
            match cells.iter_mut().find(|(field, _)| *field == notes) {
                Some((_, cell)) => add_lines(cell, remark),
                None => cells.push((notes, remark.clone())),
            }
        }
        let cell = |name: &&'static str| {
            let said = cells.iter().find(|(field, _)| field.name() == *name);
            said.map(|(_, cell)| cell.as_str()).unwrap_or_default()
        };
        self.header.iter().map(cell).collect()
    }
}

/// The texts of lists in their stored form; what is refused is left out and reported.
fn lists(
    said: &[(Column, String)],
    problem: &mut dyn FnMut(&'static str, String),
) -> Vec<(&'static Belongings, Vec<String>)> {
    let mut lists: Vec<(&'static Belongings, Vec<String>)> = Vec::new();
    for (column, text) in said {
        let Column::List(column) = *column else { continue };
        let list = belongings_of(Book::TABLE).find(|list| list.columns.contains(column));
        let Some(list) = list else { continue };
        match list.checked(&column.in_full(text.trim())) {
            Ok(text) => match lists.iter_mut().find(|(known, _)| *known == list) {
                Some((_, texts)) => texts.push(text),
                None => lists.push((list, vec![text])),
            },
            Err(colophon_store::Error::Invalid { reason, .. }) => problem(column.name, reason),
            Err(error) => problem(column.name, error.to_string()),
        }
    }
    lists
}

fn has_lines(field: FieldOf<Book>) -> bool {
    field.declared().options.kind.is_some_and(Kind::has_lines)
}

fn add_lines(cell: &mut String, text: &str) {
    cell.push_str("\n\n");
    cell.push_str(text);
}

/// Whether two texts are the same value of a field.
fn says_same(field: FieldOf<Book>, first: &str, second: &str) -> bool {
    let read = |text: &str| field.declared().read_cell(text).ok();
    let (first, second) = (read(first), read(second));
    second == Some(Value::Null) || second.is_some() && first == second
}
