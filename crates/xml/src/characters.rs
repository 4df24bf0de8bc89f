//! The characters of an XML file as UTF-8, whatever encoding it is in, and not more of them than a record may have.

use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of a record of XML is read before it is given up.
pub const RECORD_MAX_BYTES: usize = 16 * 1024 * 1024;

/// How much is read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// A file as UTF-8.
pub struct Characters<R> {
    inner: R,
    decoder: Option<Decoder>,
    chunk: Vec<u8>,
    /// How much of the chunk has been decoded.
    done: usize,
    is_at_end: bool,
    /// How much may still be read before the next record must have begun.
    allowance: usize,
    bytes_read: u64,
}

/// Why no more is read.
#[derive(Debug, thiserror::Error)]
#[error("a record has more than {RECORD_MAX_BYTES} bytes")]
pub struct TooLong;

impl<R: Read> Characters<R> {
    /// Reads from the beginning of a file.
    pub fn new(inner: R) -> Self {
        Self {
            inner,
            decoder: None,
            chunk: Vec::new(),
            done: 0,
            is_at_end: false,
            allowance: RECORD_MAX_BYTES,
            bytes_read: 0,
        }
    }

    /// A record has begun or ended.
    pub fn allow_another(&mut self) {
        self.allowance = RECORD_MAX_BYTES;
    }

    /// How much of the file has been read, in its own bytes.
    pub fn bytes_read(&self) -> u64 {
        self.bytes_read
    }

    fn fill(&mut self) -> io::Result<()> {
        self.chunk.resize(CHUNK_BYTES, 0);
        self.done = 0;
        let read = loop {
            match self.inner.read(&mut self.chunk) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.chunk.truncate(read);
        self.is_at_end = read == 0;
        self.bytes_read += read as u64;
        if self.decoder.is_none() && read > 0 {
            self.decoder = Some(encoding_of(&self.chunk).new_decoder());
        }
        Ok(())
    }
}

impl<R: Read> Read for Characters<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance == 0 {
            return Err(io::Error::other(TooLong));
        }
        loop {
            if self.done == self.chunk.len() && !self.is_at_end {
                self.fill()?;
            }
            let Some(decoder) = &mut self.decoder else {
                return Ok(0);
            };
            let (result, read, written, _) = decoder.decode_to_utf8(&self.chunk[self.done..], buffer, self.is_at_end);
            self.done += read;
            if self.is_at_end && result == CoderResult::InputEmpty {
                self.decoder = None;
            }
            if written > 0 || self.decoder.is_none() {
                self.allowance = self.allowance.saturating_sub(written);
                return Ok(written);
            }
            if result == CoderResult::OutputFull {
                return Err(io::ErrorKind::InvalidInput.into());
            }
        }
    }
}

/// The encoding of an XML file: by its byte order mark, by the width of its first characters, or as it declares it.
fn encoding_of(beginning: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(beginning) {
        return encoding;
    }
    match beginning {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    declared(beginning).unwrap_or(UTF_8)
}

fn declared(beginning: &[u8]) -> Option<&'static Encoding> {
    const WORD: &[u8] = b"encoding";
    let end = beginning.windows(2).take(400).position(|two| two == b"?>")?;
    let declaration = &beginning[..end];
    let at = declaration.windows(WORD.len()).position(|word| word == WORD)?;
    let mut parts = declaration[at + WORD.len()..].split(|byte| matches!(byte, b'"' | b'\''));
    parts.next()?;
    let encoding = Encoding::for_label(parts.next()?)?;
    // What says that it is UTF-16 in bytes of eight bits is not.
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        UTF_8
    } else {
        encoding
    })
}
