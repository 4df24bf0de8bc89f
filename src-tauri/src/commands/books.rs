//! Books: pages of them, one of them, and the changes a person makes to one.

use colophon_acts::parts::leave_out_author;
use colophon_catalogue::lists::{self, BookLine, BookList};
use colophon_catalogue::{self as catalogue, Author, AuthorDraft, AuthorId, Book, BookDraft, BookId, Contribution};
use colophon_store::{Entity as _, EntityId, Error, PageRequest, ReadSession, Result, WriteSession};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::Rows;
use super::authors::{AuthorRef, line};
use super::contributions::Contributor;
use super::fields::{RecordField, field_named, fields_of};
use crate::answer::answer;
use crate::desk::{Desk, count};
use crate::error::{Code, Coded};

/// What the list of books shows, and in which order.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct BookQuery {
    /// What was typed into the search box; empty matches all.
    pub(crate) text: String,
    /// Only the books of this author.
    pub(crate) author: Option<Uuid>,
    /// The column that orders the list.
    pub(crate) sort: BookSort,
    /// From the end to the beginning.
    pub(crate) descending: bool,
}

/// The columns that a list of books can be ordered by.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BookSort {
    /// By title, without its leading article.
    Title,
    /// By the author's sort name, then by title.
    Author,
    /// By year of publication.
    PublishedYear,
    /// In the order in which they were made.
    CreatedAt,
}

/// A book as the list shows it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BookRow {
    /// The book's id.
    pub(crate) id: Uuid,
    /// Its title.
    pub(crate) title: String,
    /// Its subtitle.
    pub(crate) subtitle: Option<String>,
    /// Its author's name.
    pub(crate) author: String,
    /// The year it came out; negative is before the common era.
    pub(crate) published_year: Option<i32>,
    /// Thirteen digits.
    pub(crate) isbn: Option<String>,
    /// Its series.
    pub(crate) series: Option<String>,
    /// Its place in the series.
    pub(crate) series_position: Option<String>,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

/// A book with everything the editor shows.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BookRecord {
    /// The book's id.
    pub(crate) id: Uuid,
    /// Its author, if it has one.
    pub(crate) author: Option<AuthorRef>,
    /// Everybody else who had a hand in it, in order.
    pub(crate) contributors: Vec<Contributor>,
    /// Its title.
    pub(crate) title: String,
    /// Everything that it says.
    pub(crate) fields: Vec<RecordField>,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

/// What a new book needs.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct NewBook {
    /// Its title, as typed.
    pub(crate) title: String,
    /// Its author.
    pub(crate) author: AuthorChoice,
}

/// An author picked from the list, one to be made by this name, or nobody.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum AuthorChoice {
    /// One who is in the catalogue.
    Existing {
        /// The author's id.
        id: Uuid,
    },
    /// One who is not.
    New {
        /// The name as typed.
        name: String,
    },
    /// Nobody: the book has no author.
    Nobody,
}

/// One page of the books that match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn books_page(
    desk: State<'_, Desk>,
    query: BookQuery,
    page: u32,
    per_page: u32,
) -> Result<Rows<BookRow>, Coded> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let page = desk.listed(move |lists| lists.books(&query.into(), request)).await?;
        Ok(Rows::of(page))
    })
    .await
}

/// The rows of these books as they are now; a book that is gone is left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn books_rows(desk: State<'_, Desk>, ids: Vec<Uuid>) -> Result<Vec<BookRow>, Coded> {
    answer(async move {
        let lines = desk.read(move |session| {
            let books = ids
                .into_iter()
                .map(|id| session.repo::<Book>().find(BookId::from_uuid(id)));
            lists::book_lines(session, books.filter_map(Result::transpose).collect::<Result<_>>()?)
        });
        Ok(lines.await?.into_iter().map(BookRow::from).collect())
    })
    .await
}

/// How many rows stand before this book in the list that the query gives; nothing when it does not match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_index(desk: State<'_, Desk>, query: BookQuery, id: Uuid) -> Result<Option<u32>, Coded> {
    answer(async move {
        let position = desk.listed(move |lists| lists.book_position(&query.into(), BookId::from_uuid(id)));
        Ok(position.await?.map(count))
    })
    .await
}

/// One book.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book(desk: State<'_, Desk>, id: Uuid) -> Result<BookRecord, Coded> {
    answer(async move { desk.read(move |session| record(session, BookId::from_uuid(id))).await }).await
}

/// Makes a book, and its author when that name is new.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_create(desk: State<'_, Desk>, book: NewBook) -> Result<BookRecord, Coded> {
    answer(async move {
        let made = desk.write(move |session| {
            let author = book.author.in_catalogue(session)?;
            let made = session.repo_mut::<Book>().create(&BookDraft::new(book.title, author))?;
            session.describe(format!("Added “{}”", made.title));
            record(session, made.id)
        });
        made.await
    })
    .await
}

/// Sets one field from what was typed; an empty text clears it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_set(
    desk: State<'_, Desk>,
    id: Uuid,
    field: String,
    text: String,
) -> Result<BookRecord, Coded> {
    answer(async move {
        let database = desk.opened()?.database;
        let set = database.write(move |session| {
            let mut book = session.repo::<Book>().get(BookId::from_uuid(id))?;
            book.set_text(field_named(&field)?, &text)?;
            let book = session.repo_mut::<Book>().update(book)?;
            session.describe(format!("Changed “{}”", book.title));
            record(session, book.id)
        });
        match set.await {
            Err(Error::Duplicate {
                field,
                existing: Some(other),
                ..
            }) => Err(taken(&desk, field, other).await?),
            set => Ok(set?),
        }
    })
    .await
}

/// Gives the book another author, or none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_set_author(
    desk: State<'_, Desk>,
    id: Uuid,
    author: AuthorChoice,
) -> Result<BookRecord, Coded> {
    answer(async move {
        let set = desk.write(move |session| {
            let author_id = author.in_catalogue(session)?;
            let book = session.repo::<Book>().get(BookId::from_uuid(id))?;
            let book = session.repo_mut::<Book>().update(Book { author_id, ..book })?;
            if let Some(author) = author_id {
                leave_out_author(session, book.id, author)?;
            }
            session.describe(format!("Changed the author of “{}”", book.title));
            record(session, book.id)
        });
        set.await
    })
    .await
}

/// Deletes a book with its contributions. It can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_delete(desk: State<'_, Desk>, id: Uuid) -> Result<(), Coded> {
    answer(async move {
        let deleted = desk.write(move |session| {
            let book = session.repo_mut::<Book>().delete(BookId::from_uuid(id))?;
            session.describe(format!("Deleted “{}”", book.title));
            Ok(())
        });
        deleted.await
    })
    .await
}

impl From<BookQuery> for BookList {
    fn from(query: BookQuery) -> Self {
        Self {
            text: query.text,
            author: query.author.map(AuthorId::from_uuid),
            sort: match query.sort {
                BookSort::Title => catalogue::BookSort::Title,
                BookSort::Author => catalogue::BookSort::Author,
                BookSort::PublishedYear => catalogue::BookSort::Year,
                BookSort::CreatedAt => catalogue::BookSort::Added,
            },
            descending: query.descending,
        }
    }
}

impl AuthorChoice {
    /// The author's id; a new name becomes an author. `None` for nobody.
    pub(crate) fn in_catalogue(self, session: &WriteSession<'_>) -> Result<Option<AuthorId>> {
        Ok(match self {
            Self::Existing { id } => Some(session.repo::<Author>().get(AuthorId::from_uuid(id))?.id),
            Self::New { name } => Some(session.repo_mut::<Author>().create(&AuthorDraft::named(name))?.id),
            Self::Nobody => None,
        })
    }
}

impl From<BookLine> for BookRow {
    fn from(line: BookLine) -> Self {
        Self {
            id: line.book.id.uuid(),
            title: line.book.title,
            subtitle: line.book.subtitle,
            author: line.author,
            published_year: line.book.published_year,
            isbn: line.book.isbn,
            series: line.book.series,
            series_position: line.book.series_position,
            waiting: line.waiting,
        }
    }
}

/// A book as the editor shows it.
pub(crate) fn record(session: &ReadSession<'_>, id: BookId) -> Result<BookRecord> {
    let book = session.repo::<Book>().get(id)?;
    let contributors = session.repo::<Book>().children::<Contribution>(id)?;
    let contributors = contributors.iter().map(|one| Contributor::of(session, one));
    let waiting = lists::book_lines(session, vec![book.clone()])?
        .iter()
        .any(|line| line.waiting);
    Ok(BookRecord {
        id: id.uuid(),
        author: book
            .author_id
            .map(|author| line(session, author))
            .transpose()?
            .map(AuthorRef::from),
        contributors: contributors.collect::<Result<_>>()?,
        fields: fields_of(&book),
        title: book.title,
        waiting,
    })
}

/// Says which book has the value that only one may have.
async fn taken(desk: &Desk, field: &'static str, other: Uuid) -> Result<Coded, Coded> {
    let title = desk
        .read(move |session| Ok(session.repo::<Book>().get(BookId::from_uuid(other))?.title))
        .await?;
    Ok(Coded {
        code: Code::Duplicate,
        field: Some(field.to_owned()),
        message: format!("Another book has it already: “{title}”."),
    })
}
