//! The forms in which each service writes its identifiers: the one that is stored, made from any form in which people
//! write it.
//!
//! An error says what it should look like.

use super::check_digits::{holds_gnd, holds_mod_11_2};
use crate::isbn::Isbn;

/// A number without leading zeros.
pub(super) fn number(typed: &str, digits_max: usize) -> Option<String> {
    let digits = typed.trim().trim_start_matches('0');
    let is_number =
        !digits.is_empty() && digits.len() <= digits_max && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.to_owned())
}

/// A number between letters, which may be in lower case.
pub(super) fn lettered(before: &str, typed: &str, behind: &str) -> Option<String> {
    let upper = typed.to_ascii_uppercase();
    let digits = upper.strip_prefix(before)?.strip_suffix(behind)?;
    let is_number = !digits.starts_with('0') && number(digits, 15).is_some();
    is_number.then_some(upper)
}

/// Sixteen characters with a correct check character, without what separates them.
fn sixteen(typed: &str) -> Option<String> {
    let bare: String = typed
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-' | '\u{a0}'))
        .collect();
    let bare = bare.to_ascii_uppercase();
    holds_mod_11_2(&bare).then_some(bare)
}

pub(super) fn orcid(typed: &str) -> Result<String, &'static str> {
    let bare = sixteen(typed).ok_or("four groups of four digits, of which the last is a check digit")?;
    Ok([&bare[..4], &bare[4..8], &bare[8..12], &bare[12..]].join("-"))
}

/// ORCID has blocks of its own within the range of numbers that it shares with ISNI.
pub(super) fn is_orcid(typed: &str) -> bool {
    let in_block = |bare: &str| {
        ("000000015000000".."000000035000001").contains(&&bare[..15])
            || ("000900000000000".."000901000000000").contains(&&bare[..15])
    };
    sixteen(typed).is_some_and(|bare| in_block(&bare))
}

pub(super) fn isni(typed: &str) -> Result<String, &'static str> {
    sixteen(typed).ok_or("sixteen digits, of which the last is a check digit")
}

pub(super) fn oclc(typed: &str) -> Result<String, &'static str> {
    let lower = typed.to_ascii_lowercase();
    let digits = ["ocm", "ocn", "on"]
        .into_iter()
        .find_map(|prefix| lower.strip_prefix(prefix));
    number(digits.unwrap_or(&lower), 14).ok_or("a number of up to 14 digits")
}

/// The normal form of the Library of Congress: no blanks, nothing from a slash or a point onwards, and six digits after
/// the place of the hyphen.
pub(super) fn lccn(typed: &str) -> Result<String, &'static str> {
    const LOOKS: &str = "up to three letters, a year of two or four digits, and a number of six";
    let bare: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    let bare = bare.split(['/', '.']).next().unwrap_or_default().to_ascii_lowercase();
    let normal = match bare.split_once('-') {
        Some((year, serial)) if !serial.is_empty() && serial.len() <= 6 => format!("{year}{serial:0>6}"),
        Some(_) => return Err(LOOKS),
        None => bare,
    };
    let digits = normal.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let letters = normal.len() - digits.len();
    let is_normal = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 8 && letters <= 3 || digits.len() == 10 && letters <= 2);
    if is_normal { Ok(normal) } else { Err(LOOKS) }
}

/// A DOI is the same in lower and in upper case.
pub(super) fn doi(typed: &str) -> Result<String, &'static str> {
    const LOOKS: &str = "10. and a number, a slash, and what follows it";
    let (prefix, suffix) = typed.split_once('/').ok_or(LOOKS)?;
    let mut parts = prefix.split('.');
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_prefix = parts.next() == Some("10")
        && parts
            .next()
            .is_some_and(|part| is_number(part) && (4..=9).contains(&part.len()))
        && parts.all(is_number);
    if is_prefix && !suffix.is_empty() && !typed.contains(char::is_whitespace) {
        Ok(typed.to_lowercase())
    } else {
        Err(LOOKS)
    }
}

pub(super) fn asin(typed: &str) -> Result<String, &'static str> {
    let upper = typed.to_ascii_uppercase();
    let is_own = upper.len() == 10 && upper.starts_with('B') && upper.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_own || upper.len() == 10 && Isbn::parse(&upper).is_ok() {
        Ok(upper)
    } else {
        Err("ten letters and digits that begin with B, or an ISBN of ten digits")
    }
}

pub(super) fn librarything(typed: &str) -> Result<String, &'static str> {
    let lower = typed.to_lowercase();
    let is_name = !lower.is_empty()
        && lower.chars().count() <= 100
        && lower.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
    if is_name {
        Ok(lower)
    } else {
        Err("a number, or the name of an author as in the address of the page")
    }
}

pub(super) fn open_library(typed: &str) -> Result<String, &'static str> {
    ["A", "M", "W"]
        .into_iter()
        .find_map(|behind| lettered("OL", typed, behind))
        .ok_or("OL, a number, and A, M or W")
}

pub(super) fn gnd(typed: &str) -> Result<String, &'static str> {
    const LOOKS: &str = "a number of up to ten digits, of which the last is a check digit";
    let upper = typed.to_ascii_uppercase();
    let is_number = (2..=11).contains(&upper.len())
        && upper
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'X'));
    if is_number && holds_gnd(&upper) {
        Ok(upper)
    } else {
        Err(LOOKS)
    }
}
