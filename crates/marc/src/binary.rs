//! Where a record in ISO 2709 ends, and with that where the next one begins.
//!
//! Two things say so, the length in the leader and the terminator, and files have either wrong. The terminator occurs
//! in no text, so it is believed, with two exceptions: where the length leads to another terminator and what follows
//! the first does not begin like a record, it is a stray one; and where another leader begins before the terminator,
//! the one of this record is missing.

use std::io::{self, Read};

use encoding_rs::Encoding;

use crate::directory::{self, Raw};
use crate::field;
use crate::layout::{FIELD_END, LEADER_LENGTH, RECORD_END, RECORD_MAX_BYTES, begins_as_leader, digits};
use crate::letters::Letters;
use crate::record::{Broken, Doubt, Fault, Found, Next, Record};

/// How much is read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Reads records in ISO 2709, one after the other.
#[derive(Debug)]
pub struct BinaryReader<R> {
    inner: R,
    /// What has been read; everything before `start` is done with.
    buffer: Vec<u8>,
    start: usize,
    is_at_end: bool,
    /// Where `start` is in the file.
    offset: u64,
    number: u64,
    told: Option<&'static Encoding>,
}

impl<R: Read> BinaryReader<R> {
    /// Reads from the beginning of a file. An encoding that is given is believed instead of what the records say.
    pub fn new(inner: R, told: Option<&'static Encoding>) -> Self {
        Self {
            inner,
            buffer: Vec::with_capacity(2 * CHUNK_BYTES),
            start: 0,
            is_at_end: false,
            offset: 0,
            number: 0,
            told,
        }
    }

    /// How far the reading has come, in bytes.
    pub fn bytes_read(&self) -> u64 {
        self.offset
    }

    /// The next record, or `None` at the end of the file.
    pub fn next_record(&mut self) -> Next {
        self.skip_what_is_between()?;
        if self.window().is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let (offset, number) = (self.offset, self.number);
        let Some(end) = self.end_of_record()? else {
            let bytes = self.window()[..RECORD_MAX_BYTES.min(self.window().len())].to_vec();
            self.skip_to_terminator()?;
            return Ok(Some(Found::Broken(Broken {
                number,
                offset,
                bytes,
                fault: Fault::TooLong,
            })));
        };
        let found = match read(&self.window()[..end], self.told) {
            Ok(record) => Found::Record(Record {
                offset,
                number,
                ..record
            }),
            Err(fault) => Found::Broken(Broken {
                number,
                offset,
                bytes: self.window()[..end].to_vec(),
                fault,
            }),
        };
        self.consume(end);
        Ok(Some(found))
    }

    fn window(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn consume(&mut self, bytes: usize) {
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Reads on until so many bytes are there. False if the file has fewer.
    fn has(&mut self, bytes: usize) -> io::Result<bool> {
        while self.window().len() < bytes && !self.is_at_end {
            if self.start > CHUNK_BYTES {
                self.buffer.drain(..self.start);
                self.start = 0;
            }
            let length = self.buffer.len();
            self.buffer.resize(length + CHUNK_BYTES, 0);
            let read = read_some(&mut self.inner, &mut self.buffer[length..]);
            self.buffer.truncate(length + *read.as_ref().unwrap_or(&0));
            self.is_at_end = read? == 0;
        }
        Ok(self.window().len() >= bytes)
    }

    /// Line ends between records, a byte order mark before them, and what ends a DOS file are none of them.
    fn skip_what_is_between(&mut self) -> io::Result<()> {
        if self.offset == 0 && self.has(3)? && self.window().starts_with(b"\xef\xbb\xbf") {
            self.consume(3);
        }
        while self.has(1)? {
            let window = self.window();
            let is_nothing = |byte: &&u8| matches!(**byte, b'\r' | b'\n' | b'\t' | b' ' | 0 | 0x1a | RECORD_END);
            let mut nothing = window.iter().take_while(is_nothing).count();
            let is_all = nothing == window.len();
            // A length that was never filled in is five blanks, and part of the record.
            let has_digit = window.get(nothing).is_some_and(u8::is_ascii_digit);
            if !is_all && !has_digit && window[..nothing].ends_with(b"     ") {
                nothing -= 5;
            }
            self.consume(nothing);
            if !is_all {
                break;
            }
        }
        Ok(())
    }

    /// How many bytes the next record has, with its terminator; `None` if it is longer than any.
    fn end_of_record(&mut self) -> io::Result<Option<usize>> {
        let Some(end) = self.find_terminator()? else {
            return Ok(None);
        };
        let Some(said) = digits(&self.window()[..LEADER_LENGTH.min(end)], 0..5) else {
            return Ok(Some(without_next(self.window(), end, None)));
        };
        if said == end {
            return Ok(Some(end));
        }
        if said > end && said <= RECORD_MAX_BYTES && self.has(said)? && self.window()[said - 1] == RECORD_END {
            let behind = &self.window()[end..];
            let next = behind.iter().position(|byte| !byte.is_ascii_whitespace());
            if !next.is_some_and(|at| begins_as_leader(&behind[at..])) {
                return Ok(Some(said));
            }
        }
        Ok(Some(without_next(self.window(), end, Some(said))))
    }

    /// Where the first terminator ends, or the file.
    fn find_terminator(&mut self) -> io::Result<Option<usize>> {
        let mut looked_at = 0;
        loop {
            if let Some(at) = memchr::memchr(RECORD_END, &self.window()[looked_at..]) {
                let end = looked_at + at + 1;
                return Ok((end <= RECORD_MAX_BYTES).then_some(end));
            }
            looked_at = self.window().len();
            if looked_at > RECORD_MAX_BYTES {
                return Ok(None);
            }
            if !self.has(looked_at + 1)? {
                return Ok(Some(looked_at));
            }
        }
    }

    /// Passes over the rest of a record without keeping it.
    fn skip_to_terminator(&mut self) -> io::Result<()> {
        while self.has(1)? {
            match memchr::memchr(RECORD_END, self.window()) {
                Some(at) => {
                    self.consume(at + 1);
                    break;
                }
                None => self.consume(self.window().len()),
            }
        }
        Ok(())
    }
}

/// Where a record ends whose terminator may be missing: before the leader of the next one.
fn without_next(window: &[u8], end: usize, said: Option<usize>) -> usize {
    if let Some(said) = said
        && said > LEADER_LENGTH
        && said < end
        && begins_as_leader(&window[said..end])
    {
        return said;
    }
    let mut ends = memchr::memchr_iter(FIELD_END, &window[..end]).map(|at| at + 1);
    ends.find(|at| *at > LEADER_LENGTH && begins_as_leader(&window[*at..end]))
        .unwrap_or(end)
}

/// Reads a record that has been found.
fn read(bytes: &[u8], told: Option<&'static Encoding>) -> Result<Record, Fault> {
    let mut doubts = Vec::new();
    let body = bytes.strip_suffix(&[RECORD_END]);
    if body.is_none() {
        doubts.push(Doubt::NoEnd);
    }
    let body = body.unwrap_or(bytes);
    let Raw {
        leader,
        fields,
        is_in_order,
    } = directory::read(body)?;
    if digits(bytes, 0..5) != Some(bytes.len()) && doubts.is_empty() {
        doubts.push(Doubt::Length {
            said: leader[..5].to_owned(),
            found: bytes.len(),
        });
    }
    if is_in_order {
        doubts.push(Doubt::Directory);
    }
    let (letters, doubt) = Letters::of_record(&leader, &fields, told);
    doubts.extend(doubt);
    let mut record = Record::with_leader(leader);
    for (tag, bytes) in fields {
        record.fields.push(field::read(tag, bytes, letters, &mut doubts));
    }
    record.doubts = doubts;
    Ok(record)
}

fn read_some(inner: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match inner.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}
