//! Which member of an item says what of a book.

use serde_json::{Map, Value};

use crate::book::Book;
use crate::contribution::Role;
use crate::import::foreign::{Record, Whom};
use crate::import::host::Host;
use crate::import::kind_of_record::KindOfRecord;
use crate::import::left_out::LeftOut;
use crate::import::options::Options;
use crate::import::record::Person;

/// How long a mark is at most that says how a text is to look.
const MARK_MAX_BYTES: usize = 200;

/// What an item of a type is.
fn kind(word: &str) -> KindOfRecord {
    match word {
        "book" | "classic" | "collection" => KindOfRecord::Book(""),
        "pamphlet" => KindOfRecord::Book("pamphlet"),
        "report" => KindOfRecord::Book("report"),
        "thesis" => KindOfRecord::Book("thesis"),
        "manuscript" => KindOfRecord::Book("manuscript"),
        "musical_score" => KindOfRecord::Book("score"),
        "standard" => KindOfRecord::Book("standard"),
        "chapter" => KindOfRecord::Part("part of a book"),
        "paper-conference" => KindOfRecord::Part("paper in proceedings"),
        "entry" | "entry-dictionary" | "entry-encyclopedia" => KindOfRecord::Part("entry in a reference work"),
        "article" | "article-journal" | "article-magazine" | "article-newspaper" => KindOfRecord::NoBook("an article"),
        "periodical" => KindOfRecord::NoBook("an issue of a periodical"),
        "webpage" | "post" | "post-weblog" => KindOfRecord::NoBook("a web page"),
        "dataset" => KindOfRecord::NoBook("a set of data"),
        "software" => KindOfRecord::NoBook("a program"),
        "patent" => KindOfRecord::NoBook("a patent"),
        "review" | "review-book" => KindOfRecord::NoBook("a review"),
        "personal_communication" => KindOfRecord::NoBook("a letter"),
        "bill" | "hearing" | "legal_case" | "legislation" | "regulation" | "treaty" => {
            KindOfRecord::NoBook("a legal text")
        }
        "motion_picture" | "broadcast" => KindOfRecord::NoBook("a film"),
        "song" => KindOfRecord::NoBook("a recording"),
        "graphic" | "figure" => KindOfRecord::NoBook("a picture"),
        "map" => KindOfRecord::NoBook("a map"),
        "interview" => KindOfRecord::NoBook("an interview"),
        "speech" | "performance" | "event" => KindOfRecord::NoBook("a performance"),
        _ => KindOfRecord::Unknown,
    }
}

/// The record that an item makes.
pub(super) fn record(line: u64, item: &Map<String, Value>, options: &Options, left_out: &mut LeftOut) -> Record {
    let text = |name: &str| item.get(name).map(text).unwrap_or_default();
    let word = text("type");
    let kind = kind(&word);
    let mut record = Record::on(line);
    kind.judge(&mut record, &word, options);
    if let (Some(_), KindOfRecord::NoBook(what)) = (&record.refused, kind) {
        left_out.kind(what);
        return record;
    }
    let mut host = kind.is_part().then(Host::default);
    record.say(Book::FIELDS.title.any(), text("title"));
    volume(
        &mut record,
        &text("collection-number"),
        &text("volume"),
        !text("collection-title").is_empty(),
        &mut host,
    );
    for (name, value) in item {
        let is_taken = person(&mut record, name, value) || field(&mut record, (name, value), &mut host);
        if !is_taken && !value.is_null() {
            left_out.field(name);
        }
    }
    if let Some(host) = host {
        host.note(&mut record);
    }
    record
}

fn volume(record: &mut Record, number: &str, volume: &str, has_series: bool, host: &mut Option<Host>) {
    let position = Book::FIELDS.series_position.any();
    match host {
        Some(host) => host.add("volume", volume),
        None if has_series && number.is_empty() => record.say(position, volume),
        None => record.remark("Volume", volume),
    }
    if has_series {
        record.say(position, number);
    } else {
        record.remark("Number", number);
    }
}

/// Takes a member that names people. False if it is none.
fn person(record: &mut Record, name: &str, value: &Value) -> bool {
    let role = match name {
        "author" => Role::Author,
        "editor" | "editorial-director" => Role::Editor,
        "translator" => Role::Translator,
        "illustrator" => Role::Illustrator,
        "narrator" => Role::Narrator,
        "compiler" => Role::Compiler,
        "collection-editor" | "contributor" | "director" | "composer" | "original-author" | "performer"
        | "producer" | "organizer" | "curator" | "interviewer" | "script-writer" => Role::AnotherPart,
        _ => return false,
    };
    for one in value.as_array().into_iter().flatten() {
        match one {
            Value::String(words) => record.person(words, role.clone()),
            one => {
                if let Some(person) = named(one) {
                    record.people.push((Whom::Known(person), role.clone()));
                }
            }
        }
    }
    true
}

/// `{"family": "Beethoven", "given": "Ludwig", "non-dropping-particle": "van"}`
fn named(value: &Value) -> Option<Person> {
    let part = |name: &str| value.get(name).map(text).unwrap_or_default().trim().to_owned();
    let joined = |parts: &[&str], between: &str| {
        let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
        parts.join(between)
    };
    let literal = part("literal");
    if !literal.is_empty() {
        return Some(Person {
            sort_name: literal.contains(' ').then(|| literal.clone()),
            ..Person::named(literal)
        });
    }
    let (family, suffix) = (part("family"), part("suffix"));
    let particles = joined(&[&part("dropping-particle"), &part("non-dropping-particle")], " ");
    let given = joined(&[&part("given"), &particles], " ");
    let name = joined(&[&given, &family, &suffix], " ");
    let sort_name = if given.is_empty() {
        name.clone()
    } else {
        joined(&[&family, &given, &suffix], ", ")
    };
    (!name.is_empty()).then(|| Person {
        sort_name: Some(sort_name),
        ..Person::named(name)
    })
}

/// Takes a member that is about the book. False if a book has no place for it.
fn field(record: &mut Record, (name, value): (&str, &Value), host: &mut Option<Host>) -> bool {
    let book = Book::FIELDS;
    let said = text(value);
    match name {
        "type" | "title" | "volume" | "collection-number" => {}
        "publisher" => record.say(book.publisher.any(), said),
        "publisher-place" => record.say(book.place.any(), said),
        "edition" => record.say(book.edition.any(), said),
        "language" => record.say(book.language.any(), said),
        "call-number" => record.say(book.shelf_mark.any(), said),
        "number-of-pages" => record.say(book.page_count.any(), said),
        "original-title" => record.say(book.original_title.any(), said),
        "collection-title" => record.say(book.series.any(), said),
        "issued" => record.say(book.published_year.any(), year(value)),
        "original-date" => record.say(book.original_year.any(), year(value)),
        "note" | "annote" => record.say(book.notes.any(), said),
        "DOI" => record.identifier("doi", "DOI", &said),
        "URL" => record.identifier("identifiers", "Address", &said),
        "PMID" | "PMCID" => record.identifier("identifiers", name, &format!("{}:{said}", name.to_lowercase())),
        "keyword" => {
            let separators: &[char] = if said.contains(';') { &[';'] } else { &[','] };
            let tags = said.split(separators).map(str::trim).filter(|tag| !tag.is_empty());
            tags.for_each(|tag| record.list("tags", tag));
        }
        "id" | "citation-key" => key(record, &said),
        "ISBN" if host.is_none() => record.say(book.isbn.any(), said),
        "ISSN" if host.is_none() => {
            let all = said.split([',', ';', ' ']).filter(|issn| !issn.is_empty());
            all.for_each(|issn| record.identifier("identifiers", "ISSN", &format!("issn:{issn}")));
        }
        _ => return of_host((name, &said, value), host) || noted(record, name, &said),
    }
    true
}

/// What is said about the volume that a part is in.
fn of_host((name, said, value): (&str, &str, &Value), host: &mut Option<Host>) -> bool {
    let Some(host) = host else { return false };
    match name {
        "container-title" => host.title = Some(said.to_owned()).filter(|title| !title.is_empty()),
        "container-author" => {
            let people = value.as_array().into_iter().flatten().filter_map(named);
            let people: Vec<String> = people.map(|person| person.name).collect();
            host.add("by", &people.join("; "));
        }
        "page" => host.add("pages", said),
        "issue" | "chapter-number" | "section" | "ISBN" | "ISSN" => host.add(name, said),
        _ => return false,
    }
    true
}

/// What has no field and belongs to the notes, with its heading.
fn noted(record: &mut Record, name: &str, said: &str) -> bool {
    let heading = match name {
        "abstract" => "Abstract",
        "title-short" | "shortTitle" => "Short title",
        "container-title" => "In",
        "volume-title" => "Title of the volume",
        "number-of-volumes" => "Volumes",
        "part-number" | "part" => "Part",
        "part-title" => "Title of the part",
        "number" => "Number",
        "genre" => "Type",
        "medium" => "Medium",
        "dimensions" | "scale" => "Dimensions",
        "event" | "event-title" => "Event",
        "event-place" => "Venue",
        "version" => "Version",
        "status" => "State of publication",
        "page" => "Pages",
        "archive" => "Archive",
        "archive_location" | "archive-place" => "Place in the archive",
        "original-publisher" => "Original publisher",
        "original-publisher-place" => "Original place",
        "references" => "References",
        _ => return false,
    };
    record.remark(heading, said);
    true
}

/// `{"date-parts": [[1998, 5, 12]]}`, or the date in words.
fn year(value: &Value) -> String {
    if value.is_string() || value.is_number() {
        return text(value);
    }
    let parts = value
        .get("date-parts")
        .and_then(|dates| dates.get(0))
        .and_then(|date| date.get(0));
    let words = ["raw", "literal"].iter().find_map(|name| value.get(*name));
    parts.or(words).map(text).unwrap_or_default()
}

/// What the item is cited by; a number or an address is that of some program.
fn key(record: &mut Record, said: &str) {
    let is_key = !said.contains(char::is_whitespace) && said.contains(char::is_alphabetic) && !said.contains("://");
    if is_key {
        record.list("identifiers", format!("citekey:{said}"));
    }
}

/// A value as text, without the marks that say how it is to look.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => without_marks(text),
        Value::Number(number) => number.to_string(),
        Value::Array(all) => {
            let texts = all.iter().filter(|one| one.is_string() || one.is_number());
            texts.map(text).collect::<Vec<_>>().join("; ")
        }
        Value::Null | Value::Bool(_) | Value::Object(_) => String::new(),
    }
}

fn without_marks(text: &str) -> String {
    const MARKS: [&str; 5] = ["i", "b", "sub", "sup", "span"];
    if !text.contains('<') {
        return text.trim().to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after.trim_start_matches('/');
        let end = name
            .find(|character: char| !character.is_ascii_alphabetic())
            .unwrap_or(name.len());
        let is_mark = MARKS.contains(&&name[..end]);
        let closing = after
            .bytes()
            .take(MARK_MAX_BYTES)
            .position(|byte| byte == b'>')
            .filter(|_| is_mark);
        if let Some(closing) = closing {
            rest = &after[closing + 1..];
        } else {
            plain.push('<');
            rest = after;
        }
    }
    plain.push_str(rest);
    plain.trim().to_owned()
}
