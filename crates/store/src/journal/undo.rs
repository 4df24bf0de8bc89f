//! Undo and redo, from the journal.
//!
//! Taking back an act is an edit like any other: it is journalled, captured for the sync, and can itself be taken back,
//! which is what redo is. What somebody has changed since is not overwritten: a field that no longer holds what the act
//! gave it stays as it is, and the outcome says so. The same goes for what can no longer be given back, because another
//! record has the value by now or what it refers to is gone: otherwise one such field would keep every earlier act from
//! being undone. Whatever the journal says about tables that are not among the entities is left alone in the same way,
//! and an act about nothing else is skipped.
//!
//! No rule is checked for what is given back, because the file has held it before. It may not fit what has changed
//! since, such as a birth with a death: whoever undoes both gets both back, in either order, and meanwhile the outcome
//! says which rule the record breaks.
//!
//! The journal names records by their tables. An application says once which entities these are, `const UNDO: Undo =
//! Undo::of(ENTITIES)`, and then `database.write(|tx| UNDO.undo(tx))` takes back whatever was done last.

use uuid::Uuid;

use crate::error::{Error, Result};
use crate::journal::{Act, Edit, EditKind, EditedRecord};
use crate::schema::{ColumnKind, Value};
use crate::session::{ReadSession, WriteSession};
use crate::tracking::registered::Registered;

/// How far back the journal is searched for an act to take back.
const ACTS_SEARCHED: usize = 1_000;

/// Undo and redo for the entities of an application.
#[derive(Debug, Clone, Copy)]
pub struct Undo {
    entities: &'static [Registered],
    shown_first: &'static [&'static str],
}

/// What undoing or redoing did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Undone {
    /// The act that was taken back.
    pub act: i64,
    /// A description of that act, in words.
    pub label: String,
    /// The table of the record to show.
    pub entity: String,
    /// The record to show.
    pub id: Uuid,
    /// Whether that record exists now.
    pub exists: bool,
    /// Fields and records that were changed since, or can no longer be given back, and stay as they are.
    pub left_alone: u64,
    /// The rule that a record breaks because of what it was given back, in words; the first one if there are several.
    pub breaks: Option<String>,
}

/// The result of taking back a part of an act.
#[derive(Default)]
struct TakenBack {
    left_alone: u64,
    breaks: Option<String>,
}

impl TakenBack {
    fn but_for(left_alone: u64) -> Self {
        Self {
            left_alone,
            breaks: None,
        }
    }

    fn add(&mut self, other: Self) {
        self.left_alone += other.left_alone;
        self.breaks = self.breaks.take().or(other.breaks);
    }
}

/// The act that the next undo takes back: the latest that is neither an undo nor taken back.
pub fn next_undo(session: &ReadSession<'_>) -> Result<Option<Act>> {
    next_undo_where(session, |_| true)
}

/// The latest act that `is_meant` accepts and that is neither an undo nor taken back.
pub fn next_undo_where(session: &ReadSession<'_>, is_meant: impl Fn(&Act) -> bool) -> Result<Option<Act>> {
    let mut skipped = Vec::new();
    for act in latest(session) {
        let act = act?;
        let is_taken_back = skipped.contains(&act.number);
        match act.undoes {
            // The undo of an undo is a redo: it makes its act undoable again.
            Some(undone) if !is_taken_back => skipped.push(undone),
            None if !is_taken_back && is_meant(&act) => return Ok(Some(act)),
            _ => {}
        }
    }
    Ok(None)
}

/// The act that the next redo takes back: the latest undo that is not taken back, unless something new has been done
/// since.
pub fn next_redo(session: &ReadSession<'_>) -> Result<Option<Act>> {
    let mut skipped = Vec::new();
    for act in latest(session) {
        let act = act?;
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

/// The acts, latest first. They are read one by one, because one of them may be about a hundred thousand records, and
/// usually the first will do.
fn latest<'s>(session: &'s ReadSession<'_>) -> impl Iterator<Item = Result<Act>> + 's {
    let mut before = i64::MAX;
    let mut next = move || {
        let act = session.acts(before, 1)?.pop();
        before = act.as_ref().map_or(before, |act| act.number);
        Ok(act)
    };
    std::iter::from_fn(move || next().transpose()).take(ACTS_SEARCHED)
}

impl Undo {
    /// For these entities.
    pub const fn of(entities: &'static [Registered]) -> Self {
        Self {
            entities,
            shown_first: &[],
        }
    }

    /// Of an act's records, one from these tables is shown if there is one; otherwise the first.
    #[must_use]
    pub const fn showing(self, tables: &'static [&'static str]) -> Self {
        Self {
            shown_first: tables,
            ..self
        }
    }

    /// Takes back the latest act; `None` when there is none.
    pub fn undo(&self, session: &WriteSession<'_>) -> Result<Option<Undone>> {
        let act = next_undo_where(session, |act| self.is_about(act))?;
        act.map(|act| self.take_back(session, &act)).transpose()
    }

    /// Redoes what was undone last; `None` when something else has been done since.
    pub fn redo(&self, session: &WriteSession<'_>) -> Result<Option<Undone>> {
        let Some(act) = next_redo(session)?.filter(|act| self.is_about(act)) else {
            return Ok(None);
        };
        let mut undone = self.take_back(session, &act)?;
        if let Some(original) = act.undoes {
            undone.label = label(&session.act(original)?);
        }
        Ok(Some(undone))
    }

    /// Takes back one act, as far as it is about these entities; an error if none of it is.
    pub fn take_back(&self, session: &WriteSession<'_>, act: &Act) -> Result<Undone> {
        let ours = act
            .edits
            .iter()
            .filter_map(|edit| Some((edit, self.entity(&edit.entity)?)));
        let is_shown_first = |(edit, _): &(&Edit, _)| self.shown_first.contains(&edit.entity.as_str());
        let shown = ours.clone().find(is_shown_first).or_else(|| ours.clone().next());
        let (shown, entity) = shown.ok_or_else(|| none_of_it(act))?;
        let mut taken = TakenBack::default();
        for edit in act.edits.iter().rev() {
            taken.add(match self.entity(&edit.entity) {
                Some(entity) => self.take_back_edit(session, entity, edit)?,
                None => TakenBack::but_for(edit.count),
            });
        }
        session.undoes(act.number, entity.table.name, shown.id);
        let exists = entity.find(session, shown.id)?.is_some();
        Ok(Undone {
            act: act.number,
            label: label(act),
            entity: shown.entity.clone(),
            id: shown.id,
            exists,
            left_alone: taken.left_alone,
            breaks: taken.breaks,
        })
    }

    /// Whether an act is about at least one of these entities.
    fn is_about(&self, act: &Act) -> bool {
        act.edits.iter().any(|edit| self.entity(&edit.entity).is_some())
    }

    pub(crate) fn entity(&self, table: &str) -> Option<&'static Registered> {
        self.entities.iter().find(|entity| entity.table.name == table)
    }

    fn take_back_edit(&self, session: &WriteSession<'_>, entity: &Registered, edit: &Edit) -> Result<TakenBack> {
        match edit.kind {
            EditKind::Create => {
                let mut left_alone = 0;
                for id in entity.made_between(session, edit.id, edit.last_id, edit.at)? {
                    match session.attempt(|| entity.delete(session, id)) {
                        // Another record refers to it by now, or its entity does not allow the deletion.
                        Err(Error::ForeignKey { .. } | Error::Invalid { .. }) => left_alone += 1,
                        other => other?,
                    }
                }
                Ok(TakenBack::but_for(left_alone))
            }
            EditKind::Delete => take_back_records(session, entity, edit, take_back_deletion),
            EditKind::Update => take_back_records(session, entity, edit, |session, entity, record| {
                self.take_back_update(session, entity, record)
            }),
        }
    }

    fn take_back_update(
        &self,
        session: &WriteSession<'_>,
        entity: &Registered,
        record: &EditedRecord,
    ) -> Result<TakenBack> {
        if record.before.is_empty() {
            // It was only named.
            return Ok(TakenBack::default());
        }
        let Some(present) = entity.find(session, record.id)? else {
            return Ok(TakenBack::but_for(1));
        };
        let mut left_alone = 0;
        let mut fields = Vec::new();
        for (name, before) in &record.before {
            let Some(position) = entity.table.position(name) else {
                continue;
            };
            let kind = entity.table.columns[position].kind;
            let after = record.after.get(name).and_then(|json| Value::from_json(kind, json));
            // The journal may have been written by a version that kept something else under the name.
            let before = Value::from_json(kind, before).filter(|_| after.as_ref() == Some(&present[position]));
            match before {
                Some(before) if self.is_there(session, kind, &before)? => fields.push((position, before)),
                _ => left_alone += 1,
            }
        }
        loop {
            match entity.set_as_it_was(session, record.id, &fields) {
                // Another record has the value by now.
                Err(Error::Duplicate { field, .. }) if leave_out(entity, &mut fields, field) => left_alone += 1,
                other => break other?,
            }
        }
        Ok(TakenBack {
            left_alone,
            breaks: entity.broken_by(session, record.id, &fields)?,
        })
    }

    /// Whether what a value refers to exists; true for a value that refers to nothing.
    fn is_there(&self, session: &ReadSession<'_>, kind: ColumnKind, value: &Value) -> Result<bool> {
        let (ColumnKind::Reference { table }, Value::Uuid(id)) = (kind, value) else {
            return Ok(true);
        };
        let Some(entity) = self.entity(table) else {
            return Ok(true);
        };
        Ok(entity.find(session, *id)?.is_some())
    }
}

/// A description of an act, in words: what the program said, or what its first edit shows.
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
    let alike = |other: &&Edit| other.kind == edit.kind && other.entity == edit.entity;
    let count: u64 = act.edits.iter().take_while(alike).map(|edit| edit.count).sum();
    match count {
        1 => format!("{verb} {}", edit.entity),
        _ => format!("{verb} {count} {}s", edit.entity),
    }
}

/// Takes back what was done to each record of an edit, last record first.
fn take_back_records(
    session: &WriteSession<'_>,
    entity: &Registered,
    edit: &Edit,
    take_back: impl Fn(&WriteSession<'_>, &Registered, &EditedRecord) -> Result<TakenBack>,
) -> Result<TakenBack> {
    let mut taken = TakenBack::default();
    for record in edit.records().rev() {
        taken.add(take_back(session, entity, &record)?);
    }
    Ok(taken)
}

fn take_back_deletion(session: &WriteSession<'_>, entity: &Registered, record: &EditedRecord) -> Result<TakenBack> {
    if entity.find(session, record.id)?.is_some() {
        return Ok(TakenBack::but_for(1));
    }
    let kept = session.record(entity.table, record.id)?.deleted;
    let columns = entity.table.columns.iter().enumerate();
    let mut left_alone = 0;
    let values = columns.map(|(position, column)| match record.before.get(column.name) {
        Some(json) => Value::from_json(column.kind, json).unwrap_or_else(|| {
            left_alone += 1;
            column.unsaid()
        }),
        // An earlier version wrote this part of the journal. What is kept of the record for the sync may know more.
        None => kept
            .as_ref()
            .map_or_else(|| column.unsaid(), |kept| kept.content[position].clone()),
    });
    let mut values: Vec<_> = values.collect();
    loop {
        match entity.bring_back(session, values.clone()) {
            // Another record has the value by now. It is better to have this record without the value than not at all.
            Err(Error::Duplicate { field, .. }) if entity.table.leave_empty(&mut values, field) => left_alone += 1,
            // What it belongs to is gone, and it cannot exist without that.
            Err(Error::ForeignKey { .. }) => return Ok(TakenBack::but_for(left_alone + 1)),
            other => return other.map(|()| TakenBack::but_for(left_alone)),
        }
    }
}

/// Takes a field out of those to be given back; `false` if it is not among them.
fn leave_out(entity: &Registered, fields: &mut Vec<(usize, Value)>, field: &str) -> bool {
    let before = fields.len();
    fields.retain(|(position, _)| entity.table.columns[*position].name != field);
    fields.len() < before
}

/// The reason why nothing of an act can be taken back.
fn none_of_it(act: &Act) -> Error {
    if act.edits.is_empty() {
        return Error::NotFound {
            entity: "act",
            id: Uuid::nil(),
        };
    }
    Error::invalid(
        "act",
        "it was done to records that cannot be taken back here: their table is none of the entities'",
    )
}
