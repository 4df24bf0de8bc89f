//! What a person says about a file, if they know better.

use encoding_rs::Encoding;

use super::code_page::CodePage;
use super::columns::Column;
use super::people::NameOrder;

/// What a person says about a file, if they know better.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Which column fills which field.
    pub mapped: Vec<(Column, String)>,
    /// The encoding.
    pub encoding: Option<&'static Encoding>,
    /// The code page of DOS, if it is one.
    pub code_page: Option<CodePage>,
    /// The character between cells.
    pub delimiter: Option<u8>,
    /// The columns, if the file has no line that names them.
    pub columns: Option<Vec<String>>,
    /// The order of people's names.
    pub names: Option<NameOrder>,
    /// What separates people in a cell; then nothing else does.
    pub people_separator: Option<String>,
    /// Whether series are taken out of titles.
    pub splits_series: bool,
    /// The name of the format, which is then believed.
    pub format: Option<&'static str>,
    /// What the file's name ends in, which counts where the content does not tell.
    pub extension: Option<String>,
    /// The name of the sheet of a workbook, or its number counted from 1.
    pub sheet: Option<String>,
    /// Whether a list of references gives articles and whatever else is no book, too.
    pub any_kind: bool,
}
