//! Reading CSL-JSON, the form in which Zotero, pandoc and other programs hand on references: a list of objects.
//!
//! The list is read object by object, so a broken one is rejected with its own text and a long list needs no memory. A
//! file is one line as a rule, so it is read byte by byte and not line by line.

mod items;

use serde_json::{Map, Value};

use self::items::record;
use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::{Lines, SoFar, Source};
use super::options::Options;
use super::rows::ROW_MAX_BYTES;

/// Whether a text is the beginning of such a file.
pub(crate) fn recognise(head: &str) -> bool {
    let Some(list) = head.trim_start_matches('\u{feff}').trim_start().strip_prefix('[') else {
        return false;
    };
    let first = list.trim_start();
    first.starts_with(']') || first.starts_with('{') && first.contains("\"type\"")
}

/// Opens such a file and stops before its first object.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    Ok(Box::new(CslReader {
        lines: Lines::open(file, options)?,
        is_open: false,
        left_out: LeftOut::default(),
        options: options.clone(),
    }))
}

struct CslReader {
    lines: Lines,
    /// Whether the bracket of the list was read.
    is_open: bool,
    left_out: LeftOut,
    options: Options,
}

impl RecordReader for CslReader {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        loop {
            match self.lines.peek()? {
                None => return Ok(None),
                Some(b'{') if self.is_open => return self.object().map(Some),
                Some(b'[') if !self.is_open => self.is_open = true,
                Some(b']') if self.is_open => {
                    // What is behind the list is none of it.
                    while self.lines.take()?.is_some() {}
                    return Ok(None);
                }
                Some(b',') if self.is_open => {}
                Some(byte) if byte.is_ascii_whitespace() => {}
                Some(_) => {
                    let line = self.lines.line_number()?;
                    return Err(ImportError::Document {
                        reason: format!("on line {line} there is something between the objects of the list"),
                    });
                }
            }
            self.lines.take()?;
        }
    }

    fn reading(&self) -> Vec<String> {
        self.left_out.reading()
    }

    fn so_far(&self) -> SoFar {
        self.lines.so_far()
    }
}

impl CslReader {
    /// An object that begins where we are.
    fn object(&mut self) -> Result<Record, ImportError> {
        let line = self.lines.line_number()?;
        let text = self.text(line)?;
        let mut made = match serde_json::from_str::<Map<String, Value>>(&text) {
            Ok(item) => record(line, &item, &self.options, &mut self.left_out),
            Err(error) => Record {
                refused: Some(format!("it is no JSON ({error})")),
                ..Record::on(line)
            },
        };
        made.text = text;
        Ok(made)
    }

    /// The text of the object, to the brace that closes it.
    fn text(&mut self, line: u64) -> Result<String, ImportError> {
        let mut bytes = Vec::new();
        let (mut depth, mut is_string, mut is_escaped) = (0_u32, false, false);
        while let Some(byte) = self.lines.take()? {
            bytes.push(byte);
            if bytes.len() > ROW_MAX_BYTES {
                return Err(ImportError::RowTooLong { line });
            }
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_string => is_escaped = true,
                b'"' => is_string = !is_string,
                b'{' | b'[' if !is_string => depth += 1,
                b'}' | b']' if !is_string => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        break;
                    }
                }
                _ => {}
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}
