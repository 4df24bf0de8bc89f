//! Restoring records from the trash, one or many, as one act.
//!
//! A record comes back as it last was, with whatever went along with it: its tags, its people, its other names. What it
//! refers to comes back as well if that is gone: a book whose author was deleted too brings the author back. A value
//! that another record has by now is left out, because it is better to have the record without it than not at all.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use colophon_catalogue::schema::{ENTITIES, entity};
use colophon_catalogue::wholes::{is_part, wholes};
use colophon_catalogue::word::Word as _;
use colophon_store::schema::{ColumnKind, Value};
use colophon_store::{Error, ReadSession, Registered, Result, WriteSession};
use uuid::Uuid;

use crate::deed::{Deed, Did};
use crate::history::deleted_rows;
use crate::record::RecordKind;

/// The result of restoring.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// The books and authors that are back, those that were asked for first.
    pub records: Vec<(RecordKind, Uuid)>,
    /// What the first is called.
    pub name: String,
    /// Records, parts and values that could not come back.
    pub left_out: u64,
}

/// Restores these records; those that are not deleted are passed over.
pub fn restore(session: &WriteSession<'_>, ids: &[Uuid]) -> Result<Restored> {
    let mut restoring = Restoring::new(session)?;
    // Authors before the books that name them.
    for kind in RecordKind::ALL.iter().rev() {
        for id in ids {
            restoring.record(session, *kind, *id)?;
        }
    }
    let mut restored = restoring.restored;
    let asked: HashSet<_> = ids.iter().collect();
    restored.records.sort_by_key(|(_, id)| !asked.contains(id));
    if let Some((kind, id)) = restored.records.first() {
        restored.name = kind.name_of(session, *id)?.unwrap_or_default();
        let deed = Deed::about(Did::BroughtBack, *kind, &restored.name);
        deed.of_several(restored.records.len()).note(session);
    }
    Ok(restored)
}

/// Rows that are gone, by each record that they refer to.
type Parts = HashMap<Uuid, Vec<(&'static Registered, Vec<Value>)>>;

struct Restoring {
    /// The acts that deleted records here.
    acts: HashMap<Uuid, i64>,
    /// The parts that each of these acts deleted, once it was asked for them.
    by_act: HashMap<i64, Parts>,
    /// The parts that are gone, by the revision of their deletion.
    by_revision: HashMap<i64, Parts>,
    restored: Restored,
}

impl Restoring {
    fn new(session: &ReadSession<'_>) -> Result<Self> {
        let mut acts = HashMap::new();
        for kind in RecordKind::ALL {
            let here = session.deletions_here(kind.table().name)?;
            acts.extend(here.into_iter().map(|(id, deletion)| (id, deletion.act)));
        }
        let mut by_revision: HashMap<i64, Parts> = HashMap::new();
        for entity in parts() {
            session.visit_deleted(entity.table, |gone| {
                let parts = by_revision.entry(gone.revision).or_default();
                add_part(parts, entity, &gone.content);
                Ok(())
            })?;
        }
        Ok(Self {
            acts,
            by_act: HashMap::new(),
            by_revision,
            restored: Restored::default(),
        })
    }

    /// Brings a book or an author back, if it is gone; whether it is there then.
    fn record(&mut self, session: &WriteSession<'_>, kind: RecordKind, id: Uuid) -> Result<bool> {
        let Some(entity) = entity(kind.table().name) else {
            return Ok(false);
        };
        let kept = session.record(entity.table, id)?;
        let Some(gone) = kept.deleted else {
            return Ok(kept.row.is_some());
        };
        let parts = self.went_along(session, id, gone.revision)?;
        if !self.row(session, entity, gone.content)? {
            return Ok(false);
        }
        self.restored.records.push((kind, id));
        for (part, values) in parts {
            self.row(session, part, values)?;
        }
        Ok(true)
    }

    /// The parts that were deleted together with a record: by the same act here, or in the same transaction elsewhere.
    fn went_along(
        &mut self,
        session: &ReadSession<'_>,
        id: Uuid,
        revision: i64,
    ) -> Result<Vec<(&'static Registered, Vec<Value>)>> {
        let along = match self.acts.get(&id).copied() {
            Some(act) => self.deleted_by(session, act)?.get(&id),
            None => self.by_revision.get(&revision).and_then(|parts| parts.get(&id)),
        };
        // Books that went with their author have parts of their own, which come with them.
        let mut own = Vec::new();
        for (entity, values) in along.into_iter().flatten() {
            if is_part_of(session, entity, values, id)? {
                own.push((*entity, values.clone()));
            }
        }
        Ok(own)
    }

    fn deleted_by(&mut self, session: &ReadSession<'_>, act: i64) -> Result<&Parts> {
        if let Entry::Vacant(new) = self.by_act.entry(act) {
            let deletion = session.act(act)?;
            let mut deleted = Parts::new();
            for entity in parts() {
                for values in deleted_rows(&deletion, entity)? {
                    add_part(&mut deleted, entity, &values);
                }
            }
            new.insert(deleted);
        }
        Ok(&self.by_act[&act])
    }

    /// Brings one row back with what it refers to; whether it is there then.
    fn row(&mut self, session: &WriteSession<'_>, entity: &'static Registered, mut values: Vec<Value>) -> Result<bool> {
        if let Some(Value::Uuid(id)) = values.first()
            && entity.find(session, *id)?.is_some()
        {
            return Ok(true);
        }
        if !self.bring_what_it_refers_to(session, entity, &mut values)? {
            self.restored.left_out += 1;
            return Ok(false);
        }
        loop {
            match session.attempt(|| entity.bring_back(session, values.clone())) {
                Err(Error::Duplicate { field, .. }) if entity.table.leave_empty(&mut values, field) => {
                    self.restored.left_out += 1;
                }
                Err(Error::Duplicate { .. } | Error::ForeignKey { .. }) => {
                    self.restored.left_out += 1;
                    return Ok(false);
                }
                other => return other.map(|()| true),
            }
        }
    }

    /// Sees to it that whatever a row refers to is there. A reference that may be empty is emptied if it cannot be kept.
    fn bring_what_it_refers_to(
        &mut self,
        session: &WriteSession<'_>,
        entity: &'static Registered,
        values: &mut [Value],
    ) -> Result<bool> {
        for (position, column) in entity.table.columns.iter().enumerate() {
            let (ColumnKind::Reference { table }, Value::Uuid(id)) = (column.kind, &values[position]) else {
                continue;
            };
            let is_there = match RecordKind::of_table(table) {
                Some(kind) => self.record(session, kind, *id)?,
                None => self.other(session, table, *id)?,
            };
            if !is_there && !column.nullable {
                return Ok(false);
            }
            if !is_there {
                values[position] = Value::Null;
                self.restored.left_out += 1;
            }
        }
        Ok(true)
    }

    /// Brings back what is neither a book nor an author, such as a tag.
    fn other(&mut self, session: &WriteSession<'_>, table: &str, id: Uuid) -> Result<bool> {
        let Some(entity) = entity(table) else {
            return Ok(false);
        };
        let kept = session.record(entity.table, id)?;
        match kept.deleted {
            Some(gone) => self.row(session, entity, gone.content),
            None => Ok(kept.row.is_some()),
        }
    }
}

/// The entities whose rows are parts of records.
fn parts() -> impl Iterator<Item = &'static Registered> {
    ENTITIES.iter().filter(|entity| is_part(entity.table.name))
}

fn add_part(parts: &mut Parts, entity: &'static Registered, values: &[Value]) {
    for id in entity.table.references(values) {
        parts.entry(id).or_default().push((entity, values.to_vec()));
    }
}

/// Whether a row comes along with a record: it is a part of it, or it is part of something that is there and refers to it.
fn is_part_of(session: &ReadSession<'_>, entity: &Registered, values: &[Value], id: Uuid) -> Result<bool> {
    for (column, table) in wholes(entity.table.name) {
        let position = entity.table.position(column);
        let Some(Value::Uuid(whole)) = position.and_then(|position| values.get(position)) else {
            continue;
        };
        if *whole != id && RecordKind::of_table(table).is_some() && !session.has_row(table, *whole)? {
            return Ok(false);
        }
    }
    Ok(true)
}
