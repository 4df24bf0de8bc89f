//! What a person did, as a code with its parameters.
//!
//! An act says what it is at the moment it is done, because its edits tell less: a book that got another author and one
//! that got another title look alike in the journal, and an import looks like great diligence. It says so as a code, so
//! that a window in German and one in English offer to undo the same act, each in its own words. Edits without such a
//! code were made by an earlier version or by another program; in that case the edits themselves are interpreted.

use colophon_catalogue::schema::entity;
use colophon_catalogue::wholes::{is_part, wholes};
use colophon_catalogue::words;
use colophon_store::WriteSession;
use colophon_store::journal::{Act, Edit, EditKind};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::record::RecordKind;

words! {
    /// What was done.
    pub enum Did {
        /// Records were made.
        Created = "created",
        /// Records were changed.
        Edited = "edited",
        /// Records were deleted.
        Deleted = "deleted",
        /// Conflicts were settled.
        Settled = "settled",
        /// A file was imported.
        Imported = "imported",
        /// The sample was added.
        SampleAdded = "sample_added",
        /// The sample was taken away.
        SampleRemoved = "sample_removed",
        /// A record got values back that it had before.
        PutBack = "put_back",
        /// A deleted record was brought back.
        BroughtBack = "brought_back",
        /// The trash was emptied.
        TrashEmptied = "trash_emptied",
        /// Records became one.
        Merged = "merged",
        /// Somebody said of records that look the same that they are not.
        KeptApart = "kept_apart",
    }
}

/// What a person did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deed {
    /// What.
    pub did: Did,
    /// The kind of record that it is named after; absent if it is named after none.
    pub record: Option<RecordKind>,
    /// What that record is called, or the first if there are several; for an import, the file. Empty if nothing is
    /// known.
    pub name: String,
    /// How many records it was done to: for an import, those that arrived; for conflicts, how many were settled.
    pub count: u64,
}

impl Deed {
    /// A record was made.
    pub fn created(record: RecordKind, name: impl Into<String>) -> Self {
        Self::about(Did::Created, record, name)
    }

    /// A record was changed.
    pub fn edited(record: RecordKind, name: impl Into<String>) -> Self {
        Self::about(Did::Edited, record, name)
    }

    /// A record was deleted.
    pub fn deleted(record: RecordKind, name: impl Into<String>) -> Self {
        Self::about(Did::Deleted, record, name)
    }

    /// Something was done to a record.
    pub(crate) fn about(did: Did, record: RecordKind, name: impl Into<String>) -> Self {
        Self {
            did,
            record: Some(record),
            name: name.into(),
            count: 1,
        }
    }

    /// Something was done to many records, none of which it is named after.
    pub(crate) fn of_many(did: Did, count: u64) -> Self {
        Self {
            did,
            record: None,
            name: String::new(),
            count,
        }
    }

    /// The same, under another name.
    #[must_use]
    pub(crate) fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// The same, done to several records at once.
    #[must_use]
    pub fn of_several(self, count: usize) -> Self {
        Self {
            count: count as u64,
            ..self
        }
    }

    /// Records in the journal that this is what the transaction did.
    pub fn note(&self, session: &WriteSession<'_>) {
        let Self {
            did,
            record,
            name,
            count,
        } = self;
        session.describe(json!({ "did": did, "record": record, "name": name, "count": count }).to_string());
    }

    /// What an act says it was. If it says nothing, or uses words of its own, its edits are interpreted.
    pub fn of(act: &Act) -> Self {
        let said = act.label.as_deref().and_then(Self::said);
        said.unwrap_or_else(|| Self::of_edits(act))
    }

    /// What an act said of itself, if it did so in these words.
    pub(crate) fn said(label: &str) -> Option<Self> {
        serde_json::from_str(label).ok()
    }

    fn of_edits(act: &Act) -> Self {
        let settled = settlement(act);
        let Some(edit) = settled.or_else(|| namesake(act)) else {
            return Self::of_many(Did::Edited, 0);
        };
        let record = RecordKind::of_table(&edit.entity);
        let named = entity(&edit.entity).filter(|_| settled.is_none() && !is_part(&edit.entity));
        let kept = named.and_then(|entity| edit.before(entity.name)?.as_str());
        Self {
            did: did(edit),
            record: record.or_else(|| whole_kind(edit)).filter(|_| settled.is_none()),
            name: kept.unwrap_or_default().to_owned(),
            count: records(act, edit),
        }
    }
}

/// The kind of record that an edited part belongs to: the one that the journal names, or the first possible one.
fn whole_kind(edit: &Edit) -> Option<RecordKind> {
    let kinds = || wholes(&edit.entity).filter_map(|(column, table)| Some((column, RecordKind::of_table(table)?)));
    let is_named = |column| edit.before(column).is_some_and(|id| !id.is_null());
    let named = kinds().find(|(column, _)| is_named(column));
    named.or_else(|| kinds().next()).map(|(_, kind)| kind)
}

/// The first conflict that an act settled.
pub(crate) fn settlement(act: &Act) -> Option<&Edit> {
    act.edits.iter().find(|edit| edit.entity == "conflict")
}

/// The edit that a person would name an act after: a deleted author before the books that went along, a book before its
/// parts and before an author that was made for it; a part before a tag that was made for it, and a tag that was
/// renamed or deleted before what went along.
pub(crate) fn namesake(act: &Act) -> Option<&Edit> {
    let weight = |edit: &&Edit| match (RecordKind::of_table(&edit.entity), edit.kind) {
        (Some(RecordKind::Author), EditKind::Delete) => 4,
        (Some(RecordKind::Book), _) => 3,
        (Some(RecordKind::Author), _) => 2,
        (None, EditKind::Create) => u8::from(is_part(&edit.entity)),
        (None, _) => 1 + u8::from(!is_part(&edit.entity)),
    };
    // If several have the same weight, the first is the one that the person began with.
    act.edits.iter().rev().max_by_key(weight)
}

fn did(edit: &Edit) -> Did {
    match (edit.entity.as_str(), RecordKind::of_table(&edit.entity), edit.kind) {
        ("conflict", ..) => Did::Settled,
        // What is done to a part is a change of the whole.
        (_, None, _) | (_, _, EditKind::Update) => Did::Edited,
        (_, _, EditKind::Create) => Did::Created,
        (_, _, EditKind::Delete) => Did::Deleted,
    }
}

/// How many records an act is said to be about: the journal holds a change of many in several parts.
fn records(act: &Act, edit: &Edit) -> u64 {
    if edit.kind != EditKind::Update {
        return edit.count;
    }
    let alike = |other: &&Edit| other.kind == edit.kind && other.entity == edit.entity;
    act.edits.iter().filter(alike).map(|edit| edit.count).sum()
}
