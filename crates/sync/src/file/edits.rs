//! When a field was edited, according to the file's journal.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};

use colophon_store::schema::Value;
use colophon_store::{LastEdit, ReadSession, Result};
use uuid::Uuid;

use super::Snapshot;
use crate::local::{Edited, Key, LocalView as _};
use crate::merge::differing;

/// The last edits of the fields of the records that wait. Read when first asked for, which few transactions do.
pub(super) type EditTimes = OnceCell<HashMap<(Uuid, String), LastEdit>>;

/// The last edits of these fields.
pub(super) fn edits_of(session: &ReadSession<'_>, fields: &[(Key, usize, &Value)]) -> Result<Vec<Option<Edited>>> {
    let mut wanted: HashMap<Uuid, HashSet<&'static str>> = HashMap::new();
    for (key, column, _) in fields {
        wanted
            .entry(key.id)
            .or_default()
            .insert(key.table.columns[*column].name);
    }
    let times = session.last_edits(&wanted)?;
    let edits = fields
        .iter()
        .map(|(key, column, value)| edited(&times, *key, *column, value));
    Ok(edits.collect())
}

/// The last edit of a field, if the value it set is the present one: otherwise somebody else has written the field
/// since.
fn edited(edits: &HashMap<(Uuid, String), LastEdit>, key: Key, column: usize, value: &Value) -> Option<Edited> {
    let name = key.table.columns.get(column)?.name;
    let last = edits.get(&(key.id, name.to_owned()))?;
    (last.value == value.to_json()).then_some(Edited {
        at: last.at,
        uptime: last.uptime,
    })
}

impl Snapshot<'_, '_> {
    /// The last edit of a field of a record that waits, if the value it set is the present one.
    pub(super) fn last_edit(&self, key: Key, column: usize, value: &Value) -> Result<Option<Edited>> {
        let times = if let Some(times) = self.edit_times.get() {
            times
        } else {
            let times = self.session.last_edits(&self.changed_fields()?)?;
            self.edit_times.get_or_init(|| times)
        };
        Ok(edited(times, key, column, value))
    }

    /// The fields in which the pending records differ from what the server last had.
    fn changed_fields(&self) -> Result<HashMap<Uuid, HashSet<&'static str>>> {
        let mut changed: HashMap<Uuid, HashSet<&'static str>> = HashMap::new();
        for key in self.pending_keys(self.file.edition.tables)? {
            let record = self.record(key)?;
            let here = record.row.map(|row| row.values);
            let Some(here) = here.or(record.deleted.map(|deleted| deleted.content)) else {
                continue;
            };
            let base = record.pending.and_then(|pending| pending.base);
            let fields = differing(key.table, base.as_deref(), &here);
            changed
                .entry(key.id)
                .or_default()
                .extend(fields.map(|at| key.table.columns[at].name));
        }
        Ok(changed)
    }
}
