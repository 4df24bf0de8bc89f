//! Authors, books and contributions: their rules, queries, search, journal, import and export.
//!
//! ```
//! use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft, file_schema};
//! use colophon_store::{Database, Query};
//!
//! # fn main() -> colophon_store::Result<()> {
//! let database = Database::in_memory_blocking()?;
//! database.migrate_blocking(&file_schema()?)?;
//! let book = database.write_blocking(|tx| {
//!     let author = tx.repo_mut::<Author>().create(&AuthorDraft::named("Ursula K. Le Guin"))?;
//!     tx.repo_mut::<Book>().create(&BookDraft::new("The Dispossessed", author.id))
//! })?;
//! let found = Query::all().matching(Author::FIELDS.sort_name.is("Le Guin, Ursula K."));
//! let author = database.read_blocking(|s| s.repo::<Author>().one(&found))?;
//! assert_eq!(book.author_id, Some(author.id));
//! # Ok(())
//! # }
//! ```

mod agreement;
pub mod alike;
pub mod author;
pub mod author_name;
pub mod belongings;
pub mod book;
pub mod called;
pub mod catalogue_list;
pub mod conflict;
pub mod contribution;
pub mod drafts;
mod duplicates;
pub mod elsewhere;
pub mod export;
pub mod filters;
pub mod folding;
pub mod format;
pub mod health;
pub mod identifier;
pub mod import;
pub mod isbn;
pub mod kinds;
pub mod language;
pub mod lists;
pub mod location;
pub mod look_alikes;
pub mod person_name;
pub(crate) mod relator;
pub mod rescue;
pub mod schema;
pub mod search;
pub mod status;
pub mod tag;
pub mod text;
mod touched;
pub mod wholes;
pub mod word;
pub mod year;

pub use author::{Author, AuthorDraft, AuthorFields, AuthorFilter, AuthorId, AuthorSort};
pub use author_name::{AuthorName, AuthorNameDraft, AuthorNameId};
pub use book::{Book, BookDraft, BookFields, BookFilter, BookId, BookSort};
pub use contribution::{Contribution, ContributionDraft, ContributionFilter, ContributionId, ContributionSort, Role};
pub use filters::{FieldFilter, Test};
pub use identifier::{Identifier, IdentifierDraft, IdentifierId};
pub use schema::{ENTITIES, file_schema, in_memory, open, open_blocking};
pub use tag::{Tag, TagDraft, TagId, Tagging, TaggingDraft, TaggingFilter, TaggingId};
