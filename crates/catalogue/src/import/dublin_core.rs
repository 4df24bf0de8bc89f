//! Reading Dublin Core, the fifteen elements with which repositories and e-books say what something is: as a record of
//! OAI-PMH or SRU, in RDF, or alone.
//!
//! Its elements say little about how they are meant, so what an identifier or a format is has to show by itself. The
//! OPF of an e-book says the same in the same elements ([`element`]), with attributes that say more.

use colophon_xml::Element;

use super::foreign::{Record, RecordReader, Whom};
use super::kind_of_record::KindOfRecord;
use super::left_out::LeftOut;
use super::lines::Source;
use super::options::Options;
use super::people::roles;
use super::record::Person;
use super::xml_records::{has_element, say_pages, say_year, without_html};
use super::{ImportError, cells, isbns, xml_records};
use crate::book::Book;
use crate::contribution::Role;
use crate::relator;

/// The elements that are a record, or hold one.
const RECORDS: [&str; 5] = ["dc", "qualifieddc", "simpledc", "Description", "metadata"];
/// The role of the program that made a file.
const MADE_THE_FILE: &str = "bkp";
/// The address of the elements.
const NAMESPACE: &str = "purl.org/dc/";

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    xml_records::begins_with(head, &RECORDS) && head.contains(NAMESPACE) && has_element(head, "title")
}

/// Opens such a file and stops before its first record.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(xml_records::open(file, options, &RECORDS, read)?))
}

/// What an element says about its own text: in attributes, or elsewhere in the file.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Codes or words for what somebody did.
    pub(super) roles: Vec<String>,
    /// The name as it is sorted.
    pub(super) file_as: String,
    /// What kind of identifier or date it is.
    pub(super) scheme: String,
}

fn read(found: &Element, options: &Options, left_out: &mut LeftOut) -> Option<Record> {
    let is_any = |element: &Element| element.elements().any(|one| is_known(&one.name));
    // A record of OAI-PMH has it within another element.
    let inner = || {
        found
            .elements()
            .flat_map(Element::elements)
            .chain(found.elements())
            .find(|one| is_any(one))
    };
    let metadata = if is_any(found) { found } else { inner()? };
    let mut record = Record::default();
    let types: Vec<String> = metadata.all("type").map(Element::line).collect();
    for word in &types {
        let kind = kind(word);
        kind.judge(&mut record, word, options);
        if let (Some(_), KindOfRecord::NoBook(what)) = (&record.refused, kind) {
            left_out.kind(what);
            return Some(record);
        }
    }
    for one in metadata.elements() {
        let said = Said {
            scheme: one.attribute("type").rsplit(':').next().unwrap_or_default().to_owned(),
            ..Said::default()
        };
        if !element(one, &said, &mut record) {
            left_out.field(&one.name);
        }
    }
    Some(record)
}

/// What is known of a type.
fn kind(word: &str) -> KindOfRecord {
    let word = word.rsplit(['/', '#']).next().unwrap_or(word).to_lowercase();
    match word.as_str() {
        "text" | "book" | "ebook" | "monograph" | "books" => KindOfRecord::Book(""),
        "thesis" | "doctoral thesis" | "master thesis" | "doctoralthesis" | "masterthesis" | "bachelorthesis" => {
            KindOfRecord::Book("thesis")
        }
        "report" | "workingpaper" => KindOfRecord::Book("report"),
        "article" | "journal article" | "preprint" | "review" => KindOfRecord::NoBook("an article"),
        "image" | "stillimage" => KindOfRecord::NoBook("a picture"),
        "movingimage" => KindOfRecord::NoBook("a film"),
        "sound" => KindOfRecord::NoBook("a recording"),
        "dataset" => KindOfRecord::NoBook("a set of data"),
        "software" => KindOfRecord::NoBook("a program"),
        "physicalobject" => KindOfRecord::NoBook("an object"),
        _ => KindOfRecord::Unknown,
    }
}

fn is_known(name: &str) -> bool {
    matches!(
        name,
        "title" | "creator" | "identifier" | "publisher" | "subject" | "date" | "contributor"
    )
}

/// Takes an element. False if a book has no place for it.
pub(super) fn element(element: &Element, said: &Said, record: &mut Record) -> bool {
    let book = Book::FIELDS;
    let line = element.line();
    match element.name.as_str() {
        "type" | "created" | "modified" => {}
        "title" if record.said_of(book.title.any()).is_none() => record.say(book.title.any(), line),
        "title" | "alternative" => record.remark("Other title", &line),
        "creator" => person(&line, said, &Role::Author, record),
        "contributor" => person(&line, said, &Role::AnotherPart, record),
        "publisher" => record.say(book.publisher.any(), line),
        "date" | "issued" | "dateSubmitted" | "available" | "dateAccepted" => date(&line, said, record),
        "language" => record.say(book.language.any(), line),
        "identifier" => identifier(&line, said, record),
        "subject" => record.list("tags", line),
        "description" => record.say(book.notes.any(), without_html(&element.text())),
        "abstract" => record.remark("Abstract", &element.text()),
        "tableOfContents" => record.remark("Contents", &element.text()),
        "format" | "extent" | "medium" => extent(&line, record),
        "source" => record.remark("Source", &line),
        "relation" | "isPartOf" | "hasPart" | "isVersionOf" | "references" => record.remark("Related", &line),
        "coverage" | "spatial" | "temporal" => record.remark("Coverage", &line),
        "rights" | "license" | "rightsHolder" | "accessRights" => record.remark("Rights", &line),
        "audience" => record.remark("Audience", &line),
        "bibliographicCitation" => record.remark("Cited as", &line),
        _ => return false,
    }
    true
}

/// Somebody, with what they did if that is said.
fn person(name: &str, said: &Said, usual: &Role, record: &mut Record) {
    if name.is_empty() || said.roles.iter().any(|role| role == MADE_THE_FILE) {
        return;
    }
    let mut found: Vec<Role> = Vec::new();
    for word in said.roles.iter().filter(|word| !word.is_empty()) {
        let words = || roles(word).map(|found| found.roles).unwrap_or_default();
        found.extend(relator::role_of(word).map_or_else(words, |role| vec![role]));
    }
    if found.is_empty() {
        found.push(usual.clone());
    }
    let whom = match sorted_as(name, &said.file_as) {
        None => Whom::InWords(name.to_owned()),
        // What it is sorted by says how the name is to be read.
        Some(sort_name) => Whom::Known(Person {
            sort_name: Some(sort_name.to_owned()),
            ..Person::named(name)
        }),
    };
    record.people.extend(found.into_iter().map(|role| (whom.clone(), role)));
}

/// What somebody is sorted by. Calibre writes all people of a book there, for each of them.
fn sorted_as<'a>(name: &str, file_as: &'a str) -> Option<&'a str> {
    let words = |text: &str| {
        let words = text.split(|character: char| !character.is_alphanumeric());
        let mut words: Vec<String> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
        words.sort();
        words
    };
    let one = file_as.trim();
    let all = one.split(" & ").map(str::trim).find(|part| words(part) == words(name));
    all.or_else(|| (!one.is_empty() && !one.contains(" & ")).then_some(one))
}

/// A day; of those that are not known, programs write the year 101.
fn date(text: &str, said: &Said, record: &mut Record) {
    let field = match said.scheme.to_lowercase().as_str() {
        "original-publication" => Book::FIELDS.original_year.any(),
        "modification" | "creation" | "conversion" => return,
        _ => Book::FIELDS.published_year.any(),
    };
    let day = text.split('T').next().unwrap_or(text);
    if !day.starts_with("0101-01") {
        say_year(record, field, "Date", day);
    }
}

/// What it is called elsewhere: an ISBN, an address, a number of a service.
fn identifier(text: &str, said: &Said, record: &mut Record) {
    let scheme = said.scheme.to_lowercase();
    let folded = text.to_lowercase();
    let is_isbn = scheme == "isbn" || folded.contains("isbn") || is_bare_isbn(text);
    match scheme.as_str() {
        _ if text.is_empty() => {}
        // Those are of a program's own files.
        "uuid" | "calibre" => {}
        _ if folded.starts_with("urn:uuid:") => {}
        _ if is_isbn => record.say(Book::FIELDS.isbn.any(), text),
        "" | "uri" | "url" | "dcterms" | "mobi-asin" => {
            let in_full = if scheme == "mobi-asin" {
                format!("asin:{text}")
            } else {
                text.to_owned()
            };
            record.identifier("identifiers", "Identifier", &in_full);
        }
        _ if folded.starts_with(&format!("{scheme}:")) || text.contains("://") => {
            record.identifier("identifiers", "Identifier", text);
        }
        _ => record.identifier("identifiers", "Identifier", &format!("{scheme}:{text}")),
    }
}

fn is_bare_isbn(text: &str) -> bool {
    let is_number = text
        .chars()
        .all(|character| character.is_ascii_digit() || matches!(character, '-' | ' ' | 'X' | 'x'));
    is_number && isbns::read(text).is_ok_and(|found| !found.is_empty())
}

/// How many pages, where that is what a format says; that it is a file of some kind says nothing about a book.
fn extent(text: &str, record: &mut Record) {
    let is_kind_of_file = text.contains('/') && !text.contains(' ');
    if is_kind_of_file {
        return;
    }
    match cells::page_count(text) {
        Ok(_) => say_pages(record, text),
        Err(_) => record.remark("Format", text),
    }
}
