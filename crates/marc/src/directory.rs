//! Which field of a record is where.
//!
//! The directory gives each field's tag, length and place. Where all of it is true, it is believed. A program that
//! counted letters instead of bytes has every place behind the first accent wrong; then the fields are as many as the
//! directory names, and they are taken in the order of their places. If they are more or fewer, nobody can say which
//! is which, and the record is broken.

use crate::layout::{FIELD_END, LEADER_LENGTH, digits};
use crate::record::Fault;

/// The length of an entry: three characters of tag, four digits of length, five of place.
const ENTRY_LENGTH: usize = 12;

/// A record whose letters have not been read.
pub(crate) struct Raw<'bytes> {
    /// The leader.
    pub(crate) leader: String,
    /// The fields with their tags, without what ends them.
    pub(crate) fields: Vec<(&'bytes str, &'bytes [u8])>,
    /// Whether the directory was wrong, and the fields were taken in their order.
    pub(crate) is_in_order: bool,
}

/// An entry of the directory.
struct Entry<'bytes> {
    tag: &'bytes str,
    length: Option<usize>,
    place: Option<usize>,
}

/// Takes a record apart, without its terminator.
pub(crate) fn read(record: &[u8]) -> Result<Raw<'_>, Fault> {
    let leader = record.get(..LEADER_LENGTH).ok_or(Fault::TooShort)?;
    let leader = std::str::from_utf8(leader).ok().filter(|leader| leader.is_ascii());
    let leader = leader.ok_or(Fault::Leader)?;
    let end = memchr::memchr(FIELD_END, &record[LEADER_LENGTH..]).ok_or(Fault::Directory)? + LEADER_LENGTH;
    if digits(record, 12..17) != Some(end + 1) {
        return Err(Fault::Leader);
    }
    let entries = entries(&record[LEADER_LENGTH..end])?;
    let body = &record[end + 1..];
    if entries.is_empty() {
        return Err(Fault::Empty);
    }
    let (fields, is_in_order) = match exactly(&entries, body) {
        Some(fields) => (fields, false),
        None => (in_order(entries, body)?, true),
    };
    Ok(Raw {
        leader: leader.to_owned(),
        fields,
        is_in_order,
    })
}

fn entries(directory: &[u8]) -> Result<Vec<Entry<'_>>, Fault> {
    if !directory.len().is_multiple_of(ENTRY_LENGTH) {
        return Err(Fault::Directory);
    }
    let entries = directory.chunks_exact(ENTRY_LENGTH).map(|entry| {
        let tag = std::str::from_utf8(&entry[..3]).ok()?;
        tag.bytes().all(|byte| (b' '..0x7f).contains(&byte)).then(|| Entry {
            tag,
            length: digits(entry, 3..7),
            place: digits(entry, 7..12),
        })
    });
    entries.collect::<Option<_>>().ok_or(Fault::Directory)
}

/// The fields where the directory says they are; `None` if one is not there.
fn exactly<'bytes>(entries: &[Entry<'bytes>], body: &'bytes [u8]) -> Option<Vec<(&'bytes str, &'bytes [u8])>> {
    let field = |entry: &Entry<'bytes>| {
        let (place, length) = (entry.place?, entry.length?);
        let end = place.checked_add(length)?.checked_sub(1)?;
        let begins = place == 0 || body.get(place - 1) == Some(&FIELD_END);
        // The last field of a record that broke off has nothing to end it.
        let ends = body.get(end).map_or(end == body.len(), |byte| *byte == FIELD_END);
        (begins && ends && place <= end).then(|| (entry.tag, &body[place..end]))
    };
    entries.iter().map(field).collect()
}

/// The fields in the order of their places, whatever lies there.
fn in_order<'bytes>(
    mut entries: Vec<Entry<'bytes>>,
    body: &'bytes [u8],
) -> Result<Vec<(&'bytes str, &'bytes [u8])>, Fault> {
    let body = body.strip_suffix(&[FIELD_END]).unwrap_or(body);
    let fields: Vec<&[u8]> = body.split(|byte| *byte == FIELD_END).collect();
    if fields.len() != entries.len() {
        return Err(Fault::Fields {
            named: entries.len(),
            found: fields.len(),
        });
    }
    if entries.iter().all(|entry| entry.place.is_some()) {
        entries.sort_by_key(|entry| entry.place);
    }
    Ok(entries.into_iter().map(|entry| entry.tag).zip(fields).collect())
}
