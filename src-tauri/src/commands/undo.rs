//! Undo and redo: one named act at a time.

use std::num::ParseIntError;

use colophon_acts::undo::{self, Agreed, Asked};
use colophon_acts::{Deed, Did, RecordKind};
use colophon_store::WriteSession;
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{Code, CommandError};
use crate::wire::count;
use crate::worded::Worded;

/// An act that was undone or done again, and where.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ActTold {
    /// What was done.
    pub(crate) act: Worded<Did>,
    /// The kind of record that it is named after, where it is named after one.
    pub(crate) kind: Option<Worded<RecordKind>>,
    /// That record, where it is there now.
    pub(crate) id: Option<Uuid>,
    /// What it is called; of an import, the file.
    pub(crate) name: String,
    /// How many records the act was about.
    pub(crate) records: u32,
    /// How much was left as it is, because it was changed since or another record has the value by now.
    pub(crate) left_alone: u32,
    /// The rule that the record breaks by what it was given back, in words.
    pub(crate) breaks: Option<String>,
}

/// What a key for undo or redo came to.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Step {
    /// There is no act to take back.
    Nothing,
    /// It was done.
    Done {
        /// The act.
        act: ActTold,
    },
    /// Nothing was done: the act is large or long past, so a person is told what it is and asked first.
    Asks {
        /// The act.
        act: ActTold,
        /// Its number; whoever has been asked says it, so that no other act is taken for it.
        number: String,
        /// How many authors and books it is about in all.
        touches: u32,
        /// Whether it was done before the catalogue was opened here.
        before_opening: bool,
    },
}

/// Undoes the last act, or asks about it; `asked` is the number of the act that a person was asked about and agreed to.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_act(state: State<'_, AppState>, asked: Option<String>) -> Result<Step, CommandError> {
    answer(async move { step(&state, asked, undo::undo).await }).await
}

/// Undoes the act that a person was just told of, whatever was done since: the latest of this kind, about this record where there is one.
#[tauri::command]
#[specta::specta]
pub(crate) async fn undo_told(
    state: State<'_, AppState>,
    act: Worded<Did>,
    id: Option<Uuid>,
) -> Result<Step, CommandError> {
    answer(async move {
        let step = state.write(move |session| undo::undo_told(session, act.0, id)).await?;
        Ok(step.into())
    })
    .await
}

/// Does again what was undone last, or asks about it, as [`undo_act`] does.
#[tauri::command]
#[specta::specta]
pub(crate) async fn redo_act(state: State<'_, AppState>, asked: Option<String>) -> Result<Step, CommandError> {
    answer(async move { step(&state, asked, undo::redo).await }).await
}

async fn step(
    state: &AppState,
    asked: Option<String>,
    take: fn(&WriteSession<'_>, Asked) -> colophon_store::Result<undo::Step>,
) -> Result<Step, CommandError> {
    let opened = state.opened()?;
    let number = asked.map(|number| number.parse()).transpose();
    let number = number.map_err(|error: ParseIntError| CommandError::new(Code::Internal, error.to_string()))?;
    let asked = Asked {
        agreed: number.map_or(Agreed::Not, Agreed::To),
        last_act: opened.last_act,
    };
    let step = opened.database.write(move |session| take(session, asked));
    Ok(step.await?.into())
}

impl From<undo::Step> for Step {
    fn from(step: undo::Step) -> Self {
        match step {
            undo::Step::Nothing => Self::Nothing,
            undo::Step::Done(told) => Self::Done { act: told.into() },
            undo::Step::Asks(question) => Self::Asks {
                act: question.told.into(),
                number: question.number.to_string(),
                touches: count(question.touches),
                before_opening: question.before_opening,
            },
        }
    }
}

impl From<undo::Told> for ActTold {
    fn from(told: undo::Told) -> Self {
        let Deed {
            did,
            record,
            name,
            count: records,
        } = told.deed;
        Self {
            act: Worded(did),
            kind: told.open.map(|open| open.kind).or(record).map(Worded),
            id: told.open.map(|open| open.id),
            name,
            records: count(records),
            left_alone: count(told.left_alone),
            breaks: told.breaks,
        }
    }
}
