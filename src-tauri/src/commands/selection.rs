//! The records that a person has chosen in a list: how many they are, and that they are deleted.

use std::str::FromStr;
use std::sync::Arc;

use colophon_acts::RecordKind;
use colophon_acts::selected::{self, Deletion};
use colophon_catalogue::lists::{Listed, Lists, Selection};
use colophon_catalogue::{Author, Book};
use colophon_store::{EntityId, Error, Result, WriteSession};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use tauri_specta::Event as _;
use uuid::Uuid;

use super::lists::of_kind;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::events::ManyChanged;
use crate::questions::ListQuery;
use crate::runtime::AppHandle;
use crate::wire::count;
use crate::worded::Worded;

/// Records that a person has chosen in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Type)]
pub(crate) struct Selected {
    /// Everything that this list shows; nothing if single records were chosen.
    pub(crate) all_of: Option<ListQuery>,
    /// But not these.
    pub(crate) except: Vec<Uuid>,
    /// These in any case.
    pub(crate) also: Vec<Uuid>,
}

/// What is known of a choice.
#[derive(Debug, Serialize, Type)]
pub(crate) struct SelectionTold {
    /// How many records are chosen and there.
    pub(crate) count: u32,
    /// Those of the asked ones that are among them.
    pub(crate) among: Vec<Uuid>,
}

/// What a deletion of chosen records came to.
#[derive(Debug, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SelectionDeleted {
    /// Nothing was done: there are many, so a person is asked first.
    Asks {
        /// How many.
        records: u32,
    },
    /// It was done.
    Done {
        /// How many are gone.
        records: u32,
        /// How many stay, because others refer to them.
        left_alone: u32,
        /// The first that is gone.
        first: Option<Uuid>,
        /// What it was called.
        name: String,
    },
}

/// How many records are chosen, and which of some are among them.
#[tauri::command]
#[specta::specta]
pub(crate) async fn selection_told(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    selected: Selected,
    among: Vec<Uuid>,
) -> Result<SelectionTold, CommandError> {
    answer(async move {
        let told = state.listed(Arc::default(), move |lists| {
            of_kind!(kind.0, told(lists, selected, &among))
        });
        told.await
    })
    .await
}

/// Deletes chosen records with what belongs to them, as one act. Of many, a person is asked first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn selection_delete(
    app: AppHandle,
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    selected: Selected,
    agreed: bool,
) -> Result<SelectionDeleted, CommandError> {
    answer(async move {
        let chosen = state.listed(Arc::default(), move |lists| of_kind!(kind.0, chosen(lists, selected)));
        let ids = chosen.await?;
        let records = count(ids.len() as u64);
        let done = state.write(move |session| of_kind!(kind.0, delete(session, &ids, agreed, &app)));
        Ok(match done.await? {
            Deletion::Asks => SelectionDeleted::Asks { records },
            Deletion::Done(deleted) => SelectionDeleted::Done {
                records: count(deleted.count),
                left_alone: count(deleted.left_alone),
                first: deleted.first,
                name: deleted.name,
            },
        })
    })
    .await
}

/// Tells the window how far a change of many records has come.
pub(super) fn tell_of_many(app: &AppHandle, records: u64) {
    let records = count(records);
    if let Err(error) = (ManyChanged { records }).emit(app) {
        tracing::warn!(%error, "the window was not told how far a change has come");
    }
}

fn told<E>(lists: &Lists, selected: Selected, among: &[Uuid]) -> Result<SelectionTold>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    let among: Vec<E::Id> = among.iter().copied().map(EntityId::from_uuid).collect();
    let (records, among) = lists.among_selected::<E>(&selected.selection()?, &among)?;
    Ok(SelectionTold {
        count: count(records),
        among: among.into_iter().map(EntityId::uuid).collect(),
    })
}

pub(super) fn chosen<E>(lists: &Lists, selected: Selected) -> Result<Vec<Uuid>>
where
    E: Listed,
    E::Filter: FromStr<Err = Error>,
{
    lists.selected::<E, _>(&selected.selection()?, |session, query| {
        let ids = session.repo::<E>().ids(query)?;
        Ok(ids.into_iter().map(EntityId::uuid).collect())
    })
}

fn delete<E: Listed>(session: &WriteSession<'_>, ids: &[Uuid], agreed: bool, app: &AppHandle) -> Result<Deletion> {
    let ids: Vec<E::Id> = ids.iter().copied().map(EntityId::from_uuid).collect();
    selected::delete::<E>(session, &ids, agreed, |records| tell_of_many(app, records))
}

impl Selected {
    /// The same as the lists take it.
    pub(super) fn selection<E>(self) -> Result<Selection<E>>
    where
        E: Listed,
        E::Filter: FromStr<Err = Error>,
    {
        let ids = |ids: Vec<Uuid>| ids.into_iter().map(EntityId::from_uuid).collect();
        Ok(Selection {
            all_of: self.all_of.map(ListQuery::list).transpose()?,
            except: ids(self.except),
            also: ids(self.also),
        })
    }
}
