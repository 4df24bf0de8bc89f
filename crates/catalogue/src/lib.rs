//! Authors, books and contributions: their rules, queries, search, journal, import and export.

pub mod author;
pub mod book;
pub mod contribution;
pub mod folding;
pub mod import;
pub mod isbn;
pub mod language;
mod limits;
pub mod person_name;
pub mod schema;
pub mod text;
pub mod undo;
pub mod year;

pub use author::{Author, AuthorDraft, AuthorField, AuthorFilter, AuthorId, AuthorSort, BooksOfDeleted, delete_author};
pub use book::{Book, BookDraft, BookField, BookFilter, BookId, BookSort};
pub use contribution::{Contribution, ContributionDraft, ContributionFilter, ContributionId, ContributionSort, Role};
pub use schema::{ENTITIES, file_schema, in_memory, open, open_blocking};
