//! The history of one record, field by field, and putting back what it said.

use colophon_acts::RecordKind;
use colophon_acts::timeline::{Moment, put_back_values, timeline};
use colophon_store::journal::EditKind;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::elsewhere::{WhoTold, history};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{Code, CommandError};
use crate::wire::{count, instant};
use crate::worded::Worded;

/// One thing that was done to a record.
#[derive(Debug, Serialize, Type)]
pub(crate) struct MomentTold {
    /// When.
    pub(crate) at: String,
    /// Who did it; absent if it was done on this device.
    pub(crate) by: Option<WhoTold>,
    /// What.
    pub(crate) what: MomentKind,
    /// The fields that were changed.
    pub(crate) fields: Vec<FieldThen>,
}

/// What was done to a record.
#[derive(Debug, Clone, Copy, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MomentKind {
    /// It was added, or came back.
    Added,
    /// It was changed.
    Changed,
    /// It was deleted.
    Deleted,
}

/// A field that was changed.
#[derive(Debug, Serialize, Type)]
pub(crate) struct FieldThen {
    /// Its name.
    pub(crate) field: String,
    /// What it said before, as it is kept: what `record_put_back` takes.
    pub(crate) kept: String,
    /// The same for a person to read; absent if it said nothing.
    pub(crate) before: Option<String>,
    /// What it said after.
    pub(crate) after: Option<String>,
}

/// What a field said once, as a history told it.
#[derive(Debug, Deserialize, Type)]
pub(crate) struct ValueKept {
    /// The field.
    pub(crate) field: String,
    /// What it said.
    pub(crate) kept: String,
}

/// What was done to a record, latest first: here, and, if the server is to be asked, elsewhere.
#[tauri::command]
#[specta::specta]
pub(crate) async fn record_timeline(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    id: Uuid,
    elsewhere: bool,
) -> Result<Vec<MomentTold>, CommandError> {
    answer(async move {
        let others = if elsewhere {
            history(&state.opened()?, &[id]).await?
        } else {
            Vec::new()
        };
        let table = kind.0.table().name;
        let moments = state.read(move |session| timeline(session, table, id, others));
        Ok(moments.await?.into_iter().map(MomentTold::from).collect())
    })
    .await
}

/// Gives a record back what its fields said once; tells how many have another value now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn record_put_back(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    id: Uuid,
    values: Vec<ValueKept>,
) -> Result<u32, CommandError> {
    answer(async move {
        let mut by_field = Map::new();
        for value in values {
            let kept = serde_json::from_str(&value.kept);
            let kept = kept.map_err(|error| CommandError::new(Code::Internal, error.to_string()))?;
            by_field.insert(value.field, kept);
        }
        let table = kind.0.table().name;
        let done = state.write(move |session| put_back_values(session, table, id, &by_field));
        Ok(count(done.await?.fields.len() as u64))
    })
    .await
}

impl From<Moment> for MomentTold {
    fn from(moment: Moment) -> Self {
        let fields = moment.fields.into_iter().map(|field| FieldThen {
            field: field.field,
            kept: field.kept.to_string(),
            before: field.before,
            after: field.after,
        });
        Self {
            at: instant(moment.at),
            by: moment.by.map(WhoTold::from),
            what: match moment.kind {
                EditKind::Create => MomentKind::Added,
                EditKind::Update => MomentKind::Changed,
                EditKind::Delete => MomentKind::Deleted,
            },
            fields: fields.collect(),
        }
    }
}
