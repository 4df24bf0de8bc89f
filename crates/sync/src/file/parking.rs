//! Values that could not stand, stored as conflicts in the file, and records that look the same.

use colophon_catalogue::alike::{Came, MadeHere};
use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_store::schema::Value;
use colophon_store::{EntityId as _, Query, ReadSession, Result, Stamp};
use uuid::Uuid;

use crate::edition::Edition;
use crate::local::{Key, Parked, ParkedKind};

/// The conflict that says what was parked.
pub(super) fn conflict_of(parked: &Parked, stamp: Stamp, device_name: &str) -> Conflict {
    let mut conflict = Conflict {
        id: ConflictId::from_uuid(parked.conflict_id()),
        entity: parked.key.table.name.to_owned(),
        record_id: parked.key.id,
        kind: String::new(),
        field: None,
        base: json(parked.base.as_ref()),
        mine: json(parked.mine.as_ref()),
        theirs: json(parked.theirs.as_ref()),
        stands: None,
        holder: None,
        theirs_by: parked.theirs_by.clone(),
        theirs_at: parked.theirs_at,
        parked_by: device_name.to_owned(),
        settled_at: None,
        settled_by: None,
        settlement: None,
        created_at: stamp.now,
        updated_at: stamp.now,
    };
    kind_of(parked.kind, &mut conflict)
        .word()
        .clone_into(&mut conflict.kind);
    conflict
}

/// Whether an open conflict gives the same two values for the same field.
pub(super) fn is_parked(session: &ReadSession<'_>, parked: &Parked) -> Result<bool> {
    let ParkedKind::Field { column, .. } = parked.kind else {
        return Ok(false);
    };
    let (mine, theirs) = (json(parked.mine.as_ref()), json(parked.theirs.as_ref()));
    let about_it = Query::default()
        .and(ConflictFilter::Open)
        .and(ConflictFilter::About(parked.key.id));
    let known = session.repo::<Conflict>().filter(&about_it)?;
    Ok(known.iter().any(|conflict| {
        conflict.field.as_deref() == Some(column) && conflict.mine == mine && conflict.theirs == theirs
    }))
}

/// The records that look the same: each is named by the one that was made later, together with the one that was made
/// first.
pub(super) fn alike_in(
    session: &ReadSession<'_>,
    edition: &Edition,
    came: Came<'_>,
    made: MadeHere<'_>,
) -> Result<Vec<(Key, Uuid)>> {
    let pairs = (edition.alike)(session, came, made)?;
    let tables = edition.tables;
    let keys = pairs.into_iter().filter_map(|pair| {
        let table = tables.iter().find(|table| table.name == pair.entity)?;
        Some((Key { table, id: pair.second }, pair.first))
    });
    Ok(keys.collect())
}

/// A value as a conflict stores it.
fn json(value: Option<&Value>) -> Option<String> {
    value.map(|value| value.to_json().to_string())
}

fn kind_of(kind: ParkedKind, conflict: &mut Conflict) -> ConflictKind {
    match kind {
        ParkedKind::Field { column, mine_stands } => {
            conflict.field = Some(column.to_owned());
            conflict.stands = Some(if mine_stands { "mine" } else { "theirs" }.to_owned());
            ConflictKind::Field
        }
        ParkedKind::DeletedThere => ConflictKind::DeletedThere,
        ParkedKind::DeletionUndone => ConflictKind::DeletionUndone,
        ParkedKind::ParentCameBack => ConflictKind::ParentCameBack,
        ParkedKind::SameValue { column, holder } => {
            conflict.field = Some(column.to_owned());
            conflict.holder = Some(holder);
            ConflictKind::SameValue
        }
        ParkedKind::SameRecord { first } => {
            conflict.holder = Some(first);
            ConflictKind::SameRecord
        }
    }
}
