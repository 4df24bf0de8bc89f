//! Reading a plain list of ISBNs, as a scanner or a person makes it, and text in which ISBNs stand.
//!
//! Every line with a valid ISBN is a book, and so is each further ISBN on it. What stands before the ISBN is the title;
//! where nothing does, the book is called by its ISBN until something with titles is imported. Lines without an ISBN
//! are counted; a number that was meant as one and is none is a rejected record.

use std::collections::VecDeque;

use super::foreign::{Record, RecordReader};
use super::lines::{Lines, SoFar, Source};
use super::options::Options;
use super::{ImportError, isbns};
use crate::book::Book;
use crate::isbn::Isbn;

/// What stands before a number without saying anything.
const LABELS: [&str; 6] = ["isbn-13", "isbn-10", "isbn13", "isbn10", "isbn", "ean"];
/// How many digits a line has at least in which an ISBN was meant.
const DIGITS_MIN: usize = 9;
/// How long a line may be that is read so: a longer one is no list.
const LINE_MAX_CHARS: usize = 2_000;

/// Whether a text is a list of ISBNs and nothing else.
pub(crate) fn recognise(head: &str) -> bool {
    let mut lines: Vec<&str> = head.trim_start_matches('\u{feff}').lines().collect();
    if !head.ends_with('\n') && lines.len() > 1 {
        // It may be cut off.
        lines.pop();
    }
    let mut lines = lines.into_iter().filter(|line| !line.trim().is_empty()).peekable();
    lines.peek().is_some() && lines.all(is_bare)
}

/// Whether a line has an ISBN and nothing else.
fn is_bare(line: &str) -> bool {
    line.len() < 60 && !line.contains([',', ';', '\t', '|']) && !found(line).is_empty() && title(line).is_empty()
}

/// Opens such a file and stops before its first line.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(IsbnReader {
        lines: Lines::open(file, options)?,
        ready: VecDeque::new(),
        without: 0,
        untitled: 0,
    }))
}

struct IsbnReader {
    lines: Lines,
    /// Further books of the line that was read last.
    ready: VecDeque<Record>,
    /// How many lines have no ISBN.
    without: u64,
    /// How many books have no title.
    untitled: u64,
}

impl RecordReader for IsbnReader {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        loop {
            if let Some(record) = self.ready.pop_front() {
                return Ok(Some(record));
            }
            let mut line = String::new();
            let Some(number) = self.lines.next(&mut line)? else {
                return Ok(None);
            };
            self.take(number, line.trim_start_matches('\u{feff}').trim());
        }
    }

    fn reading(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.untitled > 0 {
            lines.push(format!(
                "{} books have only an ISBN and are called by it; a file with titles that is imported with --existing overwrite names them",
                self.untitled
            ));
        }
        if self.without > 0 {
            lines.push(format!("{} lines have no ISBN and were passed over", self.without));
        }
        lines
    }

    fn so_far(&self) -> SoFar {
        self.lines.so_far()
    }
}

impl IsbnReader {
    fn take(&mut self, number: u64, line: &str) {
        let isbns = if line.chars().nth(LINE_MAX_CHARS).is_some() {
            Vec::new()
        } else {
            found(line)
        };
        if isbns.is_empty() && is_meant(line) {
            self.ready.push_back(Record {
                text: line.to_owned(),
                refused: Some("there is no valid ISBN on this line: a digit of it is wrong or missing".to_owned()),
                ..Record::on(number)
            });
        } else if isbns.is_empty() {
            self.without += u64::from(!line.is_empty());
        }
        let title = if isbns.len() == 1 { title(line) } else { String::new() };
        for isbn in isbns {
            let mut record = Record {
                text: line.to_owned(),
                ..Record::on(number)
            };
            self.untitled += u64::from(title.is_empty());
            let called = if title.is_empty() {
                format!("ISBN {isbn}")
            } else {
                title.clone()
            };
            record.say(Book::FIELDS.title.any(), called);
            record.say(Book::FIELDS.isbn.any(), isbn.as_str());
            self.ready.push_back(record);
        }
    }
}

/// The ISBNs on a line.
fn found(line: &str) -> Vec<Isbn> {
    isbns::read(line).unwrap_or_default()
}

/// Whether a line without a valid ISBN was to have one: it is a number and little else.
fn is_meant(line: &str) -> bool {
    let digits = line.chars().filter(char::is_ascii_digit).count();
    let folded = line.to_lowercase();
    digits >= DIGITS_MIN && (folded.contains("isbn") || title(line).is_empty())
}

/// What stands before the number of a line, if it says something.
fn title(line: &str) -> String {
    let is_of_number =
        |character: char| character.is_ascii_digit() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | ' ');
    // Where a run of digits and hyphens begins that is long enough.
    let starts = line.char_indices().filter(|(_, character)| character.is_ascii_digit());
    let at = starts.map(|(at, _)| at).find(|at| {
        let run = line[*at..].chars().take_while(|character| is_of_number(*character));
        run.filter(char::is_ascii_digit).count() >= DIGITS_MIN
    });
    let before = at.map_or(line, |at| &line[..at]);
    let mut before = before.trim_matches(is_mark);
    for label in LABELS {
        let cut = before
            .len()
            .checked_sub(label.len())
            .filter(|cut| before.is_char_boundary(*cut));
        if let Some(cut) = cut
            && before[cut..].eq_ignore_ascii_case(label)
        {
            before = before[..cut].trim_end_matches(is_mark);
        }
    }
    let has_words = before.chars().any(char::is_alphabetic);
    if has_words { before.to_owned() } else { String::new() }
}

fn is_mark(character: char) -> bool {
    character.is_whitespace()
        || matches!(
            character,
            ',' | ';' | ':' | '-' | '–' | '—' | '(' | '[' | '*' | '•' | '|' | '/' | '#'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_number_is_the_title() {
        for (line, wanted) in [
            ("9780306406157", ""),
            ("ISBN-13: 978-0-306-40615-7", ""),
            ("1. 9780306406157", ""),
            (
                "* The North, by Ben Orr (ISBN 978-0-306-40615-7), 20 €",
                "The North, by Ben Orr",
            ),
            ("1984 — 0-306-40615-2", ""),
            ("Nineteen 1984: 9780306406157", "Nineteen 1984"),
            ("no number", "no number"),
        ] {
            assert_eq!(title(line), wanted, "{line}");
        }
    }

    #[test]
    fn a_list_is_recognised_only_where_it_is_nothing_else() {
        assert!(recognise("9780306406157\n0-306-40615-2\n\nISBN 9780306406157\n"));
        assert!(recognise("\u{feff}9780306406157"));
        for other in [
            "",
            "title\n9780306406157\n",
            "9780306406157,The North\n",
            "isbn\n9780306406157\n",
            "1998\n1999\n",
        ] {
            assert!(!recognise(other), "{other}");
        }
    }
}
