//! Which record a person means: by its id; a book also by its ISBN, an author also by name.

use colophon_acts::{authors, books};
use colophon_catalogue::{Author, Book};
use colophon_store::ReadSession;

use crate::exit::{Exit, refusal};

/// The book with an id or an ISBN; a refusal if there is none.
pub(crate) fn book(session: &ReadSession<'_>, wanted: &str) -> anyhow::Result<Book> {
    books::meant(session, wanted)?.ok_or_else(|| not_found("book", "id or ISBN", wanted))
}

/// The author with an id or a name; a refusal if there is none.
pub(crate) fn author(session: &ReadSession<'_>, wanted: &str) -> anyhow::Result<Author> {
    authors::meant(session, wanted)?.ok_or_else(|| not_found("author", "id or name", wanted))
}

fn not_found(entity: &str, by: &str, wanted: &str) -> anyhow::Error {
    refusal(Exit::NotFound, format!("there is no {entity} with the {by} “{wanted}”"))
}
