//! The reader of a CSV file: opens it, bounds its rows, counts its lines.
//!
//! A file may hold one line of 200 MB, or a quotation mark that is never closed, which turns everything after it into
//! one row. Neither may eat up the memory, so the bytes handed to the CSV reader since the row began are counted, and
//! past [`ROW_MAX_BYTES`](super::rows::ROW_MAX_BYTES) the import stops.
//!
//! The CSV reader's own line numbers count empty lines before a row as part of the row, and do not count line ends that
//! are a single carriage return. People look the number up in an editor, so lines are counted here, in the bytes of
//! each row.

use std::io::{Read, Seek};

use csv::StringRecord;
use encoding_rs::UTF_8;

use super::columns::{Column, Columns};
use super::delimiter;
use super::encoding::{Survey, Utf8Reader};
use super::marks::{Marks, Unspaced};
use super::options::Options;
use super::people::Commas;
use super::quotation::{Fault, fault};
use super::record::{Row, RowReader};
use super::rows::{Bounded, LineCount, RowLines};
use super::{ImportError, Problem, cleaning, series};
use crate::book::Book;

/// How many rows are examined for the habits of their columns.
const ROWS_ASKED: usize = 2_000;
/// How much the CSV reader takes at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// A CSV file that is being read.
pub struct CsvFile<R> {
    reader: csv::Reader<Bounded<Unspaced<Utf8Reader<R>>>>,
    rows: RowReader,
    cells: StringRecord,
    lines: LineCount,
    /// The positions of the columns whose cells may have several lines.
    with_lines: Vec<usize>,
    survey: Survey,
    delimiter: u8,
    marks: Marks,
    /// The line that the header is on.
    header_line: u64,
    /// Lines on which the header is repeated.
    headers_again: u64,
    /// Whether many titles contain a series that could be taken out.
    has_series_in_titles: bool,
}

/// How the rows of a file are laid out.
struct Layout {
    delimiter: u8,
    marks: Marks,
    /// How many rows come before everything.
    before: usize,
}

impl<R: Read + Seek> CsvFile<R> {
    /// Examines the whole file once, finds its encoding, delimiter and columns, and stops before the first row.
    pub fn open(mut file: R, options: &Options) -> Result<Self, ImportError> {
        let survey = Survey::of(&mut file, options.encoding, options.code_page)?;
        let head = survey.head_text();
        let found = delimiter::find(&head, survey.head_is_all());
        let delimiter = options.delimiter.unwrap_or(found.delimiter);
        let layout = Layout {
            delimiter,
            marks: Marks::of(&head, delimiter),
            before: usize::from(found.named_on_first_line),
        };
        Self::laid_out(file, survey, layout, LineCount::default(), options)
    }

    /// The table that was made of a sheet, whose rows have these numbers there.
    pub(super) fn of_sheet(mut file: R, numbers: Vec<u32>, options: &Options) -> Result<Self, ImportError> {
        let survey = Survey::of(&mut file, Some(UTF_8), None)?;
        let layout = Layout {
            delimiter: b',',
            marks: Marks::default(),
            before: 0,
        };
        Self::laid_out(file, survey, layout, LineCount::of_sheet(numbers), options)
    }

    fn laid_out(
        file: R,
        survey: Survey,
        Layout {
            delimiter,
            marks,
            before,
        }: Layout,
        mut lines: LineCount,
        options: &Options,
    ) -> Result<Self, ImportError> {
        let head = survey.head_text();
        let head = marks.without_spaces(&head, delimiter);
        let has_header = options.columns.is_none();
        let skipped_rows = if has_header {
            before + delimiter::rows_before_header(&head, before, &marks.reader_of(delimiter)) + 1
        } else {
            before
        };
        let first_rows = first_rows(&head, &marks.reader_of(delimiter), skipped_rows, survey.head_is_all());
        let source = Bounded::new(Unspaced::new(survey.reader(file)?, marks, delimiter));
        let mut reader = marks
            .reader_of(delimiter)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(source);
        let mut cells = StringRecord::new();
        let mut header_line = 0;
        for _ in 0..skipped_rows {
            let row_lines = lines.read(&mut reader, &mut cells)?.ok_or(ImportError::Empty)?;
            header_line = row_lines.line;
        }
        let headers: Vec<&str> = match &options.columns {
            Some(columns) => columns.iter().map(String::as_str).collect(),
            None => cells.iter().collect(),
        };
        let columns = Columns::recognise(&headers, &options.mapped)?;
        let with_lines = columns.with_lines();
        let titles = columns.position(Column::Field(Book::FIELDS.title.any()));
        let titles = first_rows.iter().filter_map(|row| row.get(titles?));
        let has_series_in_titles = !options.splits_series && series::are_in(titles);
        let rows = RowReader::new(columns, &first_rows, survey.damaged, options);
        Ok(Self {
            reader,
            rows,
            cells,
            lines,
            with_lines,
            survey,
            delimiter,
            marks,
            header_line,
            headers_again: 0,
            has_series_in_titles,
        })
    }

    /// The next row; `None` after the last. Rows without a single filled cell are skipped.
    pub fn next_row(&mut self) -> Result<Option<Row>, ImportError> {
        loop {
            let Some(RowLines { line, lines }) = self.lines.read(&mut self.reader, &mut self.cells)? else {
                return Ok(None);
            };
            if lines > 1
                && let Some(fault) = self.fault()
            {
                return Ok(Some(swallowing(line, lines, fault)));
            }
            if self.reader.get_ref().inner.inner.is_damaged() {
                self.rows.expect_damage();
            }
            if self.is_header_again() {
                self.headers_again += 1;
                continue;
            }
            if self.cells.iter().any(|cell| !cell.trim_matches(is_nothing).is_empty()) {
                let cleaned = if self.rows.is_ours() {
                    None
                } else {
                    cleaning::cleaned(&self.cells)
                };
                return Ok(Some(self.rows.read(line, cleaned.as_ref().unwrap_or(&self.cells))));
            }
        }
    }

    /// Whether a row repeats the header, as happens when files were concatenated.
    fn is_header_again(&self) -> bool {
        let headers = self.headers();
        let cells = || self.cells.iter().map(str::trim);
        self.header_line > 0
            && headers.len() > 1
            && cells().next() == headers.first().map(String::as_str)
            && cells().eq(headers.iter().map(String::as_str))
    }

    /// How the file was read, one line for each thing worth mentioning; known at its end.
    pub fn reading(&self) -> Vec<String> {
        let mut lines = self.rows.reading();
        if self.headers_again > 0 {
            lines.push(format!(
                "the header stands again {} times below, and was passed over",
                self.headers_again
            ));
        }
        if self.has_series_in_titles {
            lines.push("many titles have their series in brackets: --split-series takes it out of them".to_owned());
        }
        lines
    }

    /// The line that the header is on; 0 if there is none.
    pub fn header_line(&self) -> u64 {
        self.header_line
    }

    /// Whether the encoding is merely likely.
    pub fn is_encoding_doubtful(&self) -> bool {
        self.survey.is_doubtful
    }

    fn fault(&self) -> Option<Fault> {
        let cells = self.headers().len();
        let has_lines = |cell| self.with_lines.contains(&cell);
        fault(
            self.reader.get_ref().taken(),
            self.delimiter,
            self.marks.has_backslashes,
            cells,
            has_lines,
        )
    }

    /// The cells of the row that was read last, as they are in the file.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter()
    }

    /// The header as it is in the file.
    pub fn headers(&self) -> &[String] {
        self.rows.columns().headers()
    }

    /// Which columns are imported and which are not.
    pub fn columns(&self) -> &Columns {
        self.rows.columns()
    }

    /// What commas mean in the column of authors.
    pub fn commas(&self) -> Option<Commas> {
        self.rows.commas()
    }

    /// The name of the encoding.
    pub fn encoding(&self) -> &'static str {
        self.survey.name()
    }

    /// The character between cells.
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// The size of the file in bytes.
    pub fn bytes_total(&self) -> u64 {
        self.survey.bytes
    }

    /// How much of the file has been read so far, in bytes.
    pub fn bytes_read(&self) -> u64 {
        self.reader.get_ref().inner.inner.bytes_read()
    }
}

/// What ends a DOS file, and stands between the letters of a file that was cut wrongly.
fn is_nothing(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\u{1a}' | '\0')
}

/// The rows after the header in the beginning of a file, without the last one if it may be cut off.
fn first_rows(head: &str, reader: &csv::ReaderBuilder, skipped: usize, is_all: bool) -> Vec<StringRecord> {
    let mut reader = reader.from_reader(head.as_bytes());
    let rows = reader.records().flatten().skip(skipped).take(ROWS_ASKED);
    let mut rows: Vec<_> = rows.map(|row| cleaning::cleaned(&row).unwrap_or(row)).collect();
    if !is_all && rows.len() > 1 && rows.len() < ROWS_ASKED {
        rows.pop();
    }
    rows
}

/// A row that pulled others into one of its cells: it is not a row, and neither are they.
fn swallowing(line: u64, lines: u64, fault: Fault) -> Row {
    let reason = match fault {
        Fault::NeverClosed => {
            "a quotation mark in it is never closed, so everything behind it was taken for this row".to_owned()
        }
        Fault::ClosedLater => format!(
            "a quotation mark in line {line} is closed only further down, so everything to line {} was taken for one row, and nothing of \
             it was imported; take it away, or close it",
            line + lines - 1
        ),
    };
    let problem = Problem {
        line,
        field: "row",
        reason,
    };
    Row {
        line,
        book: None,
        problems: vec![problem],
    }
}
