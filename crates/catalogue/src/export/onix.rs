//! The catalogue as a message of ONIX for Books 3.0, for a publisher's own list: what booksellers' programs read.

use std::io::Write;

use colophon_store::{ReadSession, Sql};
use jiff::Timestamp;

use super::keys::Keys;
use super::names::Name;
use super::whole::{CITED_AS, Whole, visit_whole};
use super::xml::Xml;
use super::{ExportError, Wanted};
use crate::author::Author;
use crate::book::Book;
use crate::contribution::Role;
use crate::import::onix::codes::{code_of, form_of};
use crate::language::Language;

/// The element around everything.
const MESSAGE: &str = "ONIXMessage";
/// Who sends it.
const SENDER: &str = "Colophon";

/// Writes all books and returns how many.
pub(crate) fn onix(session: &ReadSession<'_>, writer: &mut dyn Write, wanted: &Wanted<'_>) -> Result<u64, ExportError> {
    let mut keys = Keys::of(session, wanted)?;
    let mut xml = Xml::document();
    xml.open(
        MESSAGE,
        &[
            ("release", "3.0"),
            ("xmlns", "http://ns.editeur.org/onix/3.0/reference"),
        ],
    );
    xml.open("Header", &[]);
    xml.open("Sender", &[]);
    xml.leaf("SenderName", &[], SENDER);
    xml.close("Sender");
    xml.leaf("SentDateTime", &[], &last_change(session)?);
    xml.close("Header");
    let books = visit_whole(session, wanted, |mut whole| {
        let key = keys.key(&whole);
        product(&mut xml, &key, &mut whole);
        Ok(writer.write_all(xml.take().as_bytes())?)
    })?;
    xml.close(MESSAGE);
    writer.write_all(xml.take().as_bytes())?;
    writer.flush()?;
    Ok(books)
}

/// The day of the last change: the same catalogue gives the same message.
fn last_change(session: &ReadSession<'_>) -> Result<String, ExportError> {
    const LAST: Sql = Sql::new("SELECT coalesce(max(updated_at), 0) FROM book");
    let last: Option<i64> = session.query_first(&LAST, [], |row| row.get(0))?;
    let last = Timestamp::from_microsecond(last.unwrap_or_default()).unwrap_or_default();
    Ok(last.to_string().chars().filter(char::is_ascii_digit).take(8).collect())
}

fn product(xml: &mut Xml, key: &str, whole: &mut Whole) {
    xml.open("Product", &[]);
    xml.leaf("RecordReference", &[], key);
    // A confirmed record of a product that exists.
    xml.leaf("NotificationType", &[], "03");
    identifiers(xml, key, whole);
    descriptive(xml, whole);
    if let Some(notes) = &whole.book.notes {
        xml.open("CollateralDetail", &[]);
        xml.open("TextContent", &[]);
        xml.leaf("TextType", &[], "03");
        xml.leaf("ContentAudience", &[], "00");
        xml.leaf("Text", &[], notes);
        xml.close("TextContent");
        xml.close("CollateralDetail");
    }
    publishing(xml, &whole.book);
    xml.close("Product");
}

fn identifiers(xml: &mut Xml, key: &str, whole: &mut Whole) {
    let mut identifier = |kind: &str, service: Option<&str>, value: &str| {
        xml.open("ProductIdentifier", &[]);
        xml.leaf("ProductIDType", &[], kind);
        if let Some(service) = service {
            xml.leaf("IDTypeName", &[], service);
        }
        xml.leaf("IDValue", &[], value);
        xml.close("ProductIdentifier");
    };
    identifier("01", Some(CITED_AS.trim_end_matches(':')), key);
    if let Some(isbn) = &whole.book.isbn {
        identifier("03", None, isbn);
        identifier("15", None, isbn);
    }
    for address in whole.take_addresses() {
        identifier("01", Some("url"), &address);
    }
    for one in &whole.identifiers {
        match one.split_once(':') {
            Some(("doi", value)) => identifier("06", None, value),
            Some(("lccn", value)) => identifier("13", None, value),
            Some(("oclc", value)) => identifier("23", None, value),
            Some((service, value)) => identifier("01", Some(service), value),
            None => identifier("01", Some("other"), one),
        }
    }
}

fn descriptive(xml: &mut Xml, whole: &Whole) {
    let book = &whole.book;
    xml.open("DescriptiveDetail", &[]);
    // One item, and no set of several.
    xml.leaf("ProductComposition", &[], "00");
    xml.leaf("ProductForm", &[], form_of(book.format.as_deref().unwrap_or_default()));
    if let Some(series) = &book.series {
        xml.open("Collection", &[]);
        xml.leaf("CollectionType", &[], "10");
        title(xml, "01", "02", book.series_position.as_ref(), series, None);
        xml.close("Collection");
    }
    title(xml, "01", "01", None, &book.title, book.subtitle.as_ref());
    if let Some(original) = &book.original_title {
        title(xml, "03", "01", None, original, None);
    }
    for (number, (author, role)) in (1..).zip(&whole.people) {
        contributor(xml, number, author, role);
    }
    xml.some("EditionStatement", book.edition.as_ref());
    if let Some(code) = &book.language {
        let language = Language::parse(code).ok().and_then(|language| language.bibliographic());
        xml.open("Language", &[]);
        xml.leaf("LanguageRole", &[], "01");
        xml.leaf("LanguageCode", &[], language.unwrap_or(code));
        xml.close("Language");
    }
    if let Some(pages) = book.page_count {
        xml.open("Extent", &[]);
        xml.leaf("ExtentType", &[], "00");
        xml.leaf("ExtentValue", &[], &pages.to_string());
        xml.leaf("ExtentUnit", &[], "03");
        xml.close("Extent");
    }
    if !whole.tags.is_empty() {
        xml.open("Subject", &[]);
        xml.leaf("SubjectSchemeIdentifier", &[], "20");
        let words = whole.tags.join("; ");
        // One with a comma in it would pass for two.
        let end = if whole.tags.len() == 1 && words.contains(',') {
            ";"
        } else {
            ""
        };
        xml.leaf("SubjectHeadingText", &[], &format!("{words}{end}"));
        xml.close("Subject");
    }
    xml.close("DescriptiveDetail");
}

fn title(xml: &mut Xml, kind: &str, level: &str, number: Option<&String>, text: &str, subtitle: Option<&String>) {
    xml.open("TitleDetail", &[]);
    xml.leaf("TitleType", &[], kind);
    xml.open("TitleElement", &[]);
    xml.leaf("TitleElementLevel", &[], level);
    xml.some("PartNumber", number);
    xml.leaf("TitleText", &[], text);
    xml.some("Subtitle", subtitle);
    xml.close("TitleElement");
    xml.close("TitleDetail");
}

fn contributor(xml: &mut Xml, number: u32, author: &Author, role: &Role) {
    xml.open("Contributor", &[]);
    xml.leaf("SequenceNumber", &[], &number.to_string());
    xml.leaf("ContributorRole", &[], code_of(role));
    match Name::of(author) {
        Name::Parts {
            family,
            given,
            particle,
            suffix,
        } => {
            xml.leaf("PersonName", &[], &author.name);
            xml.leaf("PersonNameInverted", &[], &author.sort_name);
            let parts = [
                ("NamesBeforeKey", given),
                ("PrefixToKey", particle),
                ("KeyNames", family),
                ("SuffixToKey", suffix),
            ];
            for (name, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
                xml.leaf(name, &[], part);
            }
        }
        Name::Whole(name) if author.sort_name == author.name && name.contains(", ") => {
            xml.leaf("CorporateName", &[], name);
        }
        Name::Whole(name) => {
            xml.leaf("PersonName", &[], name);
            xml.leaf("PersonNameInverted", &[], &author.sort_name);
        }
    }
    // Dates before our era have no form in ONIX.
    for (role, year) in [("50", author.birth_year), ("51", author.death_year)] {
        if let Some(year) = year.filter(|year| *year > 0) {
            xml.open("ContributorDate", &[]);
            xml.leaf("ContributorDateRole", &[], role);
            xml.leaf("Date", &[("dateformat", "05")], &format!("{year:04}"));
            xml.close("ContributorDate");
        }
    }
    xml.close("Contributor");
}

fn publishing(xml: &mut Xml, book: &Book) {
    xml.open("PublishingDetail", &[]);
    if let Some(publisher) = &book.publisher {
        xml.open("Publisher", &[]);
        xml.leaf("PublishingRole", &[], "01");
        xml.leaf("PublisherName", &[], publisher);
        xml.close("Publisher");
    }
    xml.some("CityOfPublication", book.place.as_ref());
    for (role, year) in [("01", book.published_year), ("20", book.original_year)] {
        let Some(year) = year else { continue };
        xml.open("PublishingDate", &[]);
        xml.leaf("PublishingDateRole", &[], role);
        if year > 0 {
            xml.leaf("Date", &[("dateformat", "05")], &format!("{year:04}"));
        } else {
            // A year before our era is a text to ONIX.
            xml.leaf("Date", &[("dateformat", "12")], &format!("{} B.C.", -year));
        }
        xml.close("PublishingDate");
    }
    xml.close("PublishingDetail");
}
