//! Authors, books and contributions: their rules, queries, search, journal, import and export.

pub mod alike;
pub mod author;
pub mod book;
pub mod conflict;
pub mod contribution;
pub mod deletion;
pub mod drafts;
pub mod export;
pub mod folding;
pub mod health;
pub mod history;
pub mod import;
pub mod isbn;
pub mod known;
pub mod language;
mod limits;
pub mod lists;
pub mod merging;
pub mod parts;
pub mod person_name;
pub mod place;
pub mod rescue;
pub mod sample;
pub mod schema;
pub mod search;
pub mod settlement;
pub mod status;
pub mod text;
pub mod undo;
pub mod year;

pub use author::{Author, AuthorDraft, AuthorField, AuthorFilter, AuthorId, AuthorSort};
pub use book::{Book, BookDraft, BookField, BookFilter, BookId, BookSort};
pub use contribution::{Contribution, ContributionDraft, ContributionFilter, ContributionId, ContributionSort, Role};
pub use deletion::{BooksOfDeleted, delete_author};
pub use schema::{ENTITIES, file_schema, in_memory, open, open_blocking};
