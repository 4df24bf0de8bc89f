//! Workbooks of Excel since 2007, which are packed XML. The crate `calamine` reads their cells one by one.

use std::io::{Read, Seek};

use calamine::{Data, Dimensions, Reader as _, SheetType, SheetVisible, Xlsx, XlsxError};

use super::merged::{Area, Merged};
use super::rows::{COLUMNS_MAX, ROWS_MAX, Rows};
use super::sheets::{Sheet, Sheets};
use super::shown;
use super::unreadable::{caught, damaged, unreadable};
use crate::import::ImportError;
use crate::import::rows::ROW_MAX_BYTES;

/// A workbook of Excel.
pub(super) struct Excel<R> {
    workbook: Xlsx<R>,
    sheets: Vec<Sheet>,
}

impl<R: Read + Seek> Excel<R> {
    pub(super) fn open(file: R) -> Result<Self, ImportError> {
        let workbook: Xlsx<R> = caught(|| Xlsx::new(file).map_err(|error| refused(&error)))?;
        Ok(Self {
            sheets: tables(workbook.sheets_metadata()),
            workbook,
        })
    }

    fn cells(&mut self, name: &str, rows: &mut Rows) -> Result<(), ImportError> {
        let mut reader = self
            .workbook
            .worksheet_cells_reader(name)
            .map_err(|error| refused(&error))?;
        let formats: Vec<String> = reader
            .styles()
            .iter()
            .map(|style| style.number_format.as_ref().map(|format| format.format_code.clone()))
            .map(Option::unwrap_or_default)
            .collect();
        let mut cells: Vec<String> = Vec::new();
        let (mut under_way, mut bytes) = (0, 0);
        while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|error| refused(&error))? {
            let (row, column) = cell.get_position();
            let column = column as usize;
            if row >= ROWS_MAX || column >= COLUMNS_MAX {
                return Err(unreadable("a cell of it lies outside of every sheet"));
            }
            if row != under_way {
                rows.add(under_way + 1, &cells)?;
                cells.clear();
                (under_way, bytes) = (row, 0);
            }
            let format = formats.get(style).map_or("", String::as_str);
            let text = text(cell.get_value().clone().into(), format, &mut rows.errors);
            if text.is_empty() {
                continue;
            }
            bytes += text.len();
            if bytes > ROW_MAX_BYTES {
                return Err(ImportError::RowTooLong { line: (row + 1).into() });
            }
            if cells.len() <= column {
                cells.resize(column + 1, String::new());
            }
            cells[column] = text;
        }
        rows.add(under_way + 1, &cells)
    }
}

impl<R: Read + Seek> Sheets for Excel<R> {
    fn all(&self) -> Vec<Sheet> {
        self.sheets.clone()
    }

    fn read(&mut self, position: usize, rows: &mut Rows) -> Result<(), ImportError> {
        let Some(Sheet { name, .. }) = self.sheets.get(position).cloned() else {
            return Ok(());
        };
        caught(|| {
            let merged = self.workbook.merge_cells_by_sheet_name(&name);
            rows.merged = Merged::of(merged.map_err(|error| refused(&error))?.iter().map(area));
            self.cells(&name, rows)
        })
    }
}

/// The sheets that have cells, and no charts or programs.
pub(super) fn tables(sheets: &[calamine::Sheet]) -> Vec<Sheet> {
    let tables = sheets.iter().filter(|sheet| matches!(sheet.typ, SheetType::WorkSheet));
    let tables = tables.map(|sheet| Sheet {
        name: sheet.name.clone(),
        is_hidden: !matches!(sheet.visible, SheetVisible::Visible),
    });
    tables.collect()
}

/// A merged cell, with rows counted from 1.
pub(super) fn area(merged: &Dimensions) -> Area {
    Area {
        first: merged.start.0.saturating_add(1),
        last: merged.end.0.saturating_add(1),
        column: merged.start.1 as usize,
    }
}

/// What a cell shows.
pub(super) fn text(value: Data, format: &str, errors: &mut u64) -> String {
    match value {
        Data::Empty => String::new(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => shown::number(number, format),
        Data::String(text) => text,
        Data::Bool(is_true) => is_true.to_string(),
        Data::DateTime(moment) => shown::moment(&moment, format),
        Data::DateTimeIso(text) | Data::DurationIso(text) => shown::iso(&text),
        Data::Error(_) => {
            *errors += 1;
            String::new()
        }
    }
}

fn refused(error: &XlsxError) -> ImportError {
    match error {
        XlsxError::Password => unreadable("it is protected by a password; save it without one"),
        error => damaged(error),
    }
}
