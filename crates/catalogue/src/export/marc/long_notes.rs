//! Notes that are too long for one field of ISO 2709, in several that end between words.

use std::borrow::Cow;

use colophon_marc::{Field, Record};

use super::author::BLANKS;

/// The longest text of a note, so that it fits into a field.
const NOTE_MAX_BYTES: usize = 9_000;
/// The field of notes.
const NOTE: &str = "500";

/// The record with its notes in as many fields as they need.
pub(super) fn parted(record: &Record) -> Cow<'_, Record> {
    let is_long = |field: &Field| field.first('a').is_some_and(|text| text.len() > NOTE_MAX_BYTES);
    if !record.fields(NOTE).any(is_long) {
        return Cow::Borrowed(record);
    }
    let fields = record.fields.iter().flat_map(|field| match field.first('a') {
        Some(text) if field.tag == NOTE => parts(text)
            .map(|part| Field::data(NOTE, BLANKS, [('a', part.to_owned())]))
            .collect(),
        _ => vec![field.clone()],
    });
    Cow::Owned(Record {
        fields: fields.collect(),
        ..Record::with_leader(record.leader.clone())
    })
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut end = rest.len();
        if end > NOTE_MAX_BYTES {
            end = rest.floor_char_boundary(NOTE_MAX_BYTES);
            end = rest[..end]
                .rfind(char::is_whitespace)
                .filter(|at| *at > 0)
                .unwrap_or(end);
        }
        let (part, behind) = rest.split_at(end);
        rest = behind.trim_start();
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_is_lost_between_two_fields() {
        let text = "Wörter ".repeat(4_000);
        let all: Vec<&str> = parts(&text).collect();
        assert!(all.len() > 2 && all.iter().all(|part| part.len() <= NOTE_MAX_BYTES));
        assert_eq!(all.join(" ").trim(), text.trim());
        assert_eq!(parts(&"ß".repeat(9_000)).map(str::len).sum::<usize>(), 18_000);
    }
}
