//! What must hold between programs and a server of different versions.

use std::collections::HashSet;

use colophon_sync::local::LocalRow;

use super::Ledger;
use crate::history::{History, Verdict};
use crate::link::locked;
use crate::log::{named, parts};
use crate::tables::{RecordKey, position_of};
use crate::versions::{as_known, is_new, shared};

/// What both know is equal, except for what waits.
pub(crate) fn agree_as_far_as_known(history: &History<'_>) -> Verdict {
    let server = locked(&history.server);
    for device in &history.devices {
        let state = device.file.state();
        let waiting: HashSet<RecordKey> = state
            .waiting()
            .iter()
            .map(|row| (position_of(row.table), row.id))
            .collect();
        let both = shared(device.file.version(), server.version());
        for table in both.all_there() {
            let position = position_of(table);
            let (here, there) = (&state.rows[position], &server.rows()[position]);
            let known = |row: &LocalRow| (as_known(table, &row.values), row.revision);
            for id in here.keys().chain(there.keys()) {
                let (mine, theirs) = (here.get(id), there.get(id));
                let (mine, theirs) = (mine.map(|row| known(row)), theirs.map(|row| known(row)));
                if mine != theirs && !waiting.contains(&(position, *id)) {
                    return Err(format!(
                        "{} of version {} differs in {}: {mine:?} here, {theirs:?} on the server of version {}",
                        device.file.name,
                        device.file.version(),
                        named((position, *id)),
                        server.version()
                    ));
                }
            }
        }
    }
    Ok(())
}

impl Ledger<'_> {
    /// A program that does not know a field deletes a record that has it. What was said there is kept by the tombstone.
    pub(super) fn is_kept_unknown(&self, record: RecordKey, column: usize, part: &String) -> bool {
        let field = (record.0, column);
        let server = locked(&self.history.server);
        let content = server.last_content_of(record);
        is_new(field) && content.is_some_and(|content| parts(field, &content[column]).contains(part))
    }
}
