//! Who has which part in a book: its author, and the contributors.
//!
//! A person may have several parts in a book, but each of them only once. If somebody adds a person twice by hand, that
//! is not corrected; but where people move, because an author's books are handed over or two records become one, nobody
//! ends up in one part twice.

use colophon_catalogue::alike::is_same_person;
use colophon_catalogue::{
    Author, AuthorId, Book, BookId, Contribution, ContributionDraft, ContributionFilter, ContributionId, Role,
};
use colophon_store::{EntityId as _, Query, ReadSession, Result, WriteSession};

/// The contributions to a book.
pub(crate) fn contributions_to(session: &ReadSession<'_>, book: BookId) -> Result<Vec<Contribution>> {
    let of_book = Query::filtered(ContributionFilter::OfBook(book));
    session.repo::<Contribution>().filter(&of_book)
}

/// Whether somebody has this part in a book: as a contributor, or as the author that it is listed under.
pub(crate) fn has_part(session: &ReadSession<'_>, book: BookId, person: AuthorId, role: &Role) -> Result<bool> {
    let contributors = contributions_to(session, book)?;
    let is_it = |one: &Contribution| one.author_id == person && one.role == *role;
    Ok(contributors.iter().any(is_it)
        || *role == Role::Author && session.repo::<Book>().get(book)?.author_id == Some(person))
}

/// Adds people to the end of a book's contributors, in a role.
pub(crate) fn append(
    session: &WriteSession<'_>,
    book_id: BookId,
    role: &Role,
    people: impl IntoIterator<Item = AuthorId>,
) -> Result<()> {
    let mut position = last_position(session, book_id)?;
    let contributions = session.repo_mut::<Contribution>();
    for author_id in people {
        position = match position.checked_add(1) {
            Some(next) => next,
            // Another program counted up to the greatest number.
            None => renumber(session, contributions_to(session, book_id)?)? + 1,
        };
        contributions.create(&ContributionDraft {
            book_id,
            author_id,
            role: role.clone(),
            position,
        })?;
    }
    Ok(())
}

/// Moves a contributor by this many positions among those of the book, towards the front if negative; it stops at
/// either end. Returns which book that is.
pub(crate) fn shift(session: &WriteSession<'_>, id: ContributionId, positions: i32) -> Result<BookId> {
    let book = session.repo::<Contribution>().get(id)?.book_id;
    let mut all = session.repo::<Book>().children::<Contribution>(book)?;
    let from = all.iter().position(|each| each.id == id).unwrap_or_default();
    let moving = all.remove(from);
    let to = from.saturating_add_signed(isize::try_from(positions).unwrap_or_default());
    all.insert(to.min(all.len()), moving);
    renumber(session, all)?;
    Ok(book)
}

fn last_position(session: &ReadSession<'_>, book: BookId) -> Result<i32> {
    let positions = contributions_to(session, book)?.into_iter().map(|one| one.position);
    Ok(positions.max().unwrap_or_default().max(0))
}

/// Numbers contributors from 1, in this order, and returns the position of the last one.
fn renumber(session: &WriteSession<'_>, in_order: Vec<Contribution>) -> Result<i32> {
    let mut last = 0;
    for (position, one) in (1..).zip(in_order) {
        session
            .repo_mut::<Contribution>()
            .update(Contribution { position, ..one })?;
        last = position;
    }
    Ok(last)
}

/// Somebody who becomes the author of a book is not also listed as one of its further authors.
pub(crate) fn leave_out_author(session: &WriteSession<'_>, book: BookId, author: AuthorId) -> Result<()> {
    for one in contributions_to(session, book)? {
        if (one.author_id, &one.role) == (author, &Role::Author) {
            session.repo_mut::<Contribution>().delete(one.id)?;
        }
    }
    Ok(())
}

/// Takes the first further author of a book out of its contributors, to become its author.
pub(crate) fn take_first_of_others(session: &WriteSession<'_>, book: BookId) -> Result<Option<AuthorId>> {
    let others = contributions_to(session, book)?;
    let Some(first) = others.into_iter().find(|one| one.role == Role::Author) else {
        return Ok(None);
    };
    session.repo_mut::<Contribution>().delete(first.id)?;
    Ok(Some(first.author_id))
}

/// Gives a book the contributors of another. Somebody who already has the part there, or is, as far as anything is
/// known, the same person as one who has, is not listed again.
pub(crate) fn hand_on(session: &WriteSession<'_>, from: BookId, into: BookId) -> Result<()> {
    let moving = contributions_to(session, from)?;
    if moving.is_empty() {
        return Ok(());
    }
    let people = session.repo::<Author>();
    let author = session.repo::<Book>().get(into)?.author_id;
    let author = author.map(|author| people.get(author)).transpose()?;
    let mut there: Vec<_> = author.map(|author| (author, Role::Author)).into_iter().collect();
    for one in contributions_to(session, into)? {
        there.push((people.get(one.author_id)?, one.role));
    }
    let contributions = session.repo_mut::<Contribution>();
    for one in moving {
        let person = people.get(one.author_id)?;
        let is_there = |(known, role): &(Author, Role)| {
            *role == one.role && (known.id.uuid() == person.id.uuid() || is_same_person(known, &person))
        };
        if there.iter().any(is_there) {
            contributions.delete(one.id)?;
        } else {
            contributions.change(one.id, |one| {
                one.book_id = into;
                Ok(())
            })?;
            there.push((person, one.role));
        }
    }
    Ok(())
}
