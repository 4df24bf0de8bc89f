//! Which field of an entry says what of a book.

use super::entry::Entry;
use super::names::people;
use super::tex::{plain, prose, verbatim};
use crate::book::Book;
use crate::contribution::Role;
use crate::import::foreign::{Record, Whom};
use crate::import::host::Host;
use crate::import::kind_of_record::KindOfRecord;
use crate::import::left_out::LeftOut;
use crate::import::options::Options;
use crate::language::Language;

/// What an entry of a kind is.
fn kind(word: &str) -> KindOfRecord {
    match word {
        "book" | "mvbook" | "collection" | "mvcollection" | "reference" | "mvreference" => KindOfRecord::Book(""),
        "proceedings" | "mvproceedings" => KindOfRecord::Book("proceedings"),
        "booklet" => KindOfRecord::Book("booklet"),
        "manual" => KindOfRecord::Book("manual"),
        "report" | "techreport" => KindOfRecord::Book("report"),
        "standard" => KindOfRecord::Book("standard"),
        "thesis" => KindOfRecord::Book("thesis"),
        "phdthesis" => KindOfRecord::Book("doctoral thesis"),
        "mastersthesis" => KindOfRecord::Book("master's thesis"),
        "inbook" | "bookinbook" | "suppbook" | "incollection" | "suppcollection" => {
            KindOfRecord::Part("part of a book")
        }
        "inproceedings" | "conference" => KindOfRecord::Part("paper in proceedings"),
        "inreference" => KindOfRecord::Part("entry in a reference work"),
        "article" | "suppperiodical" => KindOfRecord::NoBook("an article"),
        "periodical" => KindOfRecord::NoBook("an issue of a periodical"),
        "online" | "electronic" | "www" => KindOfRecord::NoBook("a web page"),
        "patent" => KindOfRecord::NoBook("a patent"),
        "dataset" => KindOfRecord::NoBook("a set of data"),
        "software" => KindOfRecord::NoBook("a program"),
        "audio" | "music" => KindOfRecord::NoBook("a recording"),
        "video" | "movie" => KindOfRecord::NoBook("a film"),
        "image" | "artwork" => KindOfRecord::NoBook("a picture"),
        "performance" => KindOfRecord::NoBook("a performance"),
        "review" => KindOfRecord::NoBook("a review"),
        "letter" => KindOfRecord::NoBook("a letter"),
        "legislation" | "legal" | "jurisdiction" | "commentary" => KindOfRecord::NoBook("a legal text"),
        "set" => KindOfRecord::NoBook("a set of other entries"),
        _ => KindOfRecord::Unknown,
    }
}

/// The record that an entry makes.
pub(super) fn record(line: u64, entry: &Entry, options: &Options, left_out: &mut LeftOut) -> Record {
    let kind = kind(&entry.kind);
    let mut record = Record::on(line);
    kind.judge(&mut record, &entry.kind, options);
    if let (Some(_), KindOfRecord::NoBook(what)) = (&record.refused, kind) {
        left_out.kind(what);
        return record;
    }
    let mut host = kind.is_part().then(Host::default);
    titles(&mut record, entry, &mut host);
    for (name, value) in &entry.fields {
        if !person(&mut record, entry, name, value) && !field(&mut record, entry, (name, value), &mut host) {
            left_out.field(name);
        }
    }
    if let Some(host) = host {
        host.note(&mut record);
    }
    let is_key = !entry.key.is_empty() && !entry.key.contains(char::is_whitespace);
    if is_key {
        record.list("identifiers", format!("citekey:{}", entry.key));
    }
    record
}

fn said(entry: &Entry, name: &str) -> Option<String> {
    entry.get(name).map(plain).filter(|text| !text.is_empty())
}

/// The title, and what is called like a title and is that of a whole of which this is a volume.
fn titles(record: &mut Record, entry: &Entry, host: &mut Option<Host>) {
    let book = Book::FIELDS;
    let of_volume = |name: &str, subtitle: &str| {
        let title = said(entry, name)?;
        Some(said(entry, subtitle).map_or(title.clone(), |subtitle| format!("{title}: {subtitle}")))
    };
    let main = of_volume("maintitle", "mainsubtitle");
    match (said(entry, "title"), host) {
        (Some(title), Some(host)) => {
            record.say(book.title.any(), title);
            host.title = of_volume("booktitle", "booksubtitle")
                .or_else(|| said(entry, "journaltitle").or_else(|| said(entry, "journal")));
        }
        (Some(title), None) => {
            record.say(book.title.any(), title);
            if let Some(whole) =
                said(entry, "booktitle").filter(|whole| record.said_of(book.title.any()) != Some(whole.as_str()))
            {
                record.remark("Book title", &whole);
            }
        }
        (None, _) => {
            let title = said(entry, "booktitle").or_else(|| said(entry, "maintitle"));
            record.say(book.title.any(), title.unwrap_or_default());
        }
    }
    if let Some(main) = main.filter(|main| record.said_of(book.title.any()) != Some(main.as_str())) {
        if entry.get("series").is_none() {
            record.say(book.series.any(), main);
        } else {
            record.remark("Volume of", &main);
        }
    }
    volume(record, entry);
}

/// The number in the series. BibTeX calls it `number` or, where there is none, `volume`; of a work in volumes the
/// volume is the number.
fn volume(record: &mut Record, entry: &Entry) {
    let has_series = record.said_of(Book::FIELDS.series.any()).is_some() || entry.get("series").is_some();
    let is_of_series = entry.get("series").is_some();
    let (volume, number) = (said(entry, "volume"), said(entry, "number"));
    let (position, rest) = match (volume, number) {
        (Some(volume), Some(number)) if is_of_series => (Some(number), Some(("Volume", volume))),
        (Some(volume), number) => (Some(volume), number.map(|number| ("Number", number))),
        (None, number) => (number, None),
    };
    if let Some(position) = position {
        if has_series {
            record.say(Book::FIELDS.series_position.any(), position);
        } else {
            record.remark("Volume", &position);
        }
    }
    if let Some((heading, rest)) = rest {
        record.remark(heading, &rest);
    }
}

/// Takes a field that names people. False if it is none.
fn person(record: &mut Record, entry: &Entry, name: &str, value: &str) -> bool {
    let role = match name {
        "author" => Role::Author,
        "editor" | "editora" | "editorb" | "editorc" => editor(entry.get(&format!("{name}type")).unwrap_or("editor")),
        "translator" => Role::Translator,
        "foreword" | "introduction" => Role::Foreword,
        "afterword" => Role::Afterword,
        "illustrator" => Role::Illustrator,
        "narrator" => Role::Narrator,
        "photographer" => Role::Photographer,
        "compiler" => Role::Compiler,
        "annotator" | "commentator" | "holder" | "collaborator" => Role::AnotherPart,
        "editortype" | "editoratype" | "editorbtype" | "editorctype" | "authortype" => return true,
        _ => return false,
    };
    let found = people(value);
    if found.has_others {
        let field = if role == Role::Author { "author" } else { "contributors" };
        record.problem(
            field,
            "“and others”: the others are not named in the file, so nobody was made of them",
        );
    }
    let named = found
        .named
        .into_iter()
        .map(|person| (Whom::Known(person), role.clone()));
    record.people.extend(named);
    true
}

fn editor(kind: &str) -> Role {
    match kind.trim() {
        "compiler" => Role::Compiler,
        "editor" | "redactor" | "reviser" | "continuator" | "founder" => Role::Editor,
        "translator" => Role::Translator,
        "illustrator" => Role::Illustrator,
        "narrator" => Role::Narrator,
        _ => Role::AnotherPart,
    }
}

/// Takes a field that is about the book. False if a book has no place for it.
fn field(record: &mut Record, entry: &Entry, (name, value): (&str, &str), host: &mut Option<Host>) -> bool {
    let book = Book::FIELDS;
    match name {
        "title" | "booktitle" | "booksubtitle" | "maintitle" | "mainsubtitle" | "volume" | "number" | "eprinttype"
        | "archiveprefix" | "eprintclass" | "primaryclass" | "langidopts" | "crossref" | "xdata" => {}
        "journal" | "journaltitle" if host.is_some() => {}
        "subtitle" => record.say(book.subtitle.any(), plain(value)),
        "origtitle" => record.say(book.original_title.any(), plain(value)),
        "publisher" => record.say(book.publisher.any(), plain(value)),
        "school" | "institution" | "organization" => publisher_else(record, entry, name, &plain(value)),
        "address" | "location" => record.say(book.place.any(), plain(value)),
        "edition" => record.say(book.edition.any(), plain(value)),
        "date" => record.say(book.published_year.any(), first_date(&plain(value))),
        "year" => {
            if entry.get("date").is_none() {
                record.say(book.published_year.any(), plain(value));
            }
        }
        "origdate" | "origyear" => record.say(book.original_year.any(), first_date(&plain(value))),
        "series" => record.say(book.series.any(), plain(value)),
        "language" => record.say(book.language.any(), language(&plain(value))),
        "langid" | "hyphenation" => {
            if let (None, Some(known)) = (entry.get("language"), known_language(value)) {
                record.say(book.language.any(), known);
            }
        }
        "library" | "callnumber" | "call-number" | "shelfmark" => record.say(book.shelf_mark.any(), plain(value)),
        "format" | "binding" => record.say(book.format.any(), plain(value)),
        "pagetotal" | "numpages" => record.say(book.page_count.any(), plain(value)),
        "pages" => pages(record, &plain(value), host),
        "chapter" => of_host(host, record, "chapter", &plain(value)),
        "bookauthor" => of_host(host, record, "by", &plain(value)),
        "issue" => of_host(host, record, "issue", &plain(value)),
        _ => return lists_and_notes(record, entry, (name, value), host),
    }
    true
}

fn lists_and_notes(record: &mut Record, entry: &Entry, (name, value): (&str, &str), host: &mut Option<Host>) -> bool {
    match name {
        "isbn" => match host {
            Some(host) => host.add("ISBN", &plain(value)),
            None => record.say(Book::FIELDS.isbn.any(), plain(value)),
        },
        "issn" => match host {
            Some(host) => host.add("ISSN", &plain(value)),
            None => record.identifier("identifiers", "ISSN", &format!("issn:{}", plain(value))),
        },
        "doi" | "lccn" | "oclc" | "asin" => record.identifier(name, &name.to_uppercase(), &verbatim(value)),
        "url" | "biburl" | "ee" => record.identifier("identifiers", "Address", &verbatim(value)),
        "eprint" => {
            let kind = entry
                .get("eprinttype")
                .or(entry.get("archiveprefix"))
                .unwrap_or("eprint");
            record.identifier(
                "identifiers",
                "Eprint",
                &format!("{}:{}", verbatim(kind).to_lowercase(), verbatim(value)),
            );
        }
        "mrnumber" | "zblnumber" | "pmid" => {
            record.identifier("identifiers", name, &format!("{name}:{}", verbatim(value)));
        }
        "keywords" | "keyword" | "tags" | "groups" | "mendeley-tags" => tags(record, value),
        "identifiers" => {
            let all = verbatim(value);
            all.split("; ")
                .for_each(|one| record.identifier("identifiers", "Identifier", one));
        }
        "note" | "annote" | "annotation" | "comment" => record.say(Book::FIELDS.notes.any(), prose(value)),
        _ => {
            let Some(heading) = heading(name) else { return false };
            record.remark(heading, &prose(value));
        }
    }
    true
}

/// What has no field and belongs to the notes, with its heading.
fn heading(name: &str) -> Option<&'static str> {
    Some(match name {
        "abstract" => "Abstract",
        "addendum" => "Addendum",
        "review" => "Review",
        "howpublished" => "How published",
        "type" => "Type",
        "titleaddon" | "booktitleaddon" | "maintitleaddon" => "Addition to the title",
        "shorttitle" => "Short title",
        "eventtitle" => "Event",
        "eventdate" => "Date of the event",
        "venue" => "Venue",
        "version" => "Version",
        "volumes" => "Volumes",
        "part" => "Part",
        "pubstate" => "State of publication",
        "origpublisher" => "Original publisher",
        "origlocation" => "Original place",
        "origlanguage" => "Original language",
        "reprinttitle" => "Title of the reprint",
        "journal" | "journaltitle" => "Journal",
        "price" => "Price",
        _ => return None,
    })
}

/// A body that publishes where no publisher is named.
fn publisher_else(record: &mut Record, entry: &Entry, name: &str, text: &str) {
    let publisher = Book::FIELDS.publisher.any();
    if entry.get("publisher").is_none() && record.said_of(publisher).is_none() {
        record.say(publisher, text);
    } else {
        let heading = match name {
            "school" => "School",
            "institution" => "Institution",
            _ => "Organization",
        };
        record.remark(heading, text);
    }
}

/// Of a book its number of pages, of a part where it stands.
fn pages(record: &mut Record, text: &str, host: &mut Option<Host>) {
    let is_range = text.contains(['–', '-']);
    match host {
        Some(host) => host.add("pages", text),
        None if is_range => record.remark("Pages", text),
        None => record.say(Book::FIELDS.page_count.any(), text),
    }
}

fn of_host(host: &mut Option<Host>, record: &mut Record, what: &str, text: &str) {
    match host {
        Some(host) => host.add(what, text),
        None => record.remark(&capitalised(what), text),
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn tags(record: &mut Record, value: &str) {
    let text = plain(value);
    let separators: &[char] = if text.contains(';') { &[';'] } else { &[','] };
    for tag in text.split(separators).map(str::trim).filter(|tag| !tag.is_empty()) {
        record.list("tags", tag);
    }
}

/// The first day of a span.
fn first_date(text: &str) -> String {
    let mut days = text
        .split('/')
        .map(str::trim)
        .filter(|day| !day.is_empty() && *day != "..");
    days.next().unwrap_or_default().to_owned()
}

/// The first of a list; BibLaTeX puts `lang` before some of its words.
fn language(text: &str) -> String {
    let first = text.split(" and ").next().unwrap_or_default().trim();
    let first = first
        .strip_prefix("lang")
        .filter(|rest| Language::parse(rest).is_ok())
        .unwrap_or(first);
    known_language(first).unwrap_or_else(|| first.to_owned())
}

/// The language of a word for one of its spellings or countries, as TeX's packages have them.
fn known_language(word: &str) -> Option<String> {
    let word = word.trim().to_lowercase();
    let language = match word.as_str() {
        "american" | "british" | "usenglish" | "ukenglish" | "canadian" | "australian" | "newzealand" => "english",
        "ngerman" | "austrian" | "naustrian" | "swissgerman" | "nswissgerman" => "german",
        "francais" | "acadian" | "canadien" => "french",
        "portuges" | "brazil" | "brazilian" => "portuguese",
        "classiclatin" | "medievallatin" | "ecclesiasticlatin" => "latin",
        "polutonikogreek" => "greek",
        "nynorsk" | "norsk" => "norwegian",
        other => other,
    };
    Language::parse(language).is_ok().then(|| language.to_owned())
}
