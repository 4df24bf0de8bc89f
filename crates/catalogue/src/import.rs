//! Reading other programs' catalogues: a CSV file with any encoding, delimiter and column names, and the formats of the
//! [table](crate::format).
//!
//! [`ImportFile::open`] looks at the file once and finds out how it is written; [`ImportFile::import`] takes it into
//! the catalogue, in a transaction of the caller's. A table is read row by row ([`CsvFile::next_row`]), each as a book
//! with its people, or as problems. Only the current row of the file is kept in memory.
//!
//! A row is *rejected* only if it could not be a book here: without a title, with more cells than the header, or with
//! broken letters. Any other bad value (an ISBN with a wrong check digit, a year in words) is left out and reported,
//! and the book is imported, because a book without its ISBN is worth more than a line in an error report. Every
//! problem carries the number of the line on which its row begins, counted as an editor counts.
//!
//! One file each: what the bytes are (`encoding`, `code_page`, `likelihood`), what separates the cells (`delimiter`)
//! and how they are quoted (`marks`, `quotation`), which column is which field (`columns`), who is named in a cell
//! (`people`, `hungarian`), what one cell says (`cells`, `isbns`, `years`, `series`) after removing what nobody typed
//! (`cleaning`), what a row says (`record`), the reader (`source`) that keeps rows bounded and their lines counted
//! (`rows`), where rejected rows go (`rejected`), who is meant by a name (`namesakes`), how books get into the
//! catalogue (`write`), and the same for an export of ours in JSON (`document`).
//!
//! Of every other format there is a reader of records (`foreign`), which then go the way of rows: `bibtex`, `ris`,
//! `endnote` for its tags, `csl` for CSL-JSON, `marc`, `mods`, `dublin_core`, `opf`, `onix` (the XML among them by way of
//! `xml_records`), `calibre` for a library's database, and
//! `isbn_list` for numbers alone; what of it is a book says `kind_of_record`. They read
//! bounded text (`lines`). Workbooks are read as tables (`workbook`). What is none of all these is named and turned away (`turned_away`).

pub(crate) mod bibtex;
pub(crate) mod calibre;
pub(crate) mod cells;
mod cleaning;
mod code_page;
mod columns;
pub(crate) mod csl;
mod delimiter;
mod described;
mod document;
pub(crate) mod dublin_core;
mod encoding;
pub(crate) mod endnote;
mod file;
pub(crate) mod foreign;
mod host;
mod hungarian;
pub(crate) mod isbn_list;
mod isbns;
mod kind_of_record;
mod left_out;
mod likelihood;
pub(crate) mod lines;
pub(crate) mod marc;
mod marks;
pub(crate) mod mods;
mod namesakes;
pub(crate) mod onix;
pub(crate) mod opf;
mod options;
mod people;
mod quotation;
mod record;
mod rejected;
pub(crate) mod ris;
mod rows;
mod series;
mod source;
mod turned_away;
pub(crate) mod workbook;
mod write;
mod xml_records;
pub(crate) mod years;

use std::io;
use std::path::PathBuf;

use colophon_store::is_without_room;
use serde::Serialize;
use thiserror::Error;

pub use self::code_page::CodePage;
pub use self::columns::{Column, Columns};
pub use self::file::{ImportFile, RecordsFile};
pub use self::options::Options;
pub use self::people::{Commas, NameOrder};
pub use self::record::{BookRow, Contributor, Person, Row};
pub use self::rejected::RejectedRows;
pub use self::rows::ROW_MAX_BYTES;
pub use self::source::CsvFile;
pub use self::workbook::Workbook;
pub use self::write::{Existing, Progress, Report};

/// Something about one row of a file that a person may want to fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The line on which the row begins, counted from 1.
    pub line: u64,
    /// The field, by its name in the catalogue; `row` if it is about the row as a whole.
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
    /// The file is of a kind that is not read here.
    #[error("the file is {is}; nothing was imported: {help}")]
    TurnedAway {
        /// What it is.
        is: &'static str,
        /// What would help.
        help: &'static str,
    },
    /// The file is not what somebody said it is.
    #[error("the file cannot be read as {format}: {reason}; nothing was imported")]
    OtherFormat {
        /// What it was said to be.
        format: &'static str,
        /// Why it is not.
        reason: &'static str,
    },
    /// A workbook cannot be read.
    #[error("the workbook cannot be read: {reason}; nothing was imported")]
    Workbook {
        /// Why not.
        reason: String,
    },
    /// A workbook has no sheet of this name.
    #[error("the workbook has no sheet “{sheet}”; nothing was imported. Its sheets are: {sheets}")]
    NoSuchSheet {
        /// The sheet asked for.
        sheet: String,
        /// The sheets that there are.
        sheets: String,
    },
    /// A sheet is asked for of what has none.
    #[error("the file is no workbook, so it has no sheet “{sheet}”; nothing was imported: leave the sheet out")]
    NoSheets {
        /// The sheet asked for.
        sheet: String,
    },
    /// A field without which no book can be made has no column.
    #[error(
        "no column of the file has the {field}; nothing was imported. Its columns are: {columns}. Say which one it is with \
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
    /// A row is longer than any book could make it.
    #[error(
        "the row that begins on line {line} is longer than {} MiB; nothing was imported. Either a quotation mark or a brace in it is \
         never closed, or the file is not what it was taken for",
        ROW_MAX_BYTES / (1024 * 1024)
    )]
    RowTooLong {
        /// The line on which it begins.
        line: u64,
    },
    /// The rejected rows could not be written.
    #[error(
        "the rejected rows could not be written to {} ({}); nothing was imported: name another file for them", path.display(), in_words(source)
    )]
    Rejected {
        /// The file they were to go to.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A JSON document is not one of ours, or is damaged.
    #[error("the JSON document cannot be imported: {reason}; nothing was imported")]
    Document {
        /// What is wrong, and where.
        reason: String,
    },
    /// The catalogue refused.
    #[error(transparent)]
    Store(#[from] colophon_store::Error),
    /// The file could not be read.
    #[error("the file could not be read ({}); nothing was imported", in_words(.0))]
    Io(#[from] io::Error),
}

/// What a person can do something about is said in words of ours.
fn in_words(error: &io::Error) -> String {
    if is_without_room(error) {
        "the disk is full".to_owned()
    } else {
        error.to_string()
    }
}
