//! Where words and data go: data to stdout, as text or as one JSON document; words to stderr.
//!
//! What is written may contain what somebody else typed, here or on the server, so nothing gets through that a terminal
//! would obey ([`shown`](crate::shown)).

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

use crate::shown::{escaped, visible, visible_lines};

/// Writes the output of one run of the command. Colours appear only on a terminal, and not if `NO_COLOR` is set.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    stdout: RefCell<BufWriter<anstream::Stdout>>,
}

const RED: &str = "\u{1b}[31m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// By how many places the second and every further line of a value is indented.
const FIELD_INDENT: usize = 17;
const WORDS_INDENT: usize = 4;

impl Output {
    pub(crate) fn new(json: bool, quiet: bool) -> Self {
        Self {
            json,
            quiet,
            stdout: RefCell::new(BufWriter::new(anstream::stdout())),
        }
    }

    /// Whether data is wanted as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Whether the person at the terminal wants to see how far a long act has come.
    pub(crate) fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether a person reads the data, rather than a program.
    pub(crate) fn is_for_a_person(&self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// The one JSON document of this run.
    pub(crate) fn document(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.write(escaped(&serde_json::to_string_pretty(value)?))
    }

    /// A JSON document on a line of its own.
    pub(crate) fn document_line(&self, value: &impl Serialize) -> anyhow::Result<()> {
        self.write(escaped(&serde_json::to_string(value)?))
    }

    /// Lends stdout to whoever writes a lot. The bytes go out as they are, bypassing the handling of colours.
    pub(crate) fn stream<T>(&self, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.finish()?;
        write(&mut BufWriter::new(io::stdout().lock()))
    }

    /// A line of data; tabs in it separate columns.
    pub(crate) fn line(&self, text: impl Display) -> anyhow::Result<()> {
        let text = text.to_string();
        let columns: Vec<_> = text.split('\t').map(visible).collect();
        self.write(columns.join("\t"))
    }

    /// A field of a record: its name in bold, then its value. Further lines of the value are aligned under the first.
    pub(crate) fn field(&self, name: &str, value: impl Display) -> anyhow::Result<()> {
        let value = visible_lines(&value.to_string(), FIELD_INDENT);
        self.write(format_args!("{BOLD}{name:<16}{PLAIN} {value}"))
    }

    /// The headings of the columns of a table.
    pub(crate) fn heads(&self, text: impl Display) -> anyhow::Result<()> {
        self.write(format_args!("{BOLD}{text}{PLAIN}"))
    }

    fn write(&self, text: impl Display) -> anyhow::Result<()> {
        writeln!(self.stdout.borrow_mut(), "{text}")?;
        Ok(())
    }

    /// Words for the person at the terminal.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            // On a terminal both go to the same place, and what was said first must come first.
            let _ = self.finish();
            to_stderr(format_args!("{}", visible_lines(&text.to_string(), WORDS_INDENT)));
        }
    }

    /// A question that somebody has to answer before anything happens; it is printed even if nothing else is.
    pub(crate) fn question(&self, text: impl Display) {
        let _ = self.finish();
        to_stderr(format_args!("{}", visible_lines(&text.to_string(), 0)));
    }

    /// Less important words.
    pub(crate) fn aside(&self, text: impl Display) {
        if !self.quiet {
            let _ = self.finish();
            to_stderr(format_args!(
                "{DIM}{}{PLAIN}",
                visible_lines(&text.to_string(), WORDS_INDENT)
            ));
        }
    }

    /// Why the command failed: in words, or as JSON if the data would have been JSON.
    pub(crate) fn failure(&self, code: &str, message: &str) {
        failure(self.json, code, message);
    }

    /// Sends what is still buffered.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        Ok(self.stdout.borrow_mut().flush()?)
    }
}

/// The same where the output of this run is not at hand.
pub(crate) fn failure(is_json: bool, code: &str, message: &str) {
    if is_json {
        let error = serde_json::json!({ "error": { "code": code, "message": message } });
        to_stderr(format_args!("{}", escaped(&error.to_string())));
    } else {
        let message = visible_lines(message, WORDS_INDENT);
        to_stderr(format_args!("{RED}colophon:{PLAIN} {message}"));
    }
}

fn to_stderr(text: std::fmt::Arguments<'_>) {
    // If stderr is closed, there is nobody to tell.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
