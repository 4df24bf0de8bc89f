//! Whatever bytes a file has, nothing panics, and the reading ends.
#![expect(clippy::unwrap_used, reason = "a test ends where its assumption does")]

use std::path::Path;

use colophon_marc::{BinaryReader, Field, Found, Record, XmlReader, XmlWriter, to_binary};

/// Each run has the same chances again.
const SEED: u64 = 0x6d61_7263;
const ROUNDS: usize = 1_000;

fn records() -> Vec<Vec<u8>> {
    let mut record = Record::with_leader("00000nam  2200000 a 4500");
    record.fields = vec![
        Field::control("001", "x1"),
        Field::control("008", "000107s2000    nyua          001 0 rus  "),
        Field::data(
            "100",
            ['1', ' '],
            [('a', "Ívã, Öğüz".to_owned()), ('d', "1900-".to_owned())],
        ),
        Field::data("245", ['1', '0'], [('a', "川 :".to_owned()), ('b', "und /".to_owned())]),
    ];
    let binary = to_binary(&record).unwrap();
    let mut xml = XmlWriter::begin(Vec::new()).unwrap();
    xml.record(&record).unwrap();
    let marc8 = [&binary[..40], b"\x1b$1!0!\x1b(B\xe2e\x1b)N\xc1"].concat();
    let mut seeds = vec![[binary.clone(), binary].concat(), xml.finish().unwrap(), marc8];
    // Real files, where they are there.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/marc-pymarc");
    let files = std::fs::read_dir(root).into_iter().flatten().flatten();
    seeds.extend(files.filter_map(|file| std::fs::read(file.path()).ok()));
    seeds
}

/// Reads a file in every way, and writes what was read.
fn read(bytes: &[u8]) {
    let mut binary = BinaryReader::new(bytes, None);
    let mut xml = XmlReader::new(bytes);
    let found = std::iter::from_fn(|| binary.next_record().unwrap());
    let records = found.chain(std::iter::from_fn(|| xml.next_record().unwrap()));
    for found in records.take(bytes.len() + 2) {
        if let Found::Record(record) = found {
            let written = to_binary(&record);
            if let Ok(written) = written {
                assert!(BinaryReader::new(written.as_slice(), None).next_record().is_ok());
            }
        }
    }
    assert!(binary.next_record().unwrap().is_none());
    assert!(xml.next_record().unwrap().is_none());
}

#[test]
fn any_bytes_are_survived() {
    let mut chance = fastrand::Rng::with_seed(SEED);
    for _ in 0..ROUNDS {
        let length = chance.usize(..200);
        let bytes: Vec<u8> = std::iter::repeat_with(|| chance.u8(..)).take(length).collect();
        read(&bytes);
    }
}

#[test]
fn any_change_to_a_record_is_survived() {
    const MARKS: [u8; 12] = [0x1b, 0x1d, 0x1e, 0x1f, b'0', b'9', b' ', b'<', b'&', 0xe2, 0xff, 0];
    let mut chance = fastrand::Rng::with_seed(SEED);
    let seeds = records();
    for _ in 0..ROUNDS {
        let seed = &seeds[chance.usize(..seeds.len())];
        let from = chance.usize(..seed.len());
        let mut bytes = seed[from.saturating_sub(2_000)..seed.len().min(from + 2_000)].to_vec();
        for _ in 0..chance.usize(1..8) {
            let at = chance.usize(..bytes.len());
            match chance.u8(..4) {
                0 => bytes[at] = chance.u8(..),
                1 => bytes[at] = MARKS[chance.usize(..MARKS.len())],
                2 => bytes.insert(at, MARKS[chance.usize(..MARKS.len())]),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        read(&bytes);
    }
}
