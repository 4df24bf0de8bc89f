//! What a text field accepts.
//!
//! Text arrives from keyboards, spreadsheets and other programs, so the same title can come as `Café` in two spellings
//! of Unicode, with doubled spaces, or with a line break that a cell carried along. Comparing, matching and searching
//! only work if there is one stored form, so every text passes through here once, on its way in: NFC, trimmed, and in
//! one-line fields every run of white space is a single space. What cannot be corrected without guessing (control
//! characters, too many characters) is refused, with the field's name and the place.
//!
//! Characters that are merely invisible (joiners, direction marks) stay inside a text, because Persian, Hindi, emoji and
//! mixed-direction titles need them; a text that consists of nothing else counts as empty.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// The most characters a name, title, publisher or series may have.
pub const NAME_MAX_CHARS: usize = 500;
/// The most characters an e-mail address may have.
pub const EMAIL_MAX_CHARS: usize = 254;
/// The most characters a web address may have.
pub const WEBSITE_MAX_CHARS: usize = 2_000;
/// The most characters a position in a series may have.
pub const SERIES_POSITION_MAX_CHARS: usize = 20;
/// The most characters the word for a scheme of identifiers may have.
pub const SCHEME_MAX_CHARS: usize = 100;
/// The most characters a shelf mark may have.
pub const SHELF_MARK_MAX_CHARS: usize = 100;
/// The most characters notes may have.
pub const NOTES_MAX_CHARS: usize = 1_000_000;

/// A value that a field refuses, with the reason in plain words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct InvalidText {
    /// The field as the entity names it, for instance `title`.
    pub field: &'static str,
    /// What is wrong and what to do about it, as a sentence without the field's name in front.
    pub reason: String,
}

impl InvalidText {
    /// A refusal of `field` for `reason`.
    pub fn new(field: &'static str, reason: impl Into<String>) -> Self {
        Self {
            field,
            reason: reason.into(),
        }
    }
}

/// The stored form of a required one-line text. A text that is empty once trimmed is refused.
pub fn one_line(field: &'static str, raw: &str, max_chars: usize) -> Result<String, InvalidText> {
    optional_one_line(field, raw, max_chars)?.ok_or_else(|| empty(field))
}

/// The stored form of an optional one-line text; `None` if nothing is left once trimmed.
pub fn optional_one_line(field: &'static str, raw: &str, max_chars: usize) -> Result<Option<String>, InvalidText> {
    if is_plain_line(raw) {
        return bounded(field, Cow::Borrowed(raw), max_chars);
    }
    let composed = compose(raw);
    let mut line = String::with_capacity(composed.len());
    for (position, character) in composed.chars().enumerate() {
        if character.is_whitespace() {
            if !line.is_empty() && !line.ends_with(' ') {
                line.push(' ');
            }
        } else if character.is_control() {
            return Err(control_character(field, character, Place::Character(position + 1)));
        } else {
            line.push(character);
        }
    }
    line.truncate(line.trim_end().len());
    bounded(field, Cow::Owned(line), max_chars)
}

/// The stored form of an optional text of several lines: line ends become `\n`, tabs and inner spaces stay as written.
pub fn optional_many_lines(field: &'static str, raw: &str, max_chars: usize) -> Result<Option<String>, InvalidText> {
    let composed = compose(raw.trim());
    let mut text = String::with_capacity(composed.len());
    let mut line = 1;
    let mut characters = composed.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
                line += 1;
                text.push('\n');
            }
            '\t' => text.push('\t'),
            other if other.is_control() => return Err(control_character(field, other, Place::Line(line))),
            other => text.push(other),
        }
    }
    bounded(field, Cow::Owned(text), max_chars)
}

/// Whether a text is certainly in its stored form already, in a field of one line or of several: printable ASCII
/// without spaces at its ends and without doubled ones. Most texts are, and whoever owns one can keep it as it is.
pub(crate) fn is_stored_line(raw: &str, max_chars: usize) -> bool {
    !raw.is_empty() && raw.len() <= max_chars && is_plain_line(raw)
}

/// Where a refused character stands, counted from 1.
#[derive(Clone, Copy)]
enum Place {
    Character(usize),
    Line(usize),
}

/// Most of what is imported needs no change; seeing that costs one pass over the bytes and no Unicode tables.
fn is_plain_line(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let mut previous = b' ';
    for &byte in bytes {
        if !(b' '..0x7f).contains(&byte) || (byte == b' ' && previous == b' ') {
            return false;
        }
        previous = byte;
    }
    bytes.is_empty() || previous != b' '
}

fn compose(raw: &str) -> Cow<'_, str> {
    if is_nfc_quick(raw.chars()) == IsNormalized::Yes {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(raw.nfc().collect())
    }
}

fn bounded(field: &'static str, text: Cow<'_, str>, max_chars: usize) -> Result<Option<String>, InvalidText> {
    if text.chars().all(is_invisible) {
        return Ok(None);
    }
    // A text has at most as many characters as bytes, so only long ones are counted.
    if text.len() > max_chars {
        let length = text.chars().count();
        if length > max_chars {
            return Err(InvalidText::new(
                field,
                format!("it has {length} characters and may have {max_chars} at most; shorten it"),
            ));
        }
    }
    Ok(Some(text.into_owned()))
}

/// White space, joiners, direction marks and the like: characters that are invisible.
fn is_invisible(character: char) -> bool {
    character.is_whitespace()
        || matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
}

fn empty(field: &'static str) -> InvalidText {
    InvalidText::new(field, "it is empty; it needs at least one visible character")
}

fn control_character(field: &'static str, character: char, place: Place) -> InvalidText {
    let name = control_name(character);
    let code = u32::from(character);
    let place = match place {
        Place::Character(position) => format!("at character {position}"),
        Place::Line(line) => format!("on line {line}"),
    };
    InvalidText::new(
        field,
        format!("it holds the control character U+{code:04X}{name} {place}; remove that character"),
    )
}

fn control_name(character: char) -> &'static str {
    match character {
        '\0' => " (null)",
        '\u{7}' => " (bell)",
        '\u{8}' => " (backspace)",
        '\u{1a}' => " (end of file)",
        '\u{1b}' => " (escape)",
        '\u{7f}' => " (delete)",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn white_space_of_any_kind_collapses_to_one_space_in_a_line() {
        assert_eq!(
            one_line("title", "  The\t\u{a0} Left\r\nHand \u{3000}", 100).unwrap(),
            "The Left Hand"
        );
    }

    #[test]
    fn decomposed_text_is_composed() {
        assert_eq!(one_line("title", "Cafe\u{301}", 100).unwrap(), "Caf\u{e9}");
    }

    #[test]
    fn a_control_character_is_refused_with_its_code_and_place() {
        let refused = one_line("name", "Le\u{1b} Guin", 100).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "name: it holds the control character U+001B (escape) at character 3; remove that character"
        );
        let refused = optional_many_lines("notes", "one\r\ntwo\nth\0ree", 100).unwrap_err();
        assert!(refused.reason.contains("U+0000 (null) on line 3"), "{refused}");
    }

    #[test]
    fn length_is_counted_in_characters_after_composition() {
        assert!(one_line("title", &"e\u{301}".repeat(5), 5).is_ok());
        let refused = one_line("title", "ééé", 2).unwrap_err();
        assert!(
            refused.reason.contains("3 characters") && refused.reason.contains('2'),
            "{refused}"
        );
    }

    #[test]
    fn a_text_that_shows_nothing_is_empty() {
        assert_eq!(optional_one_line("title", " \u{200b}\u{feff} ", 10).unwrap(), None);
        assert_eq!(optional_many_lines("notes", "\r\n \r\n", 10).unwrap(), None);
        assert_eq!(one_line("title", "", 10).unwrap_err().field, "title");
    }

    #[test]
    fn joiners_inside_a_word_stay() {
        let persian = "می\u{200c}خواهم";
        assert_eq!(one_line("title", persian, 100).unwrap(), persian);
    }

    #[test]
    fn every_kind_of_line_end_becomes_one_and_tabs_stay() {
        assert_eq!(
            optional_many_lines("notes", "a\r\nb\rc\u{2028}\td\n", 100)
                .unwrap()
                .as_deref(),
            Some("a\nb\nc\n\td")
        );
    }

    proptest! {
        #[test]
        fn the_stored_form_is_stable_and_never_holds_control_characters(raw in "\\PC*[ \t\u{a0}]{0,3}\\PC*") {
            if let Ok(Some(once)) = optional_one_line("title", &raw, 10_000) {
                prop_assert!(!once.chars().any(char::is_control));
                let again = optional_one_line("title", &once, 10_000).unwrap();
                prop_assert_eq!(again.as_deref(), Some(once.as_str()));
            }
        }

        #[test]
        fn the_short_way_for_plain_text_agrees_with_the_long_way(raw in "[ -~]{0,12}") {
            let words = raw.split_ascii_whitespace().collect::<Vec<_>>().join(" ");
            let expected = (!words.is_empty()).then_some(words);
            prop_assert_eq!(optional_one_line("title", &raw, 100).unwrap(), expected);
            if is_stored_line(&raw, 12) {
                prop_assert_eq!(optional_one_line("title", &raw, 12).unwrap(), Some(raw.clone()));
                prop_assert_eq!(optional_many_lines("notes", &raw, 12).unwrap(), Some(raw));
            }
        }
    }
}
