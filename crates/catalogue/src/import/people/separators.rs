//! What may stand between the people in a cell.
//!
//! Semicolons, bars and line breaks always separate people. A comma may belong to a name, a slash to a band, an “and”
//! to a company: those are only marked here, and whoever knows more decides. What is in brackets belongs to what is
//! before them, so nothing in there separates anybody.

use super::parts::{OTHERS_MAX_BYTES, is_others};

/// A place at which a text could be parted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where it begins.
    pub(super) start: usize,
    /// Where it ends.
    pub(super) end: usize,
    /// What it is.
    pub(super) kind: MarkKind,
}

/// What separates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MarkKind {
    /// Semicolon, bar, line break: nothing but a boundary between two people.
    Sure,
    /// A slash.
    Slash,
    /// A comma.
    Comma,
    /// A comma of a script in which names are not inverted.
    WideComma,
    /// An ampersand or a plus.
    Ampersand,
    /// A conjunction.
    And,
}

/// The words that join two people, in the languages of the headers.
const JOINING: [&str; 21] = [
    "and", "with", "und", "mit", "et", "avec", "y", "e", "en", "og", "och", "i", "oraz", "a", "és", "ja", "ve", "и",
    "і", "και", "و",
];

/// Whether a character always separates people.
pub(super) fn is_surely_between(character: char) -> bool {
    matches!(character, ';' | '|' | '\n' | '\r' | '\u{b}' | '；' | '、' | '؛')
}

/// All places at which a text could be split, found in one pass.
pub(super) fn marks(text: &str) -> Vec<Mark> {
    let heeds_brackets = has_pairs(text);
    let mut marks = Vec::new();
    let mut depth = 0_u32;
    let mut before = ' ';
    for (start, character) in text.char_indices() {
        let end = start + character.len_utf8();
        match character {
            '(' | '[' | '（' if heeds_brackets => depth += 1,
            ')' | ']' | '）' if heeds_brackets => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            _ => {
                let found = match character {
                    _ if is_surely_between(character) => Some((MarkKind::Sure, end)),
                    '/' => Some((MarkKind::Slash, end)),
                    ',' => Some((MarkKind::Comma, end)),
                    '،' | '，' => Some((MarkKind::WideComma, end)),
                    '&' | '+' | '＆' if before == ' ' && text[end..].starts_with(' ') => {
                        Some((MarkKind::Ampersand, end))
                    }
                    ' ' => joined_at(&text[end..]).map(|length| (MarkKind::And, end + length)),
                    _ => None,
                };
                marks.extend(found.map(|(kind, end)| Mark { start, end, kind }));
            }
        }
        before = character;
    }
    marks
}

/// The length of a conjunction at the beginning of a text, including the space after it.
fn joined_at(rest: &str) -> Option<usize> {
    let word = JOINING
        .into_iter()
        .find(|word| rest.strip_prefix(word).is_some_and(|behind| behind.starts_with(' ')))?;
    let behind = &rest[word.len() + 1..];
    // “et al.”, “y otros”, “and others” name nobody.
    // Such words are few: in a cell of very many names nobody looks further, or each name would be looked at as often as there are names.
    let mut near = behind.char_indices().take(OTHERS_MAX_BYTES + 1);
    let next = near.find(|(_, character)| matches!(character, ',' | ';'));
    let next = next.map_or(behind, |(end, _)| &behind[..end]);
    (!is_others(next)).then_some(word.len())
}

/// Whether every bracket is closed; if one is not, none means anything.
fn has_pairs(text: &str) -> bool {
    let mut open = 0_i64;
    for character in text.chars() {
        match character {
            '(' | '[' | '（' => open += 1,
            ')' | ']' | '）' => open -= 1,
            _ => {}
        }
        if open < 0 {
            return false;
        }
    }
    open == 0
}

/// The parts of a text between some of its marks.
pub(super) fn between(text: &str, marks: impl Iterator<Item = Mark>) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    for mark in marks {
        // Two marks may share a space.
        if mark.start >= from {
            parts.push(&text[from..mark.start]);
            from = mark.end;
        }
    }
    parts.push(&text[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<MarkKind> {
        marks(text).into_iter().map(|mark| mark.kind).collect()
    }

    #[test]
    fn what_stands_in_brackets_parts_nobody() {
        assert_eq!(kinds("Guild (Lyon, France); Ida Fell"), [MarkKind::Sure]);
        assert_eq!(
            kinds("Guild (Lyon, Ida Fell"),
            [MarkKind::Comma],
            "a bracket that is never closed is none"
        );
    }

    #[test]
    fn words_join_only_where_they_stand_alone() {
        assert_eq!(kinds("Andy Land and Ida Fell"), [MarkKind::And]);
        assert_eq!(
            kinds("Anna Berg und Ida Fell & Jo Ek"),
            [MarkKind::And, MarkKind::Ampersand]
        );
        assert_eq!(kinds("Ida Fell et al."), []);
        assert_eq!(kinds("R&D Unit"), []);
    }
}
