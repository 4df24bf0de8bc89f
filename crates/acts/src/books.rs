//! What is done with books.

use colophon_catalogue::isbn::Isbn;
use colophon_catalogue::{Book, BookDraft, BookFilter, BookId, Role};
use colophon_store::{Query, ReadSession, Result, WriteSession};

use crate::contributors;
use crate::deed::Deed;
use crate::form::Form;
use crate::parts::leave_out_author;
use crate::record::RecordKind;
use crate::somebody::Somebody;

/// What is said about a book: one that is being added, or those that are being changed.
#[derive(Debug, Clone, Default)]
pub struct BookForm {
    /// What was typed into its fields.
    pub fields: Form<Book>,
    /// Its author, if somebody, or nobody, was named.
    pub author: Option<Somebody>,
    /// Who has which part in it. In a role that is named here, these people replace those who were there.
    pub people: Vec<(Role, Vec<Somebody>)>,
}

/// The book that is meant by an id or an ISBN; `None` if there is none.
pub fn meant(session: &ReadSession<'_>, typed: &str) -> Result<Option<Book>> {
    if let Ok(id) = typed.parse() {
        return session.repo::<Book>().find(id);
    }
    match Isbn::parse(typed) {
        Ok(isbn) => {
            let by_isbn = Query::filtered(BookFilter::with_isbn(isbn.as_str()));
            session.repo::<Book>().one_or_none(&by_isbn)
        }
        Err(_) => Ok(None),
    }
}

/// Adds a book with its people; any who are new become authors.
pub fn add(session: &WriteSession<'_>, form: &BookForm) -> Result<Book> {
    let draft = BookDraft {
        author_id: match &form.author {
            Some(author) => author.in_catalogue(session)?,
            None => None,
        },
        ..BookDraft::default()
    };
    let added = form.fields.make(session, &draft)?;
    for (role, people) in &form.people {
        contributors::replace(session, added.id, role, people)?;
    }
    Deed::created(RecordKind::Book, &added.title).note(session);
    Ok(added)
}

/// Changes books alike, all or none, and returns them as they are now, in the order in which they were named.
pub fn change(session: &WriteSession<'_>, books: &[BookId], form: &BookForm) -> Result<Vec<Book>> {
    let author_id = match &form.author {
        Some(author) => author.in_catalogue(session)?,
        None => None,
    };
    let rows = session.repo_mut::<Book>();
    rows.change_all(books.iter().copied(), |book| {
        if form.author.is_some() {
            book.author_id = author_id;
        }
        form.fields.fill(book)
    })?;
    for id in books {
        if let Some(author) = author_id {
            leave_out_author(session, *id, author)?;
        }
        for (role, people) in &form.people {
            contributors::replace(session, *id, role, people)?;
        }
    }
    let changed: Vec<_> = books.iter().map(|id| rows.get(*id)).collect::<Result<_>>()?;
    if let Some(first) = changed.first() {
        let deed = Deed::edited(RecordKind::Book, &first.title);
        deed.of_several(changed.len()).note(session);
    }
    Ok(changed)
}

/// Deletes books with what belongs to them, all or none, and returns what they were.
pub fn delete(session: &WriteSession<'_>, books: &[BookId]) -> Result<Vec<Book>> {
    let rows = session.repo_mut::<Book>();
    let deleted: Vec<_> = books.iter().map(|id| rows.delete(*id)).collect::<Result<_>>()?;
    if let Some(first) = deleted.first() {
        let deed = Deed::deleted(RecordKind::Book, &first.title);
        deed.of_several(deleted.len()).note(session);
    }
    Ok(deleted)
}
