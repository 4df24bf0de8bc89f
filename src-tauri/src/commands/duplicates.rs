//! Records that look as if they were there twice, side by side, and that they become one or stay apart.

use std::sync::Arc;

use colophon_acts::RecordKind;
use colophon_acts::apart::keep_apart;
use colophon_acts::combining::{self, Agreed, Proposal};
use colophon_acts::side_by_side::{Choices, Row, Side, SideBySide, Stands};
use colophon_catalogue::location::device_name;
use colophon_catalogue::look_alikes::{GROUP_MAX, look_alikes};
use colophon_catalogue::{Author, Book};
use colophon_store::Error;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::lists::of_kind;
use super::selection::{Selected, chosen, tell_of_many};
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::{CommandError, sentence};
use crate::runtime::AppHandle;
use crate::wire::count;
use crate::worded::Worded;

/// How many groups a person goes through before they are looked for again.
const GROUPS_SENT_MAX: usize = 500;

/// Groups of records that look the same.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Groups {
    /// The first of them, each by the ids of its records.
    pub(crate) groups: Vec<Vec<Uuid>>,
    /// How many there are.
    pub(crate) total: u32,
}

/// What a person has chosen so far for records that are to become one.
#[derive(Debug, Clone, Default, Deserialize, Type)]
pub(crate) struct MergeChoices {
    /// The record that stays; null as long as nobody has chosen.
    pub(crate) stays: Option<Uuid>,
    /// Fields that get the value of a certain record.
    pub(crate) fields: Vec<FieldChoice>,
}

/// A field that gets the value of a certain record.
#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct FieldChoice {
    /// The name of the field.
    pub(crate) field: String,
    /// The record.
    pub(crate) from: Uuid,
}

/// Records side by side, and what they would become.
#[derive(Debug, Serialize, Type)]
pub(crate) struct Compare {
    /// The records.
    pub(crate) records: Vec<CompareRecord>,
    /// The place of the one that stays.
    pub(crate) stays: u32,
    /// The fields and lists in which they differ.
    pub(crate) rows: Vec<CompareRow>,
    /// Why they cannot become one as it was chosen.
    pub(crate) broken: Option<BrokenChoice>,
    /// A digest of all they say, to be given back with what is decided.
    pub(crate) seen: String,
}

/// A field that cannot be as it was chosen.
#[derive(Debug, Serialize, Type)]
pub(crate) struct BrokenChoice {
    /// Its name.
    pub(crate) field: String,
    /// Why not.
    pub(crate) reason: String,
}

/// One of the records.
#[derive(Debug, Serialize, Type)]
pub(crate) struct CompareRecord {
    /// Its id.
    pub(crate) id: Uuid,
    /// What people call it.
    pub(crate) name: String,
    /// What helps to tell it from others: the author of a book.
    pub(crate) beside: Option<String>,
    /// How many books an author has; null for a book.
    pub(crate) books: Option<u32>,
}

/// A field or a list in which they differ.
#[derive(Debug, Serialize, Type)]
pub(crate) struct CompareRow {
    /// Its name, which is also the name of its word in the window's messages.
    pub(crate) name: &'static str,
    /// What each of the records says: one text in a field, any number in a list.
    pub(crate) texts: Vec<Vec<String>>,
    /// The place of the record whose value will be said; null where all of it is kept.
    pub(crate) stands: Option<u32>,
    /// Whether a person can choose among them.
    pub(crate) choice: bool,
}

/// A group that is proposed to become one record.
#[derive(Debug, Serialize, Type)]
pub(crate) struct MergeProposal {
    /// The records, as they would become one.
    pub(crate) compare: Compare,
    /// The fields in which a record says something that would not be said any more.
    pub(crate) giving_way: Vec<&'static str>,
}

/// A group of which a person has seen what becomes of it.
#[derive(Debug, Deserialize, Type)]
pub(crate) struct AgreedGroup {
    /// The records.
    pub(crate) records: Vec<Uuid>,
    /// The digest that came with it.
    pub(crate) seen: String,
}

/// What became of records that became one.
#[derive(Debug, Serialize, Type)]
pub(crate) struct RecordsMerged {
    /// The one that stays.
    pub(crate) into: Uuid,
    /// What it is called.
    pub(crate) name: String,
    /// How many it was made of.
    pub(crate) records: u32,
    /// One that is gone, by which the act can be undone.
    pub(crate) gone: Uuid,
}

/// What came of many groups.
#[derive(Debug, Serialize, Type)]
pub(crate) struct GroupsMerged {
    /// How many groups became one record each.
    pub(crate) merged: u32,
    /// Of how many records.
    pub(crate) records: u32,
    /// How many groups were left alone, because they say something else by now.
    pub(crate) left_alone: u32,
}

/// The groups of records of a kind that look the same.
#[tauri::command]
#[specta::specta]
pub(crate) async fn duplicates_groups(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
) -> Result<Groups, CommandError> {
    answer(async move {
        let found = state.read(move |session| look_alikes(session, kind.0.table()));
        let mut groups = found.await?;
        let total = count(groups.len() as u64);
        groups.truncate(GROUPS_SENT_MAX);
        Ok(Groups { groups, total })
    })
    .await
}

/// What would become of groups if nobody chose anything.
#[tauri::command]
#[specta::specta]
pub(crate) async fn duplicates_proposals(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    groups: Vec<Vec<Uuid>>,
) -> Result<Vec<MergeProposal>, CommandError> {
    answer(async move {
        let proposed = state.read(move |session| combining::proposals(session, kind.0, &groups));
        Ok(proposed.await?.into_iter().map(MergeProposal::from).collect())
    })
    .await
}

/// Says of records that they are not the same, so that nobody is asked again; tells what the first is called.
#[tauri::command]
#[specta::specta]
pub(crate) async fn duplicates_apart(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    records: Vec<Uuid>,
) -> Result<String, CommandError> {
    answer(async move {
        let kept = state.write(move |session| keep_apart(session, kind.0, &records, &device_name()));
        kept.await
    })
    .await
}

/// The records that a person has chosen in a list, if there is room for them side by side.
#[tauri::command]
#[specta::specta]
pub(crate) async fn merge_chosen(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    selected: Selected,
) -> Result<Vec<Uuid>, CommandError> {
    answer(async move {
        let found = state.listed(Arc::default(), move |lists| {
            let ids = of_kind!(kind.0, chosen(lists, selected))?;
            if ids.len() > GROUP_MAX {
                let reason = format!("at most {GROUP_MAX} fit side by side; choose fewer");
                return Err(Error::invalid("records", reason));
            }
            Ok(ids)
        });
        found.await
    })
    .await
}

/// Records side by side, and what they would become by these choices.
#[tauri::command]
#[specta::specta]
pub(crate) async fn merge_compared(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    records: Vec<Uuid>,
    choices: MergeChoices,
) -> Result<Compare, CommandError> {
    answer(async move {
        let compared = state.read(move |session| SideBySide::of(session, kind.0, &records, &choices.into()));
        Ok(compared.await?.into())
    })
    .await
}

/// Makes one record of several as it was seen, as one act.
#[tauri::command]
#[specta::specta]
pub(crate) async fn merge_records(
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    records: Vec<Uuid>,
    choices: MergeChoices,
    seen: String,
) -> Result<RecordsMerged, CommandError> {
    answer(async move {
        let merged = state.write(move |session| {
            let by = device_name();
            combining::merge(session, kind.0, &records, &choices.into(), Some(&seen), &by)
        });
        let merged = merged.await?;
        Ok(RecordsMerged {
            into: merged.into,
            name: merged.name,
            records: count(merged.count),
            gone: merged.gone,
        })
    })
    .await
}

/// Makes one record of each of these groups as proposed, as one act.
#[tauri::command]
#[specta::specta]
pub(crate) async fn merge_all(
    app: AppHandle,
    state: State<'_, AppState>,
    kind: Worded<RecordKind>,
    groups: Vec<AgreedGroup>,
) -> Result<GroupsMerged, CommandError> {
    answer(async move {
        let merged = state.write(move |session| {
            let groups: Vec<Agreed> = groups.into_iter().map(Agreed::from).collect();
            combining::merge_all(session, kind.0, &groups, &device_name(), |done| {
                tell_of_many(&app, done);
            })
        });
        let all = merged.await?;
        Ok(GroupsMerged {
            merged: count(all.merged),
            records: count(all.records),
            left_alone: count(all.left_alone),
        })
    })
    .await
}

impl From<MergeChoices> for Choices {
    fn from(choices: MergeChoices) -> Self {
        let fields = choices.fields.into_iter();
        Self {
            stays: choices.stays,
            fields: fields.map(|choice| (choice.field, choice.from)).collect(),
        }
    }
}

impl From<AgreedGroup> for Agreed {
    fn from(group: AgreedGroup) -> Self {
        Self {
            records: group.records,
            seen: group.seen,
        }
    }
}

impl From<SideBySide> for Compare {
    fn from(side_by_side: SideBySide) -> Self {
        let broken = side_by_side.broken.map(|(field, reason)| BrokenChoice {
            field: field.to_owned(),
            reason: sentence(&reason),
        });
        Self {
            records: side_by_side.records.into_iter().map(CompareRecord::from).collect(),
            stays: count(side_by_side.stays as u64),
            rows: side_by_side.rows.into_iter().map(CompareRow::from).collect(),
            broken,
            seen: side_by_side.seen,
        }
    }
}

impl From<Side> for CompareRecord {
    fn from(side: Side) -> Self {
        Self {
            id: side.id,
            name: side.name,
            beside: side.beside,
            books: side.books.map(count),
        }
    }
}

impl From<Row> for CompareRow {
    fn from(row: Row) -> Self {
        Self {
            name: row.name,
            texts: row.texts,
            stands: match row.stands {
                Stands::Of(at) => Some(count(at as u64)),
                Stands::All => None,
            },
            choice: row.is_choice,
        }
    }
}

impl From<Proposal> for MergeProposal {
    fn from(proposal: Proposal) -> Self {
        Self {
            compare: proposal.side_by_side.into(),
            giving_way: proposal.giving_way,
        }
    }
}
