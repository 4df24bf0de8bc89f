//! The rules that several fields share, with their limits.
//!
//! A rule is asked about what is [touched](Touched) only. Other programs write into the same tables, and a year or an ISBN that none
//! of our fields would take must not keep anybody from mending the title beside it; `doctor` lists such values.

use colophon_store::schema::{ColumnSet, Table};
use colophon_store::{Entity, Error, Result};

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

/// The fields of a row that rules are asked about.
#[derive(Clone, Copy)]
pub(crate) struct Touched {
    table: &'static Table,
    columns: ColumnSet,
    is_all: bool,
}

impl Touched {
    /// These fields of an entity.
    pub(crate) fn of<E: Entity>(columns: ColumnSet) -> Self {
        Self {
            table: E::TABLE,
            columns,
            is_all: columns == ColumnSet::all(E::TABLE),
        }
    }

    /// Whether this field is one of them.
    pub(crate) fn is(self, field: &str) -> bool {
        self.is_all
            || self
                .table
                .position(field)
                .is_some_and(|position| self.columns.contains(position))
    }

    /// A text that must be there, on one line.
    pub(crate) fn required(self, field: &'static str, raw: String, max_chars: usize) -> Result<String> {
        if self.is(field) {
            required(field, raw, max_chars)
        } else {
            Ok(raw)
        }
    }

    /// A text that may be absent, on one line, in the form that a further rule gives it.
    pub(crate) fn optional(
        self,
        field: &'static str,
        raw: Option<String>,
        max_chars: usize,
        rule: impl FnOnce(String) -> Result<String>,
    ) -> Result<Option<String>> {
        if self.is(field) {
            optional(field, raw, max_chars)?.map(rule).transpose()
        } else {
            Ok(raw)
        }
    }

    /// A text that may be absent and may have several lines.
    pub(crate) fn notes(self, field: &'static str, raw: Option<String>) -> Result<Option<String>> {
        if self.is(field) { notes(field, raw) } else { Ok(raw) }
    }

    /// A number within a range, if there is one.
    pub(crate) fn within(
        self,
        field: &'static str,
        number: Option<i32>,
        range: &std::ops::RangeInclusive<i32>,
        what: &str,
    ) -> Result<Option<i32>> {
        if self.is(field) {
            within(field, number, range, what)
        } else {
            Ok(number)
        }
    }

    /// A year within [`YEARS`], if there is one.
    pub(crate) fn plausible_year(self, field: &'static str, year: Option<i32>) -> Result<Option<i32>> {
        self.within(field, year, &YEARS, "a year")
    }
}

/// A text that must be there, on one line.
fn required(field: &'static str, raw: String, max_chars: usize) -> Result<String> {
    if text::is_stored_line(&raw, max_chars) {
        return Ok(raw);
    }
    text::one_line(field, &raw, max_chars).map_err(|error| Invalid::from(error).into())
}

/// A text that may be absent, on one line. One that is in its stored form already is not copied.
fn optional(field: &'static str, raw: Option<String>, max_chars: usize) -> Result<Option<String>> {
    match raw {
        None => Ok(None),
        Some(raw) if text::is_stored_line(&raw, max_chars) => Ok(Some(raw)),
        Some(raw) => text::optional_one_line(field, &raw, max_chars).map_err(|error| Invalid::from(error).into()),
    }
}

/// A text that may be absent and may have several lines.
fn notes(field: &'static str, raw: Option<String>) -> Result<Option<String>> {
    match raw {
        None => Ok(None),
        Some(raw) if text::is_stored_line(&raw, text::NOTES_MAX_CHARS) => Ok(Some(raw)),
        Some(raw) => {
            text::optional_many_lines(field, &raw, text::NOTES_MAX_CHARS).map_err(|error| Invalid::from(error).into())
        }
    }
}

/// A number within a range.
fn within(
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
