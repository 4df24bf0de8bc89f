//! Bugs that can be planted, to prove that the checkers bite.
//!
//! They are planted in the models, never in the program: each makes a model do what a server, a file or a loop with that bug would.

use crate::plan::{RESTORES_FROM, SERVER_RESTORES_FROM, TWINS_FROM, VERSIONS_FROM};

/// One bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Revisions are handed out by a sequence, before the lock: a slower transaction commits later, and is skipped.
    SequenceAsCursor,
    /// The cursor is kept before the rows it covers.
    CursorBeforeRows,
    /// The server does not know a batch again that it has had.
    BatchTwice,
    /// A device whose round failed makes no other.
    NoRetry,
    /// Tombstones are purged by their age, whether everybody has seen them or not.
    PurgeByAge,
    /// The fate of a batch under way is not asked: it is taken for lost.
    FateNotAsked,
    /// A batch that never came is not closed when its fate is asked: it may still come.
    FateLeftOpen,
    /// The last content of what is deleted is not kept.
    ContentNotKept,
    /// Nobody asks whether a row that goes is still referred to, so its parent stays away.
    ParentsStayAway,
    /// Revisions are known by their numbers alone, so a server that was brought back from a backup looks like one that went on.
    MarksRepeat,
    /// A batch is known by its number alone, so what a file sends that was brought back from a copy is taken for what it had sent before.
    TokensIgnored,
    /// An edit that the journal has is not in the row: what the audit is there for.
    EditDropped,
    /// A row of an older program overwrites the columns that it does not know.
    UnknownIsEmptied,
    /// A row that an older program brings back over its tombstone has nothing in the columns that it does not know.
    TombstoneFillsNothing,
    /// After an upgrade nothing is fetched that there was no room for.
    NothingIsFetched,
    /// After an upgrade nothing is sent that there was no room for.
    NothingIsPending,
    /// What is fetched after an upgrade comes without the times of its edits.
    FetchedWithoutStories,
    /// The server's history has one time for a whole row, whatever a device says of its fields.
    RowTimesOnly,
    /// A file keeps of its edits only what the clock on the wall showed.
    WallOnly,
    /// Nobody asks whether what came is the same as what was made here.
    NobodyAsks,
    /// Of what was made here, what was sent since the last pull is not compared with what that brings.
    SentIsNotMadeHere,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::SequenceAsCursor,
        Self::CursorBeforeRows,
        Self::BatchTwice,
        Self::NoRetry,
        Self::PurgeByAge,
        Self::FateNotAsked,
        Self::FateLeftOpen,
        Self::ContentNotKept,
        Self::ParentsStayAway,
        Self::MarksRepeat,
        Self::TokensIgnored,
        Self::EditDropped,
        Self::UnknownIsEmptied,
        Self::TombstoneFillsNothing,
        Self::NothingIsFetched,
        Self::NothingIsPending,
        Self::FetchedWithoutStories,
        Self::RowTimesOnly,
        Self::WallOnly,
        Self::NobodyAsks,
        Self::SentIsNotMadeHere,
    ];

    /// The first seed of the histories in which it can be found.
    pub fn first_seed(self) -> u64 {
        match self {
            Self::MarksRepeat => SERVER_RESTORES_FROM,
            Self::TokensIgnored => RESTORES_FROM,
            Self::UnknownIsEmptied
            | Self::TombstoneFillsNothing
            | Self::NothingIsFetched
            | Self::NothingIsPending
            | Self::FetchedWithoutStories => VERSIONS_FROM,
            Self::NobodyAsks | Self::SentIsNotMadeHere => TWINS_FROM,
            _ => 1,
        }
    }
}
