//! The reader of a CSV file: opens it, bounds its rows, counts its lines.
//!
//! A file may hold one line of 200 MB, or a quotation mark that is never closed, which makes one row of everything behind
//! it. Neither may eat the memory, so the bytes handed to the CSV reader since the row began are counted, and past
//! [`ROW_MAX_BYTES`] the import stops.
//!
//! The CSV reader's own line numbers count empty lines before a row to the row, and do not count line ends of a single
//! carriage return. People look the number up in an editor, so lines are counted here, in the bytes of each row.

use std::io::{self, Read, Seek};
use std::ops::Range;

use csv::StringRecord;
use encoding_rs::Encoding;

use super::columns::{Column, Columns};
use super::delimiter;
use super::encoding::{Survey, Utf8Reader};
use super::people::Commas;
use super::quotation::{Fault, fault};
use super::record::{Row, RowReader};
use super::{ImportError, Problem};

/// The most bytes one row may have, as UTF-8: four times the longest notes, and room for the rest.
pub const ROW_MAX_BYTES: usize = 16 * 1024 * 1024;

/// How many rows are asked about the habits of their columns.
const ROWS_ASKED: usize = 2_000;
/// How much the CSV reader takes at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// What a person says about a file, where they know better.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which column fills which field.
    pub mapped: Vec<(Column, String)>,
    /// The encoding.
    pub encoding: Option<&'static Encoding>,
    /// The character between cells.
    pub delimiter: Option<u8>,
}

/// A CSV file that is being read.
pub struct CsvFile<R> {
    reader: csv::Reader<Bounded<Utf8Reader<R>>>,
    rows: RowReader,
    cells: StringRecord,
    lines: LineCount,
    /// The positions of the columns whose cells may have several lines.
    with_lines: Vec<usize>,
    survey: Survey,
    delimiter: u8,
}

impl<R: Read + Seek> CsvFile<R> {
    /// Looks at the whole file once, finds its encoding, delimiter and columns, and stands before the first row.
    pub fn open(mut file: R, options: &Options) -> Result<Self, ImportError> {
        let survey = Survey::of(&mut file, options.encoding)?;
        let head = survey.head_text();
        let found = delimiter::find(&head, survey.head_is_all());
        let delimiter = options.delimiter.unwrap_or(found.delimiter);
        let first_rows = first_rows(&head, delimiter);
        let source = Bounded::new(survey.reader(file)?);
        let mut reader = reader_of(delimiter).buffer_capacity(BUFFER_BYTES).from_reader(source);
        let mut lines = LineCount::default();
        let mut cells = StringRecord::new();
        for _ in 0..=usize::from(found.named_on_first_line) {
            if lines.read(&mut reader, &mut cells)?.is_none() {
                return Err(ImportError::Empty);
            }
        }
        let columns = Columns::recognise(&cells.iter().collect::<Vec<_>>(), &options.mapped)?;
        let with_lines = columns.with_lines();
        let rows = RowReader::new(columns, &first_rows, survey.damaged);
        Ok(Self {
            reader,
            rows,
            cells,
            lines,
            with_lines,
            survey,
            delimiter,
        })
    }

    /// The next row; `None` after the last. Rows without a single filled cell are passed over.
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
            if self.reader.get_ref().inner.is_damaged() {
                self.rows.expect_damage();
            }
            if self.cells.iter().any(|cell| !cell.trim().is_empty()) {
                return Ok(Some(self.rows.read(line, &self.cells)));
            }
        }
    }

    fn fault(&self) -> Option<Fault> {
        let cells = self.headers().len();
        let has_lines = |cell| self.with_lines.contains(&cell);
        fault(self.reader.get_ref().taken(), self.delimiter, cells, has_lines)
    }

    /// The cells of the row that was read last, as they stand in the file.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        self.cells.iter()
    }

    /// The header as it stands in the file.
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
        self.survey.encoding.name()
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
        self.reader.get_ref().inner.bytes_read()
    }
}

/// The rows behind the header in the beginning of a file, without the one that may be cut off.
fn first_rows(head: &str, delimiter: u8) -> Vec<StringRecord> {
    let mut reader = reader_of(delimiter).from_reader(head.as_bytes());
    let mut rows: Vec<_> = reader.records().flatten().skip(1).take(ROWS_ASKED).collect();
    if rows.len() > 1 && rows.len() < ROWS_ASKED {
        rows.pop();
    }
    rows
}

fn reader_of(delimiter: u8) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.delimiter(delimiter).has_headers(false).flexible(true);
    builder
}

/// A row that took others into one of its cells: it is none, and neither are they.
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

/// Where a row was found.
struct RowLines {
    line: u64,
    /// How many lines it has.
    lines: u64,
}

/// Counts lines as an editor does, row by row.
#[derive(Default)]
struct LineCount {
    /// Line ends before the row under way.
    ends: u64,
    /// Whether the last byte counted was a carriage return, whose line feed is still to come.
    after_return: bool,
}

impl LineCount {
    fn read<R: Read>(
        &mut self,
        reader: &mut csv::Reader<Bounded<R>>,
        cells: &mut StringRecord,
    ) -> Result<Option<RowLines>, ImportError> {
        let start = reader.position().byte();
        let found = reader.read_record(cells).map_err(|error| self.import_error(error))?;
        let end = reader.position().byte();
        if !found {
            return Ok(None);
        }
        let bytes = reader.get_mut().take(start, end);
        let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.count(&bytes[..blank]);
        let line = self.ends + 1;
        self.count(&bytes[blank..]);
        let is_ended = bytes.last().is_some_and(|last| matches!(last, b'\r' | b'\n'));
        let lines = self.ends + 1 - line + u64::from(!is_ended);
        Ok(Some(RowLines { line, lines }))
    }

    fn count(&mut self, bytes: &[u8]) {
        for offset in memchr::memchr2_iter(b'\r', b'\n', bytes) {
            let is_second_half = bytes[offset] == b'\n'
                && offset
                    .checked_sub(1)
                    .map_or(self.after_return, |before| bytes[before] == b'\r');
            self.ends += u64::from(!is_second_half);
        }
        if let Some(&last) = bytes.last() {
            self.after_return = last == b'\r';
        }
    }

    fn import_error(&self, error: csv::Error) -> ImportError {
        match error.into_kind() {
            csv::ErrorKind::Io(error)
                if error
                    .get_ref()
                    .is_some_and(<dyn std::error::Error + Send + Sync>::is::<RowTooLong>) =>
            {
                ImportError::RowTooLong { line: self.ends + 1 }
            }
            csv::ErrorKind::Io(error) => ImportError::Io(error),
            other => ImportError::Io(io::Error::other(format!("{other:?}"))),
        }
    }
}

/// Hands bytes on, keeps those of the row under way, and refuses to hand on more than a row may have.
struct Bounded<R> {
    inner: R,
    recent: Vec<u8>,
    /// The offset in the stream of the first byte in `recent`.
    recent_from: u64,
    /// The offset up to which rows have been taken.
    taken_to: u64,
    /// Where the row that was taken last lies in `recent`, without blank lines before it.
    taken: Range<usize>,
}

#[derive(Debug, thiserror::Error)]
#[error("a row has more than {ROW_MAX_BYTES} bytes")]
struct RowTooLong;

impl<R> Bounded<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            recent: Vec::new(),
            recent_from: 0,
            taken_to: 0,
            taken: 0..0,
        }
    }

    /// The bytes of a row that the CSV reader has just read.
    fn take(&mut self, start: u64, end: u64) -> &[u8] {
        self.taken_to = end;
        let within = |offset: u64| usize::try_from(offset - self.recent_from).unwrap_or(self.recent.len());
        let mut taken = within(start)..within(end);
        let bytes = self.recent.get(taken.clone()).unwrap_or_default();
        taken.start += bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.taken = taken;
        bytes
    }

    /// The bytes of the row that was taken last.
    fn taken(&self) -> &[u8] {
        self.recent.get(self.taken.clone()).unwrap_or_default()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let done = usize::try_from(self.taken_to - self.recent_from).unwrap_or(self.recent.len());
        self.recent.drain(..done);
        self.recent_from = self.taken_to;
        if self.recent.len() > ROW_MAX_BYTES {
            return Err(io::Error::other(RowTooLong));
        }
        let read = self.inner.read(buffer)?;
        self.recent.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}
