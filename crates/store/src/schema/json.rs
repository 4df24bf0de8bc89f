//! Values as JSON text, written directly.
//!
//! The journal and the capture notes keep values of rows as JSON. They are written for every row that is changed, so
//! the text is appended to a buffer as it is read from the row, without a tree of values in between. What is written
//! here is read with `serde_json` like any other JSON, and [`Value::from_json`](crate::schema::Value::from_json)
//! understands it.

use std::fmt::Write as _;

use rusqlite::types::{ToSqlOutput, ValueRef};
use uuid::Uuid;

use crate::schema::columns::Columns;

/// How an id is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdStyle {
    /// With hyphens, as people see it: in the journal.
    Hyphenated,
    /// 32 digits, as the capture triggers write it: in a kept row.
    Plain,
}

/// Appends one value.
pub(crate) fn write_value(text: &mut String, value: &ToSqlOutput<'_>, ids: IdStyle) {
    let value = match value {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => value.into(),
        // Fields are bound as plain values only; SQLite's other kinds of parameter do not occur.
        _ => ValueRef::Null,
    };
    match value {
        ValueRef::Integer(number) => {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{number}");
        }
        ValueRef::Text(bytes) => write_text(text, &String::from_utf8_lossy(bytes)),
        ValueRef::Blob(bytes) => write_id(text, bytes, ids),
        ValueRef::Real(number) => {
            let _ = write!(text, "{number:?}");
        }
        ValueRef::Null => text.push_str("null"),
    }
}

/// Appends a whole row: an object keyed by column, as the capture triggers write it.
pub(crate) fn write_row<E: Columns>(text: &mut String, row: &E) {
    for (position, column) in E::TABLE.columns.iter().enumerate() {
        // A column name is a plain word and needs no escaping.
        text.push_str(if position == 0 { "{\"" } else { ",\"" });
        text.push_str(column.name);
        text.push_str("\":");
        write_value(text, &row.bind_column(position), IdStyle::Plain);
    }
    text.push('}');
}

fn write_text(json: &mut String, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        json.push_str(&serde_json::Value::from(text).to_string());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

fn write_id(text: &mut String, bytes: &[u8], ids: IdStyle) {
    let Ok(id) = Uuid::from_slice(bytes) else {
        text.push_str("null");
        return;
    };
    let mut buffer = Uuid::encode_buffer();
    let digits = match ids {
        IdStyle::Hyphenated => id.hyphenated().encode_lower(&mut buffer),
        IdStyle::Plain => id.simple().encode_lower(&mut buffer),
    };
    text.push('"');
    text.push_str(digits);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut json = String::new();
        write_value(&mut json, &ToSqlOutput::from(text), IdStyle::Plain);
        json
    }

    #[test]
    fn a_text_is_read_back_as_it_was_whatever_it_holds() {
        for text in [
            "",
            "plain",
            "straße \u{7f}",
            "say \"no\"",
            "a\\b",
            "two\nlines\u{1}",
            "\u{2028}",
        ] {
            let read: String = serde_json::from_str(&written(text)).unwrap();
            assert_eq!(read, text);
        }
    }

    #[test]
    fn an_id_is_written_in_the_style_that_is_asked_for() {
        let id = Uuid::from_u128(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
        let mut json = String::new();
        for ids in [IdStyle::Plain, IdStyle::Hyphenated] {
            write_value(&mut json, &ToSqlOutput::from(&id.as_bytes()[..]), ids);
        }
        assert_eq!(
            json,
            "\"0123456789abcdef0123456789abcdef\"\"01234567-89ab-cdef-0123-456789abcdef\""
        );
    }
}
