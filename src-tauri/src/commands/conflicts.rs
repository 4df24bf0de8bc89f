//! Conflicts as a person reads them, and what a person decides about them.

use colophon_acts::merging::differing;
use colophon_acts::said::Said;
use colophon_acts::settlement::{Decision, settle_all, settle_these};
use colophon_catalogue::called::Called;
use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_store::{EntityId, Page, PageRequest, Query, ReadSession, Result};
use serde::Serialize;
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::subject::Subject;
use crate::answer::answer;
use crate::app_state::AppState;
use crate::error::CommandError;
use crate::location;
use crate::wire::{Rows, count, instant};
use crate::worded::Worded;

/// Something that two people said differently, and that nobody has settled.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ConflictTold {
    /// The conflict's id.
    pub(crate) id: Uuid,
    /// What it is about.
    pub(crate) subject: Subject,
    /// What happened; absent where only a newer version has a word for it.
    pub(crate) kind: Option<Worded<ConflictKind>>,
    /// The field, where it is about one.
    pub(crate) field: Option<String>,
    /// The value that both knew.
    pub(crate) base: Option<String>,
    /// The value from the device that noticed.
    pub(crate) mine: Option<String>,
    /// The value that the server had.
    pub(crate) theirs: Option<String>,
    /// The value that the field has now.
    pub(crate) now: Option<String>,
    /// The other record, where two want the same value.
    pub(crate) holder: Option<Subject>,
    /// The device that noticed.
    pub(crate) noticed_by: String,
    /// Whether that is this one.
    pub(crate) noticed_here: bool,
    /// When it noticed.
    pub(crate) noticed_at: String,
    /// Who made the change that the server had.
    pub(crate) theirs_by: Option<String>,
    /// When they made it.
    pub(crate) theirs_at: Option<String>,
    /// The fields in which both records say different things, where there are two.
    pub(crate) differing: Vec<String>,
    /// What it can be settled by.
    pub(crate) decisions: Vec<Worded<Decision>>,
}

/// One page of what nobody has settled, the oldest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts_page(
    state: State<'_, AppState>,
    page: u32,
    per_page: u32,
) -> Result<Rows<ConflictTold>, CommandError> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let told = state.read(move |session| {
            let open = Query::filtered(ConflictFilter::Open);
            let page = session.repo::<Conflict>().page(&open, request)?;
            let called = location::called();
            let items = page.items.into_iter().map(|conflict| told(session, conflict, &called));
            Ok(Page {
                items: items.collect::<Result<Vec<_>>>()?,
                meta: page.meta,
            })
        });
        Ok(Rows::of(told.await?))
    })
    .await
}

/// Settles these conflicts, all or none, as one act that can be undone; tells how many.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts_settle(
    state: State<'_, AppState>,
    ids: Vec<Uuid>,
    decision: Worded<Decision>,
) -> Result<u32, CommandError> {
    answer(async move {
        let settled = state.write(move |session| {
            let ids: Vec<_> = ids.into_iter().map(ConflictId::from_uuid).collect();
            settle_these(session, &ids, decision.0, &location::called().to_string())?;
            Ok(count(ids.len() as u64))
        });
        settled.await
    })
    .await
}

/// How many records look the same as another one, of what nobody has settled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts_alike(state: State<'_, AppState>) -> Result<u32, CommandError> {
    answer(async move {
        let open = Query::filtered(ConflictFilter::Open).and(ConflictFilter::Kind(ConflictKind::SameRecord));
        state
            .read(move |session| Ok(count(session.repo::<Conflict>().count(&open)?)))
            .await
    })
    .await
}

/// What settling all that looks the same came to.
#[derive(Debug, Serialize, Type)]
pub(crate) struct AlikeSettled {
    /// How many were settled.
    pub(crate) settled: u32,
    /// How many are left, because both records say something else of one field.
    pub(crate) left: u32,
}

/// Settles everything that looks the same, as one act that can be undone: records become one where neither has to give way, or stay two.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts_settle_alike(
    state: State<'_, AppState>,
    decision: Worded<Decision>,
) -> Result<AlikeSettled, CommandError> {
    answer(async move {
        let settled = state.write(move |session| {
            let all = settle_all(
                session,
                ConflictKind::SameRecord,
                decision.0,
                &location::called().to_string(),
            )?;
            Ok(AlikeSettled {
                settled: count(all.settled),
                left: count(all.left),
            })
        });
        settled.await
    })
    .await
}

fn told(session: &ReadSession<'_>, conflict: Conflict, called: &Called) -> Result<ConflictTold> {
    let kind = ConflictKind::of_word(&conflict.kind);
    let said = Said::in_conflict(session, &conflict)?;
    let differing = match conflict.holder {
        Some(holder) => differing(session, &conflict.entity, conflict.record_id, holder)?,
        None => Vec::new(),
    };
    let holder = conflict.holder.map(|id| Subject::of(session, &conflict.entity, id));
    Ok(ConflictTold {
        id: conflict.id.uuid(),
        subject: Subject::of(session, &conflict.entity, conflict.record_id)?,
        kind: kind.map(Worded),
        base: said.base,
        mine: said.mine,
        theirs: said.theirs,
        now: said.now,
        holder: holder.transpose()?,
        noticed_here: called.is_this(&conflict.parked_by),
        noticed_by: conflict.parked_by,
        noticed_at: instant(conflict.created_at),
        theirs_by: conflict.theirs_by,
        theirs_at: conflict.theirs_at.map(instant),
        differing: differing.into_iter().map(str::to_owned).collect(),
        decisions: Decision::for_kind(kind).iter().copied().map(Worded).collect(),
        field: conflict.field,
    })
}
