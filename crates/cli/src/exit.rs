//! What the command ends with: an exit code by which a script can tell causes apart, and one message.

use std::io;
use std::process::ExitCode;

use colophon_catalogue::import::ImportError;
use colophon_store::{Error, is_without_room};
use colophon_sync::central;
use colophon_sync::keychain::KeychainError;

use crate::output::Output;

/// How the command ended. Scripts depend on these numbers; `docs/command-line.md` explains them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked.
    Done = 0,
    /// Something that has no number of its own.
    Failed = 1,
    /// The arguments make no sense (clap ends with the same number).
    Usage = 2,
    /// The file to import, or the place to export to, cannot be used.
    OtherFile = 3,
    /// There is no such record.
    NotFound = 4,
    /// A rule of the catalogue says no: a value, a duplicate, a record that others need.
    Refused = 5,
    /// The catalogue file cannot be used: missing, damaged, read-only, foreign, or from a newer version.
    CatalogueFile = 6,
    /// Not now: another program is writing, or the disk is full. The same command may succeed later.
    NotNow = 7,
    /// The server cannot be reached, or refuses. Edits are safe in the file.
    Server = 8,
    /// Something needs a person's care: `doctor` found it, or a record is quarantined.
    NeedsCare = 9,
}

impl Exit {
    pub(crate) fn code(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

#[derive(Debug)]
struct Refusal {
    exit: Exit,
    message: String,
}

/// An error that the command itself finds, with the code it ends with and words that say what to do.
pub(crate) fn refusal(exit: Exit, message: impl Into<String>) -> anyhow::Error {
    Refusal {
        exit,
        message: message.into(),
    }
    .into()
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

/// Whether nothing is wrong except that somebody has stopped reading our output.
pub(crate) fn is_of_whoever_reads(error: &anyhow::Error) -> bool {
    error.chain().any(is_broken_pipe)
}

/// The code that shows others that a signal has ended the run.
pub(crate) fn of_signal(status: i32) -> ExitCode {
    u8::try_from(status).map_or(Exit::Failed.code(), ExitCode::from)
}

/// Says what went wrong, and returns the code for it.
pub(crate) fn of_error(error: &anyhow::Error, output: &Output) -> Exit {
    // Whoever reads our output has seen enough: nobody is left to tell, and nothing is wrong.
    if is_of_whoever_reads(error) {
        return Exit::Done;
    }
    let (exit, code) = classify(error);
    output.failure(code, &message(error));
    exit
}

/// Says what is wrong with the arguments, or prints the help that they ask for. Whether JSON is wanted is looked up in
/// the raw arguments, because they could not be parsed.
pub(crate) fn of_usage(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os()
        .skip(1)
        .take_while(|argument| argument != "--")
        .any(|argument| argument == "--json");
    if !error.use_stderr() || !wants_json {
        // What cannot be printed cannot be reported either.
        let _ = error.print();
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
    }
    let told = error.render().to_string();
    let told = told.strip_prefix("error: ").unwrap_or(&told);
    Output::new(true, false).failure(word(Exit::Usage), told.trim_end());
    Exit::Usage.code()
}

/// What went wrong and why, from the outside in. A cause that the words before it already repeat is left out.
fn message(error: &anyhow::Error) -> String {
    let mut message = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if !message.contains(&cause) {
            if !message.is_empty() {
                message.push_str(": ");
            }
            message.push_str(&cause);
        }
    }
    if let Some(advice) = error.chain().find_map(|cause| advice(cause.downcast_ref()?)) {
        message.push_str(": ");
        message.push_str(advice);
    }
    message
}

/// What to do next about the file. The store cannot say it, because it does not know which commands its application
/// has.
fn advice(error: &Error) -> Option<&'static str> {
    match error {
        Error::Corrupt { .. } => {
            Some("`colophon restore` goes back to a backup, `colophon export --salvage` saves what can still be read")
        }
        Error::BadValue { .. } | Error::NotAsDeclared { .. } => {
            Some("`colophon doctor` examines the file, `colophon export --salvage` saves what can be read")
        }
        Error::Empty => Some("choose another file, or make a catalogue with `colophon init`"),
        _ => None,
    }
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let is_broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
    cause.downcast_ref::<io::Error>().is_some_and(is_broken)
        || cause
            .downcast_ref::<serde_json::Error>()
            .is_some_and(|error| error.io_error_kind() == Some(io::ErrorKind::BrokenPipe))
}

fn classify(error: &anyhow::Error) -> (Exit, &'static str) {
    for cause in error.chain() {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return (refusal.exit, word(refusal.exit));
        }
        if cause.downcast_ref().is_some_and(is_without_room) {
            return (Exit::NotNow, "disk_full");
        }
        if let Some(error) = cause.downcast_ref::<ImportError>() {
            return match error {
                ImportError::Store(error) => of_store(error),
                ImportError::Io(source) | ImportError::Rejected { source, .. } if is_without_room(source) => {
                    (Exit::NotNow, "disk_full")
                }
                _ => (Exit::OtherFile, "import_file"),
            };
        }
        if let Some(error) = cause.downcast_ref::<Error>() {
            return of_store(error);
        }
        if let Some(error) = cause.downcast_ref::<central::Error>() {
            return (Exit::Server, error.code());
        }
        if cause.downcast_ref::<KeychainError>().is_some() {
            return (Exit::Failed, "keychain");
        }
        if let Some(error) = cause.downcast_ref::<colophon_sync::Error>() {
            return match error {
                colophon_sync::Error::Local(error) => of_store(error),
                _ => (Exit::Server, error.code()),
            };
        }
    }
    (Exit::Failed, word(Exit::Failed))
}

/// The code for an exit whose cause has no finer one.
fn word(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "done",
        Exit::Failed => "failed",
        Exit::Usage => "usage",
        Exit::OtherFile => "other_file",
        Exit::NotFound => "not_found",
        Exit::Refused => "refused",
        Exit::CatalogueFile => "catalogue_file",
        Exit::NotNow => "not_now",
        Exit::Server => "server",
        Exit::NeedsCare => "needs_care",
    }
}

fn of_store(error: &Error) -> (Exit, &'static str) {
    match error {
        Error::NotFound { .. } | Error::NotOne { .. } => (Exit::NotFound, "not_found"),
        Error::Duplicate { .. } => (Exit::Refused, "duplicate"),
        Error::ForeignKey { .. } => (Exit::Refused, "in_use"),
        Error::Invalid { .. } => (Exit::Refused, "invalid"),
        Error::Busy | Error::Exhausted | Error::StillWriting | Error::Closed => (Exit::NotNow, "busy"),
        Error::OpenElsewhere => (Exit::NotNow, "open_elsewhere"),
        Error::DiskFull | Error::NoBackup { is_full: true, .. } => (Exit::NotNow, "disk_full"),
        Error::NoBackup { .. } | Error::UnusableBackup { .. } => (Exit::OtherFile, "backup"),
        Error::Corrupt { .. } | Error::BadValue { .. } | Error::NotAsDeclared { .. } => {
            (Exit::CatalogueFile, "corrupt")
        }
        Error::NotACatalogue => (Exit::CatalogueFile, "not_a_catalogue"),
        Error::ReadOnly => (Exit::CatalogueFile, "read_only"),
        Error::CannotOpen | Error::Disk { .. } => (Exit::CatalogueFile, "cannot_open"),
        Error::Moved { .. } => (Exit::CatalogueFile, "moved"),
        Error::Empty => (Exit::CatalogueFile, "empty"),
        Error::Migration(_) => (Exit::CatalogueFile, "migration"),
        Error::Setting { .. } => (Exit::Usage, "setting"),
        _ => (Exit::Failed, "failed"),
    }
}
