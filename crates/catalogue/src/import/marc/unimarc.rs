//! What the fields of UNIMARC say about a book.

use colophon_marc::{Field, Record as Marc};

use super::imprint::{self, Imprint};
use super::notes;
use super::people::{Heading, People};
use super::punctuation::{Punctuation, clean};
use super::subjects;
use super::taken::Taken;
use crate::book::Book;
use crate::contribution::Role;
use crate::import::foreign::{Record, Whom};
use crate::import::people::Habit;

/// Texts of UNIMARC have no punctuation at their ends as a rule; some programs write it nevertheless.
const PUNCTUATION: Punctuation = Punctuation { is_added: true };

/// What the notes are called that are not simply notes.
const NOTES: [(&str, &str); 2] = [("330", "Summary"), ("327", "Contents")];

/// Reads a record.
pub(super) fn read(marc: &Marc, habit: &Habit, taken: &mut Taken) -> Record {
    let mut book = Record::on(marc.number);
    titles(marc, &mut book, taken);
    people(marc, habit, &mut book, taken);
    published(marc, &mut book, taken);
    numbers(marc, &mut book, taken);
    subjects::unimarc(marc, PUNCTUATION, &mut book, taken);
    notes::read(marc, '3', &NOTES, &mut book, taken);
    book
}

fn titles(marc: &Marc, book: &mut Record, taken: &mut Taken) {
    if let Some(field) = taken.fields(marc, &["200"]).next() {
        let parts = field
            .subfields()
            .iter()
            .filter(|part| matches!(part.code, 'a' | 'h' | 'i'));
        let parts: Vec<_> = parts.map(|part| PUNCTUATION.bare(&part.text)).collect();
        book.say(Book::FIELDS.title.any(), parts.join(". "));
        let rest: Vec<_> = field.all('e').map(|text| PUNCTUATION.bare(text)).collect();
        book.say(Book::FIELDS.subtitle.any(), rest.join(" : "));
        book.remark(
            "Parallel title",
            &field
                .all('d')
                .map(|text| PUNCTUATION.bare(text))
                .collect::<Vec<_>>()
                .join(" = "),
        );
    }
    // 454 is the work that this is a translation of, 500 the title under which a work is known.
    for field in taken.fields(marc, &["454", "500"]) {
        let title = field
            .first('t')
            .or_else(|| field.first('a'))
            .map(|text| PUNCTUATION.bare(text));
        if book.said_of(Book::FIELDS.original_title.any()).is_none() {
            book.say(Book::FIELDS.original_title.any(), title.unwrap_or_default());
        }
    }
    for field in taken.fields(
        marc,
        &[
            "510", "512", "513", "514", "515", "516", "517", "518", "532", "540", "541",
        ],
    ) {
        let parts: Vec<_> = ['a', 'e', 'h', 'i']
            .iter()
            .filter_map(|code| field.first(*code))
            .map(clean)
            .collect();
        book.remark("Other title", &PUNCTUATION.bare(&parts.join(" ")));
    }
    if let Some(field) = taken.fields(marc, &["205"]).next() {
        let parts: Vec<_> = ['a', 'b']
            .iter()
            .filter_map(|code| field.first(*code))
            .map(clean)
            .collect();
        book.say(
            Book::FIELDS.edition.any(),
            PUNCTUATION.bare_with_stop(&parts.join(", ")),
        );
    }
}

fn people(marc: &Marc, habit: &Habit, book: &mut Record, taken: &mut Taken) {
    let statements = marc.fields("200").flat_map(Field::subfields);
    let people = People {
        punctuation: PUNCTUATION,
        habit,
        statements: statements
            .filter(|part| matches!(part.code, 'f' | 'g'))
            .map(|part| part.text.as_str())
            .collect(),
    };
    let tags = &["700", "701", "702", "710", "711", "712", "716", "720", "721", "722"];
    for field in taken.fields(marc, tags) {
        let heading = match (&field.tag[..2], field.indicator(0), field.indicator(1)) {
            ("71", '1', _) => Heading::Meeting,
            ("71", ..) => Heading::Body,
            ("72", ..) | (_, _, '0') => Heading::Forename,
            _ => Heading::Person,
        };
        let is_secondary = field.tag.ends_with('2');
        let usual = if is_secondary { Role::AnotherPart } else { Role::Author };
        if let Some(person) = people.unimarc(field, heading) {
            let roles = people.roles(field, '\0', &usual);
            book.people
                .extend(roles.into_iter().map(|role| (Whom::Known(person.clone()), role)));
        }
    }
}

fn published(marc: &Marc, book: &mut Record, taken: &mut Taken) {
    let coded = taken
        .fields(marc, &["100"])
        .find_map(|field| field.first('a'))
        .unwrap_or_default();
    let fields: Vec<&Field> = taken.fields(marc, &["210", "214"]).collect();
    let rank = |field: &&&Field| match (field.tag.as_str(), field.indicator(1)) {
        ("214", '0') => 0,
        ("210", _) => 1,
        _ => 2,
    };
    let imprint = fields
        .iter()
        .min_by_key(rank)
        .map(|field| Imprint::of(field, ['a', 'c', 'd'], PUNCTUATION));
    imprint::say(&imprint.unwrap_or_default(), imprint::Coded::unimarc(coded), book);
    if let Some(field) = taken.fields(marc, &["215"]).next() {
        imprint::extent(field.first('a').unwrap_or_default(), PUNCTUATION, book);
    }
    let language = taken.fields(marc, &["101"]).find_map(|field| field.first('a'));
    book.say(Book::FIELDS.language.any(), language.unwrap_or_default());
    // 410 names the same series as 225, with its record; its own title may lie within a field in the field.
    let all = taken.fields(marc, &["225", "410"]).map(|field| {
        let name = field.first('t').or_else(|| field.first('a')).unwrap_or_default();
        (
            PUNCTUATION.bare(name),
            PUNCTUATION.bare(field.first('v').unwrap_or_default()),
        )
    });
    imprint::series(all.collect(), PUNCTUATION, book);
}

fn numbers(marc: &Marc, book: &mut Record, taken: &mut Taken) {
    let isbns = taken
        .fields(marc, &["010"])
        .filter_map(|field| Some((field.first('a')?, field.first('b').unwrap_or_default())));
    imprint::isbns(
        isbns.map(|(isbn, qualified)| format!("{} {}", clean(isbn), clean(qualified))),
        book,
    );
    for field in taken.fields(marc, &["011", "013", "017", "020", "033", "035", "073"]) {
        let code = if field.tag == "020" { 'b' } else { 'a' };
        let Some(number) = field.first(code).map(clean).filter(|number| !number.is_empty()) else {
            continue;
        };
        let scheme = match field.tag.as_str() {
            "011" => "issn",
            "013" => "ismn",
            "020" => "nbn",
            "073" => "ean",
            _ => field.first('2').unwrap_or_default(),
        };
        imprint::identifier(scheme, &number, book);
    }
    for field in taken.fields(marc, &["930", "995", "686"]) {
        let code = if field.tag == "995" { 'k' } else { 'a' };
        if book.said_of(Book::FIELDS.shelf_mark.any()).is_none() {
            book.say(
                Book::FIELDS.shelf_mark.any(),
                field.first(code).map(clean).unwrap_or_default(),
            );
        }
    }
}
