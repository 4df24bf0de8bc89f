//! Errors as the window gets them: a code to decide by and a sentence to show. Nothing in the window compares texts.

use serde::Serialize;
use specta::Type;

/// What a command answers when it cannot do what it was asked.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct Coded {
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
    /// The file belongs to a newer version of the program, or may only be read.
    ReadOnly,
    /// The disk is full or failing.
    Disk,
    /// The imported file cannot be read as what it is.
    Unreadable,
    /// A fault of ours.
    Internal,
}

impl Coded {
    pub(crate) fn unwired() -> Self {
        Self { code: Code::Internal, field: None, message: "This is not wired yet.".to_owned() }
    }
}
