//! Contributions: the people of a book besides its author, each with a role and a place.

use serde::{Deserialize, Serialize};
use specta::Type;

use super::{
    authors::AuthorRef,
    books::{AuthorChoice, BookRecord},
};
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
    pub(crate) id: String,
    /// Who.
    pub(crate) author: AuthorRef,
    /// As what.
    pub(crate) role: Role,
}

/// Adds somebody at the end. The name is matched by the window; a new one becomes an author in the same transaction.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_add(book: String, author: AuthorChoice, role: Role) -> Result<BookRecord, Coded> {
    let _ = (book, author, role);
    Err(Coded::unwired())
}

/// Gives a contribution another role.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_set_role(id: String, role: Role) -> Result<BookRecord, Coded> {
    let _ = (id, role);
    Err(Coded::unwired())
}

/// Moves a contribution by that many places, towards the front when negative; it stops at either end.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_move(id: String, places: i32) -> Result<BookRecord, Coded> {
    let _ = (id, places);
    Err(Coded::unwired())
}

/// Takes a contribution away; the author stays.
#[tauri::command]
#[specta::specta]
pub(crate) async fn contribution_remove(id: String) -> Result<BookRecord, Coded> {
    let _ = id;
    Err(Coded::unwired())
}
