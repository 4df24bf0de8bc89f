//! Contributions: the people of a book besides its author, each with a role and a position.

use colophon_acts::contributors;
use colophon_catalogue::{AuthorId, Book, BookId, Contribution, ContributionFilter, ContributionId, Role};
use colophon_store::{EntityId, Page, PageRequest, Query, ReadSession, Result};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::authors::{AuthorRef, line};
use super::books::{AuthorChoice, BookRecord, record};
use super::drafts::taken_in;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::wire::Rows;
use crate::worded::Worded;

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
    state: State<'_, AppState>,
    author: Uuid,
    page: u32,
    per_page: u32,
) -> Result<Rows<ContributionRow>, CommandError> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let query = Query::filtered(ContributionFilter::ByAuthor(AuthorId::from_uuid(author)));
        let found = state.read(move |session| {
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
    state: State<'_, AppState>,
    book: Uuid,
    author: AuthorChoice,
    role: Worded<Role>,
) -> Result<BookRecord, CommandError> {
    answer(async move {
        let added = state.write(move |session| {
            taken_in(session, book, "contributors")?;
            let book = BookId::from_uuid(book);
            contributors::add(session, book, &role.0, &author.into())?;
            record(session, book)
        });
        added.await
    })
    .await
}

/// Gives a contribution another role.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_set_role(
    state: State<'_, AppState>,
    id: Uuid,
    role: Worded<Role>,
) -> Result<BookRecord, CommandError> {
    answer(async move {
        let set = state.write(move |session| {
            let book = contributors::set_role(session, ContributionId::from_uuid(id), role.0)?;
            record(session, book)
        });
        set.await
    })
    .await
}

/// Moves a contribution by that many positions, towards the front when negative; it stops at either end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_move(
    state: State<'_, AppState>,
    id: Uuid,
    positions: i32,
) -> Result<BookRecord, CommandError> {
    answer(async move {
        let moved = state.write(move |session| {
            let book = contributors::shift(session, ContributionId::from_uuid(id), positions)?;
            record(session, book)
        });
        moved.await
    })
    .await
}

/// Takes a contribution away; the author stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_remove(state: State<'_, AppState>, id: Uuid) -> Result<BookRecord, CommandError> {
    answer(async move {
        let removed = state.write(move |session| {
            let book = contributors::remove(session, ContributionId::from_uuid(id))?;
            record(session, book)
        });
        removed.await
    })
    .await
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
