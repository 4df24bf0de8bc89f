//! Records that an export of ours has written: people and tags have records of their own, which books name, and what
//! MARC 21 has no field for is in field 990.

use colophon_marc::{Field, Record as Marc};
use colophon_store::{Columns as _, FieldOf};

use crate::author::Author;
use crate::author_name::OTHER_NAMES;
use crate::belongings::{Belongings, belongings_named};
use crate::book::Book;
use crate::export::OURS;
use crate::import::columns::Column;
use crate::import::described::Described;
use crate::import::foreign::Record;
use crate::tag::TAGS;

/// Whether a record was written by us.
pub(super) fn is_ours(marc: &Marc) -> bool {
    marc.control("003") == Some(OURS)
}

/// The number of the person whom a heading names.
pub(super) fn key_of(field: &Field) -> Option<&str> {
    field
        .all('0')
        .find_map(|number| number.strip_prefix('(')?.strip_prefix(OURS)?.strip_prefix(')'))
}

/// Whom or what a record of ours describes that is not about a book.
pub(super) fn described(marc: &Marc) -> Option<Described> {
    let first = |tag: &str, code| {
        marc.fields
            .iter()
            .filter(|field| field.tag == tag)
            .find_map(|field| field.first(code))
    };
    if let Some(name) = first("150", 'a') {
        return Some(Described::Named(list_of(&TAGS)?, name.to_owned()));
    }
    let sort_name = first("100", 'a').or_else(|| first("110", 'a'))?;
    let of = Author::FIELDS;
    let said = [
        (of.name.any(), Some(first("990", 'n').unwrap_or(sort_name).to_owned())),
        (of.sort_name.any(), Some(sort_name.to_owned())),
        (of.birth_year.any(), first("046", 'f').and_then(year)),
        (of.death_year.any(), first("046", 'g').and_then(year)),
        (of.email.any(), first("371", 'm').map(str::to_owned)),
        (of.website.any(), first("371", 'u').map(str::to_owned)),
        (of.notes.any(), first("680", 'i').map(str::to_owned)),
    ];
    let names = marc
        .fields("400")
        .filter_map(|field| field.first('a'))
        .map(str::to_owned);
    let identifiers = marc
        .fields
        .iter()
        .filter(|field| matches!(field.tag.as_str(), "024" | "035"));
    let lists = [
        (list_of(&OTHER_NAMES)?, names.collect()),
        (
            belongings_named(Author::TABLE, "identifiers")?,
            identifiers.filter_map(identifier).collect(),
        ),
    ];
    Some(Described::Author {
        key: marc.control("001")?.to_owned(),
        fields: said
            .into_iter()
            .filter_map(|(field, text)| Some((field, text?)))
            .collect(),
        lists: lists.into_iter().collect(),
    })
}

/// What is in field 990 of a book.
pub(super) fn more(marc: &Marc, book: &mut Record) {
    for field in marc.fields("990") {
        correct(book, Book::FIELDS.format.any(), field.first('f').unwrap_or_default());
        correct(
            book,
            Book::FIELDS.original_year.any(),
            field.first('o').unwrap_or_default(),
        );
    }
}

/// Says something about a field in place of what other fields seemed to say.
fn correct(book: &mut Record, field: FieldOf<Book>, text: &str) {
    if !text.is_empty() {
        book.said.retain(|(column, _)| *column != Column::Field(field));
        book.say(field, text);
    }
}

/// An identifier as we print it.
fn identifier(field: &Field) -> Option<String> {
    let number = field.first('a')?;
    Some(match field.first('2') {
        Some(scheme) => format!("{scheme}:{number}"),
        None if field.tag == "035" => number.to_owned(),
        None => format!("other:{number}"),
    })
}

/// A year as ISO 8601 has it, in which there is a year 0.
fn year(text: &str) -> Option<String> {
    let year: i32 = text.parse().ok()?;
    Some(if year > 0 { year } else { year - 1 }.to_string())
}

fn list_of(list: &Belongings) -> Option<&'static Belongings> {
    belongings_named(list.of, list.name)
}
