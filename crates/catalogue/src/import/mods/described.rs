//! Where, when and as what a book was published, what it is about, and what it is called elsewhere.

use colophon_xml::Element;

use super::titles;
use crate::book::Book;
use crate::import::foreign::Record;
use crate::import::host::Host;
use crate::import::left_out::LeftOut;
use crate::import::marc::subjects::{CONGRESS, DEWEY, SUBDIVIDED};
use crate::import::xml_records::{say_pages, say_year};

/// The authority of the words of ours for the format of a book.
pub(crate) const OURS: &str = "colophon";

/// Where, by whom and when.
pub(super) fn origin(origin: &Element, record: &mut Record, left_out: &mut LeftOut) {
    let book = Book::FIELDS;
    for element in origin.elements() {
        match element.name.as_str() {
            "place" => {
                let terms = || element.all("placeTerm").filter(|term| term.attribute("type") != "code");
                terms().for_each(|term| record.say(book.place.any(), term.line()));
                if terms().next().is_none() {
                    left_out.field("placeTerm");
                }
            }
            "publisher" => record.say(book.publisher.any(), element.line()),
            "edition" => record.say(book.edition.any(), element.line()),
            "dateIssued" | "copyrightDate" | "dateCreated" | "issuance" => {}
            other => left_out.field(other),
        }
    }
    let mut dates: Vec<&Element> = origin
        .all("dateIssued")
        .filter(|date| date.attribute("point") != "end")
        .collect();
    dates.sort_by_key(|date| date.attribute("keyDate") != "yes");
    let others = origin.all("copyrightDate").chain(origin.all("dateCreated"));
    let date = dates.first().copied().or_else(|| others.into_iter().next());
    if let Some(date) = date
        && record.said_of(book.published_year.any()).is_none()
    {
        say_year(record, book.published_year.any(), "Date", &date.line());
    }
}

/// The languages; those that it was translated from or summarised in are others.
pub(super) fn language(language: &Element, record: &mut Record) {
    if !language.attribute("objectPart").is_empty() {
        let words: Vec<_> = language.all("languageTerm").map(Element::line).collect();
        record.remark(
            &format!("Language ({})", language.attribute("objectPart")),
            &words.join(", "),
        );
        return;
    }
    // A code before the words, which say the same.
    let mut terms: Vec<&Element> = language.all("languageTerm").collect();
    terms.sort_by_key(|term| term.attribute("type") == "text");
    let written = terms.first().map_or_else(|| language.line(), |term| term.line());
    record.say(Book::FIELDS.language.any(), written);
}

pub(super) fn physical(described: &Element, record: &mut Record, left_out: &mut LeftOut) {
    for element in described.elements() {
        match element.name.as_str() {
            "extent" => say_pages(record, &element.line()),
            "form" if element.attribute("authority") == OURS => record.say(Book::FIELDS.format.any(), element.line()),
            "form" => record.remark("Form", &element.line()),
            "note" => record.say(Book::FIELDS.notes.any(), element.text()),
            other => left_out.field(other),
        }
    }
}

/// A subject with its subdivisions, in the order of the record.
pub(super) fn subject(subject: &Element, record: &mut Record) {
    let part = |element: &Element| match element.name.as_str() {
        "topic" | "geographic" | "temporal" | "genre" | "occupation" => element.line(),
        "titleInfo" => titles(element).0,
        "name" => {
            let parts = element.all("namePart").map(Element::line);
            parts.collect::<Vec<_>>().join(", ")
        }
        "hierarchicalGeographic" => {
            let parts = element.elements().map(Element::line);
            parts.collect::<Vec<_>>().join(SUBDIVIDED)
        }
        _ => String::new(),
    };
    let parts: Vec<String> = subject.elements().map(part).filter(|part| !part.is_empty()).collect();
    record.list("tags", parts.join(SUBDIVIDED));
}

pub(super) fn classification(element: &Element, record: &mut Record) {
    let number = element.line();
    match element.attribute("authority") {
        _ if number.is_empty() => {}
        "ddc" => record.list("tags", format!("{DEWEY}{}", number.replace(['/', '\''], ""))),
        "lcc" => record.list("tags", format!("{CONGRESS}{number}")),
        "" => record.remark("Classification", &number),
        authority => record.remark("Classification", &format!("{authority} {number}")),
    }
}

/// The series that it is in, the book that it is a part of, what it was translated from.
pub(super) fn related(item: &Element, record: &mut Record, host: &mut Option<Host>, left_out: &mut LeftOut) {
    let book = Book::FIELDS;
    let info = item
        .all("titleInfo")
        .find(|info| info.attribute("type") != "abbreviated");
    let (title, subtitle) = info.map(titles).unwrap_or_default();
    match (item.attribute("type"), host) {
        ("host", Some(host)) => of_host(item, title, host),
        ("series", _) => {
            let name = item
                .first("titleInfo")
                .map(|info| info.text_of("title"))
                .unwrap_or_default();
            let number = item
                .first("titleInfo")
                .map(|info| info.text_of("partNumber"))
                .unwrap_or_default();
            let detail = || {
                item.first("part")
                    .and_then(|part| part.first("detail"))
                    .map(|detail| detail.text_of("number"))
            };
            let number = Some(number)
                .filter(|number| !number.is_empty())
                .or_else(detail)
                .unwrap_or_default();
            if record.said_of(book.series.any()).is_some() {
                record.remark("Series", &[name, number].join(" "));
            } else {
                record.say(book.series.any(), name);
                record.say(book.series_position.any(), number);
            }
        }
        ("original", _) => {
            record.say(book.original_title.any(), title);
            let issued = item.first("originInfo").map(|origin| origin.text_of("dateIssued"));
            say_year(
                record,
                book.original_year.any(),
                "Date of the original",
                &issued.unwrap_or_default(),
            );
        }
        (_, _) if title.is_empty() => left_out.field("relatedItem"),
        (kind, _) => {
            let heading = if kind.is_empty() {
                "Related".to_owned()
            } else {
                format!("Related ({kind})")
            };
            let whole = if subtitle.is_empty() {
                title
            } else {
                format!("{title}: {subtitle}")
            };
            record.remark(&heading, &whole);
        }
    }
}

fn of_host(item: &Element, title: String, host: &mut Host) {
    host.title = Some(title).filter(|title| !title.is_empty());
    let people = item.all("name").map(|name| {
        let parts = name.all("namePart").filter(|part| part.attribute("type") != "date");
        parts.map(Element::line).collect::<Vec<_>>().join(", ")
    });
    host.add("by", &people.collect::<Vec<_>>().join("; "));
    for part in item.all("part") {
        for detail in part.all("detail") {
            host.add(detail.attribute("type"), &detail.text_of("number"));
        }
        for extent in part.all("extent") {
            let ends = [extent.text_of("start"), extent.text_of("end"), extent.text_of("list")];
            let ends: Vec<_> = ends.into_iter().filter(|end| !end.is_empty()).collect();
            host.add("pages", &ends.join("-"));
        }
    }
    for number in item.all("identifier") {
        host.add(number.attribute("type"), &number.line());
    }
}

pub(super) fn identifier(element: &Element, record: &mut Record, host: &mut Option<Host>) {
    let (kind, text) = (element.attribute("type").to_lowercase(), element.line());
    if text.is_empty() {
        return;
    }
    if element.attribute("invalid") == "yes" {
        return record.remark(&format!("Invalid {kind}"), &text);
    }
    match (kind.as_str(), host) {
        ("isbn", None) => record.say(Book::FIELDS.isbn.any(), text),
        ("isbn" | "issn", Some(host)) => host.add(&kind.to_uppercase(), &text),
        ("" | "uri" | "url" | "hdl", _) => record.identifier("identifiers", "Identifier", &text),
        ("issue number" | "matrix number" | "music plate" | "videorecording identifier", _) => {
            record.remark("Number of the publisher", &text);
        }
        (kind, _) => {
            let in_full = if text.to_lowercase().starts_with(&format!("{kind}:")) {
                text
            } else {
                format!("{kind}:{text}")
            };
            record.identifier("identifiers", "Identifier", &in_full);
        }
    }
}

pub(super) fn location(location: &Element, record: &mut Record, left_out: &mut LeftOut) {
    let copies = location
        .all("holdingSimple")
        .flat_map(|holding| holding.all("copyInformation"));
    for element in location.elements().chain(copies.flat_map(Element::elements)) {
        match element.name.as_str() {
            "shelfLocator" => record.say(Book::FIELDS.shelf_mark.any(), element.line()),
            "url" => record.identifier("identifiers", "Address", &element.line()),
            "physicalLocation" => record.remark("Location", &element.line()),
            "holdingSimple" => {}
            other => left_out.field(other),
        }
    }
}
