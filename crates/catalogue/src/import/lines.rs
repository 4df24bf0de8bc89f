//! The lines of a text file of any encoding, and its bytes, with neither of them without a bound.

use std::io::{BufRead, BufReader, Read, Seek};

use super::ImportError;
use super::encoding::{Survey, Utf8Reader};
use super::options::Options;
use super::rows::ROW_MAX_BYTES;

/// A file that can be read from its beginning more than once.
pub(crate) trait Rereadable: Read + Seek {}

impl<R: Read + Seek> Rereadable for R {}

/// A file to read, of whichever kind.
pub(crate) type Source = Box<dyn Rereadable + Send>;

/// How much is read at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// A text file, line by line or byte by byte; line ends are those of any system.
pub(super) struct Lines {
    reader: BufReader<Utf8Reader<Source>>,
    survey: Survey,
    /// Line ends so far.
    ends: u64,
    /// Whether the last byte was a carriage return, whose line feed may still come.
    after_return: bool,
    bytes: Vec<u8>,
}

/// How far a file has been read, and in which encoding.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SoFar {
    /// The name of the encoding, and whether it is merely likely.
    pub(crate) encoding: (&'static str, bool),
    /// Whether bytes were found that are no letters in that encoding; they are U+FFFD in the text.
    pub(crate) is_damaged: bool,
    /// How much of the file has been read, in bytes.
    pub(crate) bytes_read: u64,
}

impl Lines {
    /// Examines the whole file once, and stops before the first line.
    pub(super) fn open(mut file: Source, options: &Options) -> Result<Self, ImportError> {
        let survey = Survey::of(&mut file, options.encoding, options.code_page)?;
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER_BYTES, survey.reader(file)?),
            survey,
            ends: 0,
            after_return: false,
            bytes: Vec::new(),
        })
    }

    /// Goes back to the beginning of the file.
    pub(super) fn again(self) -> Result<Self, ImportError> {
        let file = self.reader.into_inner().into_file();
        Ok(Self {
            reader: BufReader::with_capacity(BUFFER_BYTES, self.survey.reader(file)?),
            survey: self.survey,
            ends: 0,
            after_return: false,
            bytes: Vec::new(),
        })
    }

    /// Adds the next line to `text`, ended by a line feed, and returns its number; `None` at the end of the file.
    /// What has been put together in `text` must not become longer than a row may be.
    pub(super) fn next(&mut self, text: &mut String) -> Result<Option<u64>, ImportError> {
        let line = self.line_number()?;
        self.bytes.clear();
        let mut is_ended = false;
        while !is_ended {
            let chunk = self.reader.fill_buf()?;
            if chunk.is_empty() {
                break;
            }
            let end = memchr::memchr2(b'\r', b'\n', chunk);
            let taken = end.unwrap_or(chunk.len());
            self.bytes.extend_from_slice(&chunk[..taken]);
            if let Some(end) = end {
                self.after_return = chunk[end] == b'\r';
                self.ends += 1;
                is_ended = true;
            }
            let taken = taken + usize::from(is_ended);
            self.reader.consume(taken);
            if text.len() + self.bytes.len() > ROW_MAX_BYTES {
                return Err(ImportError::RowTooLong { line });
            }
        }
        if self.bytes.is_empty() && !is_ended {
            return Ok(None);
        }
        text.push_str(&String::from_utf8_lossy(&self.bytes));
        text.push('\n');
        Ok(Some(line))
    }

    /// The number of the line that comes next.
    pub(super) fn line_number(&mut self) -> Result<u64, ImportError> {
        if self.after_return {
            self.after_return = false;
            let is_second_half = self.reader.fill_buf()?.first() == Some(&b'\n');
            self.reader.consume(usize::from(is_second_half));
        }
        Ok(self.ends + 1)
    }

    /// The next byte, which stays where it is.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, ImportError> {
        Ok(self.reader.fill_buf()?.first().copied())
    }

    /// Takes the next byte.
    pub(super) fn take(&mut self) -> Result<Option<u8>, ImportError> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.reader.consume(1);
            let is_second_half = byte == b'\n' && self.after_return;
            self.ends += u64::from(matches!(byte, b'\r' | b'\n') && !is_second_half);
            self.after_return = byte == b'\r';
        }
        Ok(byte)
    }

    /// How far it has been read, and in which encoding.
    pub(super) fn so_far(&self) -> SoFar {
        let source = self.reader.get_ref();
        SoFar {
            encoding: (self.survey.name(), self.survey.is_doubtful),
            is_damaged: self.survey.damaged || source.is_damaged(),
            bytes_read: source.bytes_read(),
        }
    }
}
