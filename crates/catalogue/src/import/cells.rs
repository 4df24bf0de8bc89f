//! What one cell says: ISBNs, languages and page counts as other programs write them.

mod pages;

use std::ops::RangeInclusive;

use crate::isbn::{InvalidIsbn, Isbn};
use crate::language::Language;

/// The page counts that a book may have.
pub(crate) const PAGE_COUNTS: RangeInclusive<i32> = 1..=100_000;

/// How much of a bad value is repeated in a message.
const SHOWN_MAX_CHARS: usize = 60;

/// Reads the cell of an ISBN column; `None` if it is empty.
///
/// The zeros that a spreadsheet took off the front are put back, and the fraction that it appended is removed.
pub(crate) fn isbn(cell: &str) -> Result<Option<Isbn>, String> {
    let written = cell.strip_suffix(".0").unwrap_or(cell);
    match Isbn::parse_restoring_zeros(written) {
        Ok(isbn) => Ok(Some(isbn)),
        Err(InvalidIsbn::Empty) => Ok(None),
        Err(_) if is_rounded(cell) => Err(refusal(
            cell,
            "a spreadsheet has rounded it, so its last digits are lost",
        )),
        Err(error) => Err(refusal(cell, &error.to_string())),
    }
}

/// Whether a number is written with an exponent or a fraction: a spreadsheet's copy of an ISBN, not the ISBN.
pub(crate) fn is_rounded(cell: &str) -> bool {
    cell.contains('.') && cell.parse::<f64>().is_ok()
}

/// Reads the cell of a language column; `None` if it is empty or says that nobody knows. If there are several, the
/// first counts.
pub(crate) fn language(cell: &str) -> Result<Option<Language>, String> {
    if cell.trim().is_empty() {
        return Ok(None);
    }
    let language = match Language::parse(cell) {
        Ok(language) => language,
        Err(error) => first_language(cell).ok_or_else(|| error.to_string())?,
    };
    Ok((language.as_str() != "und").then_some(language))
}

/// The first of a list (`eng, deu`), without its region (`English (United States)`) and what a library appends to it.
fn first_language(cell: &str) -> Option<Language> {
    let bracketless = cell.split(['(', '[']).next().unwrap_or(cell);
    let of = |text: &str| Language::parse(text.trim().trim_end_matches('.')).ok();
    of(bracketless).or_else(|| {
        let items = bracketless.split([',', ';', '/', '|', '&', '\n', '+']);
        items.filter(|item| !item.trim().is_empty()).map(of).next().flatten()
    })
}

/// Reads the cell of a column of page counts: `374`, `374.0`, `374 p.`, `xii, 374 pages`; `None` if it is empty or 0.
pub(crate) fn page_count(cell: &str) -> Result<Option<i32>, String> {
    match pages::read(cell) {
        None => Err(refusal(cell, "it is not a number of pages; write it like 374")),
        Some(0) => Ok(None),
        Some(pages) if PAGE_COUNTS.contains(&pages) => Ok(Some(pages)),
        Some(_) => Err(refusal(
            cell,
            &format!("a book has {} pages at most", PAGE_COUNTS.end()),
        )),
    }
}

/// A reason that begins with the value as it was found.
pub(crate) fn refusal(cell: &str, reason: &str) -> String {
    let mut shown: String = cell
        .chars()
        .filter(|character| !character.is_control())
        .take(SHOWN_MAX_CHARS)
        .collect();
    if shown.len() < cell.len() && cell.chars().nth(SHOWN_MAX_CHARS).is_some() {
        shown.push('…');
    }
    format!("“{shown}”: {reason}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_isbn_survives_a_spreadsheet_where_it_can() {
        for cell in ["439023483", "439023483.0", "=\"0439023483\"", "9780439023481.0"] {
            assert_eq!(isbn(cell).unwrap().unwrap().as_str(), "9780439023481", "{cell}");
        }
        assert!(isbn("9.78043902348e+12").unwrap_err().contains("rounded"));
        assert_eq!(isbn("=\"\""), Ok(None));
    }

    #[test]
    fn a_refused_isbn_is_shown_with_the_reason() {
        assert_eq!(
            isbn("812971060").unwrap_err(),
            "“812971060”: its check digit is 0 but should be X; one of the digits is mistyped"
        );
    }

    #[test]
    fn pages_are_read_with_and_without_their_unit() {
        for (cell, pages) in [("374", 374), (" 374.0 ", 374), ("374 p.", 374), ("374 Seiten", 374)] {
            assert_eq!(page_count(cell), Ok(Some(pages)), "{cell}");
        }
        for nothing in ["", " ", "0", "0.0"] {
            assert_eq!(page_count(nothing), Ok(None), "{nothing:?}");
        }
        for wrong in ["many", "100001", "-5", "37.5"] {
            assert!(page_count(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_undetermined_language_is_none() {
        assert_eq!(language("und"), Ok(None));
        assert_eq!(language("en-US").unwrap().unwrap().as_str(), "eng");
        assert!(language("Klingonese").is_err());
        for (cell, code) in [
            ("Español", "spa"),
            ("spa; fre", "spa"),
            ("Portuguese (Brazil)", "por"),
            ("русский", "rus"),
            ("pt/es", "por"),
        ] {
            assert_eq!(language(cell).unwrap().unwrap().as_str(), code, "{cell}");
        }
    }

    #[test]
    fn a_long_value_is_cut_in_its_message() {
        assert!(isbn(&"9".repeat(5_000)).unwrap_err().len() < 200);
    }
}
