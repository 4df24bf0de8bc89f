//! The program of before: books have the fields that they had at first, and each has an author.

use colophon_catalogue as now;
use colophon_catalogue::{AuthorId, BookId};
use colophon_store::schema::Table;
use colophon_store::{Columns, FieldOptions, Registered, entity};

/// The version of its file.
pub const VERSION: usize = 7;

entity! {
    /// A book as it was at first.
    pub struct Book in "book" with BookId, fields BookFields {
        /// There is always one.
        author_id: AuthorId,
        /// As now.
        title: String,
        /// As now.
        subtitle: Option<String>,
        /// As now.
        isbn: Option<String> = FieldOptions::NONE.unique(),
        /// As now.
        publisher: Option<String>,
        /// As now.
        published_year: Option<i32>,
        /// As now.
        language: Option<String>,
        /// As now.
        page_count: Option<i32>,
        /// As now.
        series: Option<String>,
        /// As now.
        series_position: Option<String>,
        /// As now.
        notes: Option<String> = FieldOptions::NONE.merged_by_line(),
    }
}

/// The entities, parents first.
pub const FORMER: &[Registered] = &[
    Registered::of::<now::Author>(),
    Registered::of::<Book>(),
    Registered::of::<now::Contribution>(),
    Registered::of::<now::conflict::Conflict>(),
];

/// Their tables.
pub const FORMER_TABLES: &[&Table] = &[
    <now::Author as Columns>::TABLE,
    <Book as Columns>::TABLE,
    <now::Contribution as Columns>::TABLE,
    <now::conflict::Conflict as Columns>::TABLE,
];

rules_of_now!(Book, filter BookFilter, sort BookSort);
