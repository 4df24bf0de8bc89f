//! Workbooks of Excel before 2007 (.xls). The crate `calamine` reads them as a whole: the format has 65,536 rows and 256
//! columns at most, and says nothing here about how a number is shown.

use std::io::{Read, Seek, SeekFrom};

use calamine::{Reader as _, Xls, XlsError};

use super::excel;
use super::merged::Merged;
use super::rows::Rows;
use super::sheets::{Sheet, Sheets};
use super::unreadable::{caught, damaged, unreadable};
use crate::import::ImportError;

/// How large such a file may be, because it is read as a whole.
const FILE_MAX_BYTES: u64 = 256 << 20;

/// An old workbook of Excel.
pub(super) struct OldExcel<R> {
    workbook: Xls<R>,
    sheets: Vec<Sheet>,
}

impl<R: Read + Seek> OldExcel<R> {
    pub(super) fn open(mut file: R) -> Result<Self, ImportError> {
        if file.seek(SeekFrom::End(0))? > FILE_MAX_BYTES {
            return Err(unreadable(format!(
                "it has more than {} MiB; save it as .xlsx",
                FILE_MAX_BYTES >> 20
            )));
        }
        file.rewind()?;
        let workbook: Xls<R> = caught(|| Xls::new(file).map_err(|error| refused(&error)))?;
        Ok(Self {
            sheets: excel::tables(workbook.sheets_metadata()),
            workbook,
        })
    }
}

impl<R: Read + Seek> Sheets for OldExcel<R> {
    fn all(&self) -> Vec<Sheet> {
        self.sheets.clone()
    }

    fn read(&mut self, position: usize, rows: &mut Rows) -> Result<(), ImportError> {
        let Some(Sheet { name, .. }) = self.sheets.get(position) else {
            return Ok(());
        };
        let range = caught(|| self.workbook.worksheet_range(name).map_err(|error| refused(&error)))?;
        let merged = caught(|| {
            self.workbook
                .merge_cells_by_sheet_name(name)
                .map_err(|error| refused(&error))
        })?;
        rows.merged = Merged::of(merged.iter().map(excel::area));
        let Some((first_row, first_column)) = range.start() else {
            return Ok(());
        };
        let mut cells: Vec<String> = Vec::new();
        for (number, row) in (first_row + 1..).zip(range.rows()) {
            cells.clear();
            cells.resize(first_column as usize, String::new());
            for value in row {
                cells.push(excel::text(value.clone(), "", &mut rows.errors));
            }
            rows.add(number, &cells)?;
        }
        Ok(())
    }
}

/// The same beginning has everything that Office wrote before 2007, and whatever of today's has a password.
fn refused(error: &XlsError) -> ImportError {
    match error {
        XlsError::Password => unreadable("it is protected by a password; save it without one"),
        XlsError::Cfb(_) => unreadable(
            "there is no sheet in it: it is an old document of Word or another program, or a workbook with a password, or it is damaged; \
             save the sheet as .xlsx without a password",
        ),
        error => damaged(error),
    }
}
