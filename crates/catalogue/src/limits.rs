//! The rules that several fields share, with their limits.

use colophon_store::{Error, Result};

use crate::text::{self, InvalidText};
use crate::year::{self, YEARS};

/// The pages a book may have.
pub(crate) const PAGE_COUNTS: std::ops::RangeInclusive<i32> = 1..=100_000;

impl From<InvalidText> for Invalid {
    fn from(error: InvalidText) -> Self {
        Self(Error::Invalid {
            field: error.field,
            reason: error.reason,
        })
    }
}

/// An error of a rule on its way to becoming the store's.
pub(crate) struct Invalid(Error);

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        invalid.0
    }
}

/// A text that must be there, on one line.
pub(crate) fn required(field: &'static str, raw: String, max_chars: usize) -> Result<String> {
    if text::is_stored_line(&raw, max_chars) {
        return Ok(raw);
    }
    text::one_line(field, &raw, max_chars).map_err(|error| Invalid::from(error).into())
}

/// A text that may be absent, on one line. One that is in its stored form already is not copied.
pub(crate) fn optional(field: &'static str, raw: Option<String>, max_chars: usize) -> Result<Option<String>> {
    match raw {
        None => Ok(None),
        Some(raw) if text::is_stored_line(&raw, max_chars) => Ok(Some(raw)),
        Some(raw) => text::optional_one_line(field, &raw, max_chars).map_err(|error| Invalid::from(error).into()),
    }
}

/// A text that may be absent and may have several lines.
pub(crate) fn notes(field: &'static str, raw: Option<String>) -> Result<Option<String>> {
    match raw {
        None => Ok(None),
        Some(raw) if text::is_stored_line(&raw, text::NOTES_MAX_CHARS) => Ok(Some(raw)),
        Some(raw) => {
            text::optional_many_lines(field, &raw, text::NOTES_MAX_CHARS).map_err(|error| Invalid::from(error).into())
        }
    }
}

/// A year within [`YEARS`], if there is one.
pub(crate) fn plausible_year(field: &'static str, year: Option<i32>) -> Result<Option<i32>> {
    within(field, year, &YEARS, "a year")
}

/// A number within a range.
pub(crate) fn within(
    field: &'static str,
    number: Option<i32>,
    range: &std::ops::RangeInclusive<i32>,
    what: &str,
) -> Result<Option<i32>> {
    match number {
        Some(number) if !range.contains(&number) => {
            let reason = format!(
                "{what} must be between {} and {}, and this is {number}",
                range.start(),
                range.end()
            );
            Err(Error::invalid(field, reason))
        }
        _ => Ok(number),
    }
}

/// A whole number as a person types it; empty is none.
pub(crate) fn typed_number(field: &'static str, typed: &str) -> Result<Option<i32>> {
    let typed = typed.trim().replace('\u{2212}', "-");
    if typed.is_empty() {
        return Ok(None);
    }
    let number = typed.parse().map(Some);
    number.map_err(|_| Error::invalid(field, format!("“{typed}” is not a whole number")))
}

/// A year as a person types it: `1954`, `-720`, `720 BC`.
pub(crate) fn typed_year(field: &'static str, typed: &str) -> Result<Option<i32>> {
    year::parse(typed).map_err(|error| Error::invalid(field, error.to_string()))
}
