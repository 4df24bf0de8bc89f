//! Reading ONIX, with which publishers tell booksellers what they have: 2.1, 3.0 and 3.1, with tags in words or short.
//!
//! Short tags are given their names in words first (`tags`). Of prices, stock and rights to sell a catalogue has no use;
//! they are named in the report. One file each: titles, series and what describes a book (`described`), people
//! (`people`), lists of codes (`codes`).

pub(crate) mod codes;
mod described;
mod people;
mod tags;

use colophon_xml::Element;

use self::described::{descriptive, identifier, publishing, text_content};
use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::kind_of_record::KindOfRecord;
use super::left_out::LeftOut;
use super::lines::Source;
use super::options::Options;
use super::xml_records;
use crate::book::Book;

/// The notification that a product is to be taken out of a list.
const DELETED: &str = "05";

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    let is_product = |product: &str, reference: &str, identifier: &str| {
        xml_records::begins_with(head, &[product])
            && xml_records::has_element(head, reference)
            && xml_records::has_element(head, identifier)
    };
    xml_records::begins_with(head, &["ONIXMessage", "ONIXmessage"])
        || is_product("Product", "RecordReference", "NotificationType")
        || is_product("product", "a001", "a002")
}

/// Opens such a file and stops before its first record.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(xml_records::open(
        file,
        options,
        &["Product", "product"],
        |element, options, left_out| Some(read(element, options, left_out)),
    )?))
}

fn read(product: &Element, options: &Options, left_out: &mut LeftOut) -> Record {
    let mut product = product.clone();
    tags::in_words(&mut product);
    let mut record = Record::default();
    if product.text_of("NotificationType") == DELETED {
        record.refused = Some("the publisher takes it out of the list (notification 05)".to_owned());
        return record;
    }
    let detail = product.first("DescriptiveDetail");
    let form = detail.unwrap_or(&product).text_of("ProductForm");
    let kind = codes::kind_of(&form);
    kind.judge(&mut record, "", options);
    if let (Some(_), KindOfRecord::NoBook(what)) = (&record.refused, kind) {
        left_out.kind(what);
        return record;
    }
    // ONIX 3 groups what ONIX 2 has side by side.
    for element in product.elements() {
        match element.name.as_str() {
            "DescriptiveDetail" => {
                for one in element.elements() {
                    take(descriptive(one, &mut record), one, left_out);
                }
            }
            "CollateralDetail" => {
                for one in element.elements() {
                    take(text_content(one, &mut record), one, left_out);
                }
            }
            "PublishingDetail" => {
                for one in element.elements() {
                    take(publishing(one, &mut record), one, left_out);
                }
            }
            "RecordReference" | "NotificationType" | "RecordSourceType" | "RecordSourceName" => {}
            _ => {
                let is_taken = identifier(element, &mut record)
                    || descriptive(element, &mut record)
                    || text_content(element, &mut record)
                    || publishing(element, &mut record);
                take(is_taken, element, left_out);
            }
        }
    }
    people::name_everybody(&product, &mut record);
    // An imprint of the same name says nothing.
    if let Some(publisher) = record.said_of(Book::FIELDS.publisher.any()).map(str::to_owned) {
        record
            .remarks
            .retain(|remark| remark.strip_prefix("Imprint: ") != Some(&publisher));
    }
    record
}

fn take(is_taken: bool, element: &Element, left_out: &mut LeftOut) {
    if !is_taken {
        left_out.field(&element.name);
    }
}
