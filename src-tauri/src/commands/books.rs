//! Books: pages of them, one of them, and the changes a person makes to one.

use colophon_acts::books::{self, BookForm};
use colophon_acts::{Form, RecordKind, Somebody};
use colophon_catalogue::lists;
use colophon_catalogue::{AuthorId, Book, BookId, Contribution};
use colophon_store::{EntityId, Error, ReadSession, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::authors::{AuthorRef, line};
use super::belongings::{RecordList, lists_of};
use super::contributions::Contributor;
use super::drafts::{taken_in, taken_into_new};
use super::fields::{RecordField, fields_of};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{Code, CommandError};

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
    /// Its lists.
    pub(crate) lists: Vec<RecordList>,
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

/// One book.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book(state: State<'_, AppState>, id: Uuid) -> Result<BookRecord, CommandError> {
    answer(async move { state.read(move |session| record(session, BookId::from_uuid(id))).await }).await
}

/// Makes a book, and its author when that name is new.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_create(state: State<'_, AppState>, book: NewBook) -> Result<BookRecord, CommandError> {
    answer(async move {
        let form = BookForm {
            fields: Form::default().with(Book::FIELDS.title, book.title),
            author: Some(book.author.into()),
            people: Vec::new(),
        };
        let made = state.write(move |session| {
            let made = books::add(session, &form)?;
            taken_into_new(session, RecordKind::Book)?;
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
    state: State<'_, AppState>,
    id: Uuid,
    field: String,
    text: String,
) -> Result<BookRecord, CommandError> {
    answer(async move {
        let form = BookForm {
            fields: Form::default().with_named(&field, text)?,
            ..BookForm::default()
        };
        match changed(&state, id, field, form).await? {
            Err(Error::Duplicate {
                field,
                existing: Some(other),
                ..
            }) => Err(taken(&state, field, other).await?),
            set => Ok(set?),
        }
    })
    .await
}

/// Gives the book another author, or none.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_set_author(
    state: State<'_, AppState>,
    id: Uuid,
    author: AuthorChoice,
) -> Result<BookRecord, CommandError> {
    answer(async move {
        let form = BookForm {
            author: Some(author.into()),
            ..BookForm::default()
        };
        Ok(changed(&state, id, "author".to_owned(), form).await??)
    })
    .await
}

/// Deletes a book with its contributions. It can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_delete(state: State<'_, AppState>, id: Uuid) -> Result<(), CommandError> {
    answer(async move {
        let deleted = state.write(move |session| books::delete(session, &[BookId::from_uuid(id)]));
        deleted.await.map(drop)
    })
    .await
}

/// Changes a book according to what was typed into this field, and returns it as it is now.
async fn changed(
    state: &AppState,
    id: Uuid,
    field: String,
    form: BookForm,
) -> Result<Result<BookRecord>, CommandError> {
    let database = state.opened()?.database;
    let changed = database.write(move |session| {
        taken_in(session, id, &field)?;
        let id = BookId::from_uuid(id);
        books::change(session, &[id], &form)?;
        record(session, id)
    });
    Ok(changed.await)
}

impl From<AuthorChoice> for Somebody {
    fn from(choice: AuthorChoice) -> Self {
        match choice {
            AuthorChoice::Existing { id } => Self::Known(AuthorId::from_uuid(id)),
            AuthorChoice::New { name } => Self::New(name),
            AuthorChoice::Nobody => Self::Nobody,
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
        lists: lists_of(session, RecordKind::Book, id.uuid())?,
        title: book.title,
        waiting,
    })
}

/// Says which book has the value that only one may have.
async fn taken(state: &AppState, field: &'static str, other: Uuid) -> Result<CommandError, CommandError> {
    let title = state
        .read(move |session| Ok(session.repo::<Book>().get(BookId::from_uuid(other))?.title))
        .await?;
    Ok(CommandError {
        code: Code::Duplicate,
        field: Some(field.to_owned()),
        message: format!("Another book has it already: “{title}”."),
    })
}
