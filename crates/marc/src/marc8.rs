//! MARC-8: the encoding of MARC 21 before Unicode.
//!
//! Two sets of characters are in use at any time, one for bytes below 0x80 and one for those above; escape sequences
//! put others in their places. At the beginning of every subfield they are ASCII and Extended Latin (ANSEL). A mark
//! stands before the letter that it belongs to; in Unicode it stands behind. The East Asian set has three bytes for
//! each character.
//!
//! A byte that means nothing becomes U+FFFD and is counted.

mod sets;

use self::sets::{Glyph, eacc, single};
use crate::fit::Fit;

/// What begins an escape sequence.
pub(crate) const ESCAPE: u8 = 0x1b;

/// What stands for a byte that is no letter.
const NOTHING: char = '\u{fffd}';

/// A set of characters, by the last byte of its escape sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    Ascii,
    Single(u8),
    EastAsian,
}

const ANSEL: Set = Set::Single(b'E');

impl Set {
    fn of_final(last: u8) -> Option<Self> {
        match last {
            b'B' | b's' => Some(Self::Ascii),
            b'1' => Some(Self::EastAsian),
            b'E' | b'2' | b'3' | b'4' | b'N' | b'Q' | b'S' | b'g' | b'b' | b'p' => Some(Self::Single(last)),
            _ => None,
        }
    }
}

/// An escape sequence.
struct Escape {
    /// Whether it is about the bytes above 0x80.
    is_upper: bool,
    set: Set,
    length: usize,
}

/// The escape sequence that bytes begin with.
fn escape(bytes: &[u8]) -> Option<Escape> {
    let found = |is_upper, last: u8, length| {
        let set = Set::of_final(last)?;
        Some(Escape { is_upper, set, length })
    };
    match *bytes {
        [ESCAPE, last @ (b'g' | b'b' | b'p' | b's'), ..] => found(false, last, 2),
        [ESCAPE, b'(' | b',', b'!', last, ..] | [ESCAPE, b'$', b'(' | b',', last, ..] => found(false, last, 4),
        [ESCAPE, b')' | b'-', b'!', last, ..] | [ESCAPE, b'$', b')' | b'-', last, ..] => found(true, last, 4),
        [ESCAPE, b'(' | b',' | b'$', last, ..] => found(false, last, 3),
        [ESCAPE, b')' | b'-', last, ..] => found(true, last, 3),
        _ => None,
    }
}

/// Whether there is an escape sequence somewhere that puts a set in place, and not merely a damaged letter.
pub(crate) fn has_escape(bytes: &[u8]) -> bool {
    let mut escapes = memchr::memchr_iter(ESCAPE, bytes);
    escapes.any(|at| escape(&bytes[at..]).is_some_and(|escape| escape.length > 2))
}

/// The text of some bytes, marks behind their letters; `bad` counts what means nothing.
pub(crate) fn decode(bytes: &[u8], bad: &mut usize) -> String {
    let mut text = Text::default();
    let (mut lower, mut upper) = (Set::Ascii, ANSEL);
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte == ESCAPE {
            if let Some(escape) = escape(&bytes[at..]) {
                *(if escape.is_upper { &mut upper } else { &mut lower }) = escape.set;
                at += escape.length;
            } else {
                at += text.unknown();
            }
            continue;
        }
        let set = if byte < 0x80 { lower } else { upper };
        at += match set {
            // Blanks and controls belong to no set.
            _ if byte < 0x21 => text.control(byte),
            Set::EastAsian => text.east_asian(&bytes[at..]),
            Set::Ascii if byte < 0x80 => text.numbered(&bytes[at..]),
            Set::Ascii => text.unknown(),
            Set::Single(last) => text.single(last, byte),
        };
    }
    text.finish(bad)
}

/// How well some bytes fit.
pub(crate) fn fit(bytes: &[u8]) -> Fit {
    let mut fit = Fit::default();
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| **byte >= 0x80) {
        match special(*byte).or_else(|| single(b'E', byte & 0x7f)) {
            None => fit.bad += 1,
            Some(Glyph::Letter(_)) => fit.good += 1,
            Some(Glyph::Mark(mark)) => {
                let mut behind = bytes[at + 1..].iter().skip_while(|byte| **byte >= 0xe0);
                let letter = behind.next().map(|letter| char::from(*letter));
                match letter.filter(char::is_ascii_alphabetic) {
                    Some(letter) if sets::is_usual(letter, mark) => fit.good += 1,
                    _ => fit.bad += 1,
                }
            }
            Some(Glyph::Nothing) => {}
        }
    }
    fit
}

/// Controls between 0x80 and 0x9f that have a meaning: where an article that is not sorted by begins and ends, and what
/// joins letters. The others are the punctuation of Windows, pasted into records that are otherwise what they say.
fn special(byte: u8) -> Option<Glyph> {
    Some(match byte {
        0x88 => Glyph::Letter('\u{98}'),
        0x89 => Glyph::Letter('\u{9c}'),
        0x8d => Glyph::Letter('\u{200d}'),
        0x8e => Glyph::Letter('\u{200c}'),
        0x85 => Glyph::Letter('…'),
        0x91 => Glyph::Letter('‘'),
        0x92 => Glyph::Letter('’'),
        0x93 => Glyph::Letter('“'),
        0x94 => Glyph::Letter('”'),
        0x95 => Glyph::Letter('•'),
        0x96 => Glyph::Letter('–'),
        0x97 => Glyph::Letter('—'),
        0x99 => Glyph::Letter('™'),
        _ => return None,
    })
}

/// A text that is being read.
#[derive(Default)]
struct Text {
    read: String,
    /// Marks whose letter is still to come.
    marks: Vec<char>,
    bad: usize,
}

impl Text {
    fn letter(&mut self, letter: char) {
        self.read.push(letter);
        self.read.extend(self.marks.drain(..));
        self.bad += usize::from(letter == NOTHING);
    }

    fn unknown(&mut self) -> usize {
        self.letter(NOTHING);
        1
    }

    fn control(&mut self, byte: u8) -> usize {
        self.letter(char::from(byte));
        1
    }

    fn single(&mut self, set: u8, byte: u8) -> usize {
        match special(byte).or_else(|| single(set, byte & 0x7f)) {
            Some(Glyph::Letter(letter)) => self.letter(letter),
            Some(Glyph::Mark(mark)) => self.marks.push(mark),
            Some(Glyph::Nothing) => {}
            None => self.letter(NOTHING),
        }
        1
    }

    fn east_asian(&mut self, bytes: &[u8]) -> usize {
        let code = bytes
            .get(..3)
            .filter(|code| code.iter().all(|byte| byte & 0x7f >= 0x20));
        match code {
            Some(code) => {
                self.letter(eacc([code[0] & 0x7f, code[1] & 0x7f, code[2] & 0x7f]).unwrap_or(NOTHING));
                3
            }
            None => self.unknown(),
        }
    }

    /// A letter of ASCII, or one that has no other place in MARC-8 and is given by its number, as in `&#x4E00;`.
    fn numbered(&mut self, bytes: &[u8]) -> usize {
        let number = bytes.strip_prefix(b"&#x").and_then(|rest| {
            let end = rest.iter().take(7).position(|byte| *byte == b';')?;
            let digits = std::str::from_utf8(&rest[..end]).ok()?;
            let letter = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            Some((letter, 3 + end + 1))
        });
        let (letter, length) = number
            .filter(|(letter, _)| !letter.is_control())
            .unwrap_or((char::from(bytes[0]), 1));
        self.letter(letter);
        length
    }

    /// Marks that no letter follows are left out, and counted.
    fn finish(self, bad: &mut usize) -> String {
        *bad += self.bad + self.marks.len();
        self.read
    }
}

#[cfg(test)]
mod tests;
