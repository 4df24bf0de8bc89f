//! Which record a person means: by its id, a book also by its ISBN, an author also by the name.

use colophon_catalogue::isbn::Isbn;
use colophon_catalogue::{Author, AuthorDraft, AuthorId, Book, BookFilter};
use colophon_store::{Query, ReadSession, Result, WriteSession};

use crate::exit::{Exit, refusal};

/// The book of an id or an ISBN; a refusal when there is none.
pub(crate) fn book(session: &ReadSession<'_>, wanted: &str) -> anyhow::Result<Book> {
    find_book(session, wanted)?.ok_or_else(|| not_found("book", wanted))
}

/// The author of an id or a name; a refusal when there is none.
pub(crate) fn author(session: &ReadSession<'_>, wanted: &str) -> anyhow::Result<Author> {
    find_author(session, wanted)?.ok_or_else(|| not_found("author", wanted))
}

fn find_book(session: &ReadSession<'_>, wanted: &str) -> Result<Option<Book>> {
    if let Ok(id) = wanted.parse() {
        return session.repo::<Book>().find(id);
    }
    match Isbn::parse(wanted) {
        Ok(isbn) => session
            .repo::<Book>()
            .one_or_none(&Query::filtered(BookFilter::with_isbn(isbn.as_str()))),
        Err(_) => Ok(None),
    }
}

fn find_author(session: &ReadSession<'_>, wanted: &str) -> Result<Option<Author>> {
    match wanted.parse() {
        Ok(id) => session.repo::<Author>().find(id),
        Err(_) => session.repo::<Author>().find_by_name(wanted),
    }
}

/// The author of an id or a name; a name that nobody has yet makes a new author.
pub(crate) fn author_or_new(tx: &WriteSession<'_>, wanted: &str) -> Result<Author> {
    match find_author(tx, wanted)? {
        Some(author) => Ok(author),
        // An id is never a name: whoever writes one means somebody who is there.
        None => match wanted.parse::<AuthorId>() {
            Ok(id) => tx.repo::<Author>().get(id),
            Err(_) => tx.repo_mut::<Author>().create(&AuthorDraft::named(wanted)),
        },
    }
}

fn not_found(entity: &str, wanted: &str) -> anyhow::Error {
    let by = if entity == "book" { "id or ISBN" } else { "id or name" };
    refusal(Exit::NotFound, format!("there is no {entity} with the {by} “{wanted}”"))
}
