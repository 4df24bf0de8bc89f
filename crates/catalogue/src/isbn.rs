//! International Standard Book Numbers: many spellings in, one stored form out.
//!
//! A catalogue matches books by ISBN, so there may be only one spelling of each: the thirteen digits. ISBN-10 is the
//! same number without the `978` and with a check digit of its own; it is converted to the thirteen digits when it is
//! read. The check digit is always verified, because it exists to catch the slips of people who type numbers from
//! paper; if it is wrong, the message says which digit would be right, which usually makes the slip easy to see.
//!
//! Numbers that begin with 9790 are refused: that range belongs to printed music (ISMN).

use std::fmt;

use thiserror::Error;

/// An ISBN in its stored form: thirteen digits with a correct check digit, beginning with 978 or 979.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Isbn([u8; 13]);

/// Why a text is not an ISBN.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidIsbn {
    /// There is neither a digit nor anything else to read.
    #[error("it is empty")]
    Empty,
    /// A character that does not occur in ISBNs.
    #[error("it has “{found}” at position {position}; an ISBN has only digits, hyphens and perhaps an X at the end")]
    Character {
        /// The character that does not belong there.
        found: char,
        /// Its position, counted from 1.
        position: usize,
    },
    /// An X before the last position, or in an ISBN-13.
    #[error("it has an X that is not the last of ten characters, the only place where X can stand for 10")]
    MisplacedX,
    /// Neither ten nor thirteen digits.
    #[error("it has {digits} digits; an ISBN has 10 or 13")]
    Length {
        /// How many digits (and X) were found.
        digits: usize,
    },
    /// Thirteen digits of something that is not a book.
    #[error("it begins with {prefix}; the ISBN of a book begins with 978 or 979 (9790 is printed music)")]
    Prefix {
        /// The first four digits.
        prefix: String,
    },
    /// The last digit does not fit the others: one of them is mistyped.
    #[error("its check digit is {found} but should be {expected}; one of the digits is mistyped")]
    CheckDigit {
        /// The last character as written.
        found: char,
        /// The last character that would fit the others.
        expected: char,
    },
}

impl Isbn {
    /// Reads an ISBN-10 or ISBN-13 in any hyphenation, with or without the word ISBN before it, and in the form `="…"`
    /// that spreadsheets use to keep a number as text.
    pub fn parse(raw: &str) -> Result<Self, InvalidIsbn> {
        Self::from_characters(&Characters::of(raw)?)
    }

    /// Reads an ISBN as [`parse`](Self::parse) does, and also what is left of an ISBN-10 when a spreadsheet has treated
    /// it as a number: seven to nine characters, with the leading zeros gone.
    ///
    /// This is for import only. When a person types, a short number is a slip that must be shown; one short number in
    /// eleven would pass the check by chance.
    pub fn parse_restoring_zeros(raw: &str) -> Result<Self, InvalidIsbn> {
        let mut characters = Characters::of(raw)?;
        if (LOST_ZEROS_FEWEST_LEFT..10).contains(&characters.length) {
            characters.pad_to_ten();
        }
        Self::from_characters(&characters)
    }

    /// The thirteen digits.
    pub fn as_str(&self) -> &str {
        // The array holds only ASCII digits, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    fn from_characters(characters: &Characters) -> Result<Self, InvalidIsbn> {
        match characters.length {
            0 => Err(InvalidIsbn::Empty),
            10 => Self::from_ten(&characters.kept[..10]),
            13 => Self::from_thirteen(&characters.kept),
            digits => Err(InvalidIsbn::Length { digits }),
        }
    }

    fn from_ten(ten: &[u8]) -> Result<Self, InvalidIsbn> {
        if ten[..9].contains(&b'X') {
            return Err(InvalidIsbn::MisplacedX);
        }
        let sum: u32 = (2..=10)
            .rev()
            .zip(ten)
            .map(|(weight, &digit)| weight * value(digit))
            .sum();
        let expected = match (11 - sum % 11) % 11 {
            10 => b'X',
            digit => ascii(digit),
        };
        check(ten[9], expected)?;
        let mut digits = *b"9780000000000";
        digits[3..12].copy_from_slice(&ten[..9]);
        digits[12] = check_digit_13(&digits[..12]);
        Ok(Self(digits))
    }

    fn from_thirteen(thirteen: &[u8; 13]) -> Result<Self, InvalidIsbn> {
        if thirteen.contains(&b'X') {
            return Err(InvalidIsbn::MisplacedX);
        }
        let digits = *thirteen;
        if !(digits.starts_with(b"978") || digits.starts_with(b"979")) || digits.starts_with(b"9790") {
            let prefix = digits[..4].iter().map(|&digit| char::from(digit)).collect();
            return Err(InvalidIsbn::Prefix { prefix });
        }
        check(digits[12], check_digit_13(&digits[..12]))?;
        Ok(Self(digits))
    }
}

impl fmt::Display for Isbn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for Isbn {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Isbn({self})")
    }
}

/// A spreadsheet cannot have removed more than three zeros: group 0 gives one, and then publishers' numbers begin with
/// 00.
const LOST_ZEROS_FEWEST_LEFT: usize = 7;

/// The digits and X of a text, without what people put around and between them.
struct Characters {
    kept: [u8; 13],
    /// How many there were; those after the thirteenth are counted but not kept.
    length: usize,
}

impl Characters {
    fn of(raw: &str) -> Result<Self, InvalidIsbn> {
        let (prefix, number) = without_wrapping(raw);
        let mut characters = Self {
            kept: [0; 13],
            length: 0,
        };
        for (position, found) in number.chars().enumerate() {
            let kept = match found {
                '0'..='9' => u8::try_from(found).ok(),
                'x' | 'X' => Some(b'X'),
                // Hyphens as typed, typeset or pasted, white space, and zero-width marks that copying brings along.
                '-'
                | '\u{ad}'
                | '\u{2010}'..='\u{2015}'
                | '\u{2212}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{feff}' => None,
                space if space.is_whitespace() => None,
                _ => {
                    return Err(InvalidIsbn::Character {
                        found,
                        position: prefix + position + 1,
                    });
                }
            };
            if let Some(kept) = kept {
                if let Some(slot) = characters.kept.get_mut(characters.length) {
                    *slot = kept;
                }
                characters.length += 1;
            }
        }
        Ok(characters)
    }

    fn pad_to_ten(&mut self) {
        let missing = 10 - self.length;
        self.kept.copy_within(..self.length, missing);
        self.kept[..missing].fill(b'0');
        self.length = 10;
    }
}

/// The text without `="…"`, quotes, the word ISBN and a binding in brackets after it ("0439023483 (pbk.)"), and how
/// many characters were taken off its front.
fn without_wrapping(raw: &str) -> (usize, &str) {
    let number = raw.trim_start_matches(|character: char| character.is_whitespace() || "=\"'".contains(character));
    let number = after_the_word(number).trim_start_matches([':', '.', ' ']);
    let taken = raw[..raw.len() - number.len()].chars().count();
    let number = number.split_once(" (").map_or(number, |(before, _)| before);
    (
        taken,
        number.trim_end_matches(|character: char| character.is_whitespace() || "\"'".contains(character)),
    )
}

fn after_the_word(number: &str) -> &str {
    if !number.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("isbn")) {
        return number;
    }
    let number = &number[4..];
    let rest = number.trim_start_matches(['-', ' ']);
    // "ISBN-13: …" and "ISBN 10 …" name the kind before the number; a number that merely begins with those digits
    // continues with more digits.
    ["13", "10"]
        .into_iter()
        .filter_map(|kind| rest.strip_prefix(kind))
        .find(|after| after.starts_with([':', ' ']))
        .unwrap_or(number)
}

fn check(found: u8, expected: u8) -> Result<(), InvalidIsbn> {
    if found == expected {
        return Ok(());
    }
    Err(InvalidIsbn::CheckDigit {
        found: char::from(found),
        expected: char::from(expected),
    })
}

fn check_digit_13(twelve: &[u8]) -> u8 {
    let sum: u32 = twelve
        .iter()
        .zip([1, 3].into_iter().cycle())
        .map(|(&digit, weight)| weight * value(digit))
        .sum();
    ascii((10 - sum % 10) % 10)
}

fn value(digit: u8) -> u32 {
    if digit == b'X' { 10 } else { u32::from(digit - b'0') }
}

fn ascii(digit: u32) -> u8 {
    b"0123456789"[digit as usize]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn digits(raw: &str) -> String {
        Isbn::parse(raw).unwrap().to_string()
    }

    #[test]
    fn one_number_in_many_spellings_has_one_stored_form() {
        for spelling in [
            "0439023483",
            "0-439-02348-3",
            "978-0-439-02348-1",
            " 978 0439 023481 ",
            "ISBN 0-439-02348-3",
            "ISBN-13: 978-0-439-02348-1",
            "isbn:9780439023481",
            "ISBN-10 0439023483",
            "=\"0439023483\"",
            "978‑0‑439‑02348‑1",
            "0439023483 (pbk.)",
        ] {
            assert_eq!(digits(spelling), "9780439023481", "{spelling}");
        }
    }

    #[test]
    fn x_stands_for_ten_at_the_end_of_an_isbn_10() {
        assert_eq!(digits("080442957X"), "9780804429573");
        assert_eq!(digits("0-8044-2957-x"), "9780804429573");
        assert_eq!(Isbn::parse("08X4429570"), Err(InvalidIsbn::MisplacedX));
        assert_eq!(Isbn::parse("978080442957X"), Err(InvalidIsbn::MisplacedX));
    }

    #[test]
    fn a_wrong_check_digit_is_told_with_the_right_one() {
        let refused = Isbn::parse("0439023484").unwrap_err();
        assert_eq!(
            refused,
            InvalidIsbn::CheckDigit {
                found: '4',
                expected: '3'
            }
        );
        assert!(refused.to_string().contains("should be 3"));
    }

    #[test]
    fn what_is_no_isbn_is_refused_for_what_it_is() {
        assert_eq!(Isbn::parse(" - "), Err(InvalidIsbn::Empty));
        assert_eq!(Isbn::parse("12345"), Err(InvalidIsbn::Length { digits: 5 }));
        assert_eq!(
            Isbn::parse("97804390234811234"),
            Err(InvalidIsbn::Length { digits: 17 })
        );
        assert_eq!(
            Isbn::parse("978B0092G4TD5"),
            Err(InvalidIsbn::Character {
                found: 'B',
                position: 4
            })
        );
        assert_eq!(
            Isbn::parse("ISBN: 04390?3483"),
            Err(InvalidIsbn::Character {
                found: '?',
                position: 12
            })
        );
        assert_eq!(
            Isbn::parse("9771234567898"),
            Err(InvalidIsbn::Prefix { prefix: "9771".into() })
        );
        assert_eq!(
            Isbn::parse("9790060115615"),
            Err(InvalidIsbn::Prefix { prefix: "9790".into() })
        );
        assert_eq!(
            Isbn::parse("9.78043902348e+12"),
            Err(InvalidIsbn::Character {
                found: '.',
                position: 2
            })
        );
    }

    #[test]
    fn lost_zeros_are_restored_only_when_asked() {
        assert_eq!(Isbn::parse("439023483"), Err(InvalidIsbn::Length { digits: 9 }));
        assert_eq!(
            Isbn::parse_restoring_zeros("439023483").unwrap().as_str(),
            "9780439023481"
        );
        assert_eq!(
            Isbn::parse_restoring_zeros("812971060"),
            Err(InvalidIsbn::CheckDigit {
                found: '0',
                expected: 'X'
            })
        );
        assert_eq!(
            Isbn::parse_restoring_zeros("123456"),
            Err(InvalidIsbn::Length { digits: 6 })
        );
    }

    proptest! {
        #[test]
        fn what_was_read_reads_back_as_itself(nine in "[0-9]{9}") {
            let mut number = *b"9780000000000";
            number[3..12].copy_from_slice(nine.as_bytes());
            number[12] = check_digit_13(&number[..12]);
            let isbn = Isbn::parse(std::str::from_utf8(&number).unwrap()).unwrap();
            prop_assert_eq!(Isbn::parse(isbn.as_str()), Ok(isbn));
        }

        #[test]
        fn one_mistyped_digit_is_always_noticed(nine in "[0-9]{9}", position in 0_usize..10, other in 1_u8..10) {
            let ten = (0..11).find_map(|last| {
                let last = if last == 10 { 'X' } else { char::from(b'0' + last) };
                let ten = format!("{nine}{last}");
                Isbn::parse(&ten).is_ok().then_some(ten)
            }).unwrap();
            let mut slip = ten.into_bytes();
            slip[position] = if slip[position] == b'X' { b'0' + other } else { b'0' + (slip[position] - b'0' + other) % 10 };
            prop_assert!(Isbn::parse(std::str::from_utf8(&slip).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(raw in "\\PC*") {
            let _ = Isbn::parse(&raw);
            let _ = Isbn::parse_restoring_zeros(&raw);
        }
    }
}
