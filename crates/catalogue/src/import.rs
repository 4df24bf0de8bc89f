//! Reading other programs' catalogues: a CSV file of any encoding, delimiter and column names.
//!
//! [`CsvFile::open`] looks at the file once and finds out how it is written; [`CsvFile::next_row`] then gives one row after
//! another, each as a book with its people, or as problems. Nothing of the file but the row under way is kept in memory.
//!
//! A row is *rejected* only when it could not be a book here: without a title or an author, with more cells than the header,
//! or with broken letters. Any other bad value (an ISBN with a wrong check digit, a year in words) is left out and reported,
//! and the book is imported, because a book without its ISBN is worth more than a line in an error report. Every problem
//! carries the number of the line where its row begins, counted as an editor counts them.
//!
//! One file each: what the bytes are ([`encoding`]), what separates the cells ([`delimiter`]), which column is which field
//! ([`columns`]), who is named in a cell ([`people`]), what one cell says ([`cells`]), what a row says ([`record`]), and the
//! reader that keeps rows bounded and their lines counted ([`source`]).

mod cells;
mod columns;
mod delimiter;
mod encoding;
mod people;
mod record;
mod source;

use std::io;

use serde::Serialize;
use thiserror::Error;

pub use self::columns::{Column, Columns};
pub use self::people::{Commas, Role};
pub use self::record::{BookRow, Contributor, Person, Row};
pub use self::source::{CsvFile, Options, ROW_MAX_BYTES};

/// Something about one row of a file that a person may want to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The field, named as the catalogue names it; `row` when it is about the row as a whole.
    pub field: &'static str,
    /// What is wrong, with the value as it was found.
    pub reason: String,
}

/// Why a file cannot be imported at all. Nothing was written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ImportError {
    /// There is nothing in the file.
    #[error(
        "the file is empty; nothing was imported: it needs a first line that names the columns, and a row for each book"
    )]
    Empty,
    /// The file is no text.
    #[error("the file is not text but {kind}; nothing was imported")]
    Binary {
        /// What it is, and perhaps what to do.
        kind: &'static str,
    },
    /// A field without which no book can be made has no column.
    #[error(
        "no column of the file holds the {field}; nothing was imported. Its columns are: {columns}. Say which one it is with \
         --map {field}=COLUMN, or add a first line that names the columns"
    )]
    MissingColumn {
        /// The field.
        field: &'static str,
        /// The headers that were found.
        columns: String,
    },
    /// A mapping names a column that the file does not have.
    #[error("the file has no column “{column}”; nothing was imported. Its columns are: {columns}")]
    NoSuchColumn {
        /// The column asked for.
        column: String,
        /// The headers that were found.
        columns: String,
    },
    /// A row is longer than any book's could be.
    #[error(
        "the row that begins on line {line} is longer than {} MiB; nothing was imported. Either a quotation mark in it is never \
         closed, or the file is not a table",
        ROW_MAX_BYTES / (1024 * 1024)
    )]
    RowTooLong {
        /// The line on which it begins.
        line: u64,
    },
    /// The file could not be read.
    #[error("the file could not be read ({0}); nothing was imported")]
    Io(#[from] io::Error),
}
