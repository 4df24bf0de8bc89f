//! Years as people and programs write them.
//!
//! A catalogue stores a year as a whole number, negative before our era ("-720" is 720 BCE), because that sorts and
//! compares; the ways to write one are many. Spreadsheets turn years into numbers with a fraction (`1998.0`), other
//! catalogues export whole dates, and library records put a year in brackets or after a c for copyright. If a year only
//! means "not known" (`0`, `0000-00-00`), there is none: the calendar has no year 0.

use std::ops::RangeInclusive;

use thiserror::Error;

/// The years a record may carry.
pub const YEARS: RangeInclusive<i32> = -9999..=9999;

/// A text that is not a year.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidYear {
    /// It is not written like a year or a date.
    #[error("it is not a year; write it like 1998, or -720 for 720 BCE")]
    NotAYear,
    /// It is a number too far from any book's year.
    #[error("the year is outside {} to {}", YEARS.start(), YEARS.end())]
    OutOfRange,
}

/// Reads a year or the year of a date; `None` for an empty text and for the zeros that stand for "not known".
pub fn parse(raw: &str) -> Result<Option<i32>, InvalidYear> {
    let text = raw.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (text, sign) = without_era(text);
    let text = text.trim_matches(['[', ']', '(', ')', '©', 'c', 'C', '.', ' ']);
    match whole_number(text) {
        Some(number) => checked(number.saturating_mul(sign)),
        None if sign < 0 => Err(InvalidYear::NotAYear),
        None => year_of_date(text),
    }
}

/// Takes off "BC", "BCE", "CE", "AD", and says with which sign the number counts.
fn without_era(text: &str) -> (&str, i64) {
    let upper = text.to_ascii_uppercase();
    for (era, sign) in [
        ("BCE", -1),
        ("BC", -1),
        ("B.C.E.", -1),
        ("B.C.", -1),
        ("CE", 1),
        ("AD", 1),
        ("A.D.", 1),
    ] {
        if upper.ends_with(era) && text.is_char_boundary(text.len() - era.len()) {
            return (text[..text.len() - era.len()].trim_end(), sign);
        }
    }
    for era in ["AD ", "A.D. "] {
        if upper.starts_with(era) {
            return (text[era.len()..].trim_start(), 1);
        }
    }
    (text, 1)
}

/// A whole number, including one that a spreadsheet wrote with a fraction of zeros, or with a typeset minus.
fn whole_number(text: &str) -> Option<i64> {
    let whole = match text.split_once(['.', ',']) {
        Some((whole, fraction)) if !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0') => whole,
        Some(_) => return None,
        None => text,
    };
    match whole.strip_prefix('\u{2212}') {
        Some(digits) => digits.parse::<i64>().ok().map(|number| -number),
        None => whole.parse().ok(),
    }
}

/// The year of `1998-05-12`, `12/05/1998`, `May 1998`: the one group of four digits among groups of one or two.
fn year_of_date(text: &str) -> Result<Option<i32>, InvalidYear> {
    let date = text.split_once('T').map_or(text, |(date, _)| date);
    let date = date
        .split_once(' ')
        .filter(|(_, time)| time.contains(':'))
        .map_or(date, |(date, _)| date);
    let mut year = None;
    for group in date.split(['-', '/', '.', ' ', ',']).filter(|group| !group.is_empty()) {
        match group.len() {
            4 if is_digits(group) && year.is_none() => year = group.parse().ok(),
            1 | 2 if is_digits(group) => {}
            _ if is_month(group) => {}
            _ => return Err(InvalidYear::NotAYear),
        }
    }
    checked(year.ok_or(InvalidYear::NotAYear)?)
}

fn is_digits(group: &str) -> bool {
    group.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_month(group: &str) -> bool {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    group
        .get(..3)
        .is_some_and(|start| MONTHS.iter().any(|month| start.eq_ignore_ascii_case(month)))
        && group.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn checked(number: i64) -> Result<Option<i32>, InvalidYear> {
    let year = i32::try_from(number)
        .ok()
        .filter(|year| YEARS.contains(year))
        .ok_or(InvalidYear::OutOfRange)?;
    Ok((year != 0).then_some(year))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_read_in_every_usual_spelling() {
        for (raw, year) in [
            ("1998", 1998),
            (" 1998.0 ", 1998),
            ("-720.0", -720),
            ("\u{2212}720", -720),
            ("720 BC", -720),
            ("720 bce", -720),
            ("AD 79", 79),
            ("79 CE", 79),
            ("1998-05-12", 1998),
            ("12/05/1998", 1998),
            ("08.01.2009", 2009),
            ("2009-01-08 12:30:00", 2009),
            ("2009-01-08T12:30:00Z", 2009),
            ("May 12, 1998", 1998),
            ("c1998", 1998),
            ("[1998]", 1998),
            ("©1998.", 1998),
        ] {
            assert_eq!(parse(raw), Ok(Some(year)), "{raw}");
        }
    }

    #[test]
    fn zeros_and_nothing_are_no_year() {
        for raw in ["", "  ", "0", "0.0", "0000", "0000-00-00"] {
            assert_eq!(parse(raw), Ok(None), "{raw}");
        }
    }

    #[test]
    fn what_is_not_a_year_is_refused() {
        for raw in [
            "soon",
            "199?",
            "1998-1999",
            "1.5",
            "12/05/98",
            "nineteen 1998",
            "18,5",
            "May BC",
        ] {
            assert_eq!(parse(raw), Err(InvalidYear::NotAYear), "{raw}");
        }
        assert_eq!(parse("123456"), Err(InvalidYear::OutOfRange));
        assert_eq!(parse("99999999999999"), Err(InvalidYear::OutOfRange));
    }
}
