//! Records in MARCXML, with any prefix, in any wrapping: a collection, answers of OAI-PMH and SRU.
//!
//! Elements are known by their local names alone. No entity is expanded but the five of XML and numbers of characters,
//! and nothing is fetched that a document names.

use std::io::{self, Read};

use colophon_xml::{TolerantReader, TooLong, tolerant};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::layout::LEADER_LENGTH;
use crate::letters::composed;
use crate::record::{Broken, Content, Doubt, Fault, Field, Found, Next, Record, Subfield};

/// Reads records in MARCXML, one after the other.
pub struct XmlReader<R> {
    xml: TolerantReader<R>,
    buffer: Vec<u8>,
    number: u64,
    /// The record under way.
    record: Option<Record>,
    /// What the text is that comes next.
    text: Option<Text>,
    is_over: bool,
}

/// A text under way.
struct Text {
    of: TextOf,
    text: String,
}

enum TextOf {
    Leader,
    Control(String),
    Subfield(char),
}

impl<R: Read> XmlReader<R> {
    /// Reads from the beginning of a file.
    pub fn new(inner: R) -> Self {
        Self {
            xml: tolerant(inner),
            buffer: Vec::new(),
            number: 0,
            record: None,
            text: None,
            is_over: false,
        }
    }

    /// How far the reading has come, in bytes.
    pub fn bytes_read(&self) -> u64 {
        self.xml.get_ref().get_ref().bytes_read()
    }

    /// The next record, or `None` at the end of the file.
    pub fn next_record(&mut self) -> Next {
        while !self.is_over {
            self.buffer.clear();
            let mut buffer = std::mem::take(&mut self.buffer);
            let found = match self.xml.read_event_into(&mut buffer) {
                Ok(event) => self.take(event),
                Err(error) => self.broken_by(error)?,
            };
            self.buffer = buffer;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn take(&mut self, event: Event<'_>) -> Option<Found> {
        match event {
            Event::Start(element) => {
                self.start(&element);
                None
            }
            Event::End(element) => self.end(element.local_name().into_inner()),
            Event::Text(text) => self.add(&text.xml10_content()),
            Event::CData(text) => self.add(&text.xml10_content()),
            Event::GeneralRef(reference) => self.resolve(&reference),
            Event::Eof => {
                self.is_over = true;
                let record = self.record.take().filter(|record| !record.fields.is_empty())?;
                Some(broken(&record, Fault::Xml("it ends within a record".to_owned())))
            }
            _ => None,
        }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let begins = |of| {
            Some(Text {
                of,
                text: String::new(),
            })
        };
        match (element.local_name().into_inner(), &mut self.record) {
            ("record", _) => {
                // An envelope of OAI-PMH has the name of what is in it.
                let is_within = self.record.as_ref().is_some_and(|record| record.fields.is_empty());
                self.number += u64::from(!is_within);
                self.record = Some(Record {
                    offset: self.xml.buffer_position(),
                    number: self.number,
                    ..Record::default()
                });
                self.text = None;
                self.xml.get_mut().get_mut().allow_another();
            }
            ("leader", Some(_)) => self.text = begins(TextOf::Leader),
            ("controlfield", Some(_)) => self.text = begins(TextOf::Control(attribute(element, "tag"))),
            ("datafield", Some(record)) => {
                let indicator = |name| attribute(element, name).chars().next().unwrap_or(' ');
                record.fields.push(Field {
                    tag: attribute(element, "tag"),
                    content: Content::Data {
                        indicators: [indicator("ind1"), indicator("ind2")],
                        subfields: Vec::new(),
                    },
                });
            }
            ("subfield", Some(_)) => {
                let code = attribute(element, "code").chars().next().unwrap_or('?');
                self.text = begins(TextOf::Subfield(code));
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> Option<Found> {
        if name == "record" {
            let record = self.record.take()?;
            self.text = None;
            self.xml.get_mut().get_mut().allow_another();
            let is_empty = record.fields.is_empty();
            if !is_empty {
                return Some(Found::Record(with_leader(record)));
            }
            // Without a leader it is an envelope that ends.
            return (!record.leader.is_empty()).then(|| broken(&record, Fault::Empty));
        }
        let record = self.record.as_mut()?;
        let text = self.text.take_if(|text| {
            matches!(
                (&text.of, name),
                (TextOf::Leader, "leader") | (TextOf::Control(_), "controlfield") | (TextOf::Subfield(_), "subfield")
            )
        })?;
        let content = composed(text.text.into());
        match text.of {
            TextOf::Leader => record.leader = content,
            TextOf::Control(tag) => record.fields.push(Field::control(&tag, content)),
            TextOf::Subfield(code) => {
                let count = content.matches('\u{fffd}').count();
                let Some(Field {
                    tag,
                    content: Content::Data { subfields, .. },
                }) = record.fields.last_mut()
                else {
                    return None;
                };
                if count > 0 {
                    record.doubts.push(Doubt::Letters {
                        tag: tag.clone(),
                        count,
                    });
                }
                subfields.push(Subfield { code, text: content });
            }
        }
        None
    }

    fn add(&mut self, text: &str) -> Option<Found> {
        if let Some(under_way) = &mut self.text {
            under_way.text.push_str(text);
        }
        None
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Option<Found> {
        let name = reference.xml10_content();
        let character = reference.resolve_char_ref().ok().flatten();
        if let Some(character) = character {
            return self.add(character.encode_utf8(&mut [0; 4]));
        }
        if let Some(known) = quick_xml::escape::resolve_xml_entity(&name) {
            return self.add(known);
        }
        if let (Some(record), Some(_)) = (&mut self.record, &self.text) {
            record.doubts.push(Doubt::Entity {
                name: name.chars().take(20).collect(),
            });
        }
        self.add("\u{fffd}")
    }

    /// A document that is no XML any more has no next record that could be found.
    fn broken_by(&mut self, error: quick_xml::Error) -> Next {
        self.is_over = true;
        let fault = match error {
            quick_xml::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<TooLong>()) => Fault::TooLong,
            quick_xml::Error::Io(error) => return Err(io::Error::new(error.kind(), error)),
            other => Fault::Xml(other.to_string()),
        };
        let record = self.record.take().unwrap_or_else(|| Record {
            offset: self.xml.buffer_position(),
            number: self.number + 1,
            ..Record::default()
        });
        Ok(Some(broken(&record, fault)))
    }
}

fn broken(record: &Record, fault: Fault) -> Found {
    Found::Broken(Broken {
        number: record.number,
        offset: record.offset,
        bytes: Vec::new(),
        fault,
    })
}

/// A leader has a fixed length, and some programs take off the blanks at its end, or leave it out.
fn with_leader(mut record: Record) -> Record {
    let leader = if record.leader.is_ascii() {
        record.leader.as_str()
    } else {
        ""
    };
    record.leader = format!("{leader:<LEADER_LENGTH$.LEADER_LENGTH$}");
    record
}

fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let mut attributes = element.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.local_name().into_inner() == name);
    let value = found.and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok().map(Into::into));
    value.unwrap_or_default()
}
