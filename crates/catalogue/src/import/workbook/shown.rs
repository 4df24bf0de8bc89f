//! What a cell shows: a number in its format, a date as a day.
//!
//! A format is kept where it says something about the value: the zeros before an ISBN, the hyphens within it, how many
//! decimals there are. Marks that merely help the eye, such as those between thousands, are left out, and days are
//! written as ISO 8601 has them, because 03/04/05 says too little about which day is meant.

use calamine::ExcelDateTime;

/// From here on, numbers are written with an exponent.
const LONG: f64 = 1e15;
/// The most decimals that are written.
const DECIMALS_MAX: usize = 15;

/// A number as a format of Excel shows it.
pub(super) fn number(value: f64, format: &str) -> String {
    match Picture::of(format) {
        Some(picture) if value.is_finite() && value.abs() < LONG => picture.fill(value),
        _ => general(value),
    }
}

/// A number without a format.
pub(super) fn general(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < LONG {
        return format!("{value:.0}");
    }
    if value != 0.0 && !(1e-7..1e21).contains(&value.abs()) {
        return format!("{value:e}");
    }
    // A spreadsheet shows 15 digits: 0.1 + 0.2 is 0.3.
    let rounded: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    rounded.to_string()
}

/// A day, with the time if the format shows one; or the year or the month, if the format shows no more.
pub(super) fn moment(moment: &ExcelDateTime, format: &str) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let time = || {
        if second == 0 {
            format!("{hour:02}:{minute:02}")
        } else {
            format!("{hour:02}:{minute:02}:{second:02}")
        }
    };
    let letters = letters_of(format);
    if moment.is_duration() || !letters.is_empty() && !letters.contains(['y', 'd']) && moment.as_f64() < 1.0 {
        return time();
    }
    if letters.contains('y') && !letters.contains('d') && !letters.contains('h') {
        return if letters.contains('m') {
            format!("{year:04}-{month:02}")
        } else {
            format!("{year:04}")
        };
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date} {}", time())
    }
}

/// A day and time of ISO 8601, without a time that says nothing.
pub(super) fn iso(written: &str) -> String {
    let without = written.strip_suffix('Z').unwrap_or(written);
    match without.split_once('T') {
        Some((date, time)) if time.trim_matches(['0', ':', '.']).is_empty() => date.to_owned(),
        Some((date, time)) => format!("{date} {time}"),
        None => without.to_owned(),
    }
}

/// The letters of a format that stand for something.
fn letters_of(format: &str) -> String {
    let mut letters = String::new();
    let mut until: Option<char> = None;
    let mut characters = section(format).chars();
    while let Some(character) = characters.next() {
        match (until, character) {
            (Some(end), character) if character == end => until = None,
            (Some(_), _) => {}
            (None, '"') => until = Some('"'),
            (None, '[') => until = Some(']'),
            (None, '\\' | '_' | '*') => {
                characters.next();
            }
            (None, letter) => letters.extend(letter.to_lowercase().filter(char::is_ascii_alphabetic)),
        }
    }
    letters
}

/// The part of a format for numbers that are not negative.
fn section(format: &str) -> &str {
    let mut is_quoted = false;
    let end = format.char_indices().find(|(_, character)| {
        is_quoted ^= *character == '"';
        *character == ';' && !is_quoted
    });
    end.map_or(format, |(at, _)| &format[..at])
}

/// A format of numbers, as far as it is one that shows digits at their places.
#[derive(Debug, Default, PartialEq)]
struct Picture {
    /// The places before the decimal point, with what stands between them.
    places: Vec<Place>,
    /// What stands behind all of them.
    behind: String,
    /// How many decimals there are at most, and at least.
    decimals: (usize, usize),
    is_percent: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    /// A digit, and whether a zero is shown there.
    Digit(bool),
    Literal(char),
}

impl Picture {
    fn of(format: &str) -> Option<Self> {
        let mut picture = Self::default();
        let mut is_behind_point = false;
        let mut characters = section(format).chars();
        while let Some(character) = characters.next() {
            let literal = match character {
                '0' | '#' | '?' if is_behind_point => {
                    picture.decimals.0 += 1;
                    if character == '0' {
                        picture.decimals.1 = picture.decimals.0;
                    }
                    None
                }
                '0' | '#' | '?' => {
                    let behind = std::mem::take(&mut picture.behind);
                    picture.places.extend(behind.chars().map(Place::Literal));
                    picture.places.push(Place::Digit(character == '0'));
                    None
                }
                '.' => {
                    is_behind_point = true;
                    None
                }
                '%' => {
                    picture.is_percent = true;
                    Some('%')
                }
                ',' => None,
                '_' | '*' => {
                    characters.next();
                    None
                }
                '[' => {
                    characters.by_ref().find(|end| *end == ']')?;
                    None
                }
                '"' => {
                    let quoted = characters.by_ref().take_while(|character| *character != '"');
                    picture.behind.extend(quoted);
                    None
                }
                '\\' => characters.next(),
                '-' | ' ' | '(' | ')' | '+' | ':' | '$' | '€' | '£' => Some(character),
                _ => return None,
            };
            picture.behind.extend(literal);
        }
        let has_digits = picture.places.iter().any(|place| matches!(place, Place::Digit(_)));
        (has_digits && picture.decimals.0 <= DECIMALS_MAX).then_some(picture)
    }

    fn fill(&self, value: f64) -> String {
        let value = if self.is_percent { value * 100.0 } else { value };
        let written = format!("{:.*}", self.decimals.0, value.abs());
        let (whole, fraction) = written.split_once('.').unwrap_or((&written, ""));
        let mut digits: Vec<char> = whole.chars().collect();
        let first = self.places.iter().position(|place| matches!(place, Place::Digit(_)));
        let mut shown = Vec::new();
        for (position, place) in self.places.iter().enumerate().rev() {
            match place {
                Place::Literal(character) => shown.push(*character),
                Place::Digit(is_shown) => {
                    let rest = if first == Some(position) {
                        0
                    } else {
                        digits.len().saturating_sub(1)
                    };
                    let is_missing = digits.is_empty() && *is_shown;
                    shown.extend(digits.drain(rest..).rev().chain(is_missing.then_some('0')));
                }
            }
        }
        let least = self.decimals.1.min(fraction.len());
        let kept = fraction[least..].trim_end_matches('0').len() + least;
        let mut text = String::from(if value < 0.0 { "-" } else { "" });
        text.extend(shown.iter().rev());
        if kept > 0 {
            text.push('.');
            text.push_str(&fraction[..kept]);
        }
        text.push_str(&self.behind);
        text.trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_the_sheet_shows() {
        for (value, format, shown) in [
            (1998.0, "General", "1998"),
            (9_780_306_406_157.0, "", "9780306406157"),
            (306_406_152.0, "0000000000", "0306406152"),
            (9_780_306_406_157.0, "000-0-000-00000-0", "978-0-306-40615-7"),
            (12.0, "0000", "0012"),
            (0.0, "0000", "0000"),
            (0.0, "0", "0"),
            (0.0, "#", "0"),
            (1234.0, "#,##0", "1234"),
            (1234.5, "#,##0.00", "1234.50"),
            (1234.5, "0.0#", "1234.5"),
            (0.13, "0%", "13%"),
            (374.0, "0\" pages\"", "374 pages"),
            (-720.0, "0_);(0)", "-720"),
            (0.1 + 0.2, "General", "0.3"),
            (1.5, "0.00E+00", "1.5"),
            (1e300, "0", "1e300"),
            (f64::NAN, "0", "NaN"),
            (7.0, "@", "7"),
        ] {
            assert_eq!(number(value, format), shown, "{value} {format}");
        }
    }

    #[test]
    fn a_moment_is_a_day_and_only_what_its_format_shows() {
        let at = |value, format| {
            let moment_of = ExcelDateTime::new(value, calamine::ExcelDateTimeType::DateTime, false);
            moment(&moment_of, format)
        };
        assert_eq!(at(35_927.0, "dd.mm.yyyy"), "1998-05-12");
        assert_eq!(at(35_927.0, ""), "1998-05-12");
        assert_eq!(at(35_927.0, "yyyy"), "1998");
        assert_eq!(at(35_927.0, "[$-407]mmm yyyy"), "1998-05");
        assert_eq!(at(35_927.5, "dd/mm/yyyy hh:mm"), "1998-05-12 12:00");
        assert_eq!(at(0.5, "hh:mm"), "12:00");
        assert_eq!(iso("1998-05-12T00:00:00"), "1998-05-12");
        assert_eq!(iso("1998-05-12T10:30:00Z"), "1998-05-12 10:30:00");
    }
}
