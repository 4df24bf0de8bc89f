//! One change of many records: what can be changed, what a change would do, and that it is done.

use std::collections::HashSet;
use std::str::FromStr;
use std::sync::Arc;

use colophon_acts::RecordKind;
use colophon_acts::bulk::{
    Applied, Change, Changeable, LetterCase, Operation, OperationKind, Preview, Refused, Replacement, Shown, changeable,
};
use colophon_catalogue::lists::{Listed, Lists};
use colophon_catalogue::{Author, Book};
use colophon_store::{Error, PageRequest, ReadSession, Result, WriteSession};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::lists::of_kind;
use super::selection::{Selected, tell_of_many};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{CommandError, sentence};
use crate::previews::{Held, Previews};
use crate::questions::Question;
use crate::runtime::AppHandle;
use crate::wire::count;
use crate::worded::Worded;

/// How many of the records that cannot be changed are sent with a preview.
const REFUSED_SENT: usize = 100;

/// A field or a list that can be changed in many records at once.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BulkField {
    /// Its name, which is also the name of its word in the window's messages.
    pub(crate) name: &'static str,
    /// The kind of thing it holds; `list` for a list.
    pub(crate) kind: &'static str,
    /// The words of which it is one, where it is a choice.
    pub(crate) choices: &'static [&'static str],
    /// Whether it may have several lines.
    pub(crate) lines: bool,
    /// What can be done to it, the most frequent first.
    pub(crate) operations: Vec<Worded<OperationKind>>,
}

/// A change of many records.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct BulkChange {
    /// The name of the field or the list.
    pub(crate) field: String,
    /// What is done to it.
    pub(crate) operation: BulkOperation,
}

/// What is done to a field or a list of many records.
#[derive(Debug, Clone, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum BulkOperation {
    /// A text in it is replaced by another.
    Replace {
        /// What is looked for.
        find: String,
        /// What takes its place.
        with: String,
        /// Whether it is a pattern rather than a text.
        pattern: bool,
        /// Whether capitals do not matter.
        ignore_case: bool,
    },
    /// It gets this, as typed.
    Set {
        /// The text.
        text: String,
    },
    /// It loses its value.
    Clear,
    /// Its text gets other capitals.
    Case {
        /// Which.
        letters: Worded<LetterCase>,
    },
    /// Its text loses stray spaces.
    Trim,
    /// This is added to the list.
    Add {
        /// The text.
        text: String,
    },
    /// This is taken out of the list.
    Remove {
        /// The text.
        text: String,
    },
}

/// What a change would do. The sum of its numbers is the number of chosen records.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BulkPreview {
    /// What it is called by.
    pub(crate) number: u32,
    /// How many records would differ.
    pub(crate) changing: u32,
    /// How many would stay as they are.
    pub(crate) unchanged: u32,
    /// How many cannot be changed.
    pub(crate) refused_total: u32,
    /// The first of these.
    pub(crate) refused: Vec<BulkRefused>,
}

/// A record that cannot be changed.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BulkRefused {
    /// The record.
    pub(crate) id: Uuid,
    /// What people call it.
    pub(crate) name: String,
    /// What it says.
    pub(crate) before: String,
    /// Why that stays.
    pub(crate) reason: String,
}

/// A record that would differ.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BulkRow {
    /// The record.
    pub(crate) id: Uuid,
    /// What people call it.
    pub(crate) name: String,
    /// What it says.
    pub(crate) before: String,
    /// What it would say.
    pub(crate) after: String,
}

/// What came of a change.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BulkApplied {
    /// How many records differ now.
    pub(crate) changed: u32,
    /// How many of those that were looked at stay as they were, because somebody changed them meanwhile.
    pub(crate) left_alone: u32,
    /// The first that differs.
    pub(crate) first: Option<Uuid>,
    /// What it is called.
    pub(crate) name: String,
}

/// All that can be changed in many records of a kind at once.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bulk_fields(kind: Worded<RecordKind>) -> Result<Vec<BulkField>, CommandError> {
    answer(async move {
        let fields = of_kind!(kind.0, changeable());
        Ok(fields.into_iter().map(BulkField::from).collect())
    })
    .await
}

/// What a change would do to chosen records. Nothing is written. It ends when another one is asked for.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bulk_preview(
    state: State<'_, AppState>,
    previews: State<'_, Previews>,
    kind: Worded<RecordKind>,
    selected: Selected,
    change: BulkChange,
) -> Result<BulkPreview, CommandError> {
    answer(async move {
        let question = Question::Preview(format!("{kind:?} {selected:?} {change:?}"));
        let question = state.questions.put(question);
        let made = state.listed(question, move |lists| {
            of_kind!(kind.0, preview_of(lists, selected, change.into()))
        });
        let preview = Arc::new(made.await?);
        let held = Held {
            kind: kind.0,
            preview: Arc::clone(&preview),
        };
        Ok(BulkPreview {
            number: previews.hold(held),
            changing: count(preview.changing()),
            unchanged: count(preview.unchanged()),
            refused_total: count(preview.refused_total()),
            refused: preview
                .refused()
                .iter()
                .take(REFUSED_SENT)
                .map(BulkRefused::from)
                .collect(),
        })
    })
    .await
}

/// Some of the records that would differ, before and after. One that is gone meanwhile is left out.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bulk_page(
    state: State<'_, AppState>,
    previews: State<'_, Previews>,
    number: u32,
    page: u32,
    per_page: u32,
) -> Result<Vec<BulkRow>, CommandError> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let held = previews.called(number)?;
        let shown = state.read(move |session| of_kind!(held.kind, page_of(session, &held.preview, request)));
        Ok(shown.await?.into_iter().map(BulkRow::from).collect())
    })
    .await
}

/// Does what was looked at, as one act, except to some records.
#[tauri::command]
#[specta::specta]
pub(crate) async fn bulk_apply(
    app: AppHandle,
    state: State<'_, AppState>,
    previews: State<'_, Previews>,
    number: u32,
    except: Vec<Uuid>,
) -> Result<BulkApplied, CommandError> {
    answer(async move {
        let held = previews.called(number)?;
        let except = except.into_iter().collect();
        let done = state.write(move |session| of_kind!(held.kind, apply(session, &held.preview, &except, &app)));
        let applied = done.await?;
        previews.forget(number);
        Ok(BulkApplied {
            changed: count(applied.changed),
            left_alone: count(applied.left_alone),
            first: applied.first,
            name: applied.name,
        })
    })
    .await
}

fn preview_of<E>(lists: &Lists, selected: Selected, change: Change) -> Result<Preview>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    lists.selected::<E, _>(&selected.selection()?, |session, query| {
        Preview::of(session, query, change)
    })
}

fn page_of<E: Listed>(session: &ReadSession<'_>, preview: &Preview, request: PageRequest) -> Result<Vec<Shown>> {
    preview.page::<E>(session, request)
}

fn apply<E: Listed>(
    session: &WriteSession<'_>,
    preview: &Preview,
    except: &HashSet<Uuid>,
    app: &AppHandle,
) -> Result<Applied> {
    preview.apply::<E>(session, except, |records| tell_of_many(app, records))
}

impl From<Changeable> for BulkField {
    fn from(changeable: Changeable) -> Self {
        Self {
            name: changeable.name,
            kind: changeable.kind.map_or("list", |kind| kind.word()),
            choices: changeable.kind.map_or(&[], |kind| kind.choices()),
            lines: changeable.kind.is_some_and(|kind| kind.has_lines()),
            operations: changeable.operations.into_iter().map(Worded).collect(),
        }
    }
}

impl From<BulkChange> for Change {
    fn from(change: BulkChange) -> Self {
        Self {
            target: change.field,
            operation: match change.operation {
                BulkOperation::Replace {
                    find,
                    with,
                    pattern,
                    ignore_case,
                } => Operation::Replace(Replacement {
                    find,
                    with,
                    is_pattern: pattern,
                    ignores_case: ignore_case,
                }),
                BulkOperation::Set { text } => Operation::Set(text),
                BulkOperation::Clear => Operation::Clear,
                BulkOperation::Case { letters } => Operation::Case(letters.0),
                BulkOperation::Trim => Operation::Trim,
                BulkOperation::Add { text } => Operation::Add(text),
                BulkOperation::Remove { text } => Operation::Remove(text),
            },
        }
    }
}

impl From<&Refused> for BulkRefused {
    fn from(refused: &Refused) -> Self {
        Self {
            id: refused.id,
            name: refused.name.clone(),
            before: refused.before.clone(),
            reason: sentence(&refused.reason),
        }
    }
}

impl From<Shown> for BulkRow {
    fn from(shown: Shown) -> Self {
        Self {
            id: shown.id,
            name: shown.name,
            before: shown.before,
            after: shown.after,
        }
    }
}
