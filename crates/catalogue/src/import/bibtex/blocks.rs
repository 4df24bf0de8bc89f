//! Where the entries of a BibTeX file begin and end.
//!
//! An entry begins with `@` and a word before a brace or a bracket, wherever it stands, and ends with what closes it.
//! Text between entries is a comment. One brace too few would make everything behind it part of one entry, and one too
//! many would make its last fields a comment; so a line that begins another entry ends one that is still open, and
//! fields that stand outside every entry are reported. Either way the entries around the broken one come in.

use crate::import::ImportError;
use crate::import::lines::Lines;
use crate::import::rows::ROW_MAX_BYTES;

/// What stands in a file, in its order.
#[derive(Debug)]
pub(super) enum Block {
    /// An entry, from its `@` to what closes it.
    Entry {
        /// The line on which it begins.
        line: u64,
        /// All of it.
        text: String,
    },
    /// An entry that is not closed, or fields outside every entry.
    Broken {
        /// The line on which it begins.
        line: u64,
        /// All of it.
        text: String,
        /// What is wrong.
        reason: &'static str,
    },
}

/// The words after `@` that begin an entry, even where an open one is expected to be closed first.
const KNOWN: &[&str] = &[
    "string",
    "comment",
    "preamble",
    "article",
    "book",
    "mvbook",
    "inbook",
    "bookinbook",
    "suppbook",
    "booklet",
    "collection",
    "mvcollection",
    "incollection",
    "suppcollection",
    "dataset",
    "manual",
    "misc",
    "online",
    "electronic",
    "www",
    "patent",
    "periodical",
    "suppperiodical",
    "proceedings",
    "mvproceedings",
    "inproceedings",
    "conference",
    "reference",
    "mvreference",
    "inreference",
    "report",
    "techreport",
    "set",
    "software",
    "thesis",
    "mastersthesis",
    "phdthesis",
    "unpublished",
    "xdata",
    "artwork",
    "audio",
    "image",
    "movie",
    "music",
    "performance",
    "review",
    "video",
    "standard",
];

/// Reads blocks.
pub(super) struct Blocks {
    pub(super) lines: Lines,
    /// What was read, and from where on it belongs to no block yet.
    read: String,
    from: usize,
    /// The line on which that begins.
    line: u64,
}

impl Blocks {
    pub(super) fn new(lines: Lines) -> Self {
        Self {
            lines,
            read: String::new(),
            from: 0,
            line: 1,
        }
    }

    /// The next block; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Block>, ImportError> {
        loop {
            if self.ahead().is_empty() && !self.read_line()? {
                return Ok(None);
            }
            if let Some(at) = start_of_entry(self.ahead()) {
                self.pass(at);
                return self.entry().map(Some);
            }
            if is_field(self.ahead()) {
                return self.stray().map(Some);
            }
            self.pass(self.ahead().len());
        }
    }

    /// An entry that begins where we are.
    fn entry(&mut self) -> Result<Block, ImportError> {
        let line = self.line;
        let mut balance = Balance::default();
        loop {
            if let Some(end) = balance.closed_in(self.ahead()) {
                let text = self.take(end);
                return Ok(Block::Entry { line, text });
            }
            let so_far = self.ahead().len();
            let is_more = self.add_line()?;
            let is_next = is_more && begins_known(&self.ahead()[so_far..]);
            if !is_more || is_next {
                let text = self.take(so_far);
                let reason = "it is not closed: a brace or a quotation mark in it is missing";
                return Ok(Block::Broken { line, text, reason });
            }
        }
    }

    /// Fields outside every entry: the entry before them was closed too soon.
    fn stray(&mut self) -> Result<Block, ImportError> {
        let line = self.line;
        let mut text = String::new();
        while !self.ahead().trim().is_empty() && start_of_entry(self.ahead()).is_none() {
            text.push_str(&self.take(self.ahead().len()));
            if text.len() > ROW_MAX_BYTES {
                return Err(ImportError::RowTooLong { line });
            }
            if !self.read_line()? {
                break;
            }
        }
        let reason = "these fields stand outside every entry: a brace in the entry before them is one too many";
        Ok(Block::Broken { line, text, reason })
    }

    fn ahead(&self) -> &str {
        &self.read[self.from..]
    }

    /// Reads a line where everything that was read has been passed.
    fn read_line(&mut self) -> Result<bool, ImportError> {
        self.read.clear();
        self.from = 0;
        let line = self.lines.next(&mut self.read)?;
        self.line = line.unwrap_or(self.line);
        Ok(line.is_some())
    }

    fn add_line(&mut self) -> Result<bool, ImportError> {
        // Several entries may stand on a line; what was passed is dropped only once it is most of it.
        if self.from > self.read.len() / 2 {
            self.read.drain(..self.from);
            self.from = 0;
        }
        match self.lines.next(&mut self.read) {
            Err(ImportError::RowTooLong { .. }) => Err(ImportError::RowTooLong { line: self.line }),
            read => Ok(read?.is_some()),
        }
    }

    fn pass(&mut self, bytes: usize) {
        self.line += self.ahead()[..bytes].matches('\n').count() as u64;
        self.from += bytes;
    }

    fn take(&mut self, bytes: usize) -> String {
        let text = self.ahead()[..bytes].to_owned();
        self.pass(bytes);
        text
    }
}

/// Follows braces and quotation marks through an entry, a line at a time.
#[derive(Default)]
struct Balance {
    /// How much of the text has been examined.
    at: usize,
    /// What closes the entry, once it is open.
    closes: Option<u8>,
    braces: u32,
    is_quoted: bool,
}

impl Balance {
    /// Where the entry ends, if it does in what is there so far. Text that was examined is not examined again.
    fn closed_in(&mut self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        while let Some(&byte) = bytes.get(self.at) {
            self.at += 1;
            match (self.closes, byte) {
                (None, b'{') => self.closes = Some(b'}'),
                (None, b'(') => self.closes = Some(b')'),
                (None, _) => {}
                (Some(closes), _) if byte == closes && self.braces == 0 && !self.is_quoted => return Some(self.at),
                (_, b'{') => self.braces += 1,
                (_, b'}') => self.braces = self.braces.saturating_sub(1),
                (_, b'"') if self.braces == 0 => self.is_quoted = !self.is_quoted,
                // A comment to the end of the line, where no value is.
                (_, b'%') if self.braces == 0 && !self.is_quoted => {
                    let rest = &bytes[self.at..];
                    self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
                }
                _ => {}
            }
        }
        None
    }
}

/// Where an entry begins in a text.
fn start_of_entry(text: &str) -> Option<usize> {
    // What is behind a percent sign at the beginning of a line is a comment.
    if text.trim_start().starts_with('%') {
        return None;
    }
    text.match_indices('@').map(|(at, _)| at).find(|at| {
        let rest = &text[at + 1..];
        let word = rest.trim_start().trim_start_matches(is_of_word);
        let is_word = word.len() < rest.trim_start().len();
        is_word && word.trim_start().starts_with(['{', '('])
    })
}

/// Whether a line begins an entry of a known kind.
fn begins_known(line: &str) -> bool {
    let Some(rest) = line.trim_start().strip_prefix('@') else {
        return false;
    };
    let rest = rest.trim_start();
    let end = rest.find(|character| !is_of_word(character)).unwrap_or(rest.len());
    let is_open = rest[end..].trim_start().starts_with(['{', '(']);
    is_open && is_known(&rest[..end])
}

/// Whether a word after `@` is one that these files have.
pub(super) fn is_known(word: &str) -> bool {
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Whether a line outside every entry looks like a field.
fn is_field(line: &str) -> bool {
    let Some((name, value)) = line.split_once('=') else {
        return false;
    };
    let name = name.trim().trim_start_matches(',').trim_start();
    !name.is_empty()
        && name.chars().all(|character| is_of_word(character) || character == '_')
        && value.trim_start().starts_with(['{', '"'])
}

fn is_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}
