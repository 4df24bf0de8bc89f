//! Books: pages of them, one of them, and the changes a person makes to one.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{Rows, authors::AuthorRef, contributions::Contributor};
use crate::error::Coded;

/// What the list of books shows, and in which order.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct BookQuery {
    /// What was typed into the search box; empty matches all.
    pub(crate) text: String,
    /// Only the books of this author.
    pub(crate) author: Option<String>,
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
    /// By the time the record was made.
    CreatedAt,
}

/// A book as the list shows it.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BookRow {
    /// The book's id.
    pub(crate) id: String,
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
    pub(crate) id: String,
    /// Its author.
    pub(crate) author: AuthorRef,
    /// Everybody else who had a hand in it, in order.
    pub(crate) contributors: Vec<Contributor>,
    /// Its title.
    pub(crate) title: String,
    /// Its subtitle.
    pub(crate) subtitle: Option<String>,
    /// Thirteen digits.
    pub(crate) isbn: Option<String>,
    /// Its publisher.
    pub(crate) publisher: Option<String>,
    /// The year it came out; negative is before the common era.
    pub(crate) published_year: Option<i32>,
    /// Three letters of ISO 639.
    pub(crate) language: Option<String>,
    /// How many pages it has.
    pub(crate) page_count: Option<i32>,
    /// Its series.
    pub(crate) series: Option<String>,
    /// Its place in the series.
    pub(crate) series_position: Option<String>,
    /// Free text, with line breaks.
    pub(crate) notes: Option<String>,
    /// Whether the server has yet to see a change of it.
    pub(crate) waiting: bool,
}

/// The fields of a book that are typed as text.
#[derive(Debug, Clone, Copy, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BookField {
    /// The title; required.
    Title,
    /// The subtitle.
    Subtitle,
    /// The ISBN, of ten or thirteen digits, however it is hyphenated.
    Isbn,
    /// The publisher.
    Publisher,
    /// The year of publication.
    PublishedYear,
    /// The language, as ISO 639 or a tag that starts with it.
    Language,
    /// The number of pages.
    PageCount,
    /// The series.
    Series,
    /// The place in the series.
    SeriesPosition,
    /// The notes.
    Notes,
}

/// What a new book needs.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct NewBook {
    /// Its title, as typed.
    pub(crate) title: String,
    /// Its author.
    pub(crate) author: AuthorChoice,
}

/// An author picked from the list, or one to be made by this name.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum AuthorChoice {
    /// One who is in the catalogue.
    Existing {
        /// The author's id.
        id: String,
    },
    /// One who is not.
    New {
        /// The name as typed.
        name: String,
    },
}

/// One page of the books that match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn books_page(query: BookQuery, page: u32, per_page: u32) -> Result<Rows<BookRow>, Coded> {
    let _ = (query, page, per_page);
    Err(Coded::unwired())
}

/// The rows of these books as they are now; a book that is gone is left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn books_rows(ids: Vec<String>) -> Result<Vec<BookRow>, Coded> {
    let _ = ids;
    Err(Coded::unwired())
}

/// How many rows stand before this book in the list that the query gives; nothing when it does not match.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_index(query: BookQuery, id: String) -> Result<Option<u32>, Coded> {
    let _ = (query, id);
    Err(Coded::unwired())
}

/// One book.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book(id: String) -> Result<BookRecord, Coded> {
    let _ = id;
    Err(Coded::unwired())
}

/// Makes a book, and its author when that name is new.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_create(book: NewBook) -> Result<BookRecord, Coded> {
    let _ = book;
    Err(Coded::unwired())
}

/// Sets one field from what was typed; an empty text clears it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_set(id: String, field: BookField, text: String) -> Result<BookRecord, Coded> {
    let _ = (id, field, text);
    Err(Coded::unwired())
}

/// Gives the book another author.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_set_author(id: String, author: AuthorChoice) -> Result<BookRecord, Coded> {
    let _ = (id, author);
    Err(Coded::unwired())
}

/// Deletes a book with its contributions. It can be undone.
#[tauri::command]
#[specta::specta]
pub(crate) async fn book_delete(id: String) -> Result<(), Coded> {
    let _ = id;
    Err(Coded::unwired())
}
