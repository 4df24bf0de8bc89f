//! The volume that a part of a book is in, as one line of the part's notes: its ISBN and its pages are not the part's own.

use super::foreign::Record;

/// What is said about such a volume.
#[derive(Debug, Default)]
pub(super) struct Host {
    /// Its title.
    pub(super) title: Option<String>,
    /// Everything else, in the order of the record.
    more: Vec<String>,
}

impl Host {
    /// Adds what is said about it.
    pub(super) fn add(&mut self, what: &str, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.more.push(format!("{what} {text}"));
        }
    }

    /// Puts the line into the notes.
    pub(super) fn note(self, record: &mut Record) {
        let line: Vec<String> = self.title.into_iter().chain(self.more).collect();
        record.remark("In", &line.join(", "));
    }
}
