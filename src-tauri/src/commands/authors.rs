//! Authors: pages of them, one of them, suggestions while a name is typed, and the changes a person makes to one.

use colophon_catalogue::{self as catalogue, Author, AuthorDraft, AuthorFilter, AuthorId};
use colophon_store::{Entity, EntityId, PageRequest, Query, ReadSession, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::{Rows, index_of};
use crate::desk::{Desk, count};
use crate::error::Coded;

/// How many people are offered while a name is typed.
const SUGGESTIONS_MAX: usize = 8;

/// What the list of authors shows, and in which order.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct AuthorQuery {
    /// What was typed into the search box; empty matches all.
    pub(crate) text: String,
    /// The column that orders the list.
    pub(crate) sort: AuthorSort,
    /// From the end to the beginning.
    pub(crate) descending: bool,
}

/// The columns that a list of authors can be ordered by.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorSort {
    /// By sort name: "Le Guin, Ursula K.".
    Name,
    /// In the order in which they were made.
    CreatedAt,
}

/// An author as the list shows one.
#[derive(Debug, Serialize, Type)]
pub(crate) struct AuthorRow {
    /// The author's id.
    pub(crate) id: Uuid,
    /// The name as it is printed.
    pub(crate) name: String,
    /// The name as it is sorted.
    pub(crate) sort_name: String,
    /// Year of birth; negative is before the common era.
    pub(crate) birth_year: Option<i32>,
    /// Year of death.
    pub(crate) death_year: Option<i32>,
    /// How many books have this author.
    pub(crate) books: u32,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

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
    /// The name as it is sorted.
    pub(crate) sort_name: String,
    /// Year of birth; negative is before the common era.
    pub(crate) birth_year: Option<i32>,
    /// Year of death.
    pub(crate) death_year: Option<i32>,
    /// An address to write to.
    pub(crate) email: Option<String>,
    /// An address to look at.
    pub(crate) website: Option<String>,
    /// Free text, with line breaks.
    pub(crate) notes: Option<String>,
    /// How many books have this author.
    pub(crate) books: u32,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

/// The fields of an author that are typed as text.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AuthorField {
    /// The name; required.
    Name,
    /// The sort name; empty derives it from the name.
    SortName,
    /// The year of birth.
    BirthYear,
    /// The year of death.
    DeathYear,
    /// The e-mail address.
    Email,
    /// The web address.
    Website,
    /// The notes.
    Notes,
}

/// What becomes of the books of an author who is deleted.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum BooksOfDeleted {
    /// There must be none.
    Refuse,
    /// They go too.
    Delete,
    /// They become another author's.
    HandOver {
        /// The id of the author who takes them.
        to: Uuid,
    },
}

/// One page of the authors that match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authors_page(
    desk: State<'_, Desk>,
    query: AuthorQuery,
    page: u32,
    per_page: u32,
) -> Result<Rows<AuthorRow>, Coded> {
    let page = desk.read(move |session| {
        let found = session
            .repo::<Author>()
            .page(&query.into(), PageRequest::new(page.into(), per_page)?)?;
        let mut books = book_counts(session, &found.items)?.into_iter();
        Ok(found.map(|author| AuthorRow::of(author, books.next().unwrap_or_default())))
    });
    Ok(page.await?.into())
}

/// The rows of these authors as they are now; an author who is gone is left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authors_rows(desk: State<'_, Desk>, ids: Vec<Uuid>) -> Result<Vec<AuthorRow>, Coded> {
    let rows = desk.read(move |session| {
        let authors = ids
            .into_iter()
            .map(|id| session.repo::<Author>().find(AuthorId::from_uuid(id)));
        let authors: Vec<_> = authors.filter_map(Result::transpose).collect::<Result<_>>()?;
        let books = book_counts(session, &authors)?;
        Ok(authors
            .into_iter()
            .zip(books)
            .map(|(author, books)| AuthorRow::of(author, books))
            .collect())
    });
    rows.await
}

/// How many rows stand before this author in the list that the query gives; nothing when it does not match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_index(desk: State<'_, Desk>, query: AuthorQuery, id: Uuid) -> Result<Option<u32>, Coded> {
    let index = desk.read(move |session| index_of::<Author>(session, &query.into(), id));
    index.await
}

/// One author.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author(desk: State<'_, Desk>, id: Uuid) -> Result<AuthorRecord, Coded> {
    desk.read(move |session| record(session, AuthorId::from_uuid(id))).await
}

/// A few authors whose name contains what was typed, the likeliest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_suggest(desk: State<'_, Desk>, text: String) -> Result<Vec<AuthorRef>, Coded> {
    let suggested = desk.read(move |session| {
        let typed = Author::fold(&text);
        let mut found = session.repo::<Author>().search_by_name(&text)?;
        // Whoever has exactly this name, then whoever's name begins so; within each the order of names stays.
        found.sort_by_cached_key(|author| {
            let name = Author::fold(&author.name);
            (name != typed, !name.starts_with(&typed))
        });
        found.truncate(SUGGESTIONS_MAX);
        let books = book_counts(session, &found)?;
        Ok(found
            .into_iter()
            .zip(books)
            .map(|(author, books)| AuthorRef::with(author, books))
            .collect())
    });
    suggested.await
}

/// Makes an author by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_create(desk: State<'_, Desk>, name: String) -> Result<AuthorRecord, Coded> {
    let made = desk.write(move |session| {
        let made = session.repo_mut::<Author>().create(&AuthorDraft::named(name))?;
        session.describe(format!("Added {}", made.name));
        record(session, made.id)
    });
    made.await
}

/// Sets one field from what was typed; an empty text clears it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_set(
    desk: State<'_, Desk>,
    id: Uuid,
    field: AuthorField,
    text: String,
) -> Result<AuthorRecord, Coded> {
    let set = desk.write(move |session| {
        let mut author = session.repo::<Author>().get(AuthorId::from_uuid(id))?;
        author.set_text(field.into(), &text)?;
        let author = session.repo_mut::<Author>().update(author)?;
        session.describe(format!("Changed {}", author.name));
        record(session, author.id)
    });
    set.await
}

/// Deletes an author; what becomes of the books is said with it, in the same transaction. It can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_delete(desk: State<'_, Desk>, id: Uuid, books: BooksOfDeleted) -> Result<(), Coded> {
    let deleted = desk.write(move |session| {
        let author = catalogue::delete_author(session, AuthorId::from_uuid(id), books.into())?;
        session.describe(format!("Deleted {}", author.name));
        Ok(())
    });
    deleted.await
}

impl From<AuthorQuery> for Query<Author> {
    fn from(query: AuthorQuery) -> Self {
        let sort = match query.sort {
            AuthorSort::Name => catalogue::AuthorSort::Name,
            AuthorSort::CreatedAt => catalogue::AuthorSort::Added,
        };
        let words = query
            .text
            .split_whitespace()
            .map(|word| AuthorFilter::NameContains(word.to_owned()));
        Self {
            filters: words.collect(),
            ..Self::all().sorted_by(sort, query.descending)
        }
    }
}

impl From<AuthorField> for catalogue::AuthorField {
    fn from(field: AuthorField) -> Self {
        match field {
            AuthorField::Name => Self::Name,
            AuthorField::SortName => Self::SortName,
            AuthorField::BirthYear => Self::BirthYear,
            AuthorField::DeathYear => Self::DeathYear,
            AuthorField::Email => Self::Email,
            AuthorField::Website => Self::Website,
            AuthorField::Notes => Self::Notes,
        }
    }
}

impl From<BooksOfDeleted> for catalogue::BooksOfDeleted {
    fn from(books: BooksOfDeleted) -> Self {
        match books {
            BooksOfDeleted::Refuse => Self::Refuse,
            BooksOfDeleted::Delete => Self::Delete,
            BooksOfDeleted::HandOver { to } => Self::HandOver(AuthorId::from_uuid(to)),
        }
    }
}

impl AuthorRow {
    fn of(author: Author, books: u64) -> Self {
        Self {
            id: author.id.uuid(),
            name: author.name,
            sort_name: author.sort_name,
            birth_year: author.birth_year,
            death_year: author.death_year,
            books: count(books),
            waiting: false,
        }
    }
}

impl AuthorRef {
    fn with(author: Author, books: u64) -> Self {
        Self {
            id: author.id.uuid(),
            name: author.name,
            birth_year: author.birth_year,
            death_year: author.death_year,
            books: count(books),
        }
    }

    /// The author with this id, as another record names one.
    pub(crate) fn of(session: &ReadSession<'_>, id: AuthorId) -> Result<Self> {
        let author = session.repo::<Author>().get(id)?;
        let books = Author::book_counts(session, &[id])?;
        Ok(Self::with(author, books.into_iter().sum()))
    }
}

fn book_counts(session: &ReadSession<'_>, authors: &[Author]) -> Result<Vec<u64>> {
    let ids: Vec<_> = authors.iter().map(|author| author.id).collect();
    Author::book_counts(session, &ids)
}

/// An author as the editor shows one.
fn record(session: &ReadSession<'_>, id: AuthorId) -> Result<AuthorRecord> {
    let author = session.repo::<Author>().get(id)?;
    let books = Author::book_counts(session, &[id])?;
    Ok(AuthorRecord {
        id: id.uuid(),
        name: author.name,
        sort_name: author.sort_name,
        birth_year: author.birth_year,
        death_year: author.death_year,
        email: author.email,
        website: author.website,
        notes: author.notes,
        books: count(books.into_iter().sum()),
        waiting: false,
    })
}
