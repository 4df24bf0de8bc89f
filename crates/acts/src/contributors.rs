//! What is done with the people of a book besides its author.

use colophon_catalogue::{Book, BookId, Contribution, ContributionId, Role};
use colophon_store::{Result, WriteSession};

use crate::deed::Deed;
use crate::parts::{self, append, contributions_to};
use crate::record::RecordKind;
use crate::somebody::Somebody;

/// Adds somebody at the end of a book's contributors. A new person becomes an author.
pub fn add(session: &WriteSession<'_>, book: BookId, role: &Role, person: &Somebody) -> Result<()> {
    let person = person.needed(session)?;
    append(session, book, role, [person])?;
    note(session, book)
}

/// Gives a contribution another role, and returns whose book it is.
pub fn set_role(session: &WriteSession<'_>, id: ContributionId, role: Role) -> Result<BookId> {
    let changed = session.repo_mut::<Contribution>().change(id, |one| {
        one.role = role;
        Ok(())
    })?;
    note(session, changed.book_id)?;
    Ok(changed.book_id)
}

/// Moves a contribution by this many positions, towards the front if negative; it stops at either end. Returns whose
/// book it is.
pub fn shift(session: &WriteSession<'_>, id: ContributionId, positions: i32) -> Result<BookId> {
    let book = parts::shift(session, id, positions)?;
    note(session, book)?;
    Ok(book)
}

/// Removes a contribution, and returns whose book it was; the author stays.
pub fn remove(session: &WriteSession<'_>, id: ContributionId) -> Result<BookId> {
    let book = session.repo_mut::<Contribution>().delete(id)?.book_id;
    note(session, book)?;
    Ok(book)
}

/// Gives a book these people in a role, in place of those who had it; those in other roles stay.
pub(crate) fn replace(session: &WriteSession<'_>, book: BookId, role: &Role, people: &[Somebody]) -> Result<()> {
    for one in contributions_to(session, book)? {
        if one.role == *role {
            session.repo_mut::<Contribution>().delete(one.id)?;
        }
    }
    let people: Vec<_> = people
        .iter()
        .map(|person| person.in_catalogue(session))
        .collect::<Result<_>>()?;
    append(session, book, role, people.into_iter().flatten())
}

fn note(session: &WriteSession<'_>, book: BookId) -> Result<()> {
    let title = session.repo::<Book>().get(book)?.title;
    Deed::edited(RecordKind::Book, &title).note(session);
    Ok(())
}
