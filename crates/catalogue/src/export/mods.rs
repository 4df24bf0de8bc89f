//! The catalogue as MODS 3.7: a collection with a record for each book.

use std::io::Write;

use colophon_store::ReadSession;

use super::keys::Keys;
use super::names::Name;
use super::whole::{Whole, visit_whole};
use super::xml::Xml;
use super::{ExportError, Wanted};
use crate::author::Author;
use crate::book::Book;
use crate::contribution::Role;
use crate::import::marc::subjects::{CONGRESS, DEWEY, SUBDIVIDED};
use crate::import::mods::OURS;
use crate::language::Language;
use crate::relator;

/// The element around the records.
const COLLECTION: &str = "modsCollection";

/// Writes all books and returns how many.
pub(crate) fn mods(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let mut keys = Keys::of(session, wanted)?;
    let mut xml = Xml::document();
    xml.open(COLLECTION, &[("xmlns", "http://www.loc.gov/mods/v3")]);
    let books = visit_whole(session, wanted, |mut whole| {
        let key = keys.key(&whole);
        record(&mut xml, &key, &mut whole);
        Ok(writer.write_all(xml.take().as_bytes())?)
    })?;
    xml.close(COLLECTION);
    writer.write_all(xml.take().as_bytes())?;
    writer.flush()?;
    Ok(books)
}

fn record(xml: &mut Xml, key: &str, whole: &mut Whole) {
    xml.open("mods", &[("version", "3.7")]);
    titles(xml, &whole.book);
    for (position, (author, role)) in whole.people.iter().enumerate() {
        person(xml, author, role, position == 0 && whole.book.author_id.is_some());
    }
    xml.leaf("typeOfResource", &[], "text");
    origin(xml, &whole.book);
    if let Some(code) = &whole.book.language {
        let language = Language::parse(code).ok().and_then(|language| language.bibliographic());
        let (authority, code) = language.map_or(("iso639-3", code.as_str()), |code| ("iso639-2b", code));
        xml.open("language", &[]);
        xml.leaf("languageTerm", &[("type", "code"), ("authority", authority)], code);
        xml.close("language");
    }
    physical(xml, &whole.book);
    xml.some("note", whole.book.notes.as_ref());
    for tag in &whole.tags {
        subject(xml, tag);
    }
    related(xml, &whole.book);
    if let Some(isbn) = &whole.book.isbn {
        xml.leaf("identifier", &[("type", "isbn")], isbn);
    }
    let addresses = whole.take_addresses();
    for identifier in &whole.identifiers {
        match identifier.split_once(':') {
            Some((scheme, value)) => xml.leaf("identifier", &[("type", scheme)], value),
            None => xml.leaf("identifier", &[], identifier),
        }
    }
    xml.leaf("identifier", &[("type", "citekey")], key);
    if whole.book.shelf_mark.is_some() || !addresses.is_empty() {
        xml.open("location", &[]);
        xml.some("shelfLocator", whole.book.shelf_mark.as_ref());
        for address in &addresses {
            xml.leaf("url", &[], address);
        }
        xml.close("location");
    }
    xml.close("mods");
}

fn titles(xml: &mut Xml, book: &Book) {
    xml.open("titleInfo", &[]);
    xml.leaf("title", &[], &book.title);
    xml.some("subTitle", book.subtitle.as_ref());
    xml.close("titleInfo");
}

fn person(xml: &mut Xml, author: &Author, role: &Role, is_first: bool) {
    let is_body = author.sort_name == author.name && author.name.contains(", ");
    let mut attributes = vec![("type", if is_body { "corporate" } else { "personal" })];
    if is_first {
        attributes.push(("usage", "primary"));
    }
    xml.open("name", &attributes);
    match Name::of(author) {
        Name::Parts {
            family,
            given,
            particle,
            suffix,
        } => {
            let given = format!("{given} {particle}");
            xml.leaf("namePart", &[("type", "family")], family);
            xml.leaf("namePart", &[("type", "given")], given.trim_end());
            if !suffix.is_empty() {
                xml.leaf("namePart", &[("type", "termsOfAddress")], suffix);
            }
        }
        Name::Whole(name) => xml.leaf("namePart", &[], name),
    }
    if let Some(life) = life(author) {
        xml.leaf("namePart", &[("type", "date")], &life);
    }
    xml.open("role", &[]);
    xml.leaf(
        "roleTerm",
        &[("type", "code"), ("authority", "marcrelator")],
        relator::code_of(role),
    );
    xml.close("role");
    xml.close("name");
}

/// `1835-1910`, `1950-`: what is known of the years of a life.
fn life(author: &Author) -> Option<String> {
    let year = |year: Option<i32>| match year {
        None => String::new(),
        Some(year) if year < 0 => format!("{} B.C.", -year),
        Some(year) => year.to_string(),
    };
    let is_known = author.birth_year.is_some() || author.death_year.is_some();
    is_known.then(|| format!("{}-{}", year(author.birth_year), year(author.death_year)))
}

fn origin(xml: &mut Xml, book: &Book) {
    xml.open("originInfo", &[]);
    if let Some(place) = &book.place {
        xml.open("place", &[]);
        xml.leaf("placeTerm", &[("type", "text")], place);
        xml.close("place");
    }
    xml.some("publisher", book.publisher.as_ref());
    issued(xml, book.published_year);
    xml.some("edition", book.edition.as_ref());
    xml.leaf("issuance", &[], "monographic");
    xml.close("originInfo");
}

fn issued(xml: &mut Xml, year: Option<i32>) {
    if let Some(year) = year {
        xml.leaf("dateIssued", &[], &year.to_string());
    }
}

fn physical(xml: &mut Xml, book: &Book) {
    if book.format.is_none() && book.page_count.is_none() {
        return;
    }
    xml.open("physicalDescription", &[]);
    if let Some(format) = &book.format {
        xml.leaf("form", &[("authority", OURS)], format);
    }
    if let Some(pages) = book.page_count {
        xml.leaf("extent", &[], &format!("{pages} pages"));
    }
    xml.close("physicalDescription");
}

fn subject(xml: &mut Xml, tag: &str) {
    if let Some(number) = tag.strip_prefix(DEWEY) {
        return xml.leaf("classification", &[("authority", "ddc")], number);
    }
    if let Some(number) = tag.strip_prefix(CONGRESS) {
        return xml.leaf("classification", &[("authority", "lcc")], number);
    }
    xml.open("subject", &[]);
    tag.split(SUBDIVIDED).for_each(|part| xml.leaf("topic", &[], part));
    xml.close("subject");
}

fn related(xml: &mut Xml, book: &Book) {
    if book.series.is_some() || book.series_position.is_some() {
        xml.open("relatedItem", &[("type", "series")]);
        xml.open("titleInfo", &[]);
        xml.leaf("title", &[], book.series.as_deref().unwrap_or_default());
        xml.some("partNumber", book.series_position.as_ref());
        xml.close("titleInfo");
        xml.close("relatedItem");
    }
    if book.original_title.is_none() && book.original_year.is_none() {
        return;
    }
    xml.open("relatedItem", &[("type", "original")]);
    if let Some(title) = &book.original_title {
        xml.open("titleInfo", &[]);
        xml.leaf("title", &[], title);
        xml.close("titleInfo");
    }
    if book.original_year.is_some() {
        xml.open("originInfo", &[]);
        issued(xml, book.original_year);
        xml.close("originInfo");
    }
    xml.close("relatedItem");
}
