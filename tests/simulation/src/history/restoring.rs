//! Old states brought back: a file from a copy, the server from a backup.

use std::collections::HashSet;

use colophon_store::schema::Value;
use fastrand::Rng;

use super::History;
use crate::checkers::read_conflict;
use crate::link::locked;
use crate::log::{FOREIGN, Said, parts};
use crate::tables::{CONFLICTS, Place, TABLE_COUNT};

/// A part of a value of a field of a record.
type Part = (Place, usize, String);

impl History<'_> {
    /// An old copy takes the place of a file. What was said on it since and never reached the server is gone with it.
    pub(super) fn restore(&mut self, number: usize) {
        self.end_transaction(true);
        let Some((state, since)) = self.devices[number].copy.clone() else {
            return;
        };
        self.tell(|| format!("the file of d{number} is brought back from its copy"));
        self.devices[number].crash();
        self.devices[number].file.restore(state);
        self.devices[number].was_restored = true;
        let server = locked(&self.server);
        // From the last to the first: what led to something that the server has heard was heard with it.
        let mut heard_of = HashSet::new();
        for entry in self.log.entries[since..]
            .iter_mut()
            .rev()
            .filter(|entry| entry.who == number)
        {
            if heard_of.contains(&entry.field()) || server.has_heard(entry) {
                heard_of.insert(entry.field());
            } else {
                entry.is_void = true;
            }
        }
    }

    pub(super) fn back_up(&mut self) {
        self.backup = Some((locked(&self.server).backup(), self.log.entries.len()));
        self.tell(|| "the server is backed up".to_owned());
    }

    /// The server is brought back from its backup. What nobody else has heard of since is gone.
    pub(super) fn restore_server(&mut self) {
        let Some((backup, since)) = self.backup.clone() else {
            return;
        };
        self.held.entries.clear();
        locked(&self.server).bring_back(backup);
        // What was on its way to the old server never gets to this one.
        for device in &mut self.devices {
            *locked(&device.last_sent) = None;
            // What it has heard and not written down yet would count as unheard below.
            if ["pull", "reconcile"].contains(&device.line.state().doing) {
                device.crash();
            }
        }
        self.tell(|| "the server is brought back from its backup".to_owned());
        let held = Held::of(self);
        let server = locked(&self.server);
        // From the last to the first: what led to something that was heard was heard with it.
        let mut led_on = HashSet::new();
        for entry in self.log.entries[since..].iter_mut().rev() {
            let place = entry.place;
            let before = match &entry.said {
                Said::Deleted { .. } if entry.who == FOREIGN && !held.deleted.contains(&place) => Vec::new(),
                Said::Deleted { content, .. } => parts_of(place, content),
                Said::Set { column, value, before } => {
                    let field = (place.0, *column);
                    let is_heard = parts(field, value).into_iter().any(|part| {
                        server.has(place, |values| parts(field, &values[*column]).contains(&part))
                            || held.parts.contains(&(place, *column, part.clone()))
                            || led_on.contains(&(place, *column, part))
                    });
                    entry.is_void |= entry.who == FOREIGN && !is_heard && *value != Value::Null;
                    let before = parts(field, before);
                    before.into_iter().map(|part| (place, *column, part)).collect()
                }
            };
            if !entry.is_void {
                led_on.extend(before);
            }
        }
    }

    /// The server forgets deletions, whether everybody has heard of them or not.
    pub(super) fn purge(&mut self, chance: &mut Rng) {
        let mut server = locked(&self.server);
        let up_to = chance.i64(0..=server.revision());
        server.purge(up_to);
        drop(server);
        self.tell(|| format!("the server forgets deletions up to {up_to}"));
    }
}

/// Everything that stands in some file: in rows, in what was deleted, in conflicts.
#[derive(Default)]
struct Held {
    parts: HashSet<Part>,
    deleted: HashSet<Place>,
}

impl Held {
    fn of(history: &History<'_>) -> Self {
        let mut held = Self::default();
        for device in &history.devices {
            let state = device.file.state();
            for table in 0..TABLE_COUNT {
                for (id, row) in state.rows[table].iter() {
                    held.parts.extend(parts_of((table, *id), &row.values));
                }
                for (id, deleted) in state.deleted[table].iter() {
                    held.parts.extend(parts_of((table, *id), &deleted.content));
                    held.deleted.insert((table, *id));
                }
            }
            let conflicts = state.rows[CONFLICTS].values();
            for conflict in conflicts.filter_map(|row| read_conflict(&row.values)) {
                let column = conflict.field.unwrap_or_default();
                let said = conflict.mine.into_iter().chain(conflict.theirs);
                held.parts.extend(said.map(|part| (conflict.record, column, part)));
            }
        }
        held
    }
}

fn parts_of(place: Place, values: &[Value]) -> Vec<Part> {
    let columns = values.iter().enumerate();
    columns
        .flat_map(|(column, value)| {
            let parts = parts((place.0, column), value);
            parts.into_iter().map(move |part| (place, column, part))
        })
        .collect()
}
