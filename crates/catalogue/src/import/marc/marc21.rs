//! What the fields of MARC 21 say about a book.

use colophon_marc::{Field, Record as Marc};

use super::about;
use super::imprint::{self, Imprint};
use super::notes;
use super::ours;
use super::people::{Heading, People};
use super::punctuation::{Punctuation, clean};
use super::subjects;
use super::taken::Taken;
use crate::book::Book;
use crate::contribution::Role;
use crate::import::foreign::{Record, Whom};
use crate::import::people::Habit;

/// Uniform titles that are not the title of one work, in lower case.
const COLLECTIVE: [&str; 14] = [
    "works",
    "selections",
    "poems",
    "plays",
    "novels",
    "short stories",
    "essays",
    "correspondence",
    "speeches",
    "laws, etc",
    "treaties, etc",
    "prose works",
    "poetry",
    "bible",
];

/// What the notes are called that are not simply notes.
const NOTES: [(&str, &str); 5] = [
    ("520", "Summary"),
    ("505", "Contents"),
    ("546", "Language"),
    ("511", "Performers"),
    ("586", "Awards"),
];

/// Reads a record.
pub(super) fn read(marc: &Marc, habit: &Habit, taken: &mut Taken) -> Record {
    let punctuation = Punctuation::of(marc.leader_at(18));
    let mut book = Record::on(marc.number);
    titles(marc, punctuation, &mut book, taken);
    people(marc, punctuation, habit, &mut book, taken);
    published(marc, punctuation, &mut book, taken);
    series(marc, punctuation, &mut book, taken);
    numbers(marc, &mut book, taken);
    subjects::marc21(marc, punctuation, &mut book, taken);
    notes::read(marc, '5', &NOTES, &mut book, taken);
    original_script(marc, punctuation, &mut book, taken);
    if ours::is_ours(marc) {
        taken.take("990");
        ours::more(marc, &mut book);
        book.has_no_author = !marc.has("100") && !marc.has("110");
    }
    book
}

fn titles(marc: &Marc, punctuation: Punctuation, book: &mut Record, taken: &mut Taken) {
    if let Some(field) = taken.fields(marc, &["245"]).next() {
        let parts = field
            .subfields()
            .iter()
            .filter(|part| matches!(part.code, 'a' | 'n' | 'p'));
        let parts: Vec<_> = parts
            .map(|part| punctuation.bare(&part.text))
            .filter(|part| !part.is_empty())
            .collect();
        // A program that lost the code of the title itself has lost no more than that.
        let title = if parts.is_empty() {
            field.first('b').map(clean).unwrap_or_default()
        } else {
            parts.join(". ")
        };
        book.say(Book::FIELDS.title.any(), title);
        let is_parallel = field.first('a').is_some_and(|title| title.trim_end().ends_with('='));
        let rest: Vec<_> = field.all('b').map(|text| punctuation.bare(text)).collect();
        if is_parallel && punctuation.is_added {
            book.remark("Parallel title", &rest.join(" = "));
        } else if !parts.is_empty() {
            book.say(Book::FIELDS.subtitle.any(), rest.join(" : "));
        }
    }
    for field in taken.fields(marc, &["240", "130"]) {
        let title = field.first('a').map(|text| punctuation.bare(text)).unwrap_or_default();
        if !punctuation.is_added || !COLLECTIVE.contains(&title.to_lowercase().as_str()) {
            book.say(Book::FIELDS.original_title.any(), title);
        }
    }
    for field in taken.fields(marc, &["242", "246", "247"]) {
        let parts: Vec<_> = ['a', 'b', 'n', 'p']
            .iter()
            .filter_map(|code| field.first(*code))
            .collect();
        let label = field
            .first('i')
            .map(|label| punctuation.bare(label))
            .filter(|label| !label.is_empty());
        let label = label.unwrap_or_else(|| "Other title".to_owned());
        book.remark(&label, &punctuation.bare(&parts.join(" ")));
    }
    if let Some(field) = taken.fields(marc, &["250"]).next() {
        let parts: Vec<_> = ['a', 'b']
            .iter()
            .filter_map(|code| field.first(*code))
            .map(clean)
            .collect();
        book.say(Book::FIELDS.edition.any(), punctuation.bare_with_stop(&parts.join(" ")));
    }
}

fn people(marc: &Marc, punctuation: Punctuation, habit: &Habit, book: &mut Record, taken: &mut Taken) {
    let people = People {
        punctuation,
        habit,
        statements: marc.fields("245").flat_map(|field| field.all('c')).collect(),
    };
    for field in taken.fields(marc, &["100", "110", "111", "700", "710", "711", "720"]) {
        // The author of a work that is merely related, or is one of several in the book, is not one of the book.
        if field.tag.starts_with('7') && (field.first('t').is_some() || field.first('i').is_some()) {
            let said: Vec<_> = ['i', 'a', 't']
                .iter()
                .filter_map(|code| field.first(*code))
                .map(clean)
                .collect();
            book.remark("Related work", &said.join(" "));
            continue;
        }
        let heading = match (&field.tag[1..], field.indicator(0)) {
            ("00", '0' | '3') => Heading::Forename,
            ("10", _) => Heading::Body,
            ("11", _) => Heading::Meeting,
            _ => Heading::Person,
        };
        let words = if heading == Heading::Meeting { 'j' } else { 'e' };
        let is_person = matches!(heading, Heading::Person | Heading::Forename);
        let usual = if is_person || field.tag.starts_with('1') {
            Role::Author
        } else {
            Role::AnotherPart
        };
        if let Some(person) = people.marc21(field, heading) {
            let in_own_script = linked(marc, field).and_then(|field| people.marc21(field, heading));
            book.about.extend(about::person(&person, field, in_own_script));
            let whom = match ours::key_of(field) {
                Some(key) => Whom::Described(key.to_owned(), person.clone()),
                None => Whom::Known(person.clone()),
            };
            let roles = people.roles(field, words, &usual);
            book.people.extend(roles.into_iter().map(|role| (whom.clone(), role)));
        }
    }
}

fn is_heading(field: &Field) -> bool {
    matches!(
        field.tag.as_str(),
        "100" | "110" | "111" | "700" | "710" | "711" | "720"
    )
}

fn published(marc: &Marc, punctuation: Punctuation, book: &mut Record, taken: &mut Taken) {
    let coded = marc.control("008").unwrap_or_default();
    let fields: Vec<&Field> = taken.fields(marc, &["260", "264"]).collect();
    let rank = |field: &&&Field| match (field.tag.as_str(), field.indicator(1)) {
        ("264", '1') => 0,
        ("260", _) => 1,
        ("264", '4') => 9,
        _ => 2,
    };
    let imprint = fields
        .iter()
        .min_by_key(rank)
        .map(|field| Imprint::of(field, ['a', 'b', 'c'], punctuation));
    imprint::say(&imprint.unwrap_or_default(), imprint::Coded::marc21(coded), book);
    if let Some(field) = taken.fields(marc, &["300"]).next() {
        imprint::extent(field.first('a').unwrap_or_default(), punctuation, book);
    }
    let language = coded.get(35..38).filter(|code| imprint::is_language(code));
    let own: Vec<&Field> = taken.fields(marc, &["041"]).collect();
    let exact = own
        .iter()
        .find(|field| field.first('2').is_some_and(|source| source.starts_with("iso639")));
    let exact = exact.and_then(|field| field.first('a'));
    // Old records have several codes in one text.
    let first = own
        .iter()
        .find_map(|field| field.first('a'))
        .and_then(|codes| codes.get(..3));
    let language = exact.or(language).or(first).unwrap_or_default();
    book.say(Book::FIELDS.language.any(), language);
}

fn series(marc: &Marc, punctuation: Punctuation, book: &mut Record, taken: &mut Taken) {
    let mut all: Vec<(String, String)> = Vec::new();
    for field in taken.fields(marc, &["490", "440", "800", "810", "811", "830"]) {
        let is_by_title = matches!(field.tag.as_str(), "490" | "440" | "830");
        let name = field.first(if is_by_title { 'a' } else { 't' }).unwrap_or_default();
        let number = field.first('v').unwrap_or_default();
        let in_one = name
            .split_once(" ; ")
            .filter(|_| number.is_empty() && punctuation.is_added);
        let (name, number) = in_one.unwrap_or((name, number));
        all.push((punctuation.bare(name), punctuation.bare(number)));
    }
    imprint::series(all, punctuation, book);
}

fn numbers(marc: &Marc, book: &mut Record, taken: &mut Taken) {
    let isbns = taken.fields(marc, &["020"]).filter_map(|field| {
        let qualified = field.all('q').map(clean).collect::<Vec<_>>().join(" ");
        Some((field.first('a')?, qualified))
    });
    imprint::isbns(
        isbns.map(|(isbn, qualified)| format!("{} {qualified}", clean(isbn))),
        book,
    );
    for field in taken.fields(marc, &["010", "016", "022", "024", "035"]) {
        let Some(number) = field.first('a').map(clean).filter(|number| !number.is_empty()) else {
            continue;
        };
        let source = field.first('2').map(clean).unwrap_or_default();
        let scheme = match (field.tag.as_str(), field.indicator(0), source.as_str()) {
            ("010", ..) => "lccn",
            ("022", ..) => "issn",
            ("024", '0', _) => "isrc",
            ("024", '1', _) => "upc",
            ("024", '2', _) => "ismn",
            ("024", '3', _) => "ean",
            ("016", _, "") => "nbn",
            (_, _, source) => source,
        };
        imprint::identifier(scheme, &number, book);
    }
    for field in taken.fields(marc, &["852", "090", "099"]) {
        let codes: &[char] = if field.tag == "852" {
            &['h', 'i', 'j']
        } else {
            &['a', 'b']
        };
        let parts: Vec<_> = codes.iter().filter_map(|code| field.first(*code)).map(clean).collect();
        if book.said_of(Book::FIELDS.shelf_mark.any()).is_none() {
            book.say(Book::FIELDS.shelf_mark.any(), parts.join(" "));
        }
    }
}

/// The field that says the same in the script of the book.
fn linked<'record>(marc: &'record Marc, field: &Field) -> Option<&'record Field> {
    let number = field.first('6')?.strip_prefix("880-")?.get(..2)?;
    let mut others = marc.fields("880");
    others.find(|other| {
        let link = other.first('6').and_then(|link| link.strip_prefix(field.tag.as_str()));
        link.is_some_and(|link| link.get(1..3) == Some(number))
    })
}

/// What also stands there in the script of the book; names are other names of their people.
fn original_script(marc: &Marc, punctuation: Punctuation, book: &mut Record, taken: &mut Taken) {
    let names: Vec<&Field> = marc
        .fields
        .iter()
        .filter(|field| is_heading(field))
        .filter_map(|field| linked(marc, field))
        .collect();
    for field in taken.fields(marc, &["880"]) {
        if names.iter().any(|name| std::ptr::eq(*name, field)) {
            continue;
        }
        let linked = field.first('6').and_then(|link| link.get(..3)).unwrap_or_default();
        let texts = field
            .subfields()
            .iter()
            .filter(|part| part.code.is_ascii_lowercase() && part.code != 'h');
        let text = texts.map(|part| clean(&part.text)).collect::<Vec<_>>().join(" ");
        let heading = match linked {
            "245" => "Title in its own script",
            "100" | "110" | "111" | "700" | "710" | "711" => "Name in its own script",
            "260" | "264" => "Imprint in its own script",
            _ => "In its own script",
        };
        book.remark(heading, &punctuation.bare_with_stop(&text));
    }
}
