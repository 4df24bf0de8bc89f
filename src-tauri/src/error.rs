//! Errors as the window gets them: a code to decide by and a sentence to show. Nothing in the window compares texts.

use colophon_catalogue::export::ExportError;
use colophon_catalogue::import::ImportError;
use colophon_store::{Error, MigrationError};
use serde::Serialize;
use specta::Type;

/// What a command answers when it cannot do what it was asked.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct CommandError {
    /// What went wrong, for the window to decide by.
    pub(crate) code: Code,
    /// The field it is about.
    pub(crate) field: Option<String>,
    /// What happened, what is safe and what to do, for a person to read.
    pub(crate) message: String,
}

/// The codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Code {
    /// The record is not there (any more).
    NotFound,
    /// Another record has this value, and only one may.
    Duplicate,
    /// Other records refer to this one.
    InUse,
    /// The value breaks a rule of its field.
    Invalid,
    /// Another program is writing to the file.
    Busy,
    /// The file is damaged.
    Corrupt,
    /// The file is something else than a catalogue, empty, or of migrations that nobody knows.
    NoCatalogue,
    /// The file was written by a newer version of the program.
    Newer,
    /// The file or its folder may not be written.
    ReadOnly,
    /// The open file is not where it was.
    Moved,
    /// The disk is full or failing.
    Disk,
    /// A file to import cannot be read as what it is.
    Unreadable,
    /// A setting cannot be understood.
    Setting,
    /// The server refuses, or cannot be worked with.
    Server,
    /// Nobody waited for the answer any more.
    Interrupted,
    /// A newer question was put in its place, so this one was not answered.
    Superseded,
    /// A fault of ours.
    Internal,
}

impl CommandError {
    /// An error with a sentence for a person.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            field: None,
            message: message.into(),
        }
    }

    /// The same, with one more line about where, or what to do.
    pub(crate) fn and(mut self, line: &str) -> Self {
        self.message.push_str("\n\n");
        self.message.push_str(line);
        self
    }
}

impl From<Error> for CommandError {
    fn from(error: Error) -> Self {
        let (code, field) = match &error {
            Error::NotFound { .. } => (Code::NotFound, None),
            Error::Duplicate { field, .. } => (Code::Duplicate, Some(*field)),
            Error::ForeignKey { .. } => (Code::InUse, None),
            Error::Invalid { field, .. } => (Code::Invalid, Some(*field)),
            Error::Busy | Error::Exhausted | Error::StillWriting | Error::OpenElsewhere => (Code::Busy, None),
            Error::Migration(MigrationError::Newer { .. }) => (Code::Newer, None),
            Error::Corrupt { .. } | Error::BadValue { .. } | Error::NotAsDeclared { .. } => (Code::Corrupt, None),
            Error::NotACatalogue | Error::Empty | Error::Migration(_) => (Code::NoCatalogue, None),
            Error::ReadOnly | Error::CannotOpen => (Code::ReadOnly, None),
            Error::Moved { .. } => (Code::Moved, None),
            Error::DiskFull | Error::Disk { .. } | Error::Io { .. } | Error::NoBackup { .. } => (Code::Disk, None),
            Error::UnusableBackup { .. } => (Code::Unreadable, None),
            Error::Setting { .. } => (Code::Setting, None),
            Error::Interrupted | Error::Closed => (Code::Interrupted, None),
            _ => (Code::Internal, None),
        };
        if code == Code::Internal {
            tracing::error!(%error, "a command failed in a way that it should not");
        }
        let words = match &error {
            // The window shows it under the field, so its name need not be repeated.
            Error::Invalid { reason, .. } => reason.clone(),
            // The window offers the ways out itself.
            Error::Corrupt { detail } => {
                format!("parts of the catalogue file cannot be read ({detail}); it was not changed")
            }
            Error::NotACatalogue => "this file is not a Colophon catalogue; it was not changed".to_owned(),
            Error::Empty => "this file is empty, so it is not a Colophon catalogue; it was not changed".to_owned(),
            _ => error.to_string(),
        };
        Self {
            code,
            field: field.map(str::to_owned),
            message: sentence(&words),
        }
    }
}

impl From<ImportError> for CommandError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Store(error) => error.into(),
            // The window has no command-line options to offer.
            ImportError::MissingColumn { field, columns } => Self::new(
                Code::Unreadable,
                format!(
                    "No column of the file holds the {field}; nothing was imported. Its columns are: {columns}. \
                     Name the columns in the first line of the file."
                ),
            ),
            other => Self::new(Code::Unreadable, sentence(&other.to_string())),
        }
    }
}

impl From<ExportError> for CommandError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Store(error) => error.into(),
            ExportError::Io(error) => Self::new(
                Code::Disk,
                format!(
                    "The file could not be written; there is none, or the one that was there is as it was. {}",
                    sentence(&error.to_string())
                ),
            ),
            other @ ExportError::NotWritten(_) => Self::new(Code::Setting, sentence(&other.to_string())),
        }
    }
}

/// Words as a sentence: with an initial capital and a full stop.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    sentence.push_str(letters.as_str());
    if !sentence.ends_with(['.', '!', '?', ')']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_rule_names_its_field_apart_from_the_sentence() {
        let coded = CommandError::from(Error::invalid("isbn", "the last digit should be 4"));
        assert_eq!((coded.code, coded.field.as_deref()), (Code::Invalid, Some("isbn")));
        assert_eq!(coded.message, "The last digit should be 4.");
    }

    #[test]
    fn a_file_of_a_newer_program_has_a_code_of_its_own() {
        let newer = MigrationError::Newer { found: 9, known: 1 };
        assert_eq!(CommandError::from(Error::from(newer)).code, Code::Newer);
    }
}
