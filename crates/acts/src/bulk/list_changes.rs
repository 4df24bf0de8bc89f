//! A text that is added to a list of many records, or taken out of it.

use std::collections::HashMap;

use colophon_catalogue::belongings::{Belonging, Belongings};
use colophon_store::{ChangedSome, Entity, EntityId as _, Error, KEYS_MAX, Query, ReadSession, Result, WriteSession};
use uuid::Uuid;

use super::excerpt::excerpts;
use super::field_changes::name_of;
use super::operation::Operation;
use super::planned::{Gathered, Planned, Shown};

/// What is between two texts of a list when it is shown.
const BETWEEN: &str = "; ";

/// What is done to a list.
pub(super) struct ListChange {
    list: &'static Belongings,
    /// The text, in its stored form.
    text: String,
    adds: bool,
}

impl ListChange {
    /// [`Error::Invalid`] if the text cannot be in the list.
    pub(super) fn of(list: &'static Belongings, operation: &Operation) -> Result<Self> {
        let (text, adds) = match operation {
            Operation::Add(text) => (list.checked(text)?, true),
            // What another program has written may be something that could not be added.
            Operation::Remove(text) => (list.checked(text).unwrap_or_else(|_| text.trim().to_owned()), false),
            _ => (String::new(), false),
        };
        if text.is_empty() {
            return Err(Error::invalid(list.one, "there is nothing to add or remove"));
        }
        Ok(Self { list, text, adds })
    }

    /// Goes through records and finds out which would differ.
    pub(super) fn gather<E: Entity>(&self, session: &ReadSession<'_>, query: &Query<E>) -> Result<Gathered> {
        let ids: Vec<Uuid> = session
            .repo::<E>()
            .ids(query)?
            .into_iter()
            .map(|id| id.uuid())
            .collect();
        let mut gathered = Gathered::default();
        for some in ids.chunks(KEYS_MAX) {
            session.check_wanted()?;
            let lists = self.list.lists(session, some)?;
            for id in some {
                match self.after(lists.get(id)) {
                    // What is in a list is not overwritten by anything, so there is nothing to compare later.
                    Some(_) => gathered.plan(*id, ""),
                    None => gathered.unchanged += 1,
                }
            }
        }
        Ok(gathered)
    }

    /// What some of the lists say now, and would say. That of a record that is gone is left out.
    pub(super) fn shown<E: Entity>(&self, session: &ReadSession<'_>, planned: &[Planned]) -> Result<Vec<Shown>> {
        let ids: Vec<Uuid> = planned.iter().map(|one| one.id).collect();
        let keys: Vec<E::Id> = ids.iter().copied().map(E::Id::from_uuid).collect();
        let names: HashMap<_, _> = session.repo::<E>().find_all(&keys)?;
        let lists = self.list.lists(session, &ids)?;
        let show = |id: &Uuid| {
            let row = names.get(&E::Id::from_uuid(*id))?;
            let before = joined(&texts(lists.get(id)));
            let after = self
                .after(lists.get(id))
                .map_or_else(|| before.clone(), |after| joined(&after));
            let (before, after) = excerpts(&before, &after);
            Some(Shown {
                id: *id,
                name: name_of(row),
                before,
                after,
            })
        };
        Ok(ids.iter().filter_map(show).collect())
    }

    /// Does it, where it can be done. `each` is called before each record.
    pub(super) fn apply<'p, E: Entity>(
        &self,
        session: &WriteSession<'_>,
        planned: impl Iterator<Item = &'p Planned>,
        each: impl Fn(),
    ) -> Result<ChangedSome<E>> {
        let mut changed = ChangedSome { count: 0, first: None };
        for one in planned {
            each();
            let done = if self.adds {
                self.list.add(session, one.id, &self.text)
            } else {
                self.list.remove(session, one.id, &self.text).map(|()| true)
            };
            match done {
                Ok(true) => changed.count += 1,
                // It is there by now, or gone, or the record is.
                Ok(false) | Err(Error::NotFound { .. } | Error::Invalid { .. }) => continue,
                Err(other) => return Err(other),
            }
            if changed.first.is_none() {
                changed.first = session.repo::<E>().find(E::Id::from_uuid(one.id))?;
            }
        }
        Ok(changed)
    }

    /// The texts of a list afterwards; `None` if they stay as they are.
    fn after<'l>(&'l self, list: Option<&'l Vec<Belonging>>) -> Option<Vec<&'l str>> {
        let is_same = |text: &str| self.list.are_same(text, &self.text);
        let before: Vec<&str> = texts(list);
        let has_it = before.iter().any(|text| is_same(text));
        if has_it == self.adds {
            return None;
        }
        if self.adds {
            return Some([before.as_slice(), &[self.text.as_str()]].concat());
        }
        Some(before.into_iter().filter(|text| !is_same(text)).collect())
    }
}

fn texts(list: Option<&Vec<Belonging>>) -> Vec<&str> {
    list.into_iter().flatten().map(|row| row.text.as_str()).collect()
}

fn joined(texts: &[&str]) -> String {
    texts.join(BETWEEN)
}
