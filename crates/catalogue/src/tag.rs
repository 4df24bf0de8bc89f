//! Tags: what people call the subject, the genre or the shelf of a book. A book has many, and a tag is on many books.
//!
//! Two tags may have the same name. If a name had to be unique, one of them would have to give way somewhere, and two
//! people who are offline may both write "Fantasy" for the first time: whoever comes second is asked whether it is the
//! same ([`crate::alike`]), and until somebody has answered both stand, and a book shows the name once. On one device
//! nobody makes a second one by typing: a name that exists means that tag.

use colophon_store::{
    Columns as _, Condition, Derived, Entity, EntityId as _, Error, FieldOptions, NameColumns, NoFilter, Query,
    ReadSession, Result, SortOrder, Sql, Stamp, Where, WriteSession, entity, entity_id, read_field,
};
use rusqlite::types::Value as Bound;
use serde::Serialize;

use crate::belongings::{Belongings, ListColumn, Named, Reading, visit_texts};
use crate::book::{Book, BookId};
use crate::folding;
use crate::kinds::NAME;
use crate::text::{self, NAME_MAX_CHARS};

entity_id! {
    /// The id of a tag.
    TagId refers to "tag"
}

entity_id! {
    /// The id of a tagging.
    TaggingId refers to "tagging"
}

entity! {
    /// What books are filed under.
    pub struct Tag in "tag" with TagId, fields TagFields, draft TagDraft {
        /// The name.
        name: String = NAME.required(),
    }
}

entity! {
    /// That a book is filed under a tag.
    pub struct Tagging in "tagging" with TaggingId, fields TaggingFields, draft TaggingDraft {
        /// The book.
        book_id: BookId = FieldOptions::PART_OF,
        /// The tag.
        tag_id: TagId = FieldOptions::PART_OF,
    }
}

/// The tags of a book.
pub const TAGS: Belongings = Belongings {
    name: "tags",
    one: "tag",
    called: "schlagwort schlagworter",
    help: "A tag: a subject, a genre, a shelf",
    of: Book::TABLE,
    rows: Tagging::TABLE,
    columns: &[ListColumn {
        name: "tags",
        headers: "tags tag subjects subject genres genre keywords categories bookshelves shelves collections schlagworte \
                  schlagworter themen sujets etiquetas materias generos soggetti trefwoorden",
        beside: "",
        scheme: "",
    }],
    commas_part: true,
    searched_in: &["tagging", "tag"],
    check: |typed| {
        text::one_line("tag", typed, NAME_MAX_CHARS).map_err(|error| Error::invalid(error.field, error.reason))
    },
    same: folding::fold,
    reading: Reading {
        from: "tagging JOIN tag ON tag.id=tagging.tag_id",
        key: "tagging.book_id",
        row: "tagging.id,tag.name",
        order: "tag.name_key,tag.id,tagging.id",
        text: Reading::PLAIN,
        is: "tag.name_key=?",
        values: |name| vec![folding::fold(name)],
        folded: "tag.name_key",
        fold: folding::fold,
    },
    add: |session, book, name| {
        let tag_id = tag_named(session, name)?;
        let book_id = BookId::from_uuid(book);
        session
            .repo_mut::<Tagging>()
            .create(&TaggingDraft { book_id, tag_id })
            .map(drop)
    },
    texts: |session, book, each| {
        const ALL: Sql = Sql::new("SELECT tagging.book_id,tag.name_key FROM tagging JOIN tag ON tag.id=tagging.tag_id");
        visit_texts(session, &ALL, "tagging.book_id", book, each)
    },
    named: Some(Named {
        all: |session, each| session.repo::<Tag>().for_each(&Query::all(), |tag| each(tag.name)),
        make: |session, name| tag_named(session, name).map(drop),
    }),
    records_of: |session, table, row| {
        const OF_TAGGING: Sql = Sql::new("SELECT book_id FROM tagging WHERE id=?");
        const OF_TAG: Sql = Sql::new("SELECT book_id FROM tagging WHERE tag_id=?");
        let sql = if table == Tag::TABLE.name { &OF_TAG } else { &OF_TAGGING };
        session.query(sql, [row.as_bytes().to_vec()], |row| read_field(row, 0))
    },
};

/// A tag with the number of its books.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TagLine {
    /// The tag.
    #[serde(flatten)]
    pub tag: Tag,
    /// How many books are filed under it.
    pub books: u64,
}

/// All tags by name, with the number of their books.
pub fn tags(session: &ReadSession<'_>) -> Result<Vec<TagLine>> {
    const COUNTED: Sql = Sql::new("SELECT tag_id,count(DISTINCT book_id) FROM tagging GROUP BY tag_id");
    let counts = session.query(&COUNTED, [], |row| Ok((read_field(row, 0)?, row.get::<_, i64>(1)?)))?;
    let counts: std::collections::HashMap<TagId, i64> = counts.into_iter().collect();
    let line = |tag: Tag| TagLine {
        books: counts.get(&tag.id).copied().unwrap_or_default().unsigned_abs(),
        tag,
    };
    Ok(session.repo::<Tag>().all()?.into_iter().map(line).collect())
}

/// The tag of this name, ignoring case and accents; made if there is none.
pub fn tag_named(session: &WriteSession<'_>, name: &str) -> Result<TagId> {
    let tags = session.repo_mut::<Tag>();
    if let Some(tag) = tags.find_by_name(name)? {
        return Ok(tag.id);
    }
    Ok(tags.create(&TagDraft { name: name.to_owned() })?.id)
}

/// The tag that is meant by an id or a name.
pub fn find_tag(session: &ReadSession<'_>, wanted: &str) -> Result<Option<Tag>> {
    match wanted.parse::<TagId>() {
        Ok(id) => session.repo::<Tag>().find(id),
        Err(_) => session.repo::<Tag>().find_by_name(wanted),
    }
}

/// The order of tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TagSort {
    /// By name.
    #[default]
    Name,
}

impl SortOrder for TagSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Name => "name_key",
        }
    }
}

impl Entity for Tag {
    type Draft = TagDraft;
    type Filter = NoFilter;
    type Sort = TagSort;

    const DERIVED: &'static [Derived] = &[Derived {
        name: "name_key",
        from: &["name"],
    }];
    const NAME: NameColumns = NameColumns {
        plain: "name",
        folded: "name_key",
    };

    fn from_draft(draft: &TagDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }

    fn derive(&self, _position: usize) -> Bound {
        Bound::Text(folding::fold(&self.name))
    }
}

/// One condition on taggings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaggingFilter {
    /// Of this book.
    OfBook(BookId),
    /// With this tag.
    With(TagId),
}

impl Condition for TaggingFilter {
    fn add_to(&self, conditions: &mut Where) {
        match self {
            Self::OfBook(id) => conditions.and("book_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
            Self::With(id) => conditions.and("tag_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
        };
    }
}

/// The order of taggings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum TaggingSort {
    /// In the order in which they were made.
    #[default]
    Added,
}

impl SortOrder for TaggingSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Added => "id",
        }
    }
}

impl Entity for Tagging {
    type Draft = TaggingDraft;
    type Filter = TaggingFilter;
    type Sort = TaggingSort;

    const DERIVED: &'static [Derived] = &[];
    const NAME: NameColumns = NameColumns {
        plain: "id",
        folded: "id",
    };

    fn from_draft(draft: &TaggingDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }

    fn derive(&self, _position: usize) -> Bound {
        Bound::Null
    }

    fn fold(text: &str) -> String {
        text.trim().to_lowercase()
    }
}
