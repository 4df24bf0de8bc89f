//! The kinds of fields that a catalogue has: what can be typed into each, and in which form it is stored.
//!
//! A line of text, lines of text, a year, a number, an ISBN, a language, an address: each is a [`Kind`] with its
//! limits, and a field names its kind. The rules themselves are where their format is explained ([`crate::text`],
//! [`crate::isbn`], [`crate::year`], [`crate::language`]).

mod choice;

use std::ops::RangeInclusive;

use colophon_store::schema::Value;
use colophon_store::{FieldOptions, Kind};

pub use self::choice::Choice;
use crate::import::cells::{self, PAGE_COUNTS};
use crate::import::years;
use crate::isbn::Isbn;
use crate::language::Language;
use crate::text::{
    self, EMAIL_MAX_CHARS, NAME_MAX_CHARS, NOTES_MAX_CHARS, SCHEME_MAX_CHARS, SERIES_POSITION_MAX_CHARS,
    SHELF_MARK_MAX_CHARS, WEBSITE_MAX_CHARS,
};
use crate::year::{self, YEARS};

/// A name, title, publisher or series.
pub const NAME: FieldOptions = FieldOptions::of(&Line {
    chars_max: NAME_MAX_CHARS,
    is_figures: false,
});
/// A position in a series.
pub const SERIES_POSITION: FieldOptions = FieldOptions::of(&Line {
    chars_max: SERIES_POSITION_MAX_CHARS,
    is_figures: true,
});
/// Free text of several lines, which two people may edit at once.
pub const NOTES: FieldOptions = FieldOptions::of(&Lines {
    chars_max: NOTES_MAX_CHARS,
})
.merged_by_line();
/// What something is called elsewhere.
pub const IDENTIFIER: FieldOptions = FieldOptions::of(&Line {
    chars_max: NAME_MAX_CHARS,
    is_figures: true,
});
/// Whose identifiers these are. A later version may know more than this one, so any word is allowed.
pub const SCHEME: FieldOptions = FieldOptions::of(&Line {
    chars_max: SCHEME_MAX_CHARS,
    is_figures: false,
});
/// A shelf mark.
pub const SHELF_MARK: FieldOptions = FieldOptions::of(&Line {
    chars_max: SHELF_MARK_MAX_CHARS,
    is_figures: true,
});
/// A book's physical form.
pub const FORMAT: FieldOptions = FieldOptions::of(&choice::FORMATS);
/// A year.
pub const YEAR: FieldOptions = FieldOptions::of(&Year);
/// A number of pages.
pub const PAGE_COUNT: FieldOptions = FieldOptions::of(&PageCount);
/// An ISBN.
pub const ISBN: FieldOptions = FieldOptions::of(&IsbnKind);
/// A language.
pub const LANGUAGE: FieldOptions = FieldOptions::of(&LanguageKind);
/// An address to write to.
pub const EMAIL: FieldOptions = FieldOptions::of(&Email);
/// An address to look at.
pub const WEBSITE: FieldOptions = FieldOptions::of(&Website);

/// A text on one line.
#[derive(Debug)]
pub struct Line {
    /// The most characters it may have.
    pub chars_max: usize,
    /// Whether it usually contains digits.
    pub is_figures: bool,
}

/// A text that may have several lines.
#[derive(Debug)]
pub struct Lines {
    /// The most characters it may have.
    pub chars_max: usize,
}

/// A year; negative is before the common era.
#[derive(Debug)]
pub struct Year;

/// A number of pages.
#[derive(Debug)]
pub struct PageCount;

/// Thirteen digits, typed in any of the ways in which people write an ISBN.
#[derive(Debug)]
pub struct IsbnKind;

/// Three letters of ISO 639, typed as any code or English name of a language.
#[derive(Debug)]
pub struct LanguageKind;

/// An e-mail address.
#[derive(Debug)]
pub struct Email;

/// A web address.
#[derive(Debug)]
pub struct Website;

/// Applies a rule to a text; a value that is not a text is not one that the field can have, and finding that is
/// somebody else's job.
fn of_text(value: Value, rule: impl FnOnce(String) -> Result<Option<String>, String>) -> Result<Value, String> {
    match value {
        Value::Text(raw) => rule(raw).map(|text| text.map_or(Value::Null, Value::Text)),
        other => Ok(other),
    }
}

/// A text on one line. A text that is already in its stored form is not copied.
fn line(raw: String, chars_max: usize) -> Result<Option<String>, String> {
    if text::is_stored_line(&raw, chars_max) {
        return Ok(Some(raw));
    }
    text::optional_one_line("", &raw, chars_max).map_err(|error| error.reason)
}

impl Kind for Line {
    fn word(&self) -> &'static str {
        "line"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        of_text(value, |raw| line(raw, self.chars_max))
    }

    fn chars_max(&self) -> Option<usize> {
        Some(self.chars_max)
    }

    fn has_figures(&self) -> bool {
        self.is_figures
    }

    fn has_words(&self) -> bool {
        !self.is_figures
    }
}

impl Kind for Lines {
    fn word(&self) -> &'static str {
        "lines"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        of_text(value, |raw| {
            if text::is_stored_line(&raw, self.chars_max) {
                return Ok(Some(raw));
            }
            text::optional_many_lines("", &raw, self.chars_max).map_err(|error| error.reason)
        })
    }

    fn chars_max(&self) -> Option<usize> {
        Some(self.chars_max)
    }

    fn has_lines(&self) -> bool {
        true
    }

    fn has_words(&self) -> bool {
        true
    }
}

/// A number within a range; `what` names it.
fn within(value: Value, range: &RangeInclusive<i32>, what: &str) -> Result<Value, String> {
    match value {
        Value::Integer(number) if i32::try_from(number).map_or(true, |number| !range.contains(&number)) => {
            Err(format!(
                "{what} must be between {} and {}, and this is {number}",
                range.start(),
                range.end()
            ))
        }
        value => Ok(value),
    }
}

fn number(read: Option<i32>) -> Value {
    read.map_or(Value::Null, |number| Value::Integer(number.into()))
}

impl Kind for Year {
    fn word(&self) -> &'static str {
        "year"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        within(value, &YEARS, "a year")
    }

    /// `1954`, `-720`, `720 BC`.
    fn parse(&self, typed: &str) -> Result<Value, String> {
        year::parse(typed).map(number).map_err(|error| error.to_string())
    }

    fn read_cell(&self, cell: &str) -> Result<Value, String> {
        years::year(cell).map(number)
    }

    fn is_number(&self) -> bool {
        true
    }
}

impl Kind for PageCount {
    fn word(&self) -> &'static str {
        "number"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        within(value, &PAGE_COUNTS, "the number of pages")
    }

    fn parse(&self, typed: &str) -> Result<Value, String> {
        let typed = typed.trim().replace('\u{2212}', "-");
        if typed.is_empty() {
            return Ok(Value::Null);
        }
        let read: Result<i32, _> = typed.parse();
        read.map(|read| number(Some(read)))
            .map_err(|_| format!("“{typed}” is not a whole number"))
    }

    /// `374`, `374.0`, `374 p.`.
    fn read_cell(&self, cell: &str) -> Result<Value, String> {
        cells::page_count(cell).map(number)
    }

    fn is_number(&self) -> bool {
        true
    }
}

impl Kind for IsbnKind {
    fn word(&self) -> &'static str {
        "isbn"
    }

    fn has_figures(&self) -> bool {
        true
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        in_words(value, |written| {
            let isbn = Isbn::parse(written).map_err(|error| error.to_string())?;
            Ok(other_than(written, isbn.as_str()))
        })
    }

    /// The zeros that a spreadsheet took off the front are put back.
    fn read_cell(&self, cell: &str) -> Result<Value, String> {
        Ok(cells::isbn(cell)?.map_or(Value::Null, |isbn| Value::Text(isbn.as_str().to_owned())))
    }
}

impl Kind for LanguageKind {
    fn word(&self) -> &'static str {
        "language"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        in_words(value, |written| {
            let language = Language::parse(written).map_err(|error| error.to_string())?;
            Ok(other_than(written, language.as_str()))
        })
    }

    fn read_cell(&self, cell: &str) -> Result<Value, String> {
        Ok(cells::language(cell)?.map_or(Value::Null, |language| Value::Text(language.as_str().to_owned())))
    }
}

impl Kind for Email {
    fn word(&self) -> &'static str {
        "email"
    }

    /// An address has something before and after one `@`; more cannot be known without sending a letter.
    fn check(&self, value: Value) -> Result<Value, String> {
        of_line(value, EMAIL_MAX_CHARS, |address| {
            let plausible = address.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && domain.contains('.')
                    && !domain.contains('@')
                    && !domain.starts_with('.')
                    && !domain.ends_with('.')
            });
            if plausible && !address.contains(char::is_whitespace) {
                return Ok(None);
            }
            Err(format!("“{address}” is not an e-mail address (name@example.org)"))
        })
    }

    fn chars_max(&self) -> Option<usize> {
        Some(EMAIL_MAX_CHARS)
    }
}

impl Kind for Website {
    fn word(&self) -> &'static str {
        "website"
    }

    /// A missing scheme is added; any other than http and https is refused.
    fn check(&self, value: Value) -> Result<Value, String> {
        of_line(value, WEBSITE_MAX_CHARS, |address| {
            let (scheme, rest) = address
                .split_once("://")
                .map_or((None, address), |(scheme, rest)| (Some(scheme), rest));
            let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
            let is_web = scheme.is_none_or(|scheme| matches!(scheme, "http" | "https"));
            let is_host = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
            if !is_web || !is_host || address.contains(char::is_whitespace) {
                return Err(format!("“{address}” is not a web address (https://example.org)"));
            }
            Ok(scheme.is_none().then(|| format!("https://{address}")))
        })
    }

    fn chars_max(&self) -> Option<usize> {
        Some(WEBSITE_MAX_CHARS)
    }
}

/// A text on one line to which a further rule applies: `Some` is the form that the rule gives it, and `None` means that
/// it stays.
fn of_line(
    value: Value,
    chars_max: usize,
    rule: impl FnOnce(&str) -> Result<Option<String>, String>,
) -> Result<Value, String> {
    of_text(value, |raw| {
        let Some(text) = line(raw, chars_max)? else {
            return Ok(None);
        };
        let other = rule(&text)?;
        Ok(Some(other.unwrap_or(text)))
    })
}

/// The stored form, if it differs from what was written.
fn other_than(written: &str, stored: &str) -> Option<String> {
    (stored != written).then(|| stored.to_owned())
}

/// The same for a text in which the words matter and not the length.
fn in_words(value: Value, rule: impl FnOnce(&str) -> Result<Option<String>, String>) -> Result<Value, String> {
    of_line(value, NAME_MAX_CHARS, rule)
}
