//! Records of libraries: MARC 21 and UNIMARC, in ISO 2709 and in MARCXML.
//!
//! Reading the bytes is the work of `colophon-marc`; here is what the fields mean. Which of the two formats a record has
//! shows by the field of its title. A record that is broken is rejected with its own bytes, and the next one is read.
//!
//! One file each: what the fields of MARC 21 say (`marc21`) and of UNIMARC (`unimarc`), what both say in the same way
//! (`imprint`, `subjects`), the people (`people`, `about`), what
//! our own exports say besides (`ours`), the punctuation that is none of a title's (`punctuation`), and which
//! fields nothing was made of (`taken`).

mod about;
mod imprint;
mod marc21;
mod notes;
mod ours;
mod people;
mod punctuation;
pub(crate) mod subjects;
mod taken;
mod unimarc;

use std::collections::BTreeMap;
use std::io::Seek as _;

use colophon_marc::{BinaryReader, Broken, Doubt, Found, XmlReader};

use self::taken::Taken;
use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::{SoFar, Source};
use super::options::Options;
use super::people::{Habit, NameOrder};
use super::xml_records::{begins_with, has_element};

/// No name contains it, so that a heading is never parted.
const NEVER: &str = "\u{1f}";

/// The kinds of records that are not of books: authorities, classification, holdings, community information.
const NO_BOOKS: [char; 7] = ['z', 'w', 'u', 'v', 'x', 'y', 'q'];

/// What is said of them.
const NO_BOOK: &str = "are of names, subjects or holdings and not of books; they were left out";

/// Whether a file begins with a record in ISO 2709.
pub(crate) fn recognise_binary(beginning: &[u8]) -> bool {
    colophon_marc::begins_binary(beginning)
}

/// Whether a file begins as XML with records in it.
pub(crate) fn recognise_xml(beginning: &str) -> bool {
    let has = |name: &str| has_element(beginning, name);
    begins_with(beginning, &["record"]) && (has("datafield") || has("controlfield") || has("leader"))
}

/// Opens a file in ISO 2709.
pub(crate) fn open_binary(mut file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    file.rewind()?;
    Ok(Box::new(MarcReader::new(File::Binary(BinaryReader::new(
        file,
        options.encoding,
    )))))
}

/// Opens a file in MARCXML.
pub(crate) fn open_xml(mut file: Source, _options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    file.rewind()?;
    Ok(Box::new(MarcReader::new(File::Xml(Box::new(XmlReader::new(file))))))
}

enum File {
    Binary(BinaryReader<Source>),
    Xml(Box<XmlReader<Source>>),
}

struct MarcReader {
    file: File,
    habit: Habit,
    left_out: LeftOut,
    /// What was wrong with records that were read nevertheless, and with how many.
    doubts: BTreeMap<&'static str, u64>,
}

impl MarcReader {
    fn new(file: File) -> Self {
        Self {
            file,
            habit: Habit::found("", std::iter::empty(), Some(NameOrder::Inverted), Some(NEVER)),
            left_out: LeftOut::default(),
            doubts: BTreeMap::new(),
        }
    }

    fn book(&mut self, marc: &colophon_marc::Record) -> Record {
        let mut taken = Taken::default();
        let mut book = if marc.is_unimarc() {
            unimarc::read(marc, &self.habit, &mut taken)
        } else {
            marc21::read(marc, &self.habit, &mut taken)
        };
        taken.leave(marc, &mut self.left_out);
        for doubt in &marc.doubts {
            match kind_of(doubt) {
                Some(kind) => *self.doubts.entry(kind).or_default() += 1,
                None => book.problem("row", format!("{}: {doubt}", place(marc.number, marc.offset))),
            }
        }
        book.text = text_of(marc);
        book
    }
}

impl RecordReader for MarcReader {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        loop {
            let found = match &mut self.file {
                File::Binary(reader) => reader.next_record()?,
                File::Xml(reader) => reader.next_record()?,
            };
            return Ok(match found {
                None => None,
                Some(Found::Broken(broken)) => Some(rejected(broken)),
                Some(Found::Record(marc)) if marc.leader_at(6) == 'z' && ours::is_ours(&marc) => Some(Record {
                    described: ours::described(&marc),
                    ..Record::on(marc.number)
                }),
                Some(Found::Record(marc)) if NO_BOOKS.contains(&marc.leader_at(6)) => {
                    *self.doubts.entry(NO_BOOK).or_default() += 1;
                    continue;
                }
                Some(Found::Record(marc)) => Some(self.book(&marc)),
            });
        }
    }

    fn reading(&self) -> Vec<String> {
        let doubts = self
            .doubts
            .iter()
            .map(|(kind, count)| format!("{count} records {kind}"));
        doubts.chain(self.left_out.reading()).collect()
    }

    fn so_far(&self) -> SoFar {
        let (encoding, bytes_read) = match &self.file {
            File::Binary(reader) => ("the encoding of each record", reader.bytes_read()),
            File::Xml(reader) => ("the encoding that it declares", reader.bytes_read()),
        };
        SoFar {
            encoding: (encoding, false),
            // What is no letter is told record by record, and the others are sound.
            is_damaged: false,
            bytes_read,
        }
    }
}

/// What concerns many records at once is counted; what concerns a text is a problem of its record.
fn kind_of(doubt: &Doubt) -> Option<&'static str> {
    Some(match doubt {
        Doubt::Length { .. } => "say a length that they do not have; they were read to their ends",
        Doubt::NoEnd => "have no mark at their end",
        Doubt::Directory => "have a directory that is wrong; their fields were taken in their order",
        Doubt::Encoding { .. } => "say that they are UTF-8 and are not; they were read in the encoding that they have",
        Doubt::NoIndicators { .. } => "have a field without indicators",
        _ => return None,
    })
}

fn place(number: u64, offset: u64) -> String {
    format!("record {number}, which begins at byte {offset}")
}

fn rejected(broken: Broken) -> Record {
    Record {
        refused: Some(format!("{}: {}", place(broken.number, broken.offset), broken.fault)),
        text: String::from_utf8_lossy(&broken.bytes).into_owned(),
        bytes: broken.bytes,
        ..Record::on(broken.number)
    }
}

/// A record as people read it, one field on a line.
fn text_of(marc: &colophon_marc::Record) -> String {
    use colophon_marc::Content;
    let mut text = format!("LDR {}", marc.leader);
    for field in &marc.fields {
        text.push('\n');
        text.push_str(&field.tag);
        text.push(' ');
        match &field.content {
            Content::Control(content) => text.push_str(content),
            Content::Data { indicators, subfields } => {
                text.extend(indicators);
                for subfield in subfields {
                    text.push_str(" $");
                    text.push(subfield.code);
                    text.push_str(&subfield.text);
                }
            }
        }
    }
    text
}
