//! Bugs that can be planted, to prove that the checkers bite.
//!
//! They are planted in the models, never in the program: each makes a model behave as a server, a file or a loop with
//! that bug would.

use crate::plan::{RESTORES_FROM, SERVER_RESTORES_FROM, TWINS_FROM, VERSIONS_FROM};

/// One bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bug {
    /// Revisions are handed out by a sequence, before the lock: a slower transaction commits later, and is skipped.
    SequenceAsCursor,
    /// The cursor is stored before the rows it covers.
    CursorBeforeRows,
    /// The server does not recognise a batch that it has already had.
    BatchTwice,
    /// A device whose round failed makes no other.
    NoRetry,
    /// Tombstones are purged by age, whether everybody has seen them or not.
    PurgeByAge,
    /// The fate of a batch under way is not asked for: it is taken for lost.
    FateNotAsked,
    /// A batch that never came is not closed when its fate is asked for: it may still come.
    FateLeftOpen,
    /// The last content of what is deleted is not kept.
    ContentNotKept,
    /// Nobody checks whether a row that is deleted is still referred to, so its parent stays away.
    ParentsStayAway,
    /// Revisions are recognised by their numbers alone, so a server that was restored from a backup looks like one that
    /// went on.
    MarksRepeat,
    /// A batch is recognised by its number alone, so what a file restored from a copy sends is taken for what it had
    /// sent before.
    TokensIgnored,
    /// An edit that is in the journal is not in the row: the very thing that the audit is for.
    EditDropped,
    /// A row from an older program overwrites the columns that it does not know.
    UnknownIsEmptied,
    /// A row that an older program brings back over its tombstone has nothing in the columns that it does not know.
    TombstoneFillsNothing,
    /// After an upgrade, what there was no room for is not fetched.
    NothingIsFetched,
    /// After an upgrade, what there was no room for is not sent.
    NothingIsPending,
    /// What is fetched after an upgrade comes without the times of its edits.
    FetchedWithoutStories,
    /// The server's history has one time for a whole row, whatever a device says about its fields.
    RowTimesOnly,
    /// For its edits, a file stores only what the wall clock showed.
    WallOnly,
    /// Nobody asks whether what arrived is the same as what was made here.
    NobodyAsks,
    /// Of what was made here, whatever was sent since the last pull is not compared with what that pull brings.
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
