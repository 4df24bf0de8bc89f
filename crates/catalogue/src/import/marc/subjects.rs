//! What a book is about, as tags: headings with their subdivisions in one, words, genres, and the numbers of the two
//! great classifications.

use colophon_marc::{Field, Record as Marc};

use super::punctuation::{Punctuation, clean};
use super::taken::Taken;
use crate::import::foreign::Record;

/// What stands between a heading and its subdivisions.
pub(crate) const SUBDIVIDED: &str = " -- ";
/// What stands before a number of the Dewey Decimal Classification.
pub(crate) const DEWEY: &str = "DDC ";
/// What stands before a number of the Library of Congress Classification.
pub(crate) const CONGRESS: &str = "LCC ";

/// The subjects of MARC 21.
pub(super) fn marc21(marc: &Marc, punctuation: Punctuation, book: &mut Record, taken: &mut Taken) {
    let fields = taken.fields(
        marc,
        &[
            "600", "610", "611", "630", "647", "648", "650", "651", "655", "656", "657",
        ],
    );
    for field in fields {
        heading(field, &['v', 'x', 'y', 'z'], punctuation, book);
    }
    words(taken.fields(marc, &["653", "654"]), punctuation, book);
    numbers(taken.fields(marc, &["082"]), DEWEY, book);
    numbers(taken.fields(marc, &["050"]), CONGRESS, book);
}

/// The subjects of UNIMARC.
pub(super) fn unimarc(marc: &Marc, punctuation: Punctuation, book: &mut Record, taken: &mut Taken) {
    let fields = taken.fields(marc, &["600", "601", "602", "604", "605", "606", "607", "608", "616"]);
    for field in fields {
        heading(field, &['j', 'x', 'y', 'z'], punctuation, book);
    }
    words(taken.fields(marc, &["610"]), punctuation, book);
    numbers(taken.fields(marc, &["676"]), DEWEY, book);
    numbers(taken.fields(marc, &["680"]), CONGRESS, book);
}

fn heading(field: &Field, subdivisions: &[char], punctuation: Punctuation, book: &mut Record) {
    let is_part = |code: char| code.is_ascii_lowercase() && !matches!(code, 'e' | 'w' | 'i');
    let (mut heading, mut below) = (Vec::new(), Vec::new());
    for part in field.subfields().iter().filter(|part| is_part(part.code)) {
        if subdivisions.contains(&part.code) {
            below.push(punctuation.bare(&part.text));
        } else {
            heading.push(clean(&part.text));
        }
    }
    let mut tag = punctuation.bare(&heading.join(" "));
    for subdivision in below {
        if !tag.is_empty() {
            tag.push_str(SUBDIVIDED);
        }
        tag.push_str(&subdivision);
    }
    book.list("tags", tag);
}

fn words<'record>(fields: impl Iterator<Item = &'record Field>, punctuation: Punctuation, book: &mut Record) {
    for word in fields.flat_map(|field| field.all('a')) {
        book.list("tags", punctuation.bare(word));
    }
}

/// Marks where a number can be cut are not part of it.
fn numbers<'record>(fields: impl Iterator<Item = &'record Field>, before: &str, book: &mut Record) {
    for field in fields {
        let Some(number) = field.first('a').map(clean).filter(|number| !number.is_empty()) else {
            continue;
        };
        let number = if before == DEWEY {
            number.replace(['/', '\''], "")
        } else {
            number
        };
        book.list("tags", format!("{before}{number}"));
    }
}
