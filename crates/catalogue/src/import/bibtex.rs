//! Reading BibTeX and BibLaTeX.
//!
//! A file is read entry by entry (`blocks`), so that a broken one is rejected with its own text and those around it come
//! in; an entry is taken apart (`entry`), its TeX turned into letters (`tex`), its people into names (`names`), and its
//! fields into those of a book (`fields`). What an entry takes over from another (`crossref`, `xdata`) may stand before
//! or behind it, so a file with such entries is read through once for the keys and once for what they name.

mod blocks;
mod entry;
mod fields;
mod inherited;
mod names;
mod tex;

use self::blocks::{Block, Blocks, is_known};
use self::entry::{Entry, Macros, Parsed};
use self::fields::record;
use self::inherited::Parents;
use super::ImportError;
use super::foreign::{Record, RecordReader};
use super::left_out::LeftOut;
use super::lines::{Lines, SoFar, Source};
use super::options::Options;

/// How many lines at the beginning may come before the first entry.
const LINES_BEFORE: usize = 200;

/// Whether a text is the beginning of such a file: a line in it begins an entry of a known kind, and nothing before it
/// looks like a table.
pub(crate) fn recognise(head: &str) -> bool {
    let mut lines = head.lines().take(LINES_BEFORE).map(str::trim_start);
    lines.any(|line| {
        let Some(rest) = line.strip_prefix('@') else {
            return false;
        };
        let end = rest.find(['{', '(']).unwrap_or(rest.len());
        end < rest.len() && is_known(rest[..end].trim())
    })
}

/// Opens such a file and stops before its first entry.
pub(crate) fn open(file: Source, options: &Options) -> Result<Box<dyn RecordReader + Send>, ImportError> {
    let mut blocks = Blocks::new(Lines::open(file, options)?);
    let parents = Parents::of(&mut blocks)?;
    Ok(Box::new(BibtexReader {
        blocks: Blocks::new(blocks.lines.again()?),
        macros: Macros::default(),
        parents,
        left_out: LeftOut::default(),
        options: options.clone(),
    }))
}

struct BibtexReader {
    blocks: Blocks,
    macros: Macros,
    /// The entries that others take something over from.
    parents: Parents,
    left_out: LeftOut,
    options: Options,
}

impl RecordReader for BibtexReader {
    fn next_record(&mut self) -> Result<Option<Record>, ImportError> {
        loop {
            let Some(block) = self.blocks.next()? else {
                return Ok(None);
            };
            match block {
                Block::Broken { line, text, reason } => {
                    return Ok(Some(Record {
                        text,
                        refused: Some(reason.to_owned()),
                        ..Record::on(line)
                    }));
                }
                Block::Entry { line, text } => match self.macros.parse(&text) {
                    Ok(Parsed::NoEntry) => {}
                    // It only holds fields for others.
                    Ok(Parsed::Entry(entry)) if entry.kind == "xdata" => {}
                    Ok(Parsed::Entry(entry)) => {
                        let mut record = self.read(line, &entry);
                        record.text = text;
                        return Ok(Some(record));
                    }
                    Err(reason) => {
                        return Ok(Some(Record {
                            text,
                            refused: Some(reason),
                            ..Record::on(line)
                        }));
                    }
                },
            }
        }
    }

    fn reading(&self) -> Vec<String> {
        self.left_out.reading()
    }

    fn so_far(&self) -> SoFar {
        self.blocks.lines.so_far()
    }
}

impl BibtexReader {
    fn read(&mut self, line: u64, entry: &Entry) -> Record {
        let (entry, missing) = self.parents.complete(entry);
        let mut record = record(line, &entry, &self.options, &mut self.left_out);
        for name in entry.undefined {
            record.problem(
                "row",
                format!("no @string before it defines “{name}”; the word itself was taken"),
            );
        }
        for key in missing {
            record.problem(
                "row",
                format!("it takes over from “{key}”, and no entry has that key; what it would take over is missing"),
            );
        }
        record
    }
}
