//! Where words and data go: data to stdout, as text or as one JSON document; words to stderr.

use std::cell::RefCell;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use serde::Serialize;

/// Writes for one run of the command. Colours appear on a terminal only, and not where `NO_COLOR` is set.
pub(crate) struct Output {
    json: bool,
    quiet: bool,
    stdout: RefCell<BufWriter<anstream::Stdout>>,
}

/// A text without the control characters that a terminal would obey; a catalogue may hold some from elsewhere.
pub(crate) fn visible(text: &str) -> String {
    let shown = |character: char| {
        if character.is_control() && character != '\n' {
            '\u{fffd}'
        } else {
            character
        }
    };
    text.chars().map(shown).collect()
}

const RED: &str = "\u{1b}[31m";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

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

    /// Whether a person reads the data, and not a program.
    pub(crate) fn is_for_a_person(&self) -> bool {
        !self.json && io::stdout().is_terminal()
    }

    /// The one JSON document of this run.
    pub(crate) fn document(&self, value: &impl Serialize) -> anyhow::Result<()> {
        let mut stdout = self.stdout.borrow_mut();
        serde_json::to_writer_pretty(&mut *stdout, value)?;
        stdout.write_all(b"\n")?;
        Ok(())
    }

    /// Hands stdout to whoever writes much. The bytes go out as they are, past the handling of colours.
    pub(crate) fn stream<T>(&self, write: impl FnOnce(&mut dyn Write) -> anyhow::Result<T>) -> anyhow::Result<T> {
        self.finish()?;
        write(&mut BufWriter::new(io::stdout().lock()))
    }

    /// A line of data.
    pub(crate) fn line(&self, text: impl Display) -> anyhow::Result<()> {
        writeln!(self.stdout.borrow_mut(), "{text}")?;
        Ok(())
    }

    /// A field of a record: its name in bold, then its value.
    pub(crate) fn field(&self, name: &str, value: impl Display) -> anyhow::Result<()> {
        self.line(format_args!("{BOLD}{name:<16}{PLAIN} {}", visible(&value.to_string())))
    }

    /// The heads of the columns of a table.
    pub(crate) fn heads(&self, text: impl Display) -> anyhow::Result<()> {
        self.line(format_args!("{BOLD}{text}{PLAIN}"))
    }

    /// Words for the person at the terminal.
    pub(crate) fn note(&self, text: impl Display) {
        if !self.quiet {
            // On a terminal both come to the same place, and what was said first stands first.
            let _ = self.finish();
            to_stderr(format_args!("{text}"));
        }
    }

    /// Less important words.
    pub(crate) fn aside(&self, text: impl Display) {
        self.note(format_args!("{DIM}{text}{PLAIN}"));
    }

    /// Why the command failed: in words, or as JSON where the data would have been JSON.
    pub(crate) fn failure(&self, code: &str, message: &str) {
        if self.json {
            let error = serde_json::json!({ "error": { "code": code, "message": message } });
            to_stderr(format_args!("{error}"));
        } else {
            to_stderr(format_args!("{RED}colophon:{PLAIN} {message}"));
        }
    }

    /// Sends what is still held back.
    pub(crate) fn finish(&self) -> anyhow::Result<()> {
        Ok(self.stdout.borrow_mut().flush()?)
    }
}

fn to_stderr(text: std::fmt::Arguments<'_>) {
    // Where stderr is closed, there is nobody to tell that.
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}
