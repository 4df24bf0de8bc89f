//! A book as a record of MARC 21.

use colophon_marc::{Field, Record};
use jiff::Timestamp;

use super::author::{BLANKS, OURS, heading, identified};
use crate::author::Author;
use crate::book::Book;
use crate::contribution::Role;
use crate::export::whole::{CITED_AS, Whole};
use crate::import::marc::subjects::{CONGRESS, DEWEY, SUBDIVIDED};
use crate::language::Language;
use crate::relator;

/// A book with its people and its lists.
pub(super) fn record(whole: &Whole) -> Record {
    let book = &whole.book;
    // The author is first where there is one.
    let (author, others) = whole
        .people
        .split_at(usize::from(book.author_id.is_some()).min(whole.people.len()));
    let author = author.first().map(|(author, _)| author);
    let kind = if book.format.as_deref() == Some("audio") {
        'i'
    } else {
        'a'
    };
    let mut record = Record::with_leader(format!("00000n{kind}m a2200000 c 4500"));
    let fields = &mut record.fields;
    fields.push(Field::control("001", book.id.to_string()));
    fields.push(Field::control("003", OURS));
    fields.push(Field::control("005", digits(book.updated_at, 14) + ".0"));
    fields.push(Field::control("008", coded(book)));
    numbers(whole, fields);
    classes(&whole.tags, fields);
    if let Some(author) = author {
        fields.push(heading("100", author, named(author, &Role::Author)));
    }
    titles(book, author.is_some(), fields);
    described(book, fields);
    if let Some(notes) = &book.notes {
        fields.push(Field::data("500", BLANKS, [('a', notes.clone())]));
    }
    subjects(&whole.tags, fields);
    for (person, role) in others {
        fields.push(heading("700", person, named(person, role)));
    }
    if let Some(mark) = &book.shelf_mark {
        fields.push(Field::data("852", ['8', ' '], [('j', mark.clone())]));
    }
    if let Some(format) = &book.format {
        fields.push(Field::data("990", BLANKS, [('f', format.clone())]));
    }
    record
}

/// What somebody did, and who is meant.
fn named(author: &Author, role: &Role) -> [(char, String); 2] {
    [
        ('0', format!("({OURS}){}", author.id)),
        ('4', relator::code_of(role).to_owned()),
    ]
}

/// The first digits of a time: year, month, day, hour, minute, second.
fn digits(time: Timestamp, count: usize) -> String {
    let digits = time.to_string();
    digits.chars().filter(char::is_ascii_digit).take(count).collect()
}

/// Forty positions: when it was entered, when published, in which language.
fn coded(book: &Book) -> String {
    let four = |year: Option<i32>| {
        year.filter(|year| (1..=9999).contains(year))
            .map(|year| format!("{year:04}"))
    };
    let (year, original) = (four(book.published_year), four(book.original_year));
    let (kind, first, second) = match (year, original) {
        _ if book.published_year.is_some_and(|year| year < 0) => ('b', "    ".to_owned(), "    ".to_owned()),
        (Some(year), Some(original)) => ('r', year, original),
        (Some(year), None) => ('s', year, "    ".to_owned()),
        (None, _) => ('n', "uuuu".to_owned(), "uuuu".to_owned()),
    };
    let language = book.language.as_deref().and_then(|code| Language::parse(code).ok());
    let language = language.map_or("und", |language| language.bibliographic().unwrap_or("mis"));
    let entered: String = digits(book.created_at, 8).chars().skip(2).collect();
    format!("{entered}{kind}{first}{second}xx {}{language} d", "|".repeat(17))
}

fn numbers(whole: &Whole, fields: &mut Vec<Field>) {
    let book = &whole.book;
    if let Some(isbn) = &book.isbn {
        let format = book.format.clone().filter(|format| format != "other");
        fields.push(Field::data(
            "020",
            BLANKS,
            std::iter::once(('a', isbn.clone())).chain(format.map(|format| ('q', format))),
        ));
    }
    fields.extend(whole.identifiers.iter().map(|text| identified(text)));
    fields.extend(
        whole
            .cited_as
            .as_ref()
            .map(|key| identified(&format!("{CITED_AS}{key}"))),
    );
    // A code that MARC 21 does not have.
    if let Some(code) = &book.language
        && Language::parse(code).is_ok_and(|language| language.bibliographic().is_none())
    {
        fields.push(Field::data(
            "041",
            [' ', '7'],
            [('a', code.clone()), ('2', "iso639-3".to_owned())],
        ));
    }
}

/// Tags that are numbers of a classification.
fn classes(tags: &[String], fields: &mut Vec<Field>) {
    for tag in tags {
        if let Some(number) = dewey(tag) {
            fields.push(Field::data("082", ['0', '4'], [('a', number.to_owned())]));
        } else if let Some(number) = tag.strip_prefix(CONGRESS) {
            fields.push(Field::data("050", [' ', '4'], [('a', number.to_owned())]));
        }
    }
}

fn dewey(tag: &str) -> Option<&str> {
    let number = tag.strip_prefix(DEWEY)?;
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_number && !number.is_empty()).then_some(number)
}

fn titles(book: &Book, has_author: bool, fields: &mut Vec<Field>) {
    if let Some(original) = &book.original_title {
        let (tag, indicators) = if has_author {
            ("240", ['1', '0'])
        } else {
            ("130", ['0', ' '])
        };
        fields.push(Field::data(tag, indicators, [('a', original.clone())]));
    }
    let subtitle = book.subtitle.clone().map(|subtitle| ('b', subtitle));
    fields.push(Field::data(
        "245",
        [if has_author { '1' } else { '0' }, '0'],
        std::iter::once(('a', book.title.clone())).chain(subtitle),
    ));
    if let Some(edition) = &book.edition {
        fields.push(Field::data("250", BLANKS, [('a', edition.clone())]));
    }
}

fn described(book: &Book, fields: &mut Vec<Field>) {
    let year = book.published_year.map(|year| {
        if year < 0 {
            format!("{} B.C.", -year)
        } else {
            year.to_string()
        }
    });
    let imprint = [('a', book.place.clone()), ('b', book.publisher.clone()), ('c', year)];
    let imprint: Vec<_> = imprint
        .into_iter()
        .filter_map(|(code, text)| Some((code, text?)))
        .collect();
    if !imprint.is_empty() {
        fields.push(Field::data("264", [' ', '1'], imprint));
    }
    if let Some(pages) = book.page_count {
        fields.push(Field::data("300", BLANKS, [('a', format!("{pages} pages"))]));
    }
    let series = [('a', book.series.clone()), ('v', book.series_position.clone())];
    let series: Vec<_> = series
        .into_iter()
        .filter_map(|(code, text)| Some((code, text?)))
        .collect();
    if !series.is_empty() {
        fields.push(Field::data("490", ['0', ' '], series));
    }
    // Position 11 of field 008 has no room for it where the year of publication is not known, or before our era.
    let is_coded = book.published_year.is_some_and(|year| year > 0) && book.original_year.is_some_and(|year| year > 0);
    if let Some(year) = book
        .original_year
        .filter(|_| !is_coded || book.original_year == book.published_year)
    {
        fields.push(Field::data("990", BLANKS, [('o', year.to_string())]));
    }
}

fn subjects(tags: &[String], fields: &mut Vec<Field>) {
    for tag in tags {
        if dewey(tag).is_some() || tag.starts_with(CONGRESS) {
            continue;
        }
        let mut parts = tag.split(SUBDIVIDED);
        let heading = parts.next().unwrap_or_default().to_owned();
        let below: Vec<_> = parts.map(|part| ('x', part.to_owned())).collect();
        let is_whole =
            heading.trim() == heading && !heading.is_empty() && below.iter().all(|(_, part)| !part.is_empty());
        if below.is_empty() || !is_whole {
            fields.push(Field::data("653", BLANKS, [('a', tag.clone())]));
        } else {
            fields.push(Field::data(
                "650",
                [' ', '4'],
                std::iter::once(('a', heading)).chain(below),
            ));
        }
    }
}
