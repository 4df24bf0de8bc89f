//! Writing records: in ISO 2709 with letters in UTF-8, and in MARCXML.
//!
//! ISO 2709 gives a field four digits for its length and a record five. What is longer cannot be written, and
//! [`NotWritten`] says so; MARCXML has no such limits. Characters that neither form can hold, controls, are left out,
//! except for line ends.

use std::io::{self, Write};

use quick_xml::escape::escape;
use thiserror::Error;

use crate::layout::{FIELD_END, LEADER_LENGTH, RECORD_END};
use crate::record::{Content, Record};

/// The longest field, with what ends it.
const FIELD_MAX_BYTES: usize = 9_999;
/// The longest record that a leader can give the length of.
const LENGTH_MAX_BYTES: usize = 99_999;
/// What comes before a subfield.
const DELIMITER: char = '\u{1f}';

/// Why a record cannot be written in ISO 2709.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotWritten {
    /// A field is too long.
    #[error("field {tag} has {bytes} bytes, and in this format it can have {FIELD_MAX_BYTES}")]
    Field {
        /// Its tag.
        tag: String,
        /// How many bytes it has.
        bytes: usize,
    },
    /// The record is too long.
    #[error("it has {bytes} bytes, and in this format a record can have {LENGTH_MAX_BYTES}")]
    Record {
        /// How many bytes it has.
        bytes: usize,
    },
    /// A tag has not three characters of ASCII.
    #[error("“{tag}” is no tag")]
    Tag {
        /// The tag.
        tag: String,
    },
}

/// A record in ISO 2709. Its leader says its length, where its fields are and that its letters are UTF-8.
pub fn to_binary(record: &Record) -> Result<Vec<u8>, NotWritten> {
    let (mut directory, mut body) = (String::new(), Vec::new());
    for field in &record.fields {
        let tag = field.tag.as_str();
        if tag.len() != 3 || !tag.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NotWritten::Tag { tag: tag.to_owned() });
        }
        let bytes = content(&field.content);
        let (place, length) = (body.len(), bytes.len() + 1);
        if length > FIELD_MAX_BYTES {
            return Err(NotWritten::Field {
                tag: tag.to_owned(),
                bytes: length,
            });
        }
        directory.extend([tag, &format!("{length:04}{place:05}")]);
        body.extend_from_slice(bytes.as_bytes());
        body.push(FIELD_END);
        if body.len() > LENGTH_MAX_BYTES {
            break;
        }
    }
    let base = LEADER_LENGTH + directory.len() + 1;
    let length = base + body.len() + 1;
    if length > LENGTH_MAX_BYTES {
        return Err(NotWritten::Record { bytes: length });
    }
    let at = |position| match record.leader_at(position) {
        character if character.is_ascii_graphic() => character,
        _ => ' ',
    };
    let (kind, rest): (String, String) = ((5..9).map(at).collect(), (17..20).map(at).collect());
    let mut bytes = format!("{length:05}{kind}a22{base:05}{rest}4500{directory}").into_bytes();
    bytes.push(FIELD_END);
    bytes.append(&mut body);
    bytes.push(RECORD_END);
    Ok(bytes)
}

fn content(content: &Content) -> String {
    match content {
        Content::Control(text) => allowed(text).collect(),
        Content::Data { indicators, subfields } => {
            let mut bytes: String = indicators.iter().map(|indicator| indicator_of(*indicator)).collect();
            for subfield in subfields {
                bytes.push(DELIMITER);
                bytes.push(code_of(subfield.code));
                bytes.extend(allowed(&subfield.text));
            }
            bytes
        }
    }
}

fn indicator_of(indicator: char) -> char {
    if indicator.is_ascii_graphic() { indicator } else { ' ' }
}

fn code_of(code: char) -> char {
    if code.is_ascii_graphic() { code } else { '?' }
}

/// The characters that both forms can hold.
fn allowed(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|character| match character {
        // The marks around an article are controls, too.
        '\n' | '\t' | '\u{88}' | '\u{89}' | '\u{98}' | '\u{9c}' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        other => !other.is_control(),
    })
}

/// Writes a collection of records in MARCXML.
#[derive(Debug)]
pub struct XmlWriter<W> {
    inner: W,
}

impl<W: Write> XmlWriter<W> {
    /// Begins the collection.
    pub fn begin(mut inner: W) -> io::Result<Self> {
        inner.write_all(
            b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<collection xmlns=\"http://www.loc.gov/MARC21/slim\">\n",
        )?;
        Ok(Self { inner })
    }

    /// Writes a record.
    pub fn record(&mut self, record: &Record) -> io::Result<()> {
        let text = |text: &str| escape(allowed(text).collect::<String>()).into_owned();
        let out = &mut self.inner;
        writeln!(out, "<record>\n<leader>{}</leader>", text(&record.leader))?;
        for field in &record.fields {
            let tag = text(&field.tag);
            match &field.content {
                Content::Control(content) => {
                    writeln!(out, "<controlfield tag=\"{tag}\">{}</controlfield>", text(content))?;
                }
                Content::Data { indicators, subfields } => {
                    let [first, second] = indicators.map(|one| text(&indicator_of(one).to_string()));
                    writeln!(out, "<datafield tag=\"{tag}\" ind1=\"{first}\" ind2=\"{second}\">")?;
                    for subfield in subfields {
                        let code = text(&code_of(subfield.code).to_string());
                        writeln!(out, "<subfield code=\"{code}\">{}</subfield>", text(&subfield.text))?;
                    }
                    writeln!(out, "</datafield>")?;
                }
            }
        }
        writeln!(out, "</record>")
    }

    /// Ends the collection and hands back what it was written to.
    pub fn finish(mut self) -> io::Result<W> {
        self.inner.write_all(b"</collection>\n")?;
        self.inner.flush()?;
        Ok(self.inner)
    }
}
