//! Contributions: every further person of a book, with a role and a position in the order.

use colophon_store::schema::{ColumnKind, Value};
use colophon_store::{
    BelongsTo, Condition, Entity, EntityId, Field, FieldOptions, HasMany, Kind, Result, SortOrder, Stamp, Where,
    entity, entity_id,
};
use rusqlite::types::{FromSqlError, ToSqlOutput, Value as Bound, ValueRef};

use crate::author::{Author, AuthorId};
use crate::book::{Book, BookId};
use crate::word::Word;

entity_id! {
    /// The id of a contribution.
    ContributionId refers to "contribution"
}

entity! {
    /// One person's part in a book, besides its author.
    pub struct Contribution in "contribution" with ContributionId, fields ContributionFields, draft #[derive(Eq)] ContributionDraft {
        /// The book.
        book_id: BookId = FieldOptions::PART_OF,
        /// The person.
        author_id: AuthorId,
        /// What they did.
        role: Role = FieldOptions::of(&RoleKind),
        /// Their position among the book's contributors, from 1 on.
        position: i32 = FieldOptions::of(&PositionKind),
    }
}

impl HasMany<Contribution> for Book {
    const FOREIGN_KEY: &'static str = "book_id";
    const CHILD_ORDER: &'static str = "position,rowid";
}

impl BelongsTo<Book> for Contribution {
    fn parent_id(&self) -> Option<BookId> {
        Some(self.book_id)
    }
}

impl BelongsTo<Author> for Contribution {
    fn parent_id(&self) -> Option<AuthorId> {
        Some(self.author_id)
    }
}

/// What somebody did for a book.
///
/// The file and the server hold the role as a word. A word that this version does not know (a newer one may have
/// written it) is kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub enum Role {
    /// Wrote it, together with its author.
    #[default]
    Author,
    /// Translated it.
    Translator,
    /// Edited it.
    Editor,
    /// Illustrated it.
    Illustrator,
    /// Read it aloud.
    Narrator,
    /// Wrote a foreword to it.
    Foreword,
    /// Wrote an afterword to it.
    Afterword,
    /// Took the photographs in it.
    Photographer,
    /// Put it together from the works of others.
    Compiler,
    /// Did something else for it.
    AnotherPart,
    /// Something that this version has no name for.
    Other(String),
}

impl Role {
    /// The word for it, as it is stored.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Author => "author",
            Self::Translator => "translator",
            Self::Editor => "editor",
            Self::Illustrator => "illustrator",
            Self::Narrator => "narrator",
            Self::Foreword => "foreword",
            Self::Afterword => "afterword",
            Self::Photographer => "photographer",
            Self::Compiler => "compiler",
            Self::AnotherPart => "other",
            Self::Other(word) => word,
        }
    }

    /// The role that a word stands for; `None` for one that this version has no name for.
    pub fn of_word(word: &str) -> Option<Self> {
        Word::of_word(word)
    }

    /// The role that a stored word stands for.
    pub(crate) fn stored(word: &str) -> Self {
        Self::of_word(word).unwrap_or_else(|| Self::Other(word.to_owned()))
    }
}

/// The roles that can be chosen.
impl Word for Role {
    const NAME: &'static str = "Role";
    const MEANING: &'static str = "What somebody did for a book.";
    const ALL: &'static [Self] = &[
        Self::Author,
        Self::Translator,
        Self::Editor,
        Self::Illustrator,
        Self::Narrator,
        Self::Foreword,
        Self::Afterword,
        Self::Photographer,
        Self::Compiler,
        Self::AnotherPart,
    ];

    fn word(&self) -> &str {
        self.as_str()
    }

    fn meaning(&self) -> &'static str {
        match self {
            Self::Author => "A further author.",
            Self::Translator => "A translator.",
            Self::Editor => "An editor.",
            Self::Illustrator => "An illustrator.",
            Self::Narrator => "A narrator.",
            Self::Foreword => "The author of a foreword.",
            Self::Afterword => "The author of an afterword.",
            Self::Photographer => "A photographer.",
            Self::Compiler => "A compiler.",
            Self::AnotherPart => "Some other part.",
            Self::Other(_) => "Something that only a newer version has a name for.",
        }
    }
}

impl serde::Serialize for Role {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Field for Role {
    type Present = Self;

    const KIND: ColumnKind = ColumnKind::Text;

    fn bind(&self) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(ValueRef::Text(self.as_str().as_bytes()))
    }

    fn read(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        value.as_str().map(Self::stored)
    }

    fn value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }

    fn from_value(value: Value) -> Option<Self> {
        if let Value::Text(word) = value {
            Some(Self::stored(&word))
        } else {
            None
        }
    }
}

/// One of the roles that can be chosen.
#[derive(Debug)]
struct RoleKind;

impl Kind for RoleKind {
    fn word(&self) -> &'static str {
        "choice"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        if let Value::Text(word) = &value
            && Role::of_word(word).is_none()
        {
            let known: Vec<_> = Role::ALL.iter().map(Role::as_str).collect();
            return Err(format!("“{word}” is none of {}", known.join(", ")));
        }
        Ok(value)
    }
}

/// A position in an order, from 1 on.
#[derive(Debug)]
struct PositionKind;

impl Kind for PositionKind {
    fn word(&self) -> &'static str {
        "number"
    }

    fn check(&self, value: Value) -> Result<Value, String> {
        match value {
            Value::Integer(..1) => Err("the first position is 1".to_owned()),
            value => Ok(value),
        }
    }
}

/// One condition on contributions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContributionFilter {
    /// To this book.
    OfBook(BookId),
    /// By this person.
    ByAuthor(AuthorId),
}

impl Condition for ContributionFilter {
    fn add_to(&self, conditions: &mut Where) {
        match self {
            Self::OfBook(id) => conditions.and("book_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
            Self::ByAuthor(id) => conditions.and("author_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
        };
    }
}

/// The order of contributions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ContributionSort {
    /// By their position in the book.
    #[default]
    Position,
}

impl SortOrder for ContributionSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Position => "position",
        }
    }
}

impl Entity for Contribution {
    type Draft = ContributionDraft;
    type Filter = ContributionFilter;
    type Sort = ContributionSort;

    fn from_draft(draft: &ContributionDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }
}
