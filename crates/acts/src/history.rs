//! The history of one record in the journal of this file, and restoring what it once was.
//!
//! Restoring is editing: the rules of the entity are applied, the edit is journalled and captured for the sync, and it
//! can be undone as one act. If the server remembers what this file does not (what was done on other devices), it says
//! so in the same form, [`OldValues`], and the rest is the same.
//!
//! A deleted record comes back as it last was, and with it whatever was deleted along with it because it refers to it:
//! a book without its translators would be another book. As with undo, no rule is checked for such a row: another
//! program may have written it, and it was good enough to be kept until it was deleted. Only what would break the
//! catalogue is refused: a reference to a record that does not exist, or a value that only one may have.

use std::collections::HashSet;

use colophon_catalogue::schema::{self, ENTITIES};
use colophon_store::journal::{Act, Edit, EditKind};
use colophon_store::schema::{Column, ColumnKind, Value, is_content};
use colophon_store::{Error, ReadSession, Registered, Result, WriteSession};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::record::RecordKind;
use crate::subject::Subject;

/// One thing that was done to a record, according to the journal.
#[derive(Debug, Clone, PartialEq)]
pub struct PastEdit {
    /// Its number in the journal. `None` if the journal does not name the record: it came from elsewhere, or was made
    /// along with many others.
    pub number: Option<i64>,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EditKind,
    /// The values before, by field: the changed ones, or all of a record that was deleted.
    pub before: Map<String, Json>,
    /// The changed values after, by field.
    pub after: Map<String, Json>,
}

/// What one entry of a history remembers of a record.
#[derive(Debug, Clone)]
pub struct OldValues {
    /// The kind of record.
    pub entity: &'static Registered,
    /// The record.
    pub id: Uuid,
    /// Whether it was deleted then. If so, all its values are here.
    pub is_deletion: bool,
    /// The values before, by the positions of their columns.
    pub values: Vec<(usize, Value)>,
    /// What was deleted along with it because it refers to it, or to one of these; parents first.
    pub dependants: Vec<(&'static Registered, Vec<Value>)>,
}

/// The result of restoring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PutBack {
    /// The table of the record.
    pub entity: &'static str,
    /// The record.
    pub id: Uuid,
    /// The fields that have another value now.
    pub fields: Vec<PutBackField>,
    /// Deleted records that exist again: the record itself and its dependants.
    pub brought_back: u64,
    /// Dependants that could not come back: something else that they refer to is gone, or another record has their
    /// value by now.
    pub left_out: u64,
}

/// A field that has an old value again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PutBackField {
    /// Its name.
    pub field: &'static str,
    /// What it was until now.
    pub was: Json,
    /// What it is, as it is stored.
    pub is: Json,
}

/// Everything that the journal knows was done to a record, earliest first.
pub fn history(session: &ReadSession<'_>, record: Uuid) -> Result<Vec<PastEdit>> {
    let mut past = Vec::new();
    visit(session, record, |_, _, edit| {
        past.push(edit);
        Ok(())
    })?;
    if !past.iter().any(|edit| edit.kind == EditKind::Create)
        && let Some(at) = made_at(session, record)?
    {
        past.push(PastEdit {
            number: None,
            at,
            kind: EditKind::Create,
            before: Map::new(),
            after: Map::new(),
        });
        past.sort_by_key(|edit| edit.at);
    }
    Ok(past)
}

/// What the journal's entry with this number remembers about a record; `None` if it is not about that record.
pub fn old_values(session: &ReadSession<'_>, record: Uuid, number: i64) -> Result<Option<OldValues>> {
    let mut found = None;
    visit(session, record, |act, table, edit| {
        if edit.number == Some(number) {
            found = Some((act, table.to_owned(), edit));
        }
        Ok(())
    })?;
    let Some((act, table, edit)) = found else {
        return Ok(None);
    };
    let entity = entity_of(&table)?;
    let is_deletion = edit.kind == EditKind::Delete;
    let dependants = if is_deletion {
        dependants(&session.act(act)?, record)?
    } else {
        Vec::new()
    };
    Ok(Some(OldValues {
        entity,
        id: record,
        is_deletion,
        values: values_of(entity, &edit.before)?,
        dependants,
    }))
}

/// Gives a record back the values that it had before an entry of its history; all of them, or only these fields. A
/// record that was deleted then, and does not exist now, comes back as a whole.
///
/// [`Error::NotFound`] if the record does not exist, and the entry is not its deletion. [`Error::Invalid`] if the entry
/// does not have a field, or a rule refuses a value today; [`Error::Duplicate`] and [`Error::ForeignKey`] as with every
/// edit.
pub fn put_back(session: &WriteSession<'_>, old: &OldValues, fields: &[String]) -> Result<PutBack> {
    let wanted = old.wanted(fields)?;
    let table = old.entity.table;
    let mut done = PutBack {
        entity: table.name,
        id: old.id,
        fields: Vec::new(),
        brought_back: 0,
        left_out: 0,
    };
    let Some(before) = old.entity.find(session, old.id)? else {
        if !old.is_deletion {
            return Err(Error::NotFound {
                entity: table.name,
                id: old.id,
            });
        }
        if !fields.is_empty() {
            return Err(Error::invalid(
                "field",
                "the record is deleted, and comes back as a whole or not at all: name no field",
            ));
        }
        old.bring_back(session, &mut done)?;
        return Ok(done);
    };
    check_references(session, old.entity, &wanted)?;
    old.entity.set(session, old.id, &wanted)?;
    note(session, Did::PutBack, old.entity, old.id)?;
    let after = old.entity.find(session, old.id)?.unwrap_or_default();
    let settable = table.columns.iter().zip(before.iter().zip(&after));
    done.fields = settable
        .filter(|(column, (before, after))| before != after && column.is_content())
        .map(|(column, (before, after))| PutBackField {
            field: column.name,
            was: before.to_json(),
            is: after.to_json(),
        })
        .collect();
    Ok(done)
}

impl OldValues {
    /// The values to set: those of the fields that somebody named, or all.
    fn wanted(&self, fields: &[String]) -> Result<Vec<(usize, Value)>> {
        let name = |position: usize| self.entity.table.columns[position].name;
        let own = |position: usize| is_content(name(position));
        let settable = self.values.iter().filter(|(position, _)| own(*position));
        let names: Vec<_> = settable.clone().map(|(position, _)| name(*position)).collect();
        if names.is_empty() {
            return Err(Error::invalid("entry", "it keeps no earlier value of the record"));
        }
        if let Some(unknown) = fields.iter().find(|field| !names.contains(&field.as_str())) {
            let reason = format!("the entry has no “{unknown}”, only: {}", names.join(", "));
            return Err(Error::invalid("field", reason));
        }
        let is_wanted = |position: usize| fields.is_empty() || fields.iter().any(|field| field == name(position));
        Ok(settable.filter(|(position, _)| is_wanted(*position)).cloned().collect())
    }

    fn bring_back(&self, session: &WriteSession<'_>, done: &mut PutBack) -> Result<()> {
        let table = self.entity.table;
        let kept = session.record(table, self.id)?.deleted.map(|kept| kept.content);
        bring_back(session, self.entity, row_of(self.entity, kept, &self.values))?;
        done.brought_back = 1;
        for (entity, values) in &self.dependants {
            let Some(Value::Uuid(id)) = values.first() else {
                continue;
            };
            if entity.find(session, *id)?.is_some() {
                continue;
            }
            match session.attempt(|| bring_back(session, entity, values.clone())) {
                Ok(()) => done.brought_back += 1,
                Err(Error::ForeignKey { .. } | Error::Duplicate { .. }) => done.left_out += 1,
                Err(error) => return Err(error),
            }
        }
        note(session, Did::BroughtBack, self.entity, self.id)?;
        Ok(())
    }
}

fn note(session: &WriteSession<'_>, did: Did, entity: &Registered, id: Uuid) -> Result<()> {
    let Subject { name, open, .. } = Subject::of(session, entity.table.name, id)?;
    let kind = open.map_or(RecordKind::Book, |open| open.kind);
    Deed::about(did, kind, name.unwrap_or_default()).note(session);
    Ok(())
}

fn bring_back(session: &WriteSession<'_>, entity: &'static Registered, row: Vec<Value>) -> Result<()> {
    let values: Vec<_> = row.iter().cloned().enumerate().collect();
    check_references(session, entity, &values)?;
    entity.bring_back(session, row)
}

/// SQLite would refuse them, too, but would not say which.
fn check_references(session: &ReadSession<'_>, entity: &Registered, values: &[(usize, Value)]) -> Result<()> {
    for (position, value) in values {
        let column = &entity.table.columns[*position];
        let (ColumnKind::Reference { table }, Value::Uuid(id)) = (column.kind, value) else {
            continue;
        };
        if entity_of(table)?.find(session, *id)?.is_none() {
            return Err(Error::ForeignKey {
                entity: entity.table.name,
                reason: format!("it belongs to the {table} {id}, which is not there any more"),
            });
        }
    }
    Ok(())
}

/// Visits what was done to a record, with the numbers of the acts and the table. What one transaction did to the same
/// fields of it, one edit after another, is one entry.
fn visit(
    session: &ReadSession<'_>,
    record: Uuid,
    mut visit: impl FnMut(i64, &str, PastEdit) -> Result<()>,
) -> Result<()> {
    session.visit_edits(
        |id| id == record,
        |act, edit| {
            let mut of_record = edit.records().filter(|edited| edited.id == record);
            let Some(first) = of_record.next() else {
                return Ok(());
            };
            if edit.kind == EditKind::Update && first.before.is_empty() {
                // An undo that had nothing to give back.
                return Ok(());
            }
            let past = PastEdit {
                number: Some(edit.number),
                at: edit.at,
                kind: edit.kind,
                before: first.before,
                after: of_record.next_back().map_or(first.after, |last| last.after),
            };
            visit(act, &edit.entity, past)
        },
    )
}

/// The rows of a table that an act has deleted.
pub(crate) fn deleted_rows(act: &Act, entity: &'static Registered) -> Result<Vec<Vec<Value>>> {
    let deleted = |edit: &&Edit| edit.kind == EditKind::Delete && edit.entity == entity.table.name;
    let gone = act.edits.iter().filter(deleted).flat_map(Edit::records);
    gone.map(|gone| Ok(row_of(entity, None, &values_of(entity, &gone.before)?)))
        .collect()
}

/// What an act has deleted that refers to a record, or to something that refers to it.
fn dependants(act: &Act, record: Uuid) -> Result<Vec<(&'static Registered, Vec<Value>)>> {
    let mut known = HashSet::from([record]);
    let mut found = Vec::new();
    for entity in ENTITIES {
        let deleted =
            |edit: &&Edit| edit.kind == EditKind::Delete && edit.entity == entity.table.name && edit.id != record;
        for gone in act.edits.iter().filter(deleted).flat_map(Edit::records) {
            let values = values_of(entity, &gone.before)?;
            let refers = |(position, value): &(usize, Value)| {
                matches!((entity.table.columns[*position].kind, value),
                    (ColumnKind::Reference { .. }, Value::Uuid(id)) if known.contains(id))
            };
            if values.iter().any(refers) {
                known.insert(gone.id);
                found.push((entity, row_of(entity, None, &values)));
            }
        }
    }
    Ok(found)
}

/// The values of the columns that this version knows.
fn values_of(entity: &Registered, by_field: &Map<String, Json>) -> Result<Vec<(usize, Value)>> {
    let columns = entity.table.columns.iter().enumerate();
    let kept = columns.filter_map(|(position, column)| Some((position, column.kind, by_field.get(column.name)?)));
    kept.map(|(position, kind, json)| {
        let value = Value::from_json(kind, json).ok_or_else(|| Error::Corrupt {
            detail: "an entry of the journal cannot be read".to_owned(),
        })?;
        Ok((position, value))
    })
    .collect()
}

/// A complete row. A column that was added since has what is kept for the sync, or says nothing.
fn row_of(entity: &Registered, kept: Option<Vec<Value>>, values: &[(usize, Value)]) -> Vec<Value> {
    let columns = entity.table.columns.iter();
    let mut row = kept.unwrap_or_else(|| columns.map(Column::unsaid).collect());
    for (position, value) in values {
        row[*position] = value.clone();
    }
    row
}

fn entity_of(table: &str) -> Result<&'static Registered> {
    schema::entity(table).ok_or_else(|| Error::Corrupt {
        detail: format!("the journal names an unknown entity, {table}"),
    })
}

/// When a record was made that the journal does not name: an import notes many at once.
fn made_at(session: &ReadSession<'_>, record: Uuid) -> Result<Option<Timestamp>> {
    for entity in ENTITIES {
        let Some(values) = entity.find(session, record)? else {
            continue;
        };
        let position = entity.table.position("created_at");
        if let Some(Value::Integer(at)) = position.and_then(|position| values.get(position)) {
            return Ok(Timestamp::from_microsecond(*at).ok());
        }
    }
    Ok(None)
}
