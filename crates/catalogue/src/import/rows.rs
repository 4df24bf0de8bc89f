//! Where rows begin and end: lines are counted as an editor counts them, and no row is longer than a row may be.

use std::io::{self, Read};
use std::ops::Range;

use csv::StringRecord;

use super::ImportError;

/// The most bytes one row may have, as UTF-8: four times the longest notes, and room for the rest.
pub const ROW_MAX_BYTES: usize = 16 * 1024 * 1024;

/// Where a row was found.
pub(super) struct RowLines {
    /// The line on which it begins.
    pub(super) line: u64,
    /// How many lines it has.
    pub(super) lines: u64,
}

/// Counts lines as an editor does, row by row.
#[derive(Default)]
pub(super) struct LineCount {
    /// Line ends before the current row.
    ends: u64,
    /// Whether the last byte counted was a carriage return, whose line feed is still to come.
    after_return: bool,
    /// The numbers that the rows have in a sheet, which then are their lines.
    numbers: Option<std::vec::IntoIter<u32>>,
}

impl LineCount {
    /// Counts rows of a sheet, which have numbers there.
    pub(super) fn of_sheet(numbers: Vec<u32>) -> Self {
        Self {
            numbers: Some(numbers.into_iter()),
            ..Self::default()
        }
    }

    pub(super) fn read<R: Read>(
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
        if let Some(numbers) = &mut self.numbers {
            let line = numbers.next().unwrap_or_default().into();
            return Ok(Some(RowLines { line, lines: 1 }));
        }
        let blank = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.count(&bytes[..blank]);
        let line = self.ends + 1;
        self.count(&bytes[blank..]);
        let is_ended = bytes.last().is_some_and(|last| matches!(last, b'\r' | b'\n'));
        let lines = self.ends + 1 - line + u64::from(!is_ended);
        Ok(Some(RowLines { line, lines }))
    }

    fn count(&mut self, bytes: &[u8]) {
        for position in memchr::memchr2_iter(b'\r', b'\n', bytes) {
            let is_second_half = bytes[position] == b'\n'
                && position
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

/// Passes bytes on, keeps those of the current row, and refuses to pass on more than a row may have.
pub(super) struct Bounded<R> {
    pub(super) inner: R,
    recent: Vec<u8>,
    /// The position in the stream of the first byte in `recent`.
    recent_from: u64,
    /// The position up to which rows have been taken.
    taken_to: u64,
    /// Where in `recent` the row that was taken last is, without blank lines before it.
    taken: Range<usize>,
}

#[derive(Debug, thiserror::Error)]
#[error("a row has more than {ROW_MAX_BYTES} bytes")]
struct RowTooLong;

impl<R> Bounded<R> {
    pub(super) fn new(inner: R) -> Self {
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
        let within = |position: u64| usize::try_from(position - self.recent_from).unwrap_or(self.recent.len());
        let mut taken = within(start)..within(end);
        let bytes = self.recent.get(taken.clone()).unwrap_or_default();
        taken.start += bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.taken = taken;
        bytes
    }

    /// The bytes of the row that was taken last.
    pub(super) fn taken(&self) -> &[u8] {
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
