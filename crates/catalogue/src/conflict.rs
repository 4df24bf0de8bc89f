//! Conflicts: what two people said differently, and of which only one could stand.
//!
//! The sync makes them, and they are synced like every other record, so that any colleague can see and settle them.
//! Settling one is an edit like any other. Values are stored as JSON, because one column must hold those of any field.

use colophon_store::schema::ColumnSet;
use colophon_store::{Condition, Entity, EntityId, Error, Result, SortOrder, Stamp, Where, entity, entity_id};
use jiff::Timestamp;
use rusqlite::types::Value as Bound;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::touched::Touched;
use crate::words;

entity_id! {
    /// The id of a conflict.
    ConflictId refers to "conflict"
}

entity! {
    /// Something that two people said differently.
    pub struct Conflict in "conflict" with ConflictId, fields ConflictFields {
        /// The table of the record it is about.
        entity: String,
        /// The record it is about.
        record_id: Uuid,
        /// What happened, in one of the words of [`ConflictKind`].
        kind: String,
        /// The field, where it is about one.
        field: Option<String>,
        /// The value that both knew, as JSON.
        base: Option<String>,
        /// The value from the device that noticed, as JSON.
        mine: Option<String>,
        /// The value that the server had, as JSON.
        theirs: Option<String>,
        /// Which of the two stands: `mine` or `theirs`.
        stands: Option<String>,
        /// The other record, where two want the same value.
        holder: Option<Uuid>,
        /// Who made the change that the server had.
        theirs_by: Option<String>,
        /// When they made it.
        theirs_at: Option<Timestamp>,
        /// The device that noticed.
        parked_by: String,
        /// When somebody settled it; until then it is open.
        settled_at: Option<Timestamp>,
        /// Who did.
        settled_by: Option<String>,
        /// What they decided, in words.
        settlement: Option<String>,
    }
}

words! {
    /// What happened.
    pub enum ConflictKind {
        /// A field got two values.
        ///
        /// The later one stands.
        Field = "field",
        /// Edited by one and deleted by another.
        ///
        /// The record is there, with the edit.
        DeletedThere = "deleted_there",
        /// Deleted by one and edited, or needed, by another.
        ///
        /// The record is there.
        DeletionUndone = "deletion_undone",
        /// Deleted, but something new refers to it.
        ///
        /// The record is there.
        ParentCameBack = "parent_came_back",
        /// Two records want the same value.
        ///
        /// The one named by [`holder`](Conflict::holder) has it.
        SameValue = "same_value",
        /// Two records look the same.
        ///
        /// People who did not see each other's work made them. [What looks the same](crate::alike) is described
        /// elsewhere; the one named by [`holder`](Conflict::holder) was made first.
        SameRecord = "same_record",
    }
}

impl ConflictId {
    /// The id of the conflict that these parts tell apart from all others, so that whoever notices it makes the same one.
    pub fn about<'p>(parts: impl IntoIterator<Item = &'p str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // Each part is preceded by its length, so that no two lists of parts give the same text.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        Self::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }

    /// The id of the question whether two records of a table are the same: the one that was made later and the first.
    pub fn whether_same(table: &str, second: Uuid, first: Uuid) -> Self {
        let (second, first) = (second.to_string(), first.to_string());
        // There is no value that both knew, and none that either has set.
        Self::about([table, &second, ConflictKind::SameRecord.word(), &first, "", "", ""])
    }
}

/// One condition on conflicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictFilter {
    /// Nobody has settled it.
    Open,
    /// It is about this record.
    About(Uuid),
    /// It is of this kind.
    Kind(ConflictKind),
}

impl Condition for ConflictFilter {
    fn add_to(&self, conditions: &mut Where) {
        match self {
            Self::Open => conditions.and("settled_at IS NULL", []),
            Self::Kind(kind) => conditions.and("kind=?", [Bound::Text(kind.word().to_owned())]),
            Self::About(id) => conditions.and("record_id=?", [Bound::Blob(id.as_bytes().to_vec())]),
        };
    }
}

/// The order of conflicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ConflictSort {
    /// The oldest first.
    #[default]
    Oldest,
}

impl SortOrder for ConflictSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Oldest => "created_at",
        }
    }
}

impl Entity for Conflict {
    /// Complete except for its identity: only the sync makes conflicts.
    type Draft = Self;
    type Filter = ConflictFilter;
    type Sort = ConflictSort;

    fn from_draft(draft: &Self, stamp: Stamp) -> Self {
        Self {
            id: ConflictId::from_uuid(stamp.id),
            created_at: stamp.now,
            updated_at: stamp.now,
            ..draft.clone()
        }
    }

    fn joined(self, touched: ColumnSet) -> Result<Self> {
        let touched = Touched::of::<Self>(touched);
        let is_settling = touched.is("settled_at") || touched.is("settlement");
        if is_settling && self.settled_at.is_some() && self.settlement.is_none() {
            return Err(Error::invalid("settlement", "say what was decided"));
        }
        Ok(self)
    }
}
