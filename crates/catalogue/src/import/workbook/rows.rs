//! The rows of a sheet, written out as a table.

use std::fs::File;
use std::io::Seek as _;

use crate::export::io_error;
use crate::import::ImportError;
use crate::import::rows::ROW_MAX_BYTES;

use super::merged::Merged;
use super::unreadable::unreadable;

/// How many columns a sheet has at most, in every spreadsheet.
pub(super) const COLUMNS_MAX: usize = 16_384;
/// How many rows.
pub(super) const ROWS_MAX: u32 = 1_048_576;
/// How much text is taken from a sheet: one with a filled cell far to the right in every row could fill the disk.
const SHEET_MAX_BYTES: usize = 1 << 30;

/// The rows of a sheet.
pub(super) struct Rows {
    writer: csv::Writer<File>,
    /// The number of each row in the sheet.
    numbers: Vec<u32>,
    bytes: usize,
    /// How many cells have an error in place of a value.
    pub(super) errors: u64,
    /// The cells that are merged over several rows.
    pub(super) merged: Merged,
}

impl Rows {
    pub(super) fn new() -> Result<Self, ImportError> {
        Ok(Self {
            writer: csv::WriterBuilder::new()
                .flexible(true)
                .from_writer(tempfile::tempfile()?),
            numbers: Vec::new(),
            bytes: 0,
            errors: 0,
            merged: Merged::default(),
        })
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Adds the row of a number, counted from 1, unless there is nothing in it.
    pub(super) fn add(&mut self, number: u32, cells: &[String]) -> Result<(), ImportError> {
        let Some(last) = cells.iter().rposition(|cell| !cell.trim().is_empty()) else {
            return Ok(());
        };
        let filled = self.merged.filled(number, cells);
        let (cells, last) = match &filled {
            Some(filled) => (filled.as_slice(), filled.len().saturating_sub(1)),
            None => (&cells[..=last], last),
        };
        let bytes: usize = cells.iter().map(|cell| cell.len() + 1).sum();
        if bytes > ROW_MAX_BYTES {
            return Err(ImportError::RowTooLong { line: number.into() });
        }
        self.bytes += bytes;
        if self.bytes > SHEET_MAX_BYTES || last >= COLUMNS_MAX {
            return Err(unreadable("its sheet holds more than any list of books"));
        }
        self.numbers.push(number);
        self.writer
            .write_record(cells)
            .map_err(|error| ImportError::Io(io_error(error)))
    }

    /// The table, and the numbers of its rows.
    pub(super) fn finish(self) -> Result<(File, Vec<u32>), ImportError> {
        let mut file = self
            .writer
            .into_inner()
            .map_err(|error| ImportError::Io(error.into_error()))?;
        file.rewind()?;
        Ok((file, self.numbers))
    }
}
