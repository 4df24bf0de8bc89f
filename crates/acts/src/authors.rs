//! What is done with authors.

use colophon_catalogue::{Author, AuthorDraft, AuthorId};
use colophon_store::{ReadSession, Result, WriteSession};

use crate::deed::Deed;
use crate::form::Form;
use crate::record::RecordKind;

pub use crate::deletion::{BooksOfDeleted, delete};

/// The author who is meant by an id or a name; `None` if there is none.
pub fn meant(session: &ReadSession<'_>, typed: &str) -> Result<Option<Author>> {
    match typed.parse() {
        Ok(id) => session.repo::<Author>().find(id),
        Err(_) => session.repo::<Author>().find_by_name(typed),
    }
}

/// Adds an author.
pub fn add(session: &WriteSession<'_>, form: &Form<Author>) -> Result<Author> {
    let added = form.make(session, &AuthorDraft::default())?;
    Deed::created(RecordKind::Author, &added.name).note(session);
    Ok(added)
}

/// Changes authors alike, all or none, and returns them as they are now, in the order in which they were named.
pub fn change(session: &WriteSession<'_>, authors: &[AuthorId], form: &Form<Author>) -> Result<Vec<Author>> {
    let rows = session.repo_mut::<Author>();
    rows.change_all(authors.iter().copied(), |author| form.fill(author))?;
    let changed: Vec<_> = authors.iter().map(|id| rows.get(*id)).collect::<Result<_>>()?;
    if let Some(first) = changed.first() {
        let deed = Deed::edited(RecordKind::Author, &first.name);
        deed.of_several(changed.len()).note(session);
    }
    Ok(changed)
}
