//! Conflicts, told as a person reads them, and what a person decides about them.
//!
//! The catalogue keeps values as JSON, because one column must hold those of any field. Here they become what is shown: a text
//! as it is, a number in digits, a reference as the name of whom it refers to.

use colophon_acts::merging::differing;
use colophon_acts::settlement::{self, name_of, settle, settle_all};
use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_catalogue::place::device_name;
use colophon_catalogue::schema;
use colophon_store::schema::{Column, ColumnKind, Value};
use colophon_store::{EntityId, Page, PageRequest, Query, ReadSession, Result};
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use uuid::Uuid;

use super::subject::Subject;
use super::{Rows, instant};
use crate::answer::answer;
use crate::desk::{Desk, count};
use crate::error::Coded;

/// Something that two people said differently, and that nobody has settled.
#[derive(Debug, Serialize, Type)]
pub(crate) struct ConflictTold {
    /// The conflict's id.
    pub(crate) id: Uuid,
    /// What it is about.
    pub(crate) subject: Subject,
    /// What happened.
    pub(crate) kind: ConflictTale,
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
    pub(crate) decisions: Vec<Decision>,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConflictTale {
    /// A field got two values.
    Field,
    /// It was edited on the device that noticed and deleted elsewhere; it is there.
    DeletedThere,
    /// It was deleted on the device that noticed and edited elsewhere; it is there.
    DeletionUndone,
    /// It was deleted elsewhere, but something new refers to it; it is there.
    ParentCameBack,
    /// Two records want the same value.
    SameValue,
    /// Two records look the same.
    SameRecord,
    /// Something that only a newer version knows.
    Unknown,
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Decision {
    /// It is right as it stands.
    Keep,
    /// The value from the device that noticed.
    Mine,
    /// The value that the server had.
    Theirs,
    /// The record is to be deleted after all.
    Delete,
    /// The two records are the same.
    Merge,
}

/// One page of what nobody has settled, the oldest first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts_page(
    desk: State<'_, Desk>,
    page: u32,
    per_page: u32,
) -> Result<Rows<ConflictTold>, Coded> {
    answer(async move {
        let request = PageRequest::new(page.into(), per_page)?;
        let told = desk.read(move |session| {
            let open = Query::filtered(ConflictFilter::Open);
            let page = session.repo::<Conflict>().page(&open, request)?;
            let items = page.items.into_iter().map(|conflict| told(session, conflict));
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
pub(crate) async fn conflicts_settle(desk: State<'_, Desk>, ids: Vec<Uuid>, decision: Decision) -> Result<u32, Coded> {
    answer(async move {
        let settled = desk.write(move |session| {
            let by = device_name();
            for id in &ids {
                settle(session, ConflictId::from_uuid(*id), decision.into(), &by)?;
            }
            if ids.len() > 1 {
                session.describe(format!("Settled {} conflicts", ids.len()));
            }
            Ok(count(ids.len() as u64))
        });
        settled.await
    })
    .await
}

/// How many records look the same as another one, of what nobody has settled.
#[tauri::command]
#[specta::specta]
pub(crate) async fn conflicts_alike(desk: State<'_, Desk>) -> Result<u32, Coded> {
    answer(async move {
        let open = Query::filtered(ConflictFilter::Open).and(ConflictFilter::Kind(ConflictKind::SameRecord));
        desk.read(move |session| Ok(count(session.repo::<Conflict>().count(&open)?)))
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
pub(crate) async fn conflicts_settle_alike(desk: State<'_, Desk>, decision: Decision) -> Result<AlikeSettled, Coded> {
    answer(async move {
        let settled = desk.write(move |session| {
            let all = settle_all(session, ConflictKind::SameRecord, decision.into(), &device_name())?;
            Ok(AlikeSettled {
                settled: count(all.settled),
                left: count(all.left),
            })
        });
        settled.await
    })
    .await
}

fn told(session: &ReadSession<'_>, conflict: Conflict) -> Result<ConflictTold> {
    let kind = ConflictKind::of_word(&conflict.kind);
    let column = column(&conflict);
    let value = |json: &Option<String>| shown(session, column, json.as_deref());
    let differing = match conflict.holder {
        Some(holder) => differing(session, &conflict.entity, conflict.record_id, holder)?,
        None => Vec::new(),
    };
    let holder = conflict.holder.map(|id| Subject::of(session, &conflict.entity, id));
    Ok(ConflictTold {
        id: conflict.id.uuid(),
        subject: Subject::of(session, &conflict.entity, conflict.record_id)?,
        kind: kind.into(),
        base: value(&conflict.base)?,
        mine: value(&conflict.mine)?,
        theirs: value(&conflict.theirs)?,
        now: now(session, &conflict, column)?,
        holder: holder.transpose()?,
        noticed_here: conflict.parked_by == device_name(),
        noticed_by: conflict.parked_by,
        noticed_at: instant(conflict.created_at),
        theirs_by: conflict.theirs_by,
        theirs_at: conflict.theirs_at.map(instant),
        differing: differing.into_iter().map(str::to_owned).collect(),
        decisions: settlement::Decision::for_kind(kind)
            .iter()
            .map(|one| (*one).into())
            .collect(),
        field: conflict.field,
    })
}

/// The column of the field that a conflict is about, if this version knows it.
fn column(conflict: &Conflict) -> Option<&'static Column> {
    let table = schema::entity(&conflict.entity)?.table;
    let position = table.position(conflict.field.as_deref()?)?;
    table.columns.get(position)
}

/// A value of that column as a person reads it; `None` for an empty one.
fn shown(session: &ReadSession<'_>, column: Option<&'static Column>, json: Option<&str>) -> Result<Option<String>> {
    let Some(value) = json.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok()) else {
        return Ok(None);
    };
    match column.and_then(|column| Value::from_json(column.kind, &value)) {
        Some(value) => words(session, column, value),
        // A field that only a newer version knows, in that version's own letters.
        None => Ok(value
            .as_str()
            .map(str::to_owned)
            .or_else(|| (!value.is_null()).then(|| value.to_string()))),
    }
}

fn words(session: &ReadSession<'_>, column: Option<&'static Column>, value: Value) -> Result<Option<String>> {
    Ok(match (value, column.map(|column| column.kind)) {
        (Value::Null, _) => None,
        (Value::Text(text), _) => Some(text),
        (Value::Integer(number), _) => Some(number.to_string()),
        (Value::Real(number), _) => Some(number.to_string()),
        (Value::Uuid(id), Some(ColumnKind::Reference { table })) => {
            Some(name_of(session, table, id)?.unwrap_or_else(|| id.to_string()))
        }
        (Value::Uuid(id), _) => Some(id.to_string()),
    })
}

/// What the field holds now; somebody may have edited it since.
fn now(session: &ReadSession<'_>, conflict: &Conflict, column: Option<&'static Column>) -> Result<Option<String>> {
    let Some((entity, column)) = schema::entity(&conflict.entity).zip(column) else {
        return Ok(None);
    };
    let values = entity.find(session, conflict.record_id)?;
    let position = entity.table.position(column.name);
    match values.zip(position).and_then(|(values, at)| values.into_iter().nth(at)) {
        Some(value) => words(session, Some(column), value),
        None => Ok(None),
    }
}

impl From<Option<ConflictKind>> for ConflictTale {
    fn from(kind: Option<ConflictKind>) -> Self {
        match kind {
            Some(ConflictKind::Field) => Self::Field,
            Some(ConflictKind::DeletedThere) => Self::DeletedThere,
            Some(ConflictKind::DeletionUndone) => Self::DeletionUndone,
            Some(ConflictKind::ParentCameBack) => Self::ParentCameBack,
            Some(ConflictKind::SameValue) => Self::SameValue,
            Some(ConflictKind::SameRecord) => Self::SameRecord,
            None => Self::Unknown,
        }
    }
}

impl From<Decision> for settlement::Decision {
    fn from(decision: Decision) -> Self {
        match decision {
            Decision::Keep => Self::Keep,
            Decision::Mine => Self::Mine,
            Decision::Theirs => Self::Theirs,
            Decision::Delete => Self::Delete,
            Decision::Merge => Self::Merge,
        }
    }
}

impl From<settlement::Decision> for Decision {
    fn from(decision: settlement::Decision) -> Self {
        match decision {
            settlement::Decision::Keep => Self::Keep,
            settlement::Decision::Mine => Self::Mine,
            settlement::Decision::Theirs => Self::Theirs,
            settlement::Decision::Delete => Self::Delete,
            settlement::Decision::Merge => Self::Merge,
        }
    }
}

#[cfg(test)]
mod tests {
    use colophon_catalogue::{Author, AuthorDraft, Book, BookDraft};
    use colophon_store::schema::Value;

    use super::*;

    #[tokio::test]
    async fn values_are_told_as_people_read_them_and_not_as_they_are_kept() {
        let database = schema::in_memory().await.unwrap();
        let told = database.write(|session| {
            let author = session
                .repo_mut::<Author>()
                .create(&AuthorDraft::named("Karen Blixen"))?;
            let draft = BookDraft::new("Out of Africa", author.id);
            let book = session.repo_mut::<Book>().create(&draft)?;
            let column = |name: &str| {
                let table = schema::entity("book").unwrap().table;
                table.columns.get(table.position(name).unwrap())
            };
            let told = |name: &str, value: Value| shown(session, column(name), Some(&value.to_json().to_string()));
            Ok((
                told("author_id", Value::Uuid(author.id.uuid()))?,
                told("title", Value::Text(book.title))?,
                told("published_year", Value::Integer(-19))?,
                told("subtitle", Value::Null)?,
                shown(session, None, Some("\"of a newer version\""))?,
            ))
        });
        let text = |words: &str| Some(words.to_owned());
        let expected = (
            text("Karen Blixen"),
            text("Out of Africa"),
            text("-19"),
            None,
            text("of a newer version"),
        );
        assert_eq!(told.await.unwrap(), expected);
    }
}
