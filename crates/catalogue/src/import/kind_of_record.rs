//! What of a list of references is a book.
//!
//! Such lists hold whatever somebody cites. A catalogue of books takes what stands between two covers of its own: books,
//! reports, theses, manuals, proceedings. What is a part of a book (a chapter, a paper in proceedings) comes in under
//! its own title, with the volume that it is in among its notes, and without that volume's ISBN, which is not its own.
//! What is no book (an article, a web page, a film) is turned away with its name, and `--any-kind` takes it all the
//! same. A record whose kind says nothing may be a book, and comes in.

use super::foreign::Record;
use super::options::Options;

/// What a record is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KindOfRecord {
    /// Something between covers of its own; what it is called, if that is worth a note.
    Book(&'static str),
    /// A part of such a thing.
    Part(&'static str),
    /// No book, and what it is instead.
    NoBook(&'static str),
    /// Nothing that is said; the word of the format is noted.
    Unknown,
}

impl KindOfRecord {
    /// Whether it is a part of a book, or of whatever else it came out in.
    pub(super) fn is_part(self) -> bool {
        matches!(self, Self::Part(_) | Self::NoBook(_))
    }

    /// Says in the notes what it is, or why it does not come in.
    pub(super) fn judge(self, record: &mut Record, word: &str, options: &Options) {
        match self {
            Self::Book("") => {}
            Self::Book(kind) | Self::Part(kind) => record.remark("Kind", kind),
            Self::NoBook(kind) if options.any_kind => record.remark("Kind", kind),
            Self::NoBook(kind) => record.refused = Some(format!("it is no book but {kind}")),
            Self::Unknown => record.remark("Kind", word),
        }
    }
}
