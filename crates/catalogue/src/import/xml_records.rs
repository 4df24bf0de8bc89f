//! Records in XML: read one by one, each handed to the format that knows what its elements mean.

use std::io::Seek as _;

use colophon_store::FieldOf;
use colophon_xml::{Element, Records};

use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::{SoFar, Source};
use super::options::Options;
use super::{ImportError, cells, years};
use crate::book::Book;

/// What a format makes of a record; `None` if it is no record after all.
pub(super) type Read = fn(&Element, &Options, &mut LeftOut) -> Option<Record>;

/// Whether a text is the beginning of XML in which there is one of these elements, whatever its prefix.
pub(super) fn begins_with(beginning: &str, names: &[&str]) -> bool {
    let beginning = beginning.trim_start_matches('\u{feff}').trim_start();
    beginning.starts_with('<') && names.iter().any(|name| has_element(beginning, name))
}

/// Whether there is an element of this name, whatever its prefix.
pub(super) fn has_element(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let behind = text[at + name.len()..].chars().next();
        matches!(before, Some('<' | ':')) && behind.is_none_or(|next| next.is_whitespace() || matches!(next, '>' | '/'))
    })
}

/// Opens a file whose records are the elements of these names.
pub(super) fn open(
    mut file: Source,
    options: &Options,
    names: &'static [&'static str],
    read: Read,
) -> Result<XmlRecords, ImportError> {
    file.rewind()?;
    Ok(XmlRecords {
        records: Records::new(file, names),
        read,
        left_out: LeftOut::default(),
        options: options.clone(),
    })
}

/// A file of records in XML.
pub(super) struct XmlRecords {
    records: Records<Source>,
    read: Read,
    left_out: LeftOut,
    options: Options,
}

impl RecordReader for XmlRecords {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        while let Some(found) = self.records.next_record()? {
            let made = match found.element {
                Ok(element) => (self.read)(&element, &self.options, &mut self.left_out),
                Err(why) => Some(Record {
                    refused: Some(why),
                    ..Record::default()
                }),
            };
            let Some(mut record) = made else { continue };
            record.line = found.line;
            record.text = found.text;
            for name in found.unknown {
                record.problem("row", format!("“&{name};” stands for no character that is known here"));
            }
            return Ok(Some(record));
        }
        Ok(None)
    }

    fn reading(&self) -> Vec<String> {
        self.left_out.reading()
    }

    fn so_far(&self) -> SoFar {
        SoFar {
            encoding: ("the encoding that it declares", false),
            is_damaged: false,
            bytes_read: self.records.bytes_read(),
        }
    }
}

/// Says a year; what is none goes to the notes, with a heading.
pub(super) fn say_year(record: &mut Record, field: FieldOf<Book>, heading: &str, text: &str) {
    let digits = text.trim();
    // 20091201 and 200912 are days and months without marks.
    let is_day = matches!(digits.len(), 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let text = if is_day { &digits[..4] } else { digits };
    match years::year(text) {
        Ok(Some(year)) => record.say(field, year.to_string()),
        Ok(None) => {}
        Err(_) => record.remark(heading, text),
    }
}

/// Says how many pages; an extent that does not give them goes to the notes.
pub(super) fn say_pages(record: &mut Record, text: &str) {
    match cells::page_count(text) {
        Ok(Some(pages)) => record.say(Book::FIELDS.page_count.any(), pages.to_string()),
        Ok(None) => {}
        Err(_) => record.remark("Extent", text),
    }
}

/// A text in which a format may have marks of HTML, as plain text with its paragraphs.
pub(super) fn without_html(text: &str) -> String {
    if !text.contains('<') {
        return text.trim().to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        plain.push_str(&rest[..at]);
        let mark = &rest[at + 1..];
        let is_mark = mark.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
        let Some(end) = mark.find('>').filter(|_| is_mark) else {
            plain.push('<');
            rest = mark;
            continue;
        };
        let name = mark[..end].trim_start_matches('/').to_ascii_lowercase();
        let is = |names: &[&str]| {
            names
                .iter()
                .any(|known| name.trim_end_matches(['/', ' ']) == *known || name.starts_with(&format!("{known} ")))
        };
        if is(&["p", "div", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote"]) {
            plain.push_str("\n\n");
        } else if is(&["br", "li", "tr"]) {
            plain.push('\n');
        }
        rest = &mark[end + 1..];
    }
    plain.push_str(rest);
    paragraphs(&plain)
}

/// Lines without space around them, and no more than one empty line between two.
fn paragraphs(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
            lines.push(line);
        }
    }
    lines.join("\n").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_of_html_are_left_out_and_paragraphs_stay() {
        assert_eq!(
            without_html("<p>One <i>two</i></p><p>three<br/>four</p>"),
            "One two\n\nthree\nfour"
        );
        assert_eq!(without_html("a < b and <3"), "a < b and <3");
        assert_eq!(without_html("plain\n\n\ntext "), "plain\n\n\ntext");
    }
}
