//! Records that are as they should be, in both forms.
#![expect(clippy::panic, reason = "a test ends where its assumption does")]

use colophon_marc::{BinaryReader, Field, Found, NotWritten, Record, XmlReader, XmlWriter, begins_binary, to_binary};

fn sample() -> Record {
    let mut record = Record::with_leader("00000nam a2200000 c 4500");
    record.fields = vec![
        Field::control("001", "42"),
        Field::data(
            "100",
            ['1', ' '],
            [('a', "Dvořák, Žofie & <co>".to_owned()), ('d', "1901-".to_owned())],
        ),
        Field::data("245", ['1', '0'], [('a', "“Der Fluß” — 川".to_owned())]),
        Field::data("500", [' ', ' '], [('a', "one\ntwo".to_owned())]),
    ];
    record
}

fn of(found: Option<Found>) -> Record {
    match found {
        Some(Found::Record(record)) => record,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_written_in_binary_is_read_again() {
    let bytes = to_binary(&sample()).unwrap();
    assert!(begins_binary(&bytes));
    assert_eq!(
        std::str::from_utf8(&bytes[..5]).unwrap().parse::<usize>().unwrap(),
        bytes.len()
    );
    let mut reader = BinaryReader::new(bytes.as_slice(), None);
    let record = of(reader.next_record().unwrap());
    assert_eq!(record.fields, sample().fields);
    assert_eq!(record.doubts, []);
    assert!(reader.next_record().unwrap().is_none());
}

#[test]
fn what_is_written_in_xml_is_read_again() {
    let mut writer = XmlWriter::begin(Vec::new()).unwrap();
    for _ in 0..3 {
        writer.record(&sample()).unwrap();
    }
    let bytes = writer.finish().unwrap();
    let mut reader = XmlReader::new(bytes.as_slice());
    for number in 1..=3 {
        let record = of(reader.next_record().unwrap());
        assert_eq!(record.fields, sample().fields);
        assert_eq!(record.leader, sample().leader);
        assert_eq!((record.number, record.doubts), (number, vec![]));
    }
    assert!(reader.next_record().unwrap().is_none());
}

#[test]
fn what_is_too_long_for_the_binary_form_is_not_written_and_xml_has_room() {
    let mut record = sample();
    record
        .fields
        .push(Field::data("520", [' ', ' '], [('a', "ß".repeat(5_000))]));
    assert_eq!(
        to_binary(&record),
        Err(NotWritten::Field {
            tag: "520".to_owned(),
            bytes: 10_005
        })
    );
    record.fields.pop();
    for _ in 0..11 {
        record
            .fields
            .push(Field::data("500", [' ', ' '], [('a', "x".repeat(9_900))]));
    }
    assert!(matches!(to_binary(&record), Err(NotWritten::Record { .. })));
    let mut writer = XmlWriter::begin(Vec::new()).unwrap();
    writer.record(&record).unwrap();
    let bytes = writer.finish().unwrap();
    assert_eq!(
        of(XmlReader::new(bytes.as_slice()).next_record().unwrap()).fields,
        record.fields
    );
}

#[test]
fn xml_is_read_with_any_prefix_in_any_wrapping_and_any_encoding() {
    let record = |prefix: &str| {
        format!(
            "<{prefix}record><{prefix}leader>00000nam a2200000</{prefix}leader><{prefix}datafield ind1='1' ind2=\"0\" tag='245'>\
             <{prefix}subfield code='a'>Caf\u{e9} &amp; <![CDATA[<Bar>]]>&#x21;</{prefix}subfield></{prefix}datafield></{prefix}record>"
        )
    };
    let oai = format!(
        "<?xml version='1.0'?><OAI-PMH><record><header/><metadata>{}</metadata></record></OAI-PMH>",
        record("m:")
    );
    let utf_16: Vec<u8> = format!("\u{feff}{}", record(""))
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let latin = format!("<?xml version='1.0' encoding='ISO-8859-1'?>{}", record("marc:"));
    let latin = latin.chars().map(|letter| u8::try_from(letter).unwrap()).collect();
    for bytes in [record("").into_bytes(), oai.into_bytes(), utf_16, latin] {
        let mut reader = XmlReader::new(bytes.as_slice());
        let read = of(reader.next_record().unwrap());
        assert_eq!(read.fields[0].first('a'), Some("Café & <Bar>!"));
        assert_eq!((read.leader_at(9), read.leader.len()), ('a', 24));
        assert!(reader.next_record().unwrap().is_none());
    }
}

#[test]
fn entities_are_not_expanded_and_nothing_is_fetched() {
    let bomb = "<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>\
                <record><datafield tag='245'><subfield code='a'>&b;&f;</subfield></datafield></record>";
    let record = of(XmlReader::new(bomb.as_bytes()).next_record().unwrap());
    assert_eq!(record.fields[0].first('a'), Some("\u{fffd}\u{fffd}"));
    assert_eq!(record.doubts.len(), 3);
}
