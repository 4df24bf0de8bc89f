//! The layout of a record in ISO 2709: what ends its parts, and how numbers and a leader are written.

use std::ops::Range;

/// The longest record that is read; the format itself cannot say a length of more than 99,999 bytes.
pub const RECORD_MAX_BYTES: usize = 1024 * 1024;

/// How many characters a leader has.
pub(crate) const LEADER_LENGTH: usize = 24;
/// What ends a record, and a field.
pub(crate) const RECORD_END: u8 = 0x1d;
pub(crate) const FIELD_END: u8 = 0x1e;

/// Whether bytes begin like a record: a length, and the layout of the directory.
pub(crate) fn begins_as_leader(bytes: &[u8]) -> bool {
    bytes.len() >= LEADER_LENGTH
        && bytes[..5].iter().all(u8::is_ascii_digit)
        && &bytes[20..22] == b"45"
        && bytes[..LEADER_LENGTH].is_ascii()
}

/// A number written in digits.
pub(crate) fn digits(bytes: &[u8], range: Range<usize>) -> Option<usize> {
    let digits = bytes.get(range)?;
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| {
        digits
            .iter()
            .fold(0, |number, digit| number * 10 + usize::from(digit - b'0'))
    })
}
