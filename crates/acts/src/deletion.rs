//! Deleting an author who has books.
//!
//! Books name their author, so whoever deletes an author says in the same transaction what happens to the books.

use colophon_catalogue::{Author, AuthorId, Book, BookFilter, Contribution, ContributionFilter};
use colophon_store::{Error, Query, Result, WriteSession};

use crate::deed::Deed;
use crate::parts::{has_part, leave_out_author, take_first_of_others};
use crate::record::RecordKind;

/// What must happen to an author's books and contributions when the author is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BooksOfDeleted {
    /// Refuse if there are any.
    Refuse,
    /// Delete the books too, and the author's contributions to others.
    Delete,
    /// Keep the books, without the author: the next author that a book names takes the place, if there is one.
    Keep,
    /// Hand both over to another author, who does not get any role in a book twice because of it.
    HandOver(AuthorId),
}

/// Deletes an author, and deals with the books in the same transaction.
pub fn delete(session: &WriteSession<'_>, id: AuthorId, books: BooksOfDeleted) -> Result<Author> {
    let deleted = delete_author(session, id, books)?;
    Deed::deleted(RecordKind::Author, &deleted.name).note(session);
    Ok(deleted)
}

pub(crate) fn delete_author(session: &WriteSession<'_>, id: AuthorId, books: BooksOfDeleted) -> Result<Author> {
    let own = session
        .repo::<Book>()
        .filter(&Query::filtered(BookFilter::ByAuthor(id)))?;
    let filter = Query::filtered(ContributionFilter::ByAuthor(id));
    match books {
        BooksOfDeleted::Refuse => {}
        BooksOfDeleted::Delete => {
            for book in own {
                session.repo_mut::<Book>().delete(book.id)?;
            }
            delete_contributions(session, &filter)?;
        }
        BooksOfDeleted::Keep => {
            delete_contributions(session, &filter)?;
            for book in own {
                let author_id = take_first_of_others(session, book.id)?;
                session.repo_mut::<Book>().update(Book { author_id, ..book })?;
            }
        }
        BooksOfDeleted::HandOver(heir) => {
            if heir == id {
                return Err(Error::invalid(
                    "author_id",
                    "the books cannot be handed over to the author who is deleted",
                ));
            }
            session.repo::<Author>().get(heir)?;
            hand_over(session, heir, own, session.repo::<Contribution>().filter(&filter)?)?;
        }
    }
    session.repo_mut::<Author>().delete(id)
}

fn delete_contributions(session: &WriteSession<'_>, of: &Query<Contribution>) -> Result<()> {
    let found = session.repo::<Contribution>().filter(of)?;
    let contributions = session.repo_mut::<Contribution>();
    found
        .into_iter()
        .try_for_each(|one| contributions.delete(one.id).map(drop))
}

/// Makes somebody else's books and contributions those of the heir. If the heir already has the same role, it is not
/// recorded a second time: what both did is now one part in the book.
fn hand_over(
    session: &WriteSession<'_>,
    heir: AuthorId,
    books: Vec<Book>,
    contributions: Vec<Contribution>,
) -> Result<()> {
    let repository = session.repo_mut::<Contribution>();
    for book in books {
        leave_out_author(session, book.id, heir)?;
        session.repo_mut::<Book>().update(Book {
            author_id: Some(heir),
            ..book
        })?;
    }
    for contribution in contributions {
        if has_part(session, contribution.book_id, heir, &contribution.role)? {
            repository.delete(contribution.id)?;
        } else {
            repository.update(Contribution {
                author_id: heir,
                ..contribution
            })?;
        }
    }
    Ok(())
}
