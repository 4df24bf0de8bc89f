//! Authors: pages of them, one of them, suggestions while a name is typed, and the changes a person makes to one.

use std::collections::HashSet;

use colophon_acts::{self as acts, Form, RecordKind, authors};
use colophon_catalogue::lists::{self, AuthorLine};
use colophon_catalogue::{Author, AuthorId, Contribution, ContributionFilter};
use colophon_store::{EntityId, Error, Query, ReadSession, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::belongings::{RecordList, lists_of};
use super::drafts::{taken_in, taken_into_new};
use super::fields::{RecordField, fields_of};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::questions::Question;
use crate::wire::count;

/// How many people are offered while a name is typed.
const SUGGESTIONS_MAX: usize = 8;

/// An author as another record names one: enough for a person to tell two of the same name apart.
#[derive(Debug, Clone, Serialize, Type)]
pub(crate) struct AuthorRef {
    /// The author's id.
    pub(crate) id: Uuid,
    /// The name as it is printed.
    pub(crate) name: String,
    /// Year of birth; negative is before the common era.
    pub(crate) birth_year: Option<i32>,
    /// Year of death.
    pub(crate) death_year: Option<i32>,
    /// How many books have this author.
    pub(crate) books: u32,
}

/// An author with everything the editor shows.
#[derive(Debug, Serialize, Type)]
pub(crate) struct AuthorRecord {
    /// The author's id.
    pub(crate) id: Uuid,
    /// The name as it is printed.
    pub(crate) name: String,
    /// Everything that is said of the author.
    pub(crate) fields: Vec<RecordField>,
    /// The lists.
    pub(crate) lists: Vec<RecordList>,
    /// How many books have this author.
    pub(crate) books: u32,
    /// How many contributions to books are by this person.
    pub(crate) contributions: u32,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

/// What becomes of the books of an author who is deleted.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum BooksOfDeleted {
    /// There must be none.
    Refuse,
    /// They go too.
    Delete,
    /// They stay, without the author.
    Keep,
    /// They become another author's.
    HandOver {
        /// The id of the author who takes them.
        to: Uuid,
    },
}

/// One author.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author(state: State<'_, AppState>, id: Uuid) -> Result<AuthorRecord, CommandError> {
    answer(async move {
        state
            .read(move |session| record(session, AuthorId::from_uuid(id)))
            .await
    })
    .await
}

/// A few authors whose name contains what was typed, the likeliest first. It ends when something else is typed into the same box, whatever
/// the page calls that.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_suggest(
    state: State<'_, AppState>,
    typed_into: String,
    text: String,
) -> Result<Vec<AuthorRef>, CommandError> {
    answer(async move {
        let asked = text.clone();
        let question = state.questions.put(Question::Person {
            typed_into,
            text: asked,
        });
        let typed = text.clone();
        let exact = state.read(move |session| {
            let named = session.repo::<Author>().find_by_name(&typed)?;
            lists::author_lines(session, named.into_iter().collect())
        });
        let mut suggested = exact.await?;
        let found = state.listed(question, move |lists| lists.first::<Author>(&text, SUGGESTIONS_MAX));
        suggested.extend(found.await?);
        let mut seen = HashSet::new();
        suggested.retain(|line| seen.insert(line.author.id));
        suggested.truncate(SUGGESTIONS_MAX);
        Ok(suggested.into_iter().map(AuthorRef::from).collect())
    })
    .await
}

/// Makes an author by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_create(state: State<'_, AppState>, name: String) -> Result<AuthorRecord, CommandError> {
    answer(async move {
        let made = state.write(move |session| {
            let made = authors::add(session, &Form::default().with(Author::FIELDS.name, name))?;
            taken_into_new(session, RecordKind::Author)?;
            record(session, made.id)
        });
        made.await
    })
    .await
}

/// Sets one field from what was typed; an empty text clears it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_set(
    state: State<'_, AppState>,
    id: Uuid,
    field: String,
    text: String,
) -> Result<AuthorRecord, CommandError> {
    answer(async move {
        let set = state.write(move |session| {
            taken_in(session, id, &field)?;
            let id = AuthorId::from_uuid(id);
            authors::change(session, &[id], &Form::default().with_named(&field, text)?)?;
            record(session, id)
        });
        set.await
    })
    .await
}

/// Deletes an author; what becomes of the books is said with it, in the same transaction. It can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_delete(
    state: State<'_, AppState>,
    id: Uuid,
    books: BooksOfDeleted,
) -> Result<(), CommandError> {
    answer(async move {
        let deleted = state.write(move |session| authors::delete(session, AuthorId::from_uuid(id), books.into()));
        deleted.await.map(drop)
    })
    .await
}

impl From<BooksOfDeleted> for acts::BooksOfDeleted {
    fn from(books: BooksOfDeleted) -> Self {
        match books {
            BooksOfDeleted::Refuse => Self::Refuse,
            BooksOfDeleted::Delete => Self::Delete,
            BooksOfDeleted::Keep => Self::Keep,
            BooksOfDeleted::HandOver { to } => Self::HandOver(AuthorId::from_uuid(to)),
        }
    }
}

impl From<AuthorLine> for AuthorRef {
    fn from(line: AuthorLine) -> Self {
        Self {
            id: line.author.id.uuid(),
            name: line.author.name,
            birth_year: line.author.birth_year,
            death_year: line.author.death_year,
            books: count(line.books),
        }
    }
}

/// An author with what a list shows beside the name.
pub(crate) fn line(session: &ReadSession<'_>, id: AuthorId) -> Result<AuthorLine> {
    let author = session.repo::<Author>().get(id)?;
    let found = lists::author_lines(session, vec![author])?.pop();
    found.ok_or(Error::NotFound {
        entity: "author",
        id: id.uuid(),
    })
}

/// An author as the editor shows one.
fn record(session: &ReadSession<'_>, id: AuthorId) -> Result<AuthorRecord> {
    let line = line(session, id)?;
    Ok(AuthorRecord {
        id: id.uuid(),
        fields: fields_of(&line.author),
        lists: lists_of(session, acts::RecordKind::Author, id.uuid())?,
        name: line.author.name,
        books: count(line.books),
        contributions: count(
            session
                .repo::<Contribution>()
                .count(&Query::filtered(ContributionFilter::ByAuthor(id)))?,
        ),
        waiting: line.waiting,
    })
}
