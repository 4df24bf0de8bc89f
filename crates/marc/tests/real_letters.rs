//! The same texts in MARC-8 and in UTF-8, as a library has them, where the files are there.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumption does")]

use std::path::Path;

use colophon_marc::{BinaryReader, Field, Found, Record, to_binary};
use unicode_normalization::UnicodeNormalization;

/// A record with a title that has as many bytes as a text, and then the text.
fn titled(text: &[u8]) -> Vec<u8> {
    let mut record = Record::with_leader("00000nam  2200000 a 4500");
    record
        .fields
        .push(Field::data("245", ['1', '0'], [('a', "#".repeat(text.len()))]));
    let mut bytes = to_binary(&record).unwrap();
    // MARC-8 is what a blank stands for.
    bytes[9] = b' ';
    let at = bytes.iter().position(|byte| *byte == b'#').unwrap();
    bytes[at..at + text.len()].copy_from_slice(text);
    bytes
}

#[test]
fn every_line_in_marc_8_is_the_line_in_utf_8() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/marc-pymarc");
    let (Ok(marc8), Ok(utf8)) = (
        std::fs::read(root.join("test_marc8.txt")),
        std::fs::read(root.join("test_utf8.txt")),
    ) else {
        return;
    };
    let utf8 = String::from_utf8(utf8).unwrap();
    let lines = marc8.split(|byte| *byte == b'\n').zip(utf8.lines());
    let mut different = Vec::new();
    // One line has codes that no table of MARC-8 has: Unicode's own numbers, after a byte that is none.
    for (bytes, text) in lines.filter(|(bytes, _)| !bytes.is_empty() && !bytes.contains(&0x7f)) {
        let Some(Found::Record(record)) = BinaryReader::new(titled(bytes).as_slice(), None).next_record().unwrap()
        else {
            panic!("{bytes:?}");
        };
        let found = record.fields[0].first('a').unwrap_or_default();
        // The halves of a mark over two letters are one mark today.
        let text: String = text
            .replace('\u{fe20}', "\u{361}")
            .replace('\u{fe21}', "")
            .nfc()
            .collect();
        if found != text {
            different.push(format!("{found} | {text} | {:?}", record.doubts));
        }
    }
    assert!(
        different.is_empty(),
        "{} lines:\n{}",
        different.len(),
        different.join("\n")
    );
}
