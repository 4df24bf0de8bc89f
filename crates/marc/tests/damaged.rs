//! Records that are not as they should be, between good ones.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test ends where its assumption does")]

use colophon_marc::{BinaryReader, Doubt, Fault, Field, Found, RECORD_MAX_BYTES, Record, XmlReader, to_binary};

/// A record of which only the title is known, in MARC 21.
fn titled(title: &str) -> Vec<u8> {
    let mut record = Record::with_leader("00000nam a2200000 a 4500");
    record.fields = vec![
        Field::control("008", "000107s2000    nyua          001 0 eng  "),
        Field::data("245", ['1', '0'], [('a', title.to_owned())]),
        Field::data("300", [' ', ' '], [('a', "9 p.".to_owned())]),
    ];
    to_binary(&record).unwrap()
}

/// The titles of a file, or the bytes of what is broken.
fn read(bytes: &[u8]) -> Vec<Result<String, (u64, Vec<u8>)>> {
    all(bytes)
        .into_iter()
        .map(|found| match found {
            Found::Record(record) => Ok(title_of(&record)),
            Found::Broken(broken) => Err((broken.offset, broken.bytes)),
        })
        .collect()
}

fn all(bytes: &[u8]) -> Vec<Found> {
    let mut reader = BinaryReader::new(bytes, None);
    std::iter::from_fn(|| reader.next_record().unwrap()).collect()
}

fn title_of(record: &Record) -> String {
    let title = record.fields("245").find_map(|field| field.first('a'));
    title.unwrap_or_default().to_owned()
}

fn doubts(bytes: &[u8]) -> Vec<Doubt> {
    match all(bytes).remove(0) {
        Found::Record(record) => record.doubts,
        Found::Broken(broken) => panic!("{broken:?}"),
    }
}

fn ok(titles: &[&str]) -> Vec<Result<String, (u64, Vec<u8>)>> {
    titles.iter().map(|title| Ok((*title).to_owned())).collect()
}

#[test]
fn a_length_that_is_not_true_loses_no_record() {
    for said in ["00000", "00010", "99999", "00200", "     ", "abcde"] {
        let mut file = titled("One");
        file[..5].copy_from_slice(said.as_bytes());
        assert!(matches!(doubts(&file)[..], [Doubt::Length { .. }]), "{said}");
        file.extend(titled("Two"));
        assert_eq!(read(&file), ok(&["One", "Two"]), "{said}");
    }
}

#[test]
fn a_record_without_its_terminator_ends_where_the_next_begins() {
    for said in [None, Some("00999"), Some("00030")] {
        let mut first = titled("One");
        first.pop();
        if let Some(said) = said {
            first[..5].copy_from_slice(said.as_bytes());
        }
        let file = [first, titled("Two")].concat();
        assert_eq!(read(&file), ok(&["One", "Two"]), "{said:?}");
    }
    // Without the end of the last field as well, only a length that is true tells where the next begins.
    let mut first = titled("One");
    first.truncate(first.len() - 2);
    let length = format!("{:05}", first.len());
    first[..5].copy_from_slice(length.as_bytes());
    assert_eq!(read(&[first, titled("Two")].concat()), ok(&["One", "Two"]));
    let mut last = titled("One");
    last.pop();
    assert_eq!(doubts(&last), [Doubt::NoEnd]);
}

#[test]
fn a_terminator_within_a_text_is_a_stray_one() {
    let mut stray = titled("O-e");
    let at = stray.windows(3).position(|three| three == b"O-e").unwrap() + 1;
    stray[at] = 0x1d;
    let file = [titled("Zero"), stray, titled("Two")].concat();
    assert_eq!(read(&file), ok(&["Zero", "O\u{1d}e", "Two"]));
}

#[test]
fn what_is_broken_comes_as_its_own_bytes_and_the_next_is_read() {
    let good = titled("Good");
    let leader = [&good[..12], b"99999", &good[17..]].concat();
    let directory = [&good[..60], &good[61..]].concat();
    let (text, empty, short) = (
        &b"<html>nothing\x1d"[..],
        &b"00026     2200025   4500\x1e\x1d"[..],
        &b"00008abc\x1d"[..],
    );
    for broken in [leader.as_slice(), directory.as_slice(), text, empty, short] {
        let file = [good.as_slice(), b"\r\n", broken, b"\n\x00", &good].concat();
        let offset = good.len() as u64 + 2;
        let expected = vec![
            Ok("Good".to_owned()),
            Err((offset, broken.to_vec())),
            Ok("Good".to_owned()),
        ];
        assert_eq!(read(&file), expected, "{broken:?}");
    }
}

#[test]
fn a_directory_that_counts_letters_instead_of_bytes_is_not_believed() {
    let whole = titled("Größenwahn");
    // Length and place of the fields behind the title, as if its accents had no second byte.
    let text = String::from_utf8(whole.clone()).unwrap();
    let entry = |bytes: &[u8], tag: &str| bytes.windows(3).position(|three| three == tag.as_bytes()).unwrap();
    let mut lying = whole;
    let at = entry(text.as_bytes(), "245");
    let length: usize = text[at + 3..at + 7].parse().unwrap();
    lying[at + 3..at + 7].copy_from_slice(format!("{:04}", length - 2).as_bytes());
    let at = entry(text.as_bytes(), "300");
    let place: usize = text[at + 7..at + 12].parse().unwrap();
    lying[at + 7..at + 12].copy_from_slice(format!("{:05}", place - 2).as_bytes());
    assert_eq!(read(&lying), ok(&["Größenwahn"]));
    assert_eq!(doubts(&lying), [Doubt::Directory]);
}

#[test]
fn letters_are_read_in_the_encoding_that_they_have() {
    let with = |flag: u8, letters: &[u8]| {
        let mut bytes = titled(&"?".repeat(letters.len()));
        let at = bytes
            .windows(letters.len())
            .position(|some| some.iter().all(|byte| *byte == b'?'))
            .unwrap();
        bytes[at..at + letters.len()].copy_from_slice(letters);
        bytes[9] = flag;
        bytes
    };
    for (flag, letters, text) in [
        (b'a', "Été".as_bytes(), "Été"),
        (b' ', "Été".as_bytes(), "Été"),
        (b' ', b"\xe2Et\xe2e", "Été"),
        (b'a', b"\xe2Et\xe2e", "Été"),
        (b' ', b"\x1b(NmOSKWA\x1b(B", "Москва"),
        (b' ', b"\xc9t\xe9 \xe0 Orl\xe9ans, No\xebl", "Été à Orléans, Noël"),
    ] {
        assert_eq!(read(&with(flag, letters)), ok(&[text]), "{letters:?}");
    }
    let declared = doubts(&with(b'a', b"\xe2Et\xe2e"));
    assert!(matches!(declared[..], [Doubt::Encoding { found: "MARC-8", .. }]));
    let broken = doubts(&with(b'a', b"\xc3\x89t\xc3 \xc3\xa9t\xc3\xa9"));
    assert!(matches!(broken[..], [Doubt::Letters { count: 1, .. }]), "{broken:?}");
}

#[test]
fn a_record_that_never_ends_is_given_up_and_not_kept() {
    let file = [
        titled("One"),
        vec![b'x'; 3 * RECORD_MAX_BYTES],
        b"\x1d".to_vec(),
        titled("Two"),
    ]
    .concat();
    let found = all(&file);
    let [Found::Record(_), Found::Broken(broken), Found::Record(two)] = &found[..] else {
        panic!("{}", found.len());
    };
    assert_eq!((&broken.fault, broken.bytes.len()), (&Fault::TooLong, RECORD_MAX_BYTES));
    assert_eq!(title_of(two), "Two");
}

#[test]
fn xml_that_breaks_off_gives_what_came_before() {
    let file = "<collection><record><leader/><datafield tag='245'><subfield code='a'>One</subfield></datafield></record>\
                <record><datafield tag='245'><subfield code='a'>Two</sub";
    let mut reader = XmlReader::new(file.as_bytes());
    let found: Vec<Found> = std::iter::from_fn(|| reader.next_record().unwrap()).collect();
    assert!(
        matches!(&found[..], [Found::Record(one), Found::Broken(_)] if title_of(one) == "One"),
        "{found:?}"
    );
}
