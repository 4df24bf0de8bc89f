//! Authors: pages of them, one of them, suggestions while a name is typed, and the changes a person makes to one.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::Rows;
use crate::error::Coded;

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
    /// By year of birth.
    BirthYear,
    /// By the time the record was made.
    CreatedAt,
}

/// An author as the list shows one.
#[derive(Debug, Serialize, Type)]
pub(crate) struct AuthorRow {
    /// The author's id.
    pub(crate) id: String,
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
    pub(crate) id: String,
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
    pub(crate) id: String,
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
        to: String,
    },
}

/// One page of the authors that match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authors_page(query: AuthorQuery, page: u32, per_page: u32) -> Result<Rows<AuthorRow>, Coded> {
    let _ = (query, page, per_page);
    Err(Coded::unwired())
}

/// The rows of these authors as they are now; an author who is gone is left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn authors_rows(ids: Vec<String>) -> Result<Vec<AuthorRow>, Coded> {
    let _ = ids;
    Err(Coded::unwired())
}

/// How many rows stand before this author in the list that the query gives; nothing when it does not match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_index(query: AuthorQuery, id: String) -> Result<Option<u32>, Coded> {
    let _ = (query, id);
    Err(Coded::unwired())
}

/// One author.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author(id: String) -> Result<AuthorRecord, Coded> {
    let _ = id;
    Err(Coded::unwired())
}

/// A few authors whose name contains what was typed, the likeliest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_suggest(text: String) -> Result<Vec<AuthorRef>, Coded> {
    let _ = text;
    Err(Coded::unwired())
}

/// Makes an author by name.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_create(name: String) -> Result<AuthorRecord, Coded> {
    let _ = name;
    Err(Coded::unwired())
}

/// Sets one field from what was typed; an empty text clears it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_set(id: String, field: AuthorField, text: String) -> Result<AuthorRecord, Coded> {
    let _ = (id, field, text);
    Err(Coded::unwired())
}

/// Deletes an author; what becomes of the books is said with it, in the same transaction. It can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn author_delete(id: String, books: BooksOfDeleted) -> Result<(), Coded> {
    let _ = (id, books);
    Err(Coded::unwired())
}
