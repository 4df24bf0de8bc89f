//! The records of a file, one after the other, each with its line, its own text and what is in it.
//!
//! What ends a record is its end tag, however broken it is inside: an element that is never closed costs that record and
//! not the next. A record that begins where another has only just begun is an envelope's content, and takes its place.

use std::io::{self, Read};

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::characters::TooLong;
use crate::element::{Element, Node};
use crate::tolerant::{TolerantReader, tolerant};

/// How deep elements may lie in each other.
pub const DEPTH_MAX: usize = 64;
/// How much of a broken record is kept to be shown.
const KEPT_MAX_BYTES: usize = 256 * 1024;

/// A record that was found.
#[derive(Debug)]
pub struct Found {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// Its own text, cut off if it is very long.
    pub text: String,
    /// What is in it, or why it cannot be read.
    pub element: Result<Element, String>,
    /// Names that stand for a character that is not known here.
    pub unknown: Vec<String>,
}

/// Reads the records of a file: the elements of some names.
pub struct Records<R> {
    xml: TolerantReader<R>,
    names: &'static [&'static str],
    buffer: Vec<u8>,
    /// Line ends so far.
    ends: u64,
    under_way: Option<UnderWay>,
    is_over: bool,
}

/// A record under way.
#[derive(Debug, Default)]
struct UnderWay {
    line: u64,
    text: String,
    /// The elements that are open, the record itself first.
    open: Vec<Element>,
    /// How many more are open than may be.
    too_deep: usize,
    fault: Option<String>,
    unknown: Vec<String>,
}

impl<R: Read> Records<R> {
    /// Reads from the beginning of a file; records are the elements of these names, without prefixes.
    pub fn new(inner: R, names: &'static [&'static str]) -> Self {
        Self {
            xml: tolerant(inner),
            names,
            buffer: Vec::new(),
            ends: 0,
            under_way: None,
            is_over: false,
        }
    }

    /// How far the reading has come, in bytes.
    pub fn bytes_read(&self) -> u64 {
        self.xml.get_ref().get_ref().bytes_read()
    }

    /// The next record; `None` at the end of the file.
    pub fn next_record(&mut self) -> io::Result<Option<Found>> {
        while !self.is_over {
            let mut buffer = std::mem::take(&mut self.buffer);
            buffer.clear();
            let found = match self.xml.read_event_into(&mut buffer) {
                Ok(event) => self.take(&event),
                Err(error) => self.broken_by(error)?,
            };
            self.buffer = buffer;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn take(&mut self, event: &Event<'_>) -> Option<Found> {
        let line = self.ends + 1;
        self.ends += event.bytes().filter(|byte| *byte == b'\n').count() as u64;
        match event {
            Event::Start(element) => self.start(element, line),
            Event::Empty(element) => {
                let name = element.local_name().into_inner().to_owned();
                self.start(element, line).or_else(|| self.end(&name, ""))
            }
            Event::End(element) => {
                let name = element.local_name().into_inner().to_owned();
                self.end(&name, element)
            }
            Event::Text(text) => self.add(&text.xml10_content(), text),
            Event::CData(text) => self.add(&text.xml10_content(), text),
            Event::GeneralRef(reference) => self.resolve(reference),
            Event::Eof => {
                self.is_over = true;
                self.cut("the file ends within it")
            }
            _ => None,
        }
    }

    fn start(&mut self, element: &BytesStart<'_>, line: u64) -> Option<Found> {
        let name = element.local_name().into_inner().to_owned();
        let mut before = None;
        if self.names.contains(&name.as_str()) {
            let is_envelope = self.under_way.as_ref().is_some_and(UnderWay::is_envelope);
            if !is_envelope {
                before = self.cut(&format!("<{name}> begins before it has ended"));
            }
            self.under_way = Some(UnderWay {
                line,
                ..UnderWay::default()
            });
            self.xml.get_mut().get_mut().allow_another();
        }
        if let Some(record) = &mut self.under_way {
            record.keep(&["<", element, ">"]);
            record.open(Element {
                name,
                attributes: attributes(element),
                nodes: Vec::new(),
            });
        }
        before
    }

    /// An element ends; `written` is how the tag is written, and empty if it has none of its own.
    fn end(&mut self, name: &str, written: &str) -> Option<Found> {
        let record = self.under_way.as_mut()?;
        if !written.is_empty() {
            record.keep(&["</", written, ">"]);
        }
        if record.open.first().is_none_or(|first| first.name != name) {
            record.close(name);
            return None;
        }
        record.close_to(1);
        self.xml.get_mut().get_mut().allow_another();
        self.under_way.take().map(UnderWay::found)
    }

    fn add(&mut self, text: &str, written: &str) -> Option<Found> {
        if let Some(record) = &mut self.under_way {
            record.keep(&[written]);
            record.add(text);
        }
        None
    }

    fn resolve(&mut self, reference: &BytesRef<'_>) -> Option<Found> {
        let name = reference.xml10_content();
        let character = reference.resolve_char_ref().ok().flatten();
        let mut letters = [0; 4];
        let known = match character {
            Some(character) => Some(&*character.encode_utf8(&mut letters)),
            None => quick_xml::escape::resolve_html5_entity(&name),
        };
        let record = self.under_way.as_mut()?;
        record.keep(&["&", &name, ";"]);
        if known.is_none() {
            record.unknown.push(name.chars().take(20).collect());
        }
        record.add(known.unwrap_or("\u{fffd}"));
        None
    }

    /// The record under way is broken off.
    fn cut(&mut self, why: &str) -> Option<Found> {
        let mut record = self.under_way.take()?;
        record.fault.get_or_insert_with(|| why.to_owned());
        Some(record.found())
    }

    /// Behind what is no XML any more there is no next record that could be found.
    fn broken_by(&mut self, error: quick_xml::Error) -> io::Result<Option<Found>> {
        self.is_over = true;
        let why = match error {
            quick_xml::Error::Io(error) if error.get_ref().is_some_and(|inner| inner.is::<TooLong>()) => {
                TooLong.to_string()
            }
            quick_xml::Error::Io(error) => return Err(io::Error::new(error.kind(), error)),
            other => format!("it is no XML from here on ({other})"),
        };
        let line = self.ends + 1;
        self.under_way.get_or_insert_with(|| UnderWay {
            line,
            ..UnderWay::default()
        });
        Ok(self.cut(&why))
    }
}

impl UnderWay {
    /// Whether nothing has come yet but elements around what comes next.
    fn is_envelope(&self) -> bool {
        let is_blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
        let has_one = |element: &Element| element.nodes.iter().all(is_blank);
        self.fault.is_none() && self.open.iter().all(has_one)
    }

    fn keep(&mut self, parts: &[&str]) {
        if self.text.len() < KEPT_MAX_BYTES {
            self.text.extend(parts.iter().copied());
        }
    }

    fn open(&mut self, element: Element) {
        if self.open.len() < DEPTH_MAX {
            self.open.push(element);
        } else {
            self.too_deep += 1;
            self.fault
                .get_or_insert_with(|| format!("its elements lie in each other more than {DEPTH_MAX} deep"));
        }
    }

    fn add(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            match element.nodes.last_mut() {
                Some(Node::Text(before)) => before.push_str(text),
                _ => element.nodes.push(Node::Text(text.to_owned())),
            }
        }
    }

    /// Closes the innermost element of a name, and whatever in it was not closed.
    fn close(&mut self, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some(at) = self.open.iter().rposition(|element| element.name == name) else {
            self.fault
                .get_or_insert_with(|| format!("</{name}> ends what has not begun"));
            return;
        };
        self.close_to(at + 1);
        self.closed();
    }

    /// Closes elements that were left open until this many are.
    fn close_to(&mut self, count: usize) {
        while self.open.len() > count {
            if let Some(unclosed) = self.closed() {
                self.fault
                    .get_or_insert_with(|| format!("<{unclosed}> in it is never closed"));
            }
        }
    }

    /// Puts the innermost element into the one around it, and returns its name.
    fn closed(&mut self) -> Option<String> {
        let element = self.open.pop()?;
        let name = element.name.clone();
        self.open.last_mut()?.nodes.push(Node::Element(element));
        Some(name)
    }

    fn found(mut self) -> Found {
        self.open.truncate(1);
        let element = match self.fault.take() {
            Some(fault) => Err(fault),
            None => self.open.pop().ok_or_else(|| "it is empty".to_owned()),
        };
        Found {
            line: self.line,
            text: self.text,
            element,
            unknown: self.unknown,
        }
    }
}

fn attributes(element: &BytesStart<'_>) -> Vec<(String, String)> {
    let attributes = element.attributes().flatten();
    let known = attributes.filter_map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
        Some((attribute.key.local_name().into_inner().to_owned(), value.into()))
    });
    known.collect()
}
