//! The sheets of a workbook, of whichever kind it is.

use super::rows::Rows;
use crate::import::ImportError;

/// A sheet, before it is read.
#[derive(Debug, Clone)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) is_hidden: bool,
}

/// The sheets of a workbook.
pub(super) trait Sheets {
    /// All of them, in order.
    fn all(&self) -> Vec<Sheet>;

    /// Reads the rows of one.
    fn read(&mut self, position: usize, rows: &mut Rows) -> Result<(), ImportError>;
}
