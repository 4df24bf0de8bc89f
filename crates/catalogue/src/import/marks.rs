//! Quotation marks that other programs write differently: after a space, or with a backslash before one that belongs to
//! the text.

use std::borrow::Cow;
use std::io::{self, Read};

/// How many lines of a file are examined.
const LINES_ASKED: usize = 200;

/// How a file writes its quotation marks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Marks {
    /// A mark within a quotation has a backslash before it.
    pub(super) has_backslashes: bool,
    /// There is a space before the mark that opens a quotation.
    pub(super) has_spaces: bool,
}

impl Marks {
    /// Finds out from the beginning of a file.
    pub(super) fn of(head: &str, delimiter: u8) -> Self {
        let (mut spaced, mut plain, mut lines, mut escaped) = (0, 0, 0, 0);
        for line in head.lines().take(LINES_ASKED) {
            lines += 1;
            let bytes = line.as_bytes();
            spaced += usize::from(has_spaced(bytes, delimiter));
            plain += usize::from(bytes.windows(2).any(|pair| pair == [delimiter, b'"']));
            escaped += usize::from(has_escaped(bytes, delimiter));
        }
        Self {
            has_backslashes: escaped > 0,
            has_spaces: spaced * 2 >= lines && spaced > plain,
        }
    }

    /// A reader for rows written in this way.
    pub(super) fn reader_of(self, delimiter: u8) -> csv::ReaderBuilder {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        builder.escape(self.has_backslashes.then_some(b'\\'));
        builder
    }

    /// A text without the spaces before its marks.
    pub(super) fn without_spaces(self, text: &str, delimiter: u8) -> Cow<'_, str> {
        if !self.has_spaces {
            return Cow::Borrowed(text);
        }
        let mut bytes = text.as_bytes().to_vec();
        let mut state = State::default();
        state.keep(&mut bytes, delimiter);
        bytes.extend(std::iter::repeat_n(b' ', state.held));
        String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
    }
}

/// Whether a cell of a line begins with a space and a mark, and ends with one.
fn has_spaced(line: &[u8], delimiter: u8) -> bool {
    let opens = line.windows(3).any(|three| three == [delimiter, b' ', b'"']);
    let closes = line.ends_with(b"\"") || line.windows(2).any(|pair| pair == [b'"', delimiter]);
    opens && closes
}

/// Whether there is a mark with a backslash within a quotation, so that reading it as the closing one would leave
/// letters after it.
fn has_escaped(line: &[u8], delimiter: u8) -> bool {
    memchr::memmem::find_iter(line, b"\\\"").any(|at| {
        let is_inside = at
            .checked_sub(1)
            .is_some_and(|before| line[before] != b'\\' && line[before] != delimiter);
        let behind = line.get(at + 2).copied();
        let is_text = behind.is_some_and(|next| next.is_ascii_alphanumeric() || next >= 0x80);
        is_text && is_inside
    })
}

/// Leaves out spaces between a delimiter and a quotation mark, if a file writes them.
pub(super) struct Unspaced<R> {
    pub(super) inner: R,
    state: Option<(State, u8)>,
    /// Spaces that turned out to be text, and the byte after them.
    ready: Vec<u8>,
}

#[derive(Debug, Default)]
struct State {
    is_quoted: bool,
    /// Whether a cell begins here.
    is_at_start: bool,
    /// Spaces at the beginning of a cell when it is not known yet what follows.
    held: usize,
}

impl State {
    /// Keeps the bytes that stay, with the spaces that were held back before them and turned out to be text.
    fn keep(&mut self, bytes: &mut Vec<u8>, delimiter: u8) {
        let mut kept = Vec::with_capacity(bytes.len() + self.held);
        for &byte in bytes.iter() {
            if self.is_at_start && byte == b' ' && !self.is_quoted {
                self.held += 1;
                continue;
            }
            if self.held > 0 {
                if byte != b'"' {
                    kept.extend(std::iter::repeat_n(b' ', self.held));
                }
                self.held = 0;
            }
            if byte == b'"' {
                self.is_quoted = !self.is_quoted;
            }
            self.is_at_start = !self.is_quoted && (byte == delimiter || byte == b'\n' || byte == b'\r');
            kept.push(byte);
        }
        *bytes = kept;
    }
}

impl<R> Unspaced<R> {
    pub(super) fn new(inner: R, marks: Marks, delimiter: u8) -> Self {
        Self {
            inner,
            state: marks.has_spaces.then(|| (State::default(), delimiter)),
            ready: Vec::new(),
        }
    }
}

impl<R: Read> Read for Unspaced<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        let Some((state, delimiter)) = &mut self.state else {
            return self.inner.read(output);
        };
        while self.ready.is_empty() {
            let mut bytes = vec![0; output.len()];
            let read = self.inner.read(&mut bytes)?;
            bytes.truncate(read);
            if read == 0 {
                self.ready
                    .extend(std::iter::repeat_n(b' ', std::mem::take(&mut state.held)));
                break;
            }
            state.keep(&mut bytes, *delimiter);
            self.ready = bytes;
        }
        let length = self.ready.len().min(output.len());
        output[..length].copy_from_slice(&self.ready[..length]);
        self.ready.drain(..length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_before_marks_are_left_out_and_others_stay() {
        let text = "title, author\n\"a, \"\"b\"\"\", \"c\", d\n";
        let marks = Marks {
            has_spaces: true,
            ..Marks::default()
        };
        assert_eq!(
            marks.without_spaces(text, b','),
            "title, author\n\"a, \"\"b\"\"\",\"c\", d\n"
        );
        let mut read = String::new();
        let mut source = Unspaced::new(text.as_bytes(), marks, b',');
        source.read_to_string(&mut read).unwrap();
        assert_eq!(read, marks.without_spaces(text, b','));
    }

    #[test]
    fn backslashes_are_believed_only_within_a_quotation() {
        assert!(Marks::of("title,author\n\"a \\\"b\\\" c\",d\n", b',').has_backslashes);
        assert!(!Marks::of("title,author\n\"C:\\\",d\n", b',').has_backslashes);
    }
}
