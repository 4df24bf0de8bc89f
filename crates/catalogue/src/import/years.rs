//! Years as they appear in cells: `März 1998`, `ca. 1850`, `2,000`, `2000年5月`, `300 v. Chr.`
//!
//! What a person would type is read by [`year::parse`]; this reads what other programs and other centuries have written.

use super::cells::refusal;
use crate::year;

/// Words after or before a year that is before our era, in lower case and without spaces.
const BEFORE: [&str; 16] = [
    "v.chr",
    "v.u.z",
    "b.c",
    "bc",
    "bce",
    "avantj",
    "av.j",
    "a.c",
    "ac",
    "a.e.c",
    "до н.э",
    "дон.э",
    "π.χ",
    "公元前",
    "紀元前",
    "前",
];
/// Words that mean there is no date.
const NOTHING: [&str; 16] = [
    "nd",
    "sa",
    "oj",
    "sf",
    "sd",
    "unknown",
    "unbekannt",
    "undated",
    "none",
    "null",
    "na",
    "inconnu",
    "desconocido",
    "dateinconnue",
    "undefined",
    "nodate",
];
/// Calendars that count from a different year, by a word before the year.
const ERAS: [(&str, i32); 7] = [
    ("明治", 1867),
    ("大正", 1911),
    ("昭和", 1925),
    ("平成", 1988),
    ("令和", 2018),
    ("民國", 1911),
    ("พ.ศ.", -543),
];

/// Reads the cell of a column of years; `None` if it is empty or says that nobody knows.
pub(crate) fn year(cell: &str) -> Result<Option<i32>, String> {
    // What a program writes that has to write a date and knows none.
    if cell.trim_start().starts_with("0101-01-01") {
        return Ok(None);
    }
    let cell = cell.trim();
    if let Some(year) = with_thousands_mark(cell) {
        return Ok(Some(year));
    }
    let error = match year::parse(cell) {
        Ok(year) => return Ok(year),
        Err(error) => error,
    };
    let refused = || refusal(cell, &error.to_string());
    if cell.len() > 80 {
        return Err(refused());
    }
    let text: String = cell.chars().map(ascii_digit).collect();
    let key: String = text
        .chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if key.is_empty() || NOTHING.contains(&key.as_str()) {
        return Ok(None);
    }
    loose(&text).map(Some).ok_or_else(refused)
}

/// A digit of any script as one of ours.
fn ascii_digit(character: char) -> char {
    let digit = match character {
        '\u{660}'..='\u{669}' => u32::from(character) - 0x660,
        '\u{966}'..='\u{96f}' => u32::from(character) - 0x966,
        '\u{e50}'..='\u{e59}' => u32::from(character) - 0xe50,
        '\u{ff10}'..='\u{ff19}' => u32::from(character) - 0xff10,
        _ => return character,
    };
    char::from_digit(digit, 10).unwrap_or(character)
}

/// `1,998`, `2.000`, `1 998`: a spreadsheet took the year for an amount.
fn with_thousands_mark(cell: &str) -> Option<i32> {
    let (thousands, rest) = cell.split_once([',', '.', '\'', '’', '\u{a0}', '\u{202f}', ' '])?;
    let is_all = thousands.len() == 1
        && rest.len() == 3
        && thousands.bytes().chain(rest.bytes()).all(|byte| byte.is_ascii_digit());
    let year: i32 = format!("{thousands}{rest}").parse().ok().filter(|_| is_all)?;
    (1000..=2999).contains(&year).then_some(year)
}

fn loose(text: &str) -> Option<i32> {
    if let Some((years, rest)) = ERAS
        .iter()
        .find_map(|(era, years)| Some((years, text.trim().strip_prefix(era)?)))
    {
        let digits: String = rest.trim_start().chars().take_while(char::is_ascii_digit).collect();
        return Some(years + digits.parse::<i32>().ok()?).filter(|year| (1..=2999).contains(year));
    }
    let groups: Vec<&str> = text
        .split(|character: char| !character.is_ascii_digit())
        .filter(|group| !group.is_empty())
        .collect();
    if is_before_our_era(text) {
        return match groups.as_slice() {
            [only] if only.len() <= 4 => only.parse::<i32>().ok().map(|year| -year),
            _ => None,
        };
    }
    // “199-”, “19--”, “20th century”: not a year.
    let is_open = text.contains("--") || text.trim_end_matches([']', '?', ' ']).ends_with('-');
    let years: Vec<i32> = groups
        .iter()
        .filter(|group| group.len() == 4)
        .filter_map(|group| group.parse().ok())
        .collect();
    let is_date = groups.iter().all(|group| group.len() <= 2 || group.len() == 4);
    match (years.as_slice(), groups.as_slice()) {
        ([year, ..], _) if is_date && !(is_open && groups.len() > 1) => {
            Some(*year).filter(|year| (500..=2999).contains(year))
        }
        ([], [only]) if only.len() == 3 && has_word_for_about(text) => only.parse().ok(),
        ([], [only]) if only.len() == 8 => compact(only),
        ([], _) => before_the_time(text),
        _ => None,
    }
}

/// `20010501`
fn compact(digits: &str) -> Option<i32> {
    let month: i32 = digits.get(4..6)?.parse().ok()?;
    let day: i32 = digits.get(6..)?.parse().ok()?;
    let year: i32 = digits.get(..4)?.parse().ok()?;
    ((0..=12).contains(&month) && (0..=31).contains(&day) && (1400..=2999).contains(&year)).then_some(year)
}

/// `2001-05-01T00:00:00.000Z`: the date of a time with more digits than a date has.
fn before_the_time(text: &str) -> Option<i32> {
    let date = text.split_once('T').map(|(date, _)| date)?;
    year::parse(date).ok().flatten()
}

fn has_word_for_about(text: &str) -> bool {
    let text = text.trim_start_matches(['[', '(']).to_lowercase();
    [
        "ca",
        "c.",
        "c ",
        "circa",
        "um ",
        "vers",
        "about",
        "approx",
        "hacia",
        "около",
    ]
    .iter()
    .any(|word| text.starts_with(word))
}

fn is_before_our_era(text: &str) -> bool {
    let text: String = text
        .to_lowercase()
        .chars()
        .filter(|character| !character.is_whitespace())
        .collect();
    let text = ["ca.", "c.", "um", "circa"]
        .iter()
        .fold(text.as_str(), |text, word| text.trim_start_matches(word));
    let words = text.trim_matches(|character: char| character.is_ascii_digit() || "()[]?.年".contains(character));
    BEFORE.iter().any(|era| words.starts_with(era))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_found_in_the_dates_of_many_languages() {
        for (cell, expected) in [
            ("avril 2003", 2003),
            ("3 de mayo de 1987", 1987),
            ("1987?", 1987),
            ("um 1720", 1720),
            ("[ca. 1720]", 1720),
            ("June 3rd, 1987", 1987),
            ("1987年11月3日", 1987),
            ("平成10年", 1998),
            ("民國87年", 1998),
            ("พ.ศ. 2541", 1998),
            ("١٩٩٨", 1998),
            ("44 v. Chr.", -44),
            ("ca. 44 v. Chr.", -44),
            ("44 av. J.-C.", -44),
            ("公元前44年", -44),
            ("1,987", 1987),
            ("1.987", 1987),
            ("19870503", 1987),
            ("1987, c1985", 1987),
            ("1987-1991", 1987),
            ("2001-05-01T00:00:00.000Z", 2001),
            ("ca. 850", 850),
            ("cop. 1987", 1987),
        ] {
            assert_eq!(year(cell), Ok(Some(expected)), "{cell}");
        }
    }

    #[test]
    fn what_says_that_nobody_knows_is_none_and_the_rest_is_refused() {
        for nothing in [
            "",
            "n.d.",
            "s.a.",
            "[o. J.]",
            "?",
            "0000-00-00",
            "0101-01-01T00:00:00+00:00",
        ] {
            assert_eq!(year(nothing), Ok(None), "{nothing}");
        }
        for refused in ["soon", "199-", "19--", "20th century", "12/05/98", "1.5", "36892"] {
            assert!(year(refused).is_err(), "{refused}");
        }
    }
}
