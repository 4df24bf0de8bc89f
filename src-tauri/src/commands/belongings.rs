//! The lists of a record: the tags of a book, identifiers, the other forms of a name.
//!
//! A record brings its lists along, just like its fields, so that a list added to an entity is drawn without a line
//! here or in the window, where it only needs its words in each language.

use colophon_acts::{RecordKind, belongings};
use colophon_catalogue::belongings::{Belonging, Belongings, belongings_of};
use colophon_catalogue::filters::{ListFilter, ListTest};
use colophon_store::{ReadSession, Result};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::drafts::taken_in;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::worded::Worded;

/// One list of a record.
#[derive(Debug, Serialize, Type)]
pub(crate) struct RecordList {
    /// Its name, which is also the name of its word in the window's messages.
    pub(crate) name: &'static str,
    /// What stands in it.
    pub(crate) items: Vec<ListItem>,
}

/// One text of a list.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ListItem {
    /// The row.
    pub(crate) id: Uuid,
    /// What it says.
    pub(crate) text: String,
    /// The filter that finds the records which have it, where it is there for that.
    pub(crate) filter: Option<String>,
}

/// The lists of a record, in order.
pub(crate) fn lists_of(session: &ReadSession<'_>, kind: RecordKind, id: Uuid) -> Result<Vec<RecordList>> {
    let shown = |list: &'static Belongings| {
        let items = list.list(session, id)?.into_iter();
        Ok(RecordList {
            name: list.name,
            items: items.map(|one| ListItem::of(list, one)).collect(),
        })
    };
    belongings_of(kind.table()).map(shown).collect()
}

/// Adds what was typed to a list of a record, and gives its lists as they are now. What stands there already is not added again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn belonging_add(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    id: Uuid,
    list: String,
    text: String,
) -> Result<Vec<RecordList>, CommandError> {
    answer(async move {
        let added = state.write(move |session| {
            belongings::add(session, kind.0, id, &list, &text)?;
            taken_in(session, id, &list)?;
            lists_of(session, kind.0, id)
        });
        added.await
    })
    .await
}

/// Takes one text out of a list of a record, and gives its lists as they are now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn belonging_remove(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    id: Uuid,
    list: String,
    row: Uuid,
) -> Result<Vec<RecordList>, CommandError> {
    answer(async move {
        let removed = state.write(move |session| {
            belongings::remove(session, kind.0, id, &list, row)?;
            lists_of(session, kind.0, id)
        });
        removed.await
    })
    .await
}

impl ListItem {
    fn of(list: &'static Belongings, one: Belonging) -> Self {
        let filter = || ListFilter::new(list, ListTest::Has(one.text.clone())).to_string();
        Self {
            filter: list.gathers().then(filter),
            id: one.id,
            text: one.text,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use colophon_catalogue::belongings::BELONGINGS;

    #[test]
    fn every_list_has_its_words_in_each_language() {
        let messages = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/messages");
        for language in ["en", "de"] {
            let text = fs::read_to_string(messages.join(format!("{language}.json"))).expect("the messages are read");
            let words: serde_json::Value = serde_json::from_str(&text).expect("the messages are JSON");
            for list in BELONGINGS {
                for word in [list.name.to_owned(), format!("{}_add", list.name)] {
                    assert!(
                        words[&word].is_string(),
                        "ui/messages/{language}.json has no word “{word}”"
                    );
                }
            }
        }
    }
}
