//! Taking back one act out of the middle, whole or not at all.
//!
//! The last act is taken back as far as that is possible ([`undo`](crate::undo)). An act that others have followed is
//! another matter: whoever picks it from a list means that act, and not half of it. So first it is found out what stands
//! in the way: a field that says something else by now, something that was changed in a record that the act has made, a
//! record that is there again or is gone. If there is anything, nothing is changed, and it is said what it is and which
//! later act did it.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::journal::undo::{Undo, Undone};
use crate::journal::{Act, Edit, EditKind};
use crate::schema::{ColumnKind, Value, is_content};
use crate::session::{ReadSession, WriteSession};
use crate::tracking::registered::Registered;

/// As many obstacles are told: whoever reads them wants to know what happened, and not each case.
pub const OBSTACLES_MAX: usize = 50;

/// Something that stands in the way of taking back an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// The later act that did it; `None` if the journal tells of none: it came from elsewhere.
    pub act: Option<i64>,
    /// The table of the record.
    pub entity: String,
    /// The record.
    pub id: Uuid,
    /// The field; `None` if it is about the record as a whole.
    pub field: Option<String>,
}

/// The result of taking back an act whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// It was taken back.
    Done(Undone),
    /// Nothing was changed: these are in the way, the first of them if there are very many.
    InTheWay(Vec<Obstacle>),
}

impl Undo {
    /// Takes back one act, or nothing of it if anything has been done since that it would undo as well.
    pub fn take_back_whole(&self, session: &WriteSession<'_>, act: &Act) -> Result<Whole> {
        let obstacles = self.in_the_way(session, act)?;
        if !obstacles.is_empty() {
            return Ok(Whole::InTheWay(obstacles));
        }
        let taken = session.attempt(|| match self.take_back(session, act) {
            Ok(undone) if undone.left_alone == 0 => Ok(undone),
            Ok(_) => Err(Stopped::Partly),
            Err(error) => Err(Stopped::By(error)),
        });
        match taken {
            Ok(undone) => Ok(Whole::Done(undone)),
            Err(Stopped::By(error)) => Err(error),
            Err(Stopped::Partly) => Ok(Whole::InTheWay(self.taken_by_others(session, act)?)),
        }
    }

    fn in_the_way(&self, session: &ReadSession<'_>, act: &Act) -> Result<Vec<Obstacle>> {
        let mut found = Found::of(self, session, act)?;
        self.look_at_later(session, act, &mut found)?;
        self.look_at_values(session, act, &mut found)?;
        Ok(found.obstacles)
    }

    /// Goes through the later acts, latest first.
    fn look_at_later(&self, session: &ReadSession<'_>, act: &Act, found: &mut Found) -> Result<()> {
        let taken_back = session.taken_back()?;
        let mut before = i64::MAX;
        while let Some(later) = session.acts(before, 1)?.pop().filter(|later| later.number > act.number) {
            before = later.number;
            // What an undo did, and what it took back, cancel each other out.
            let counts = later.undoes.is_none() && !taken_back.contains(&later.number);
            for edit in &later.edits {
                let Some(entity) = self.entity(&edit.entity) else {
                    continue;
                };
                match edit.kind {
                    EditKind::Update => found.changed_later(later.number, edit, counts),
                    EditKind::Delete => found.deleted_later(later.number, edit, counts),
                    EditKind::Create => found.made_later(session, later.number, entity, edit, counts)?,
                }
            }
        }
        Ok(())
    }

    /// Compares what the act left behind with what is there now.
    fn look_at_values(&self, session: &ReadSession<'_>, act: &Act, found: &mut Found) -> Result<()> {
        let updates = act.edits.iter().filter(|edit| edit.kind == EditKind::Update);
        let mut left: BTreeMap<Uuid, (&'static Registered, Map<String, Json>)> = BTreeMap::new();
        for edit in updates {
            let Some(entity) = self.entity(&edit.entity) else {
                continue;
            };
            for record in edit.records().filter(|record| !record.after.is_empty()) {
                let values = &mut left.entry(record.id).or_insert_with(|| (entity, Map::new())).1;
                values.extend(record.after);
            }
        }
        for (id, (entity, values)) in left {
            if found.made.contains_key(&id) || found.deleted.contains_key(&id) {
                continue;
            }
            let Some(present) = entity.find(session, id)? else {
                found.add(found.gone_by.get(&id).copied(), entity.table.name, id, None);
                continue;
            };
            for (field, after) in &values {
                let Some(position) = entity.table.position(field).filter(|_| is_content(field)) else {
                    continue;
                };
                let after = Value::from_json(entity.table.columns[position].kind, after);
                if after.as_ref() != Some(&present[position]) {
                    let by = found.set_by.get(&(id, field.clone())).copied();
                    found.add(by, entity.table.name, id, Some(field));
                }
            }
        }
        for (id, entity) in found.deleted.clone() {
            if entity.find(session, id)?.is_some() {
                found.add(found.back_by.get(&id).copied(), entity.table.name, id, None);
            }
        }
        found.look_at_made(session)
    }

    /// What keeps an act from being taken back whole although nothing that it did was touched: another record has the
    /// value by now, or what a record belongs to is gone.
    fn taken_by_others(&self, session: &ReadSession<'_>, act: &Act) -> Result<Vec<Obstacle>> {
        let mut found = Found::default();
        for edit in act.edits.iter().filter(|edit| edit.kind != EditKind::Create) {
            let Some(entity) = self.entity(&edit.entity) else {
                continue;
            };
            for record in edit.records() {
                for (name, before) in &record.before {
                    let Some(position) = entity.table.position(name) else {
                        continue;
                    };
                    let kind = entity.table.columns[position].kind;
                    let value = Value::from_json(kind, before).unwrap_or(Value::Null);
                    if let (ColumnKind::Reference { table }, Value::Uuid(id)) = (kind, &value) {
                        let parent = self.entity(table).map(|parent| parent.find(session, *id));
                        if matches!(parent.transpose()?, Some(None)) {
                            found.add(None, table, *id, None);
                        }
                    } else if is_unique(entity, position)
                        && let Some(holder) = session.holder(entity.table, position, &value)?
                        && holder != record.id
                    {
                        found.add(None, entity.table.name, holder, Some(name));
                    }
                }
            }
        }
        if found.obstacles.is_empty()
            && let Some(first) = act.edits.first()
        {
            found.add(None, &first.entity, first.id, None);
        }
        Ok(found.obstacles)
    }
}

/// Why an attempt ended.
enum Stopped {
    /// Not all of the act could be taken back.
    Partly,
    By(Error),
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::By(error)
    }
}

/// What is known about the records of an act, and what is in the way.
#[derive(Default)]
struct Found {
    /// The records that it made and that are there.
    made: BTreeMap<Uuid, &'static Registered>,
    /// When it made them, in microseconds.
    at: i64,
    /// The records that it deleted.
    deleted: BTreeMap<Uuid, &'static Registered>,
    /// The records that it made and that the journal says were changed later, for good or not.
    touched: HashSet<Uuid>,
    /// The latest act that set a field, deleted a record or brought it back.
    set_by: HashMap<(Uuid, String), i64>,
    gone_by: HashMap<Uuid, i64>,
    back_by: HashMap<Uuid, i64>,
    /// The records that the act changed.
    changed: HashSet<Uuid>,
    obstacles: Vec<Obstacle>,
}

impl Found {
    fn of(undo: &Undo, session: &ReadSession<'_>, act: &Act) -> Result<Self> {
        let mut found = Self {
            at: act.edits.first().map_or(0, |edit| edit.at.as_microsecond()),
            ..Self::default()
        };
        for edit in &act.edits {
            let Some(entity) = undo.entity(&edit.entity) else {
                continue;
            };
            match edit.kind {
                EditKind::Create => {
                    let ids = entity.made_between(session, edit.id, edit.last_id, edit.at)?;
                    found.made.extend(ids.into_iter().map(|id| (id, entity)));
                }
                EditKind::Delete => found.deleted.extend(edit.records().map(|record| (record.id, entity))),
                EditKind::Update => found.changed.extend(edit.records().map(|record| record.id)),
            }
        }
        Ok(found)
    }

    fn add(&mut self, act: Option<i64>, entity: &str, id: Uuid, field: Option<&str>) {
        let obstacle = Obstacle {
            act,
            entity: entity.to_owned(),
            id,
            field: field.map(str::to_owned),
        };
        if self.obstacles.len() < OBSTACLES_MAX && !self.obstacles.contains(&obstacle) {
            self.obstacles.push(obstacle);
        }
    }

    fn changed_later(&mut self, act: i64, edit: &Edit, counts: bool) {
        for record in edit.records() {
            let is_made = self.made.contains_key(&record.id);
            if !is_made && !self.changed.contains(&record.id) {
                continue;
            }
            if is_made {
                self.touched.insert(record.id);
            }
            for field in record.after.keys().filter(|field| counts && is_content(field)) {
                self.set_by.entry((record.id, field.clone())).or_insert(act);
                if is_made {
                    self.add(Some(act), &edit.entity, record.id, Some(field));
                }
            }
        }
    }

    fn deleted_later(&mut self, act: i64, edit: &Edit, counts: bool) {
        for record in edit.records().filter(|_| counts) {
            self.gone_by.entry(record.id).or_insert(act);
            // A part that was taken from a record which the act made is a change of that record.
            let ids = record
                .before
                .values()
                .filter_map(|value| value.as_str()?.parse::<Uuid>().ok());
            let wholes: Vec<Uuid> = ids.filter(|id| self.made.contains_key(id)).collect();
            for whole in wholes {
                let entity = self.made[&whole].table.name;
                self.add(Some(act), entity, whole, None);
            }
        }
    }

    fn made_later(
        &mut self,
        session: &ReadSession<'_>,
        act: i64,
        entity: &'static Registered,
        edit: &Edit,
        counts: bool,
    ) -> Result<()> {
        if !counts || (self.made.is_empty() && self.deleted.is_empty()) {
            return Ok(());
        }
        for id in entity.made_between(session, edit.id, edit.last_id, edit.at)? {
            self.back_by.entry(id).or_insert(act);
            let values = entity.find(session, id)?.unwrap_or_default();
            let mut referred = entity.table.references(&values);
            if referred.any(|referred| self.made.contains_key(&referred)) {
                self.add(Some(act), entity.table.name, id, None);
            }
        }
        Ok(())
    }

    /// A record that was changed after the act made it, and not here, was changed elsewhere. One that the act brought
    /// back was made before, and changed before.
    fn look_at_made(&mut self, session: &ReadSession<'_>) -> Result<()> {
        for (id, entity) in self.made.clone() {
            let position = |name| entity.table.position(name);
            let (Some(made), Some(changed)) = (position("created_at"), position("updated_at")) else {
                continue;
            };
            let Some(values) = entity.find(session, id)?.filter(|_| !self.touched.contains(&id)) else {
                continue;
            };
            if values[made] == Value::Integer(self.at) && values[changed] != values[made] {
                self.add(None, entity.table.name, id, None);
            }
        }
        Ok(())
    }
}

fn is_unique(entity: &Registered, position: usize) -> bool {
    let mut declared = entity.declared.iter();
    declared.any(|declared| declared.position == position && declared.options.is_unique)
}
