//! When, where and by whom a book was published, how many pages it has, in which series it stands, and its numbers: what
//! both formats say in the same way, in fields of different names.

use colophon_marc::Field;

use super::punctuation::{Punctuation, clean};
use crate::book::Book;
use crate::import::foreign::Record;
use crate::import::{cells, isbns, years};
use crate::language::Language;

/// Where, by whom and when.
#[derive(Debug, Default)]
pub(super) struct Imprint {
    places: Vec<String>,
    publishers: Vec<String>,
    date: String,
}

impl Imprint {
    /// From the subfields of place, publisher and date.
    pub(super) fn of(field: &Field, [place, publisher, date]: [char; 3], punctuation: Punctuation) -> Self {
        let all = |code| {
            let texts = field.all(code).map(|text| punctuation.imprint(text));
            texts.filter(|text| !text.is_empty()).collect()
        };
        Self {
            places: all(place),
            publishers: all(publisher),
            date: field.first(date).map(clean).unwrap_or_default(),
        }
    }
}

/// The years in the coded data of a record.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Coded {
    year: Option<i32>,
    original: Option<i32>,
}

impl Coded {
    /// From field 008 of MARC 21: the kind of date at position 6, and two years.
    pub(super) fn marc21(coded: &str) -> Self {
        let year = |from: usize| coded.get(from..from + 4).and_then(coded_year);
        Self {
            year: year(7),
            original: year(11).filter(|_| coded.get(6..7) == Some("r")),
        }
    }

    /// From field 100 of UNIMARC: the kind of date at position 8, and two years.
    pub(super) fn unimarc(coded: &str) -> Self {
        let year = |from: usize| coded.get(from..from + 4).and_then(coded_year);
        Self {
            year: year(9),
            original: year(13).filter(|_| coded.get(8..9) == Some("e")),
        }
    }
}

fn coded_year(digits: &str) -> Option<i32> {
    let is_year = digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|year| is_year && (1..9999).contains(year))
}

/// Says when, where and by whom. What there is no room for goes to the notes as it stands.
pub(super) fn say(imprint: &Imprint, coded: Coded, book: &mut Record) {
    let first = |texts: &[String]| texts.first().cloned().unwrap_or_default();
    book.say(Book::FIELDS.place.any(), first(&imprint.places));
    book.say(Book::FIELDS.publisher.any(), first(&imprint.publishers));
    let (others, other_publishers) = (imprint.places.iter().skip(1), imprint.publishers.iter().skip(1));
    let others: Vec<&str> = others.chain(other_publishers).map(String::as_str).collect();
    book.remark("Also published by or at", &others.join("; "));
    let year = year_of(&imprint.date).or(coded.year);
    match year {
        Some(year) => book.say(Book::FIELDS.published_year.any(), year.to_string()),
        None if imprint.date.bytes().any(|byte| byte.is_ascii_digit()) => book.remark("Date", &imprint.date),
        None => {}
    }
    if let Some(year) = coded.original.filter(|original| Some(*original) != year) {
        book.say(Book::FIELDS.original_year.any(), year.to_string());
    }
}

/// The year of `[1968, c1962]`, `c1998.`, `1998?`; of `1994-` the first.
fn year_of(date: &str) -> Option<i32> {
    let date = date.trim_end_matches(['.', ',', ';', ' ']);
    // Neither end of the time in which it came out is the year.
    if date.contains("between") {
        return None;
    }
    if let Ok(year) = years::year(date) {
        return year;
    }
    let first = date.split([',', ';']).next().unwrap_or(date);
    let first = first.trim_matches(['[', ']', ' ']);
    let first = first.strip_suffix('-').unwrap_or(first);
    years::year(first).ok().flatten()
}

/// Says how many pages; an extent that does not give them goes to the notes.
pub(super) fn extent(text: &str, punctuation: Punctuation, book: &mut Record) {
    const SAYS_NOTHING: [&str; 6] = ["p", "p. cm", "v", "v. cm", "pages cm", "pages"];
    let text = punctuation.bare_with_stop(text);
    match cells::page_count(&text) {
        Ok(Some(pages)) => book.say(Book::FIELDS.page_count.any(), pages.to_string()),
        Ok(None) => {}
        Err(_) if SAYS_NOTHING.contains(&text.trim_end_matches('.')) => {}
        Err(_) => book.remark("Extent", &text),
    }
}

/// Says in which series, with its number; further ones go to the notes.
pub(super) fn series(all: Vec<(String, String)>, punctuation: Punctuation, book: &mut Record) {
    /// What a position may have.
    const POSITION_MAX_CHARS: usize = 20;
    let mut known: Vec<String> = Vec::new();
    for (name, number) in all {
        let key = name.to_lowercase();
        if name.is_empty() && known.is_empty() {
            book.say(Book::FIELDS.series_position.any(), number);
            continue;
        }
        if name.is_empty() || known.contains(&key) {
            continue;
        }
        known.push(key);
        let position = if punctuation.is_added {
            without_word(&number)
        } else {
            number.as_str()
        };
        if known.len() == 1 && position.chars().count() <= POSITION_MAX_CHARS {
            book.say(Book::FIELDS.series.any(), name);
            book.say(Book::FIELDS.series_position.any(), position);
        } else if known.len() == 1 {
            book.remark("Number in the series", &number);
            book.say(Book::FIELDS.series.any(), name);
        } else if number.is_empty() {
            book.remark("Series", &name);
        } else {
            book.remark("Series", &format!("{name} ; {number}"));
        }
    }
}

/// `v. 3` is the third.
fn without_word(number: &str) -> &str {
    let digits = number.find(|character: char| character.is_ascii_digit());
    let Some((word, rest)) = digits.and_then(|at| number.split_at_checked(at)) else {
        return number;
    };
    let is_word = word.chars().count() <= 8
        && word
            .chars()
            .all(|letter| letter.is_alphabetic() || ". °[".contains(letter));
    if is_word { rest.trim_end_matches(']') } else { number }
}

/// Says the first ISBN that is valid, and what its qualification tells about the binding; the others go to the notes.
pub(super) fn isbns(all: impl Iterator<Item = String>, book: &mut Record) {
    let (mut first, mut others, mut refused) = (None, Vec::new(), None);
    for text in all {
        match isbns::read(text.trim()) {
            Ok(found) => {
                if let (None, Some(isbn)) = (&first, found.first()) {
                    first = Some(*isbn);
                    book.say(Book::FIELDS.isbn.any(), isbn.as_str());
                    if let Some(format) = format_in(&text) {
                        book.say(Book::FIELDS.format.any(), format);
                    }
                } else if found.first().is_some_and(|isbn| Some(isbn) != first.as_ref()) {
                    others.push(clean(&text));
                }
            }
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    book.remark("Other ISBNs", &others.join("; "));
    if let (None, Some(reason)) = (first, refused) {
        book.problem("isbn", reason);
    }
}

/// The format that words beside an ISBN name.
fn format_in(text: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 16] = [
        ("ebook", "ebook"),
        ("e-book", "ebook"),
        ("electronic", "ebook"),
        ("epub", "ebook"),
        ("pdf", "ebook"),
        ("audio", "audio"),
        ("pbk", "paperback"),
        ("paperback", "paperback"),
        ("softcover", "paperback"),
        ("kart", "paperback"),
        ("br.", "paperback"),
        ("hardback", "hardback"),
        ("hardcover", "hardback"),
        ("hbk", "hardback"),
        ("cloth", "hardback"),
        ("rel.", "hardback"),
    ];
    let text = text.to_lowercase();
    WORDS
        .iter()
        .find(|(word, _)| text.contains(word))
        .map(|(_, format)| *format)
}

/// Says what a book is called elsewhere: `(OCoLC)ocm44049543`, or a number of a source that is known from its field.
pub(super) fn identifier(scheme: &str, number: &str, book: &mut Record) {
    let is_said = number.starts_with('(') && number.contains(')') || number.contains("://");
    let text = match (scheme, number.strip_prefix("(DLC)")) {
        (_, Some(number)) => format!("lccn:{}", number.trim()),
        ("lccn", _) => format!("lccn:{}", number.split('/').next().unwrap_or(number).trim()),
        ("ean", _) if number.starts_with("978") || number.starts_with("979") => return,
        ("DE-101", _) => format!("dnb:{number}"),
        ("", _) if !is_said => format!("other:{number}"),
        ("", _) | (_, None) if is_said => said_in_brackets(number),
        (scheme, _) => format!("{scheme}:{number}"),
    };
    // A number that is none is kept under another name, rather than lost.
    let column = crate::identifier::IDENTIFIERS_OF_BOOK;
    let text = match column.checked(&text) {
        Ok(_) => text,
        Err(_) => format!("other:{text}"),
    };
    book.list("identifiers", text);
}

/// `(OCoLC)123` names its source; a source that is not known here is put before a colon.
fn said_in_brackets(number: &str) -> String {
    if crate::identifier::IDENTIFIERS_OF_BOOK.checked(number).is_ok() {
        return number.to_owned();
    }
    match number.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((source, number)) => format!("{source}:{}", number.trim()),
        None => format!("other:{number}"),
    }
}

/// Whether a code of three letters says a language, and not that there is none.
pub(super) fn is_language(code: &str) -> bool {
    !matches!(code, "zxx" | "und" | "mul" | "mis") && Language::parse(code).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_of_publication_is_the_first_that_is_said() {
        for (date, year) in [
            ("c1998.", Some(1998)),
            ("[1998?]", Some(1998)),
            ("[1968, c1962]", Some(1968)),
            ("2000, c1999", Some(2000)),
            ("1994-", Some(1994)),
            ("©2016", Some(2016)),
            ("2005", Some(2005)),
            ("[between 1880 and 1893]", None),
            ("[n.d.]", None),
        ] {
            assert_eq!(year_of(date), year, "{date}");
        }
        assert_eq!(Coded::marc21("690411r19681961nyua").original, Some(1961));
        assert_eq!(Coded::marc21("000107s2000    nyua").year, Some(2000));
        assert_eq!(Coded::unimarc("19961119d1996    ||||0itac50").year, Some(1996));
    }

    #[test]
    fn the_number_in_a_series_stands_without_its_word() {
        for (number, bare) in [
            ("v. 16, no. 2", "16, no. 2"),
            ("pt. 1", "1"),
            ("641", "641"),
            ("Bd. [3]", "3"),
            ("A", "A"),
        ] {
            assert_eq!(without_word(number), bare);
        }
    }
}
