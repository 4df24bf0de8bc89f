//! Undo and redo, from the journal.
//!
//! Taking back an act is an edit like any other: it is journalled, captured for the sync, and can itself be taken back, which
//! is what redo is. What somebody has changed since is not overwritten: a field that no longer holds what the act gave
//! it stays as it is, and the outcome says so.

use colophon_store::journal::{Act, Edit, EditKind};
use colophon_store::schema::Value;
use colophon_store::{Error, ReadSession, Result, WriteSession};
use uuid::Uuid;

use crate::schema;

/// How far back the journal is searched for an act to take back.
const ACTS_SEARCHED: u32 = 1_000;

/// What undoing or redoing did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// The act that was taken back.
    pub act: i64,
    /// What that act was, in words.
    pub label: String,
    /// The table of the record to show.
    pub entity: String,
    /// The record to show.
    pub id: Uuid,
    /// Whether that record exists now.
    pub exists: bool,
    /// Fields and records that were changed since and stay as they are.
    pub left_alone: u64,
}

/// The act that the next undo takes back: the latest that is neither an undo nor taken back.
pub fn next_undo(session: &ReadSession<'_>) -> Result<Option<Act>> {
    let mut skipped = Vec::new();
    for act in session.acts(i64::MAX, ACTS_SEARCHED)? {
        let is_taken_back = skipped.contains(&act.number);
        match act.undoes {
            // The undo of an undo is a redo: it makes its act undoable again.
            Some(undone) if !is_taken_back => skipped.push(undone),
            None if !is_taken_back => return Ok(Some(act)),
            _ => {}
        }
    }
    Ok(None)
}

/// The act that the next redo takes back: the latest undo that is not taken back, unless something new was done since.
pub fn next_redo(session: &ReadSession<'_>) -> Result<Option<Act>> {
    let mut skipped = Vec::new();
    for act in session.acts(i64::MAX, ACTS_SEARCHED)? {
        let Some(undone) = act.undoes else { return Ok(None) };
        if skipped.contains(&act.number) {
            continue;
        }
        // An undo's target is an edit; a redo's target is an undo.
        if session.act(undone)?.undoes.is_some() {
            skipped.push(undone);
        } else {
            return Ok(Some(act));
        }
    }
    Ok(None)
}

/// Takes back the latest act; `None` when there is none.
pub fn undo(session: &WriteSession<'_>) -> Result<Option<Undone>> {
    next_undo(session)?.map(|act| take_back(session, &act)).transpose()
}

/// Does again what was undone last; `None` when something else was done since.
pub fn redo(session: &WriteSession<'_>) -> Result<Option<Undone>> {
    let Some(act) = next_redo(session)? else {
        return Ok(None);
    };
    let mut undone = take_back(session, &act)?;
    if let Some(original) = act.undoes {
        undone.label = label(&session.act(original)?);
    }
    Ok(Some(undone))
}

/// Takes back one act.
pub fn take_back(session: &WriteSession<'_>, act: &Act) -> Result<Undone> {
    let first = act.edits.first().ok_or(Error::NotFound {
        entity: "act",
        id: Uuid::nil(),
    })?;
    let shown = act
        .edits
        .iter()
        .find(|edit| edit.entity == "book" || edit.entity == "author")
        .unwrap_or(first);
    let mut left_alone = 0;
    for edit in act.edits.iter().rev() {
        left_alone += take_back_edit(session, edit)?;
    }
    session.undoes(act.number);
    let exists = entity_of(shown)?.find(session, shown.id)?.is_some();
    Ok(Undone {
        act: act.number,
        label: label(act),
        entity: shown.entity.clone(),
        id: shown.id,
        exists,
        left_alone,
    })
}

/// What an act was, in words: what the program said, or what its first edit tells.
pub fn label(act: &Act) -> String {
    if let Some(label) = &act.label {
        return label.clone();
    }
    let Some(edit) = act.edits.first() else {
        return String::new();
    };
    let verb = match edit.kind {
        EditKind::Create => "Added",
        EditKind::Update => "Changed",
        EditKind::Delete => "Deleted",
    };
    match edit.count {
        1 => format!("{verb} {}", edit.entity),
        count => format!("{verb} {count} {}s", edit.entity),
    }
}

fn entity_of(edit: &Edit) -> Result<&'static colophon_store::Registered> {
    schema::entity(&edit.entity).ok_or_else(|| Error::Corrupt {
        detail: format!("the journal names an unknown entity, {}", edit.entity),
    })
}

/// Returns how much was left alone because it was changed since.
fn take_back_edit(session: &WriteSession<'_>, edit: &Edit) -> Result<u64> {
    let entity = entity_of(edit)?;
    match edit.kind {
        EditKind::Create => {
            let mut left_alone = 0;
            for id in entity.made_between(session, edit.id, edit.last_id, edit.at)? {
                match session.attempt(|| entity.delete(session, id)) {
                    // Somebody refers to it by now.
                    Err(Error::ForeignKey { .. }) => left_alone += 1,
                    other => other?,
                }
            }
            Ok(left_alone)
        }
        EditKind::Delete => {
            if entity.find(session, edit.id)?.is_some() {
                return Ok(1);
            }
            let values = entity.table.columns.iter().map(|column| {
                let json = edit.before.get(column.name).unwrap_or(&serde_json::Value::Null);
                Value::from_json(column.kind, json).ok_or_else(damaged)
            });
            entity.bring_back(session, values.collect::<Result<_>>()?)?;
            Ok(0)
        }
        EditKind::Update => take_back_update(session, entity, edit),
    }
}

fn take_back_update(session: &WriteSession<'_>, entity: &colophon_store::Registered, edit: &Edit) -> Result<u64> {
    let Some(present) = entity.find(session, edit.id)? else {
        return Ok(1);
    };
    let mut left_alone = 0;
    let mut fields = Vec::new();
    for (name, before) in &edit.before {
        let Some(position) = entity.table.position(name) else {
            continue;
        };
        let kind = entity.table.columns[position].kind;
        let after = edit.after.get(name).and_then(|json| Value::from_json(kind, json));
        if after.as_ref() == Some(&present[position]) {
            fields.push((position, Value::from_json(kind, before).ok_or_else(damaged)?));
        } else {
            left_alone += 1;
        }
    }
    entity.set(session, edit.id, &fields)?;
    Ok(left_alone)
}

fn damaged() -> Error {
    Error::Corrupt {
        detail: "an entry of the journal cannot be read".to_owned(),
    }
}
