//! Reading OPF, which describes an e-book, as Calibre writes it beside each book of its library (`metadata.opf`), and as
//! it stands in an e-book itself: Dublin Core, with attributes (version 2) or refinements (version 3) that say more.

use colophon_xml::Element;
use serde_json::Value;

use super::dublin_core::{self, Said};
use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::Source;
use super::options::Options;
use super::{ImportError, xml_records};
use crate::book::Book;

/// What programs note for themselves.
const OF_PROGRAMS: [&str; 12] = [
    "cover",
    "calibre:timestamp",
    "calibre:author_link_map",
    "calibre:title_sort",
    "calibre:user_categories",
    "calibre:annotation",
    "dcterms:modified",
    "Sigil version",
    "rendition:layout",
    "rendition:orientation",
    "rendition:spread",
    "schema:accessMode",
];

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    xml_records::begins_with(head, &["package"])
        && (head.contains("idpf.org") || xml_records::has_element(head, "metadata"))
}

/// Opens such a file and stops before its first record.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(xml_records::open(file, options, &["package"], read)?))
}

fn read(package: &Element, _: &Options, left_out: &mut LeftOut) -> Option<Record> {
    let metadata = package.first("metadata")?;
    // Version 1 had the elements one level deeper.
    let inner = metadata.all("dc-metadata").chain(metadata.all("x-metadata"));
    let elements: Vec<&Element> = metadata.elements().chain(inner.flat_map(Element::elements)).collect();
    let refinements = Refinements { elements: &elements };
    let mut record = Record {
        // Whoever made an e-book of it is no author of the book.
        has_no_author: !elements.iter().any(|one| one.name == "creator"),
        ..Record::default()
    };
    for one in &elements {
        match one.name.as_str() {
            "dc-metadata" | "x-metadata" | "link" => {}
            "meta" => meta(one, &refinements, &mut record, left_out),
            "title" if refinements.of(one, "title-type") == "subtitle" => {
                record.say(Book::FIELDS.subtitle.any(), one.line());
            }
            name => {
                if !dublin_core::element(one, &refinements.said(one), &mut record) {
                    left_out.field(name);
                }
            }
        }
    }
    Some(record)
}

/// What elements say about others of version 3.
struct Refinements<'a> {
    elements: &'a [&'a Element],
}

impl Refinements<'_> {
    /// What refines an element in some way; empty if nothing does.
    fn of(&self, element: &Element, property: &str) -> String {
        self.all(element, property).into_iter().next().unwrap_or_default()
    }

    fn all(&self, element: &Element, property: &str) -> Vec<String> {
        let id = element.attribute("id");
        let refining = self.elements.iter().filter(|meta| {
            let refined = meta.attribute("refines");
            !id.is_empty() && refined.trim_start_matches('#') == id && meta.attribute("property") == property
        });
        refining.map(|meta| meta.line()).collect()
    }

    fn said(&self, element: &Element) -> Said {
        let attribute = |name: &str, property: &str| {
            let written = element.attribute(name);
            if written.is_empty() {
                self.of(element, property)
            } else {
                written.to_owned()
            }
        };
        let mut roles = self.all(element, "role");
        roles.extend(Some(element.attribute("role").to_owned()).filter(|role| !role.is_empty()));
        let scheme = match element.name.as_str() {
            "date" => attribute("event", "event"),
            // 15 is the code of ONIX for an ISBN.
            _ => match attribute("scheme", "identifier-type").as_str() {
                "15" | "02" => "isbn".to_owned(),
                "06" => "doi".to_owned(),
                other => other.to_owned(),
            },
        };
        Said {
            roles,
            file_as: attribute("file-as", "file-as"),
            scheme,
        }
    }
}

fn meta(meta: &Element, refinements: &Refinements<'_>, record: &mut Record, left_out: &mut LeftOut) {
    let book = Book::FIELDS;
    if !meta.attribute("refines").is_empty() {
        return;
    }
    let (name, content) = match meta.attribute("name") {
        "" => (meta.attribute("property"), meta.text()),
        name => (name, meta.attribute("content").trim().to_owned()),
    };
    match name {
        "calibre:series" => record.say(book.series.any(), content),
        "calibre:series_index" => record.say(book.series_position.any(), without_fraction(&content)),
        "belongs-to-collection" => {
            record.say(book.series.any(), content);
            record.say(book.series_position.any(), refinements.of(meta, "group-position"));
        }
        // Calibre has ten for five stars.
        "calibre:rating" if content.parse::<f64>().is_ok_and(|rating| rating > 0.0) => {
            record.remark("Rating", &content);
        }
        "calibre:rating" => {}
        name if name.starts_with("calibre:user_metadata") => column(name, &content, record),
        name if OF_PROGRAMS.contains(&name) || name.is_empty() => {}
        name => left_out.field(name),
    }
}

/// A column of Calibre's that somebody has added.
fn column(name: &str, content: &str, record: &mut Record) {
    let Ok(column) = serde_json::from_str::<Value>(content) else {
        return;
    };
    let heading = column.get("name").and_then(Value::as_str).unwrap_or(name).to_owned();
    let text = match column.get("#value#") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(is_true)) => is_true.to_string(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        _ => return,
    };
    record.remark(&heading, &xml_records::without_html(&text));
}

/// `3.0` as `3`, and `2.5` as it is.
pub(super) fn without_fraction(number: &str) -> &str {
    number
        .strip_suffix(".0")
        .or_else(|| number.strip_suffix(".00"))
        .unwrap_or(number)
}
