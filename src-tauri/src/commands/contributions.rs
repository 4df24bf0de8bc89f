//! Contributions: the people of a book besides its author, each with a role and a place.

use colophon_acts::parts;
use colophon_catalogue::{self as catalogue, AuthorId, Book, BookId, Contribution, ContributionFilter, ContributionId};
use colophon_store::{EntityId, Error, Page, PageRequest, Query, ReadSession, Result, WriteSession};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::Rows;
use super::authors::{AuthorRef, line};
use super::books::{AuthorChoice, BookRecord, record};
use crate::answer::answer;
use crate::desk::Desk;
use crate::error::Coded;

/// What somebody did for a book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Wrote it, together with its author.
    Author,
    /// Translated it.
    Translator,
    /// Edited it.
    Editor,
    /// Illustrated it.
    Illustrator,
}

/// One contribution, as a chip shows it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Contributor {
    /// The contribution's id.
    pub(crate) id: Uuid,
    /// Who.
    pub(crate) author: AuthorRef,
    /// As what: one of the roles, or a word that a newer version has written.
    pub(crate) role: String,
}

/// One contribution, as the editor of its author shows it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ContributionRow {
    /// The contribution's id.
    pub(crate) id: Uuid,
    /// The book.
    pub(crate) book: Uuid,
    /// Its title.
    pub(crate) title: String,
    /// The year it came out.
    pub(crate) published_year: Option<i32>,
    /// As what: one of the roles, or a word that a newer version has written.
    pub(crate) role: String,
}

/// One page of what an author contributed to the books of others.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contributions_by(
    desk: State<'_, Desk>,
    author: Uuid,
    page: u32,
    per_page: u32,
) -> Result<Rows<ContributionRow>, Coded> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let query = Query::filtered(ContributionFilter::ByAuthor(AuthorId::from_uuid(author)));
        let found = desk.read(move |session| {
            let page = session.repo::<Contribution>().page(&query, request)?;
            let rows = page.items.into_iter().map(|one| {
                let book = session.repo::<Book>().get(one.book_id)?;
                Ok(ContributionRow {
                    id: one.id.uuid(),
                    book: book.id.uuid(),
                    title: book.title,
                    published_year: book.published_year,
                    role: one.role.as_str().to_owned(),
                })
            });
            Ok(Page {
                items: rows.collect::<Result<Vec<_>>>()?,
                meta: page.meta,
            })
        });
        Ok(Rows::of(found.await?))
    })
    .await
}

/// Adds somebody at the end. The name is matched by the window; a new one becomes an author in the same transaction.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_add(
    desk: State<'_, Desk>,
    book: Uuid,
    author: AuthorChoice,
    role: Role,
) -> Result<BookRecord, Coded> {
    answer(async move {
        let added = desk.write(move |session| {
            let book_id = BookId::from_uuid(book);
            let nobody = || Error::invalid("author", "a contributor is somebody: pick a name or type a new one");
            let author = author.in_catalogue(session)?.ok_or_else(nobody)?;
            parts::append(session, book_id, &role.into(), [author])?;
            changed(session, book_id)
        });
        added.await
    })
    .await
}

/// Gives a contribution another role.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_set_role(desk: State<'_, Desk>, id: Uuid, role: Role) -> Result<BookRecord, Coded> {
    answer(async move {
        let set = desk.write(move |session| {
            let one = session.repo::<Contribution>().get(ContributionId::from_uuid(id))?;
            let role = role.into();
            let one = session
                .repo_mut::<Contribution>()
                .update(Contribution { role, ..one })?;
            changed(session, one.book_id)
        });
        set.await
    })
    .await
}

/// Moves a contribution by that many places, towards the front when negative; it stops at either end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_move(desk: State<'_, Desk>, id: Uuid, places: i32) -> Result<BookRecord, Coded> {
    answer(async move {
        let moved = desk.write(move |session| {
            let book = parts::shift(session, ContributionId::from_uuid(id), places)?;
            changed(session, book)
        });
        moved.await
    })
    .await
}

/// Takes a contribution away; the author stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_remove(desk: State<'_, Desk>, id: Uuid) -> Result<BookRecord, Coded> {
    answer(async move {
        let removed = desk.write(move |session| {
            let one = session
                .repo_mut::<Contribution>()
                .delete(ContributionId::from_uuid(id))?;
            changed(session, one.book_id)
        });
        removed.await
    })
    .await
}

impl From<Role> for catalogue::Role {
    fn from(role: Role) -> Self {
        match role {
            Role::Author => Self::Author,
            Role::Translator => Self::Translator,
            Role::Editor => Self::Editor,
            Role::Illustrator => Self::Illustrator,
        }
    }
}

impl Contributor {
    /// A contribution with its person.
    pub(crate) fn of(session: &ReadSession<'_>, one: &Contribution) -> Result<Self> {
        Ok(Self {
            id: one.id.uuid(),
            author: line(session, one.author_id)?.into(),
            role: one.role.as_str().to_owned(),
        })
    }
}

/// Names the act after its book, and gives the book as it is now.
fn changed(session: &WriteSession<'_>, book: BookId) -> Result<BookRecord> {
    let record = record(session, book)?;
    session.describe(format!("Changed the contributors of “{}”", record.title));
    Ok(record)
}
