//! Records that look the same and are not.
//!
//! That somebody has said so is kept as what it is: the settled question whether the two are the same. The sync asks
//! the same question of whoever comes second, under the same id, and carries it to every device as it carries all
//! conflicts; so nobody is asked about the two again.

use colophon_catalogue::conflict::{Conflict, ConflictFilter, ConflictId, ConflictKind};
use colophon_store::{Columns as _, EntityId as _, Query, Registered, Result, Stamp, WriteSession};
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::record::RecordKind;
use crate::settlement::{Decision, decide, mark_settled, settle_among};
use crate::side_by_side::{Choices, SideBySide};

/// Says of every two of these records that they are not the same, as one act; returns what the first is called.
pub fn keep_apart(session: &WriteSession<'_>, kind: RecordKind, records: &[Uuid], by: &str) -> Result<String> {
    let side_by_side = SideBySide::of(session, kind, records, &Choices::default())?;
    settle_among(session, records, Decision::Keep, by)?;
    for (at, one) in records.iter().enumerate() {
        for other in &records[at + 1..] {
            note_apart(session, kind, *one.min(other), *one.max(other), by)?;
        }
    }
    let name = side_by_side.staying().map(|side| side.name.clone()).unwrap_or_default();
    Deed::about(Did::KeptApart, kind, &name)
        .of_several(records.len())
        .note(session);
    Ok(name)
}

/// Notes the decision about two records, unless it is known.
fn note_apart(session: &WriteSession<'_>, kind: RecordKind, first: Uuid, second: Uuid, by: &str) -> Result<()> {
    let table = kind.table().name;
    for (record, holder) in [(first, second), (second, first)] {
        let about = Query::filtered(ConflictFilter::About(record));
        let known = session.repo::<Conflict>().filter(&about)?;
        let keep = Some(Decision::Keep.word());
        if known
            .iter()
            .any(|one| one.holder == Some(holder) && one.settlement.as_deref() == keep)
        {
            return Ok(());
        }
    }
    let id = ConflictId::whether_same(table, second, first);
    let conflicts = session.repo_mut::<Conflict>();
    if conflicts.find(id)?.is_some() {
        // It was settled otherwise once, and that was taken back.
        return mark_settled(session, id, Decision::Keep, by).map(drop);
    }
    let stamp = Stamp {
        id: id.uuid(),
        ..conflicts.stamp()
    };
    let mut conflict = asked(table, second, first, by, stamp);
    decide(session, &mut conflict, Decision::Keep, by);
    if session.record(Conflict::TABLE, id.uuid())?.deleted.is_some() {
        // It was said, and taken back.
        return Registered::of::<Conflict>().bring_back(session, conflict.values());
    }
    conflicts.create_as(stamp, &conflict).map(drop)
}

/// The question whether two records are the same.
fn asked(table: &str, second: Uuid, first: Uuid, by: &str, stamp: Stamp) -> Conflict {
    Conflict {
        id: ConflictId::from_uuid(stamp.id),
        entity: table.to_owned(),
        record_id: second,
        kind: ConflictKind::SameRecord.word().to_owned(),
        field: None,
        base: None,
        mine: None,
        theirs: None,
        stands: None,
        holder: Some(first),
        theirs_by: None,
        theirs_at: None,
        parked_by: by.to_owned(),
        settled_at: None,
        settled_by: None,
        settlement: None,
        created_at: stamp.now,
        updated_at: stamp.now,
    }
}
