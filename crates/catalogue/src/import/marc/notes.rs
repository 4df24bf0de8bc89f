//! What a record notes about a book.

use colophon_marc::{Field, Record as Marc};

use super::taken::Taken;
use crate::import::foreign::Record;

/// Reads the notes, whose tags begin with this digit; some of them have a heading.
pub(super) fn read(marc: &Marc, first: char, headings: &[(&str, &str)], book: &mut Record, taken: &mut Taken) {
    let is_note = |field: &&Field| field.tag.len() == 3 && field.tag.starts_with(first);
    for field in marc.fields.iter().filter(is_note) {
        taken.take(&field.tag);
        let texts = field.subfields().iter().filter(|part| part.code.is_ascii_lowercase());
        let text = texts.map(|part| part.text.trim()).collect::<Vec<_>>().join(" ");
        match headings.iter().find(|(tag, _)| *tag == field.tag) {
            Some((_, heading)) => book.remark(heading, &text),
            None if text.trim().is_empty() => {}
            None => book.remarks.push(text),
        }
    }
}
