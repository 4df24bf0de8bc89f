//! Records that are found in the palette, of every kind at once.

use colophon_acts::RecordKind;
use colophon_catalogue::filters::Typed;
use colophon_catalogue::lists::{List, Listed, Lists};
use colophon_catalogue::{Author, Book};
use colophon_store::{PageRequest, Result};
use serde::Serialize;
use specta::Type;
use tauri::State;

use super::lists::{ListRow, columns_called, row};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::questions::Question;
use crate::worded::Worded;

/// How many records of a kind are offered.
const RECORDS_MAX: u32 = 6;
/// What is shown of each.
const OF_A_BOOK: [&str; 3] = ["title", "author", "published_year"];
const OF_AN_AUTHOR: [&str; 4] = ["sort_name", "birth_year", "death_year", "books"];

/// A record that was found.
#[derive(Debug, Serialize, Type)]
pub(crate) struct FoundRecord {
    /// Its kind.
    pub(crate) kind: Worded<RecordKind>,
    /// What is shown of it.
    pub(crate) row: ListRow,
}

/// The first records of each kind that are found by what was typed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn palette_records(
    state: State<'_, AppState>,
    text: String,
) -> Result<Vec<FoundRecord>, CommandError> {
    answer(async move {
        let question = state.questions.put(Question::Palette(text.clone()));
        let found = state.listed(question, move |lists| {
            let mut found = found::<Book>(lists, RecordKind::Book, &text, &OF_A_BOOK)?;
            found.extend(self::found::<Author>(lists, RecordKind::Author, &text, &OF_AN_AUTHOR)?);
            Ok(found)
        });
        found.await
    })
    .await
}

fn found<E: Listed>(lists: &Lists, kind: RecordKind, text: &str, columns: &[&str]) -> Result<Vec<FoundRecord>> {
    let list = List::<E>::default().typed(Typed::read_so_far::<E>(text));
    if list.text.trim().is_empty() && list.filters.is_empty() {
        return Ok(Vec::new());
    }
    let columns = columns_called::<E>(&columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())?;
    let page = lists.page(&list, PageRequest::new(1, RECORDS_MAX)?)?;
    let record = |line: &E::Line| FoundRecord {
        kind: Worded(kind),
        row: row(&columns, line),
    };
    Ok(page.items.iter().map(record).collect())
}
