//! The list of acts, and one of them taken back or done again.

use colophon_acts::done::{self, One};
use colophon_store::{Result as StoreResult, WriteSession};
use serde::Serialize;
use specta::Type;
use tauri::State;

use super::subject::Subject;
use super::undo::ActTold;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{Code, CommandError};
use crate::wire::instant;

/// An act in the list.
#[derive(Debug, Serialize, Type)]
pub(crate) struct DoneTold {
    /// Its number.
    pub(crate) number: String,
    /// When it was done.
    pub(crate) at: String,
    /// What it was.
    pub(crate) act: ActTold,
    /// Whether it is undone.
    pub(crate) undone: bool,
}

/// What came of taking back one act, or of doing it again.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum OneTold {
    /// It was done.
    Done {
        /// The act.
        act: ActTold,
    },
    /// Nothing was changed.
    InTheWay {
        /// What is in the way; the first of it, if it is much.
        obstacles: Vec<ObstacleTold>,
    },
}

/// Something that is in the way of taking back an act.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ObstacleTold {
    /// The later act that did it; absent if it was not done here.
    pub(crate) act: Option<DoneTold>,
    /// The record.
    pub(crate) subject: Subject,
    /// The field; absent if it is about the record as a whole.
    pub(crate) field: Option<String>,
}

/// The acts before one of them, or the latest of all; latest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn acts_page(
    state: State<'_, AppState>,
    before: Option<String>,
    per_page: u32,
) -> Result<Vec<DoneTold>, CommandError> {
    answer(async move {
        let before = before.map_or(Ok(i64::MAX), |number| numbered(&number))?;
        let acts = state.read(move |session| done::acts(session, before, per_page as usize));
        Ok(acts.await?.into_iter().map(DoneTold::from).collect())
    })
    .await
}

/// Undoes one act, whatever was done since, or nothing of it if something is in the way.
#[tauri::command]
#[specta::specta]
pub(crate) async fn act_undo(state: State<'_, AppState>, number: String) -> Result<OneTold, CommandError> {
    answer(async move { one(&state, &number, done::undo_one).await }).await
}

/// Does one act again that was undone, or nothing of it if something is in the way.
#[tauri::command]
#[specta::specta]
pub(crate) async fn act_redo(state: State<'_, AppState>, number: String) -> Result<OneTold, CommandError> {
    answer(async move { one(&state, &number, done::redo_one).await }).await
}

async fn one(
    state: &AppState,
    number: &str,
    take: fn(&WriteSession<'_>, i64) -> StoreResult<One>,
) -> Result<OneTold, CommandError> {
    let number = numbered(number)?;
    let taken = state.write(move |session| take(session, number)).await?;
    Ok(match taken {
        One::Done(told) => OneTold::Done { act: told.into() },
        One::InTheWay(obstacles) => OneTold::InTheWay {
            obstacles: obstacles.into_iter().map(ObstacleTold::from).collect(),
        },
    })
}

fn numbered(number: &str) -> Result<i64, CommandError> {
    number
        .parse()
        .map_err(|_| CommandError::new(Code::Internal, format!("“{number}” is no act.")))
}

impl From<done::Done> for DoneTold {
    fn from(act: done::Done) -> Self {
        Self {
            number: act.number.to_string(),
            at: instant(act.at),
            act: act.told.into(),
            undone: act.is_undone,
        }
    }
}

impl From<done::InTheWay> for ObstacleTold {
    fn from(obstacle: done::InTheWay) -> Self {
        Self {
            act: obstacle.act.map(DoneTold::from),
            subject: obstacle.subject.into(),
            field: obstacle.field,
        }
    }
}
