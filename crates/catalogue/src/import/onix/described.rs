//! What a product is called, in which series it stands, what describes it, and who published it when.

use colophon_xml::Element;

use super::codes::{format_of, scheme_of};
use crate::book::Book;
use crate::import::foreign::Record;
use crate::import::marc::subjects::{CONGRESS, DEWEY};
use crate::import::xml_records::{say_pages, say_year, without_html};

/// Takes an identifier. False if the element is none.
pub(super) fn identifier(element: &Element, record: &mut Record) -> bool {
    if element.name != "ProductIdentifier" {
        return false;
    }
    let (kind, value) = (element.text_of("ProductIDType"), element.text_of("IDValue"));
    let service = element.text_of("IDTypeName").to_lowercase();
    match (kind.as_str(), service.as_str()) {
        _ if value.is_empty() => {}
        ("02" | "15", _) => record.say(Book::FIELDS.isbn.any(), value),
        ("03", _) if value.starts_with("978") || value.starts_with("979") => record.say(Book::FIELDS.isbn.any(), value),
        ("06", _) => record.identifier("doi", "DOI", &value),
        ("13", _) => record.identifier("identifiers", "LCCN", &format!("lccn:{value}")),
        ("23", _) => record.identifier("identifiers", "OCLC", &format!("oclc:{value}")),
        ("22", _) | ("01", "url") => record.identifier("identifiers", "Identifier", &value),
        ("01", "") => record.identifier("identifiers", "Number of the publisher", &format!("publisher:{value}")),
        ("01", service) => record.identifier("identifiers", "Identifier", &format!("{service}:{value}")),
        // The article numbers of 2.1 that are no ISBNs, and whatever else.
        _ => record.remark("Article number", &value),
    }
    true
}

/// Takes what describes a book. False if the element does not, or a book has no place for it.
pub(super) fn descriptive(element: &Element, record: &mut Record) -> bool {
    let book = Book::FIELDS;
    let line = || element.line();
    match element.name.as_str() {
        "Title" | "TitleDetail" => title(element, record),
        "DistinctiveTitle" => record.say(book.title.any(), line()),
        // Of ONIX 1, beside the title.
        "Subtitle" => record.say(book.subtitle.any(), line()),
        "Series" => {
            let number = element.text_of("NumberWithinSeries");
            let name = element
                .all("TitleOfSeries")
                .map(Element::line)
                .chain(element.all("Title").map(|title| text_of(title).0));
            series(record, name.into_iter().next().unwrap_or_default(), number);
        }
        "Collection" => {
            let elements = || element.all("TitleDetail").flat_map(|detail| detail.all("TitleElement"));
            let name = elements().map(|one| text_of(one).0).find(|name| !name.is_empty());
            let number = elements()
                .map(|one| one.text_of("PartNumber"))
                .find(|number| !number.is_empty());
            series(record, name.unwrap_or_default(), number.unwrap_or_default());
        }
        // They are read together.
        "Contributor" | "NoContributor" | "NoSeries" | "NoCollection" | "NoEdition" | "ProductComposition" => {}
        "ContributorStatement" => record.remark("Statement of responsibility", &line()),
        "ProductForm" => match format_of(&line()) {
            Some(format) => record.say(book.format.any(), format),
            None if line() == "BZ" => record.say(book.format.any(), "other"),
            None => {}
        },
        "ProductFormDescription" => record.remark("Form", &line()),
        "EditionNumber" | "EditionStatement" => record.say(book.edition.any(), line()),
        "Language" => match element.text_of("LanguageRole").as_str() {
            "01" | "" => record.say(book.language.any(), element.text_of("LanguageCode")),
            "02" => record.remark("Original language", &element.text_of("LanguageCode")),
            _ => record.remark("Language", &element.text_of("LanguageCode")),
        },
        "LanguageOfText" => record.say(book.language.any(), line()),
        "OriginalLanguage" => record.remark("Original language", &line()),
        "NumberOfPages" => say_pages(record, &line()),
        "Extent" => extent(element, record),
        "Subject" | "MainSubject" => subject(element, record),
        "BASICMainSubject" => record.list("tags", format!("BISAC {}", line())),
        "BICMainSubject" => record.list("tags", format!("BIC {}", line())),
        _ => return false,
    }
    true
}

/// Text with or without its article, and the subtitle.
fn text_of(title: &Element) -> (String, String) {
    let line = |name: &str| title.first(name).map(Element::line).unwrap_or_default();
    let whole = line("TitleText");
    let text = if whole.is_empty() {
        let (article, rest) = (line("TitlePrefix"), line("TitleWithoutPrefix"));
        let between = if article.is_empty() || article.ends_with(['\'', '’', '-']) {
            ""
        } else {
            " "
        };
        format!("{article}{between}{rest}")
    } else {
        whole
    };
    (text, line("Subtitle"))
}

fn title(title: &Element, record: &mut Record) {
    let book = Book::FIELDS;
    // Of ONIX 3, the element for the product itself; another is that of a series.
    let of_product = title
        .all("TitleElement")
        .find(|one| matches!(one.text_of("TitleElementLevel").as_str(), "01" | ""));
    let others = || {
        title
            .all("TitleElement")
            .filter(|one| matches!(one.text_of("TitleElementLevel").as_str(), "02" | "03"))
    };
    let (text, subtitle) = text_of(of_product.or_else(|| others().next()).unwrap_or(title));
    match title.text_of("TitleType").as_str() {
        "01" | "00" | "" if record.said_of(book.title.any()).is_none() => {
            record.say(book.title.any(), text);
            record.say(book.subtitle.any(), subtitle);
            if of_product.is_some() {
                others().for_each(|one| series(record, text_of(one).0, one.text_of("PartNumber")));
            }
        }
        "03" => {
            let whole = if subtitle.is_empty() {
                text
            } else {
                format!("{text}: {subtitle}")
            };
            record.say(book.original_title.any(), whole);
        }
        _ => record.remark("Other title", &text),
    }
}

/// Says in which series; a further one goes to the notes.
fn series(record: &mut Record, name: String, number: String) {
    let book = Book::FIELDS;
    if name.is_empty() {
        return;
    }
    if record.said_of(book.series.any()).is_some_and(|known| known != name) {
        record.remark("Series", format!("{name} {number}").trim());
    } else {
        record.say(book.series.any(), name);
        record.say(book.series_position.any(), number);
    }
}

/// How long it is: pages of the book before others, which need the same unit.
fn extent(extent: &Element, record: &mut Record) {
    let (kind, value, unit) = (
        extent.text_of("ExtentType"),
        extent.text_of("ExtentValue"),
        extent.text_of("ExtentUnit"),
    );
    let has_pages = record.said_of(Book::FIELDS.page_count.any()).is_some();
    match (kind.as_str(), unit.as_str()) {
        ("00" | "05" | "07" | "10" | "11", "03") if !has_pages => say_pages(record, &value),
        (_, "03") if has_pages => {}
        ("09", unit) => record.remark("Duration", &duration(&value, unit)),
        _ => record.remark("Extent", &value),
    }
}

/// How long it takes to hear it.
fn duration(value: &str, unit: &str) -> String {
    match unit {
        "04" => format!("{value} hours"),
        "05" => format!("{value} minutes"),
        "06" => format!("{value} seconds"),
        _ => value.to_owned(),
    }
}

fn subject(subject: &Element, record: &mut Record) {
    let scheme = [
        subject.text_of("SubjectSchemeIdentifier"),
        subject.text_of("MainSubjectSchemeIdentifier"),
    ]
    .concat();
    let (code, heading) = (subject.text_of("SubjectCode"), subject.text_of("SubjectHeadingText"));
    match scheme.as_str() {
        "20" => {
            let words = if heading.is_empty() { code } else { heading };
            let separator: &[char] = if words.contains(';') { &[';'] } else { &[','] };
            let words = words.split(separator).map(str::trim).filter(|word| !word.is_empty());
            words.for_each(|word| record.list("tags", word));
        }
        "01" if !code.is_empty() => record.list("tags", format!("{DEWEY}{code}")),
        "03" if !code.is_empty() => record.list("tags", format!("{CONGRESS}{code}")),
        _ if !heading.is_empty() => record.list("tags", heading),
        scheme if !code.is_empty() => match scheme_of(scheme) {
            Some(name) => record.list("tags", format!("{name} {code}")),
            None => record.remark("Subject", &format!("{} {code}", subject.text_of("SubjectSchemeName"))),
        },
        _ => {}
    }
}

/// Takes what is written about a book. False if the element is nothing of that.
pub(super) fn text_content(element: &Element, record: &mut Record) -> bool {
    let text = || {
        let texts = element.all("Text").map(|text| without_html(&text.text()));
        texts.collect::<Vec<_>>().join("\n\n")
    };
    match element.name.as_str() {
        "TextContent" => match element.text_of("TextType").as_str() {
            "03" => record.say(Book::FIELDS.notes.any(), text()),
            "02" => record.remark("Short description", &text()),
            "04" => record.remark("Contents", &text()),
            "12" => record.remark("About the people", &text()),
            "06" | "07" | "08" | "09" | "10" => record.remark("Review", &text()),
            _ => record.remark("Text", &text()),
        },
        "OtherText" => match element.text_of("TextTypeCode").as_str() {
            "01" | "03" => record.say(Book::FIELDS.notes.any(), text()),
            "02" => record.remark("Short description", &text()),
            "04" => record.remark("Contents", &text()),
            "13" => record.remark("About the people", &text()),
            "05" | "06" | "07" | "08" => record.remark("Review", &text()),
            _ => record.remark("Text", &text()),
        },
        "MainDescription" => record.say(Book::FIELDS.notes.any(), without_html(&element.text())),
        "Annotation" => record.remark("Short description", &without_html(&element.text())),
        _ => return false,
    }
    true
}

/// Takes who published it, where and when. False if the element is nothing of that.
pub(super) fn publishing(element: &Element, record: &mut Record) -> bool {
    let book = Book::FIELDS;
    match element.name.as_str() {
        "Publisher" => match element.text_of("PublishingRole").as_str() {
            "01" | "" => record.say(book.publisher.any(), element.text_of("PublisherName")),
            _ => record.remark("Publisher besides", &element.text_of("PublisherName")),
        },
        "Imprint" => record.remark("Imprint", &element.text_of("ImprintName")),
        "CityOfPublication" => record.say(book.place.any(), element.line()),
        "PublicationDate" => say_year(record, book.published_year.any(), "Date", &element.line()),
        "PublishingDate" => {
            let date = element.text_of("Date");
            match element.text_of("PublishingDateRole").as_str() {
                "01" => say_year(record, book.published_year.any(), "Date", &date),
                "11" | "20" => say_year(record, book.original_year.any(), "First published", &date),
                _ => record.remark("Another date", &date),
            }
        }
        "CopyrightYear" => record.remark("Copyright", &element.line()),
        "CopyrightStatement" => record.remark("Copyright", &element.text_of("CopyrightYear")),
        "YearFirstPublished" => record.remark("First published", &element.line()),
        "PublishingStatus" => {}
        _ => return false,
    }
    true
}
