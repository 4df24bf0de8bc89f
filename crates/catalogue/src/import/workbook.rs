//! Workbooks of a spreadsheet: the sheet that has the books, read as a table.
//!
//! The sheet is written out as a table, row by row, and from there on goes the way of a CSV file, whose cells it has.
//! What a cell shows is what counts: a number with its leading zeros, a date as the day that it is. Rows are told by
//! the numbers that they have in the spreadsheet.
//!
//! A workbook may come from anybody, and it is packed: what it unpacks to is measured before anything of it is read
//! (`packed`), and no more is kept in memory than a row, the texts that cells of Excel share, and in an old .xls the
//! cells of the sheet, of which that format has 16 million at most.
//!
//! One file each: what every workbook has (`sheets`), those of Excel (`excel`), the old ones (`old_excel`), those of
//! LibreOffice (`open_document`), what a cell shows (`shown`), cells that are merged (`merged`), the table that is made of
//! all that (`rows`), and why there is none (`unreadable`).

mod excel;
mod merged;
mod old_excel;
mod open_document;
mod packed;
mod rows;
mod sheets;
mod shown;
mod unreadable;

use std::fs::File;
use std::io::{BufReader, Seek as _};

use self::rows::Rows;
use self::sheets::{Sheet, Sheets};
use super::ImportError;
use super::lines::Source;
use super::options::Options;
use super::source::CsvFile;

/// How a workbook is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// That of Excel since 2007.
    Excel,
    /// That of Excel before.
    OldExcel,
    /// That of LibreOffice and others.
    OpenDocument,
}

/// A workbook, and the sheet of it that is read.
pub struct Workbook {
    pub(super) table: CsvFile<File>,
    format: &'static str,
    sheet: String,
    others: Vec<Sheet>,
    /// How many cells have an error in place of a value.
    errors: u64,
    /// How many cells were given what a merged one says.
    merged: u64,
}

impl Kind {
    /// Whether a file that begins so is a workbook of this kind.
    pub(crate) fn begins(self, beginning: &[u8]) -> bool {
        let has = |part: &[u8]| memchr::memmem::find(beginning, part).is_some();
        let is_packed = beginning.starts_with(b"PK\x03\x04");
        match self {
            Self::Excel => {
                // Where the beginning has only the list of its parts, it is tried.
                let other = [&b"word/"[..], b"ppt/", b"xl/workbook.bin", b"visio/"];
                let is_office = has(b"xl/") || has(b"[Content_Types].xml");
                is_packed && is_office && !other.into_iter().any(has)
            }
            Self::OldExcel => beginning.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            Self::OpenDocument => is_packed && has(b"oasis.opendocument.spreadsheet"),
        }
    }
}

impl Workbook {
    /// Opens a workbook, finds the sheet that is wanted, or the first that has anything in it and is not hidden, and stops before its
    /// first row.
    pub(super) fn open(
        mut file: Source,
        format: &'static str,
        kind: Kind,
        options: &Options,
    ) -> Result<Self, ImportError> {
        file.rewind()?;
        let mut sheets: Box<dyn Sheets> = match kind {
            Kind::Excel => {
                packed::measure(&mut file)?;
                Box::new(excel::Excel::open(BufReader::new(file))?)
            }
            Kind::OldExcel => Box::new(old_excel::OldExcel::open(file)?),
            Kind::OpenDocument => {
                packed::measure(&mut file)?;
                Box::new(open_document::OpenDocument::open(file)?)
            }
        };
        let all = sheets.all();
        let tried = if let Some(wanted) = &options.sheet {
            vec![position_of(wanted, &all)?]
        } else {
            let (hidden, seen): (Vec<_>, Vec<_>) = (0..all.len()).partition(|position| all[*position].is_hidden);
            [seen, hidden].concat()
        };
        for position in tried {
            let mut rows = Rows::new()?;
            sheets.read(position, &mut rows)?;
            if rows.is_empty() {
                continue;
            }
            let (errors, merged) = (rows.errors, rows.merged.given);
            let (table, numbers) = rows.finish()?;
            let mut others = all;
            return Ok(Self {
                table: CsvFile::of_sheet(table, numbers, options)?,
                format,
                sheet: others.remove(position).name,
                others,
                errors,
                merged,
            });
        }
        Err(ImportError::Empty)
    }

    /// The sheet as a table.
    pub fn table(&self) -> &CsvFile<File> {
        &self.table
    }

    /// The format that it was recognised as, as people call it.
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// The name of the sheet that is read.
    pub fn sheet(&self) -> &str {
        &self.sheet
    }

    /// How it was read, one line for each thing worth mentioning.
    pub(super) fn reading(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.others.is_empty() {
            let others = self.others.iter().map(|sheet| {
                let hidden = if sheet.is_hidden { " (hidden)" } else { "" };
                format!("“{}”{hidden}", sheet.name)
            });
            let others: Vec<_> = others.collect();
            lines.push(format!(
                "the sheet “{}” was read; others of the workbook were not: {}; --sheet takes another",
                self.sheet,
                others.join(", ")
            ));
        }
        if self.errors > 0 {
            lines.push(format!(
                "{} cells have an error such as #REF! in place of a value, and were taken for empty",
                self.errors
            ));
        }
        if self.merged > 0 {
            lines.push(format!(
                "{} cells lie in one that is merged over several rows, and were given what it says",
                self.merged
            ));
        }
        lines
    }
}

/// The sheet of a name, or of a number counted from 1.
fn position_of(wanted: &str, sheets: &[Sheet]) -> Result<usize, ImportError> {
    let named = |is: &dyn Fn(&str) -> bool| sheets.iter().position(|sheet| is(&sheet.name));
    let folded = wanted.trim().to_lowercase();
    let numbered = || {
        let number: usize = folded.parse().ok()?;
        number.checked_sub(1).filter(|position| *position < sheets.len())
    };
    let found = named(&|name| name == wanted)
        .or_else(|| named(&|name| name.trim().to_lowercase() == folded))
        .or_else(numbered);
    found.ok_or_else(|| ImportError::NoSuchSheet {
        sheet: wanted.to_owned(),
        sheets: sheets
            .iter()
            .map(|sheet| sheet.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    })
}
