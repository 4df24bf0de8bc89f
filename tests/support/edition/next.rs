//! The program to come.

use colophon_catalogue as now;
use colophon_catalogue::{AuthorId, BookId};
use colophon_store::schema::Table;
use colophon_store::{
    Columns, Condition, Derived, Entity, EntityId as _, FieldOptions, NameColumns, Registered, SortOrder, Stamp, Where,
    entity, entity_id,
};
use rusqlite::types::Value as Bound;

/// The version of its migrations.
pub const VERSION: i32 = 1000;

/// Name, text and down script of the file's migration.
pub const FILE: (&str, &str, &str) = (
    "V1000__shelves",
    "CREATE TABLE shelf (
        id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
        name TEXT NOT NULL CHECK (name <> ''),
        room TEXT,
        created_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
        updated_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000000 AS INTEGER)),
        revision INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX shelf_unsynced ON shelf (id) WHERE revision = 0;
    ALTER TABLE author ADD COLUMN honorific TEXT;
    ALTER TABLE author ADD COLUMN pronouns TEXT;
    ALTER TABLE author ADD COLUMN rating INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE book ADD COLUMN shelf_id BLOB REFERENCES shelf (id);
    ALTER TABLE book ADD COLUMN condition TEXT NOT NULL DEFAULT '';
    ALTER TABLE book ADD COLUMN bay TEXT;",
    "ALTER TABLE book DROP COLUMN bay;
    ALTER TABLE book DROP COLUMN condition;
    ALTER TABLE book DROP COLUMN shelf_id;
    ALTER TABLE author DROP COLUMN rating;
    ALTER TABLE author DROP COLUMN pronouns;
    ALTER TABLE author DROP COLUMN honorific;
    DROP TABLE shelf;",
);

/// The same of the server's.
pub const CENTRAL: (&str, &str, &str) = (
    "V1000__shelves",
    "-- compatible from: V1
    CREATE TABLE shelf (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        room text,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        revision bigint NOT NULL DEFAULT 0
    );
    CREATE INDEX shelf_revision_index ON shelf (revision);
    ALTER TABLE author ADD COLUMN honorific text, ADD COLUMN pronouns text, ADD COLUMN rating integer NOT NULL DEFAULT 0;
    ALTER TABLE book ADD COLUMN shelf_id uuid CONSTRAINT book_shelf_reference REFERENCES shelf (id) DEFERRABLE INITIALLY DEFERRED,
        ADD COLUMN condition text NOT NULL DEFAULT '', ADD COLUMN bay text;
    SELECT track('shelf');
    SELECT track('author');
    SELECT track('book');",
    "ALTER TABLE book DROP COLUMN shelf_id, DROP COLUMN condition, DROP COLUMN bay;
    ALTER TABLE author DROP COLUMN honorific, DROP COLUMN pronouns, DROP COLUMN rating;
    SELECT track('author');
    SELECT track('book');
    DROP TABLE shelf;
    DROP FUNCTION record_update_shelf();
    DELETE FROM tombstone WHERE entity = 'shelf';",
);

entity_id! {
    /// The id of a shelf.
    ShelfId refers to "shelf"
}

entity! {
    /// Where books stand.
    pub struct Shelf in "shelf" with ShelfId, fields ShelfFields {
        /// What it is called.
        name: String,
        /// Where it is.
        room: Option<String>,
    }
}

entity! {
    /// An author with new fields at the front, in the middle and at the end.
    pub struct Author in "author" with AuthorId, fields AuthorFields {
        /// New.
        honorific: Option<String>,
        /// As before.
        name: String,
        /// As before.
        sort_name: String,
        /// As before.
        birth_year: Option<i32>,
        /// As before.
        death_year: Option<i32>,
        /// New.
        pronouns: Option<String>,
        /// As before.
        email: Option<String>,
        /// As before.
        website: Option<String>,
        /// As before.
        notes: Option<String> = FieldOptions::NONE.merged_by_line(),
        /// New.
        rating: i32,
    }
}

entity! {
    /// A book with new fields at the front, in the middle and at the end.
    pub struct Book in "book" with BookId, fields BookFields {
        /// New.
        shelf_id: Option<ShelfId>,
        /// As before.
        author_id: Option<AuthorId>,
        /// As before.
        title: String,
        /// As before.
        subtitle: Option<String>,
        /// As before.
        original_title: Option<String>,
        /// As before.
        isbn: Option<String> = FieldOptions::NONE.unique(),
        /// As before.
        publisher: Option<String>,
        /// New.
        condition: String,
        /// As before.
        published_year: Option<i32>,
        /// As before.
        place: Option<String>,
        /// As before.
        edition: Option<String>,
        /// As before.
        original_year: Option<i32>,
        /// As before.
        language: Option<String>,
        /// As before.
        page_count: Option<i32>,
        /// As before.
        series: Option<String>,
        /// As before.
        series_position: Option<String>,
        /// As before.
        format: Option<String>,
        /// As before.
        shelf_mark: Option<String>,
        /// As before.
        notes: Option<String> = FieldOptions::NONE.merged_by_line(),
        /// New.
        bay: Option<String>,
    }
}

/// The entities, parents first.
pub const NEXT: &[Registered] = &[
    Registered::of::<Author>(),
    Registered::of::<Shelf>(),
    Registered::of::<Book>(),
    Registered::of::<now::Contribution>(),
    Registered::of::<now::Tag>(),
    Registered::of::<now::Tagging>(),
    Registered::of::<now::AuthorName>(),
    Registered::of::<now::Identifier>(),
    Registered::of::<now::conflict::Conflict>(),
];

/// Their tables.
pub const NEXT_TABLES: &[&Table] = &[
    <Author as Columns>::TABLE,
    <Shelf as Columns>::TABLE,
    <Book as Columns>::TABLE,
    <now::Contribution as Columns>::TABLE,
    <now::Tag as Columns>::TABLE,
    <now::Tagging as Columns>::TABLE,
    <now::AuthorName as Columns>::TABLE,
    <now::Identifier as Columns>::TABLE,
    <now::conflict::Conflict as Columns>::TABLE,
];

rules_of_now!(Author, filter AuthorFilter, sort AuthorSort);
rules_of_now!(Book, filter BookFilter, sort BookSort);

/// No condition.
#[derive(Debug, Clone)]
pub enum NoFilter {}

impl Condition for NoFilter {
    fn add_to(&self, _: &mut Where) {
        match *self {}
    }
}

/// In the order of their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ByName;

impl SortOrder for ByName {
    fn expression(self) -> &'static str {
        "name"
    }
}

impl Entity for Shelf {
    type Draft = Self;
    type Filter = NoFilter;
    type Sort = ByName;

    const DERIVED: &'static [Derived] = &[];
    const NAME: NameColumns = NameColumns {
        plain: "name",
        folded: "name",
    };

    fn from_draft(draft: &Self, stamp: Stamp) -> Self {
        Self {
            id: ShelfId::from_uuid(stamp.id),
            created_at: stamp.now,
            updated_at: stamp.now,
            ..draft.clone()
        }
    }

    fn derive(&self, _: usize) -> Bound {
        Bound::Null
    }

    fn fold(text: &str) -> String {
        text.to_owned()
    }
}
