//! Authors, books and contributions: their rules, queries, search, journal, import and export.

pub mod alike;
pub mod author;
pub mod book;
pub mod conflict;
pub mod contribution;
pub mod drafts;
pub mod export;
pub mod filters;
pub mod folding;
pub mod health;
pub mod import;
pub mod isbn;
pub mod kinds;
pub mod known;
pub mod language;
pub mod lists;
pub mod person_name;
pub mod place;
pub mod rescue;
pub mod schema;
pub mod search;
pub mod status;
pub mod text;
mod touched;
pub mod word;
pub mod year;

pub use author::{Author, AuthorDraft, AuthorFields, AuthorFilter, AuthorId, AuthorSort};
pub use book::{Book, BookDraft, BookFields, BookFilter, BookId, BookSort};
pub use contribution::{Contribution, ContributionDraft, ContributionFilter, ContributionId, ContributionSort, Role};
pub use filters::{FieldFilter, Test};
pub use schema::{ENTITIES, file_schema, in_memory, open, open_blocking};
