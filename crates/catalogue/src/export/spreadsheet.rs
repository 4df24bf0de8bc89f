//! Cells for a spreadsheet, which does more with a text than show it.
//!
//! Excel turns `0012` into 12, a long number into a rounded one and `1-3` into a date, and takes a cell that begins with
//! `=` for a formula: one that somebody else has typed into a shared catalogue would run on the machine of whoever opens
//! the file. What looks like a number is therefore written as a formula that is a text, and what looks like a formula
//! with an apostrophe before it. An export for other programs has none of this: they read what is there.

use std::borrow::Cow;

/// How a file begins that a spreadsheet is to read as UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// How many digits a number may have before it is shown with an exponent.
const DIGITS_SHOWN: usize = 11;

/// A cell as it is.
pub(super) fn plain(cell: &str) -> Cow<'_, str> {
    Cow::Borrowed(cell)
}

/// A cell that a spreadsheet shows as it is.
pub(super) fn shown(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        return Cow::Owned(format!("'{cell}"));
    }
    if would_change(cell) {
        return Cow::Owned(format!("=\"{cell}\""));
    }
    Cow::Borrowed(cell)
}

/// Whether a spreadsheet would make a number or a date of it that is written otherwise.
fn would_change(cell: &str) -> bool {
    let is_figures = cell
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"-./: eE".contains(&byte));
    if !is_figures || !cell.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let is_number = cell.bytes().all(|byte| byte.is_ascii_digit());
    let has_zero = cell.len() > 1 && cell.starts_with('0');
    !is_number || has_zero || cell.len() > DIGITS_SHOWN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_change_is_written_as_a_text() {
        for (cell, written) in [
            ("9780306406157", "=\"9780306406157\""),
            ("0012", "=\"0012\""),
            ("1-3", "=\"1-3\""),
            ("1/2", "=\"1/2\""),
            ("3E5", "=\"3E5\""),
            ("0.5", "=\"0.5\""),
            ("1984", "1984"),
            ("0", "0"),
            ("One", "One"),
            ("2nd, revised", "2nd, revised"),
            ("", ""),
        ] {
            assert_eq!(shown(cell), written, "{cell}");
        }
    }

    #[test]
    fn what_looks_like_a_formula_is_none() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"http://x\")"] {
            assert_eq!(shown(cell), format!("'{cell}"));
        }
        assert_eq!(plain("=1+1"), "=1+1");
    }
}
