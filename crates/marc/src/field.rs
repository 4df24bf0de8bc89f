//! What the bytes of a field say: indicators, and subfields with their codes.

use unicode_normalization::UnicodeNormalization;

use crate::letters::Letters;
use crate::record::{Content, Doubt, Field, Subfield};

/// What comes before every subfield.
const DELIMITER: u8 = 0x1f;

/// Reads a field; what is wrong with it goes to the doubts.
pub(crate) fn read(tag: &str, bytes: &[u8], letters: Letters, doubts: &mut Vec<Doubt>) -> Field {
    let mut bad = 0;
    let first = memchr::memchr(DELIMITER, bytes);
    let content = match first {
        None if tag.starts_with("00") => Content::Control(letters.decode(bytes, &mut bad)),
        _ => data(tag, bytes, first, letters, &mut bad, doubts),
    };
    if bad > 0 {
        doubts.push(Doubt::Letters {
            tag: tag.to_owned(),
            count: bad,
        });
    }
    Field {
        tag: tag.to_owned(),
        content,
    }
}

fn data(
    tag: &str,
    bytes: &[u8],
    first: Option<usize>,
    letters: Letters,
    bad: &mut usize,
    doubts: &mut Vec<Doubt>,
) -> Content {
    let before = &bytes[..first.unwrap_or(bytes.len().min(2))];
    if before.len() < 2 {
        doubts.push(Doubt::NoIndicators { tag: tag.to_owned() });
    }
    let indicator = |at: usize| match before.get(at) {
        Some(byte) if (0x21..0x7f).contains(byte) => char::from(*byte),
        _ => ' ',
    };
    let mut subfields = Vec::new();
    let Some(first) = first else {
        // Text without a subfield can only be what the field is about.
        subfields.push(Subfield {
            code: 'a',
            text: letters.decode(&bytes[before.len()..], bad),
        });
        return Content::Data {
            indicators: [indicator(0), indicator(1)],
            subfields,
        };
    };
    let parts = bytes[first + 1..].split(|byte| *byte == DELIMITER);
    for part in parts.filter(|part| !part.is_empty()) {
        let is_code = (0x21..0x7f).contains(&part[0]);
        if !is_code {
            doubts.push(Doubt::SubfieldCode { tag: tag.to_owned() });
        }
        let (code, text) = if is_code {
            (char::from(part[0]), &part[1..])
        } else {
            damaged_code(part)
        };
        subfields.push(Subfield {
            code,
            text: letters.decode(text, bad),
        });
    }
    Content::Data {
        indicators: [indicator(0), indicator(1)],
        subfields,
    }
}

/// The code of a subfield that is no letter or digit: without its accent where it has one, the next letter where it is
/// the mark for a broken one.
fn damaged_code(part: &[u8]) -> (char, &[u8]) {
    let length = (1..=4).find(|length| {
        part.get(..*length)
            .is_some_and(|start| std::str::from_utf8(start).is_ok())
    });
    let length = length.unwrap_or(1);
    let (code, text) = part.split_at(length);
    let letter = std::str::from_utf8(code).ok().and_then(|code| code.chars().next());
    let bare = letter
        .and_then(|letter| letter.nfd().next())
        .filter(char::is_ascii_alphanumeric);
    match (letter, bare, text.first()) {
        (_, Some(bare), _) => (bare, text),
        (Some('\u{fffd}') | None, None, Some(next)) if next.is_ascii_lowercase() => (char::from(*next), &text[1..]),
        _ => ('?', text),
    }
}
