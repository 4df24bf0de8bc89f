//! Reading MODS, the records that libraries write where MARC is too much: elements with names in place of numbers.
//!
//! One file each: the people (`people`), and where, when and as what it was published (`described`).

mod described;
mod people;

use colophon_xml::Element;

pub(crate) use self::described::OURS;
use self::described::{classification, identifier, language, location, origin, physical, related, subject};
use self::people::person;
use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::host::Host;
use super::kind_of_record::KindOfRecord;
use super::left_out::LeftOut;
use super::lines::Source;
use super::options::Options;
use super::xml_records;
use crate::book::Book;

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    xml_records::begins_with(head, &["mods", "modsCollection"])
}

/// Opens such a file and stops before its first record.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(xml_records::open(
        file,
        options,
        &["mods"],
        |element, options, left_out| Some(read(element, options, left_out)),
    )?))
}

fn read(mods: &Element, options: &Options, left_out: &mut LeftOut) -> Record {
    let mut record = Record::default();
    let (kind, word) = kind(mods);
    kind.judge(&mut record, &word, options);
    if let (Some(_), KindOfRecord::NoBook(what)) = (&record.refused, kind) {
        left_out.kind(what);
        return record;
    }
    let mut host = kind.is_part().then(Host::default);
    for element in mods.elements() {
        let text = || element.text();
        match element.name.as_str() {
            "titleInfo" => title(element, &mut record),
            "name" => person(element, &mut record, left_out),
            "genre" => genre(element, &mut record),
            "originInfo" => origin(element, &mut record, left_out),
            "language" => language(element, &mut record),
            "physicalDescription" => physical(element, &mut record, left_out),
            "abstract" => record.remark("Abstract", &text()),
            "tableOfContents" => record.remark("Contents", &text()),
            "targetAudience" => record.remark("Audience", &text()),
            "note" if element.attribute("type") == "statement of responsibility" => {
                record.remark("Statement of responsibility", &text());
            }
            "note" => record.say(Book::FIELDS.notes.any(), text()),
            "subject" => subject(element, &mut record),
            "classification" => classification(element, &mut record),
            "relatedItem" => related(element, &mut record, &mut host, left_out),
            "identifier" => identifier(element, &mut record, &mut host),
            "location" => location(element, &mut record, left_out),
            "accessCondition" => record.remark("Access", &element.line()),
            "typeOfResource" => {}
            other => left_out.field(other),
        }
    }
    if let Some(host) = host {
        host.note(&mut record);
    }
    record
}

/// What a record is about, and the word that says so.
fn kind(mods: &Element) -> (KindOfRecord, String) {
    let of_genre = mods.all("genre").find_map(|genre| {
        let word = genre.line();
        Some((kind_of(&word)?, word))
    });
    let host = mods.all("relatedItem").find(|item| item.attribute("type") == "host");
    if let Some((kind @ KindOfRecord::NoBook(_), word)) = of_genre {
        return (kind, word);
    }
    if let Some(host) = host {
        let is_periodical = host
            .all("genre")
            .any(|genre| matches!(kind_of(&genre.line()), Some(KindOfRecord::NoBook(_))));
        let issued = host.all("originInfo").map(|origin| origin.text_of("issuance"));
        let is_continuing = issued.into_iter().any(|issuance| is_serial(&issuance));
        return if is_periodical || is_continuing {
            (KindOfRecord::NoBook("an article"), String::new())
        } else {
            (KindOfRecord::Part("part of a book"), String::new())
        };
    }
    let is_periodical = mods
        .all("originInfo")
        .any(|origin| is_serial(&origin.text_of("issuance")));
    let resource = mods.text_of("typeOfResource").to_lowercase();
    let kind = match resource.as_str() {
        _ if of_genre.is_some() => return of_genre.unwrap_or((KindOfRecord::Book(""), String::new())),
        _ if is_periodical => KindOfRecord::NoBook("a periodical"),
        "cartographic" => KindOfRecord::NoBook("a map"),
        "still image" => KindOfRecord::NoBook("a picture"),
        "moving image" => KindOfRecord::NoBook("a film"),
        "sound recording-musical" => KindOfRecord::NoBook("a recording"),
        "software, multimedia" => KindOfRecord::NoBook("a program"),
        "three dimensional object" => KindOfRecord::NoBook("an object"),
        _ => KindOfRecord::Book(""),
    };
    (kind, resource)
}

fn is_serial(issuance: &str) -> bool {
    matches!(issuance, "continuing" | "serial" | "integrating resource")
}

/// What a genre says about the kind of a record, if it does.
fn kind_of(genre: &str) -> Option<KindOfRecord> {
    Some(match genre.to_lowercase().as_str() {
        "book" => KindOfRecord::Book(""),
        "thesis" | "theses" | "academic dissertation" => KindOfRecord::Book("thesis"),
        "technical report" | "report" => KindOfRecord::Book("report"),
        "conference publication" | "proceedings" => KindOfRecord::Book("proceedings"),
        "article" | "journal article" | "newspaper article" | "review" => KindOfRecord::NoBook("an article"),
        "periodical" | "academic journal" | "magazine" | "newspaper" | "journal" => {
            KindOfRecord::NoBook("a periodical")
        }
        "web site" | "web page" => KindOfRecord::NoBook("a web page"),
        "patent" => KindOfRecord::NoBook("a patent"),
        "motion picture" => KindOfRecord::NoBook("a film"),
        _ => return None,
    })
}

/// A genre that does not say what the record is belongs to the tags; that it is text, every book says.
fn genre(element: &Element, record: &mut Record) {
    let word = element.line();
    if kind_of(&word).is_none() && word != "text" {
        record.list("tags", word);
    }
}

/// The title of an element, with the part of a work that it is, and the subtitle.
fn titles(info: &Element) -> (String, String) {
    let mut title = info.text_of("title").split_whitespace().collect::<Vec<_>>().join(" ");
    let article = info.first("nonSort").map(Element::line).unwrap_or_default();
    if !article.is_empty() {
        let between = if article.ends_with(['\'', '’', '-']) { "" } else { " " };
        title = format!("{article}{between}{title}");
    }
    let parts = [info.text_of("partNumber"), info.text_of("partName")];
    for part in parts.iter().filter(|part| !part.is_empty()) {
        title = format!("{}. {part}", title.trim_end_matches('.'));
    }
    let subtitle = info.first("subTitle").map(Element::line).unwrap_or_default();
    (title, subtitle)
}

fn title(info: &Element, record: &mut Record) {
    let book = Book::FIELDS;
    let (title, subtitle) = titles(info);
    let in_one = || {
        if subtitle.is_empty() {
            title.clone()
        } else {
            format!("{title}: {subtitle}")
        }
    };
    match info.attribute("type") {
        "" if record.said_of(book.title.any()).is_none() => {
            record.say(book.title.any(), title);
            record.say(book.subtitle.any(), subtitle);
        }
        "uniform" if record.said_of(book.original_title.any()).is_none() => {
            record.say(book.original_title.any(), in_one());
        }
        _ => record.remark("Other title", &in_one()),
    }
}
