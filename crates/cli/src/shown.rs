//! What somebody else wrote, made safe for a terminal.
//!
//! A terminal obeys what is in a text: it moves, erases, recolours, renames its window, and some answer as if somebody
//! had typed. And to whoever reads a list line by line, a line break in a title announces a record that does not exist.
//! So nothing of the kind goes out raw.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Replaces a line break within a line.
const LINE_BREAK: char = '⏎';
/// Replaces anything else that is invisible but has an effect.
const OBEYED: char = '\u{fffd}';

/// A text on one line.
pub(crate) fn visible(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let shown = |letter| {
        if is_line_break(letter) {
            LINE_BREAK
        } else {
            harmless(letter)
        }
    };
    text.chars().map(shown).collect()
}

/// A text that may have several lines; each further one is indented by `indent` places, with nothing before it.
pub(crate) fn visible_lines(text: &str, indent: usize) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.replace("\r\n", "\n").chars() {
        if is_line_break(letter) {
            shown.push('\n');
            shown.extend(std::iter::repeat_n(' ', indent));
        } else {
            shown.push(harmless(letter));
        }
    }
    shown
}

/// A JSON document without the control characters that JSON allows in it.
pub(crate) fn escaped(document: &str) -> Cow<'_, str> {
    let is_escaped = |letter: char| letter == '\u{7f}' || ('\u{80}'..='\u{9f}').contains(&letter);
    if !document.contains(is_escaped) {
        return document.into();
    }
    let mut escaped = String::with_capacity(document.len());
    for letter in document.chars() {
        if is_escaped(letter) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{:04x}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    escaped.into()
}

fn is_line_break(letter: char) -> bool {
    matches!(
        letter,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn harmless(letter: char) -> char {
    // The marks that change the direction of everything that follows; those that only mark the direction of a name
    // stay.
    let is_turning = matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if letter.is_control() || is_turning {
        OBEYED
    } else {
        letter
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        assert_eq!(visible("a\u{1b}[2Jb\u{9b}31m\u{7}\tc"), "a�[2Jb�31m��c");
        assert_eq!(visible("a\r\nb\nc\u{2028}d\re"), "a⏎b⏎c⏎d⏎e");
        assert_eq!(visible("a\u{202e}b\u{200f}"), "a�b\u{200f}");
        assert_eq!(visible("Zoë 紅樓夢 📚"), "Zoë 紅樓夢 📚");
        assert_eq!(visible_lines("a\r\nisbn 1\u{1b}", 2), "a\n  isbn 1�");
    }

    #[test]
    fn a_json_document_says_the_same_without_control_characters() {
        let document = serde_json::to_string("a\u{9b}\u{7f}\u{1b}é").unwrap();
        let escaped = escaped(&document);
        assert!(!escaped.chars().any(char::is_control), "{escaped}");
        assert_eq!(
            serde_json::from_str::<String>(&escaped).unwrap(),
            "a\u{9b}\u{7f}\u{1b}é"
        );
    }
}
