//! Batches under way, as the real file keeps and acknowledges them.

use std::sync::Arc;

use colophon_store::schema::Table;
use colophon_store::{InFlight, Sent};
use colophon_sync::local::{Deleted, LocalRow, Pending};
use uuid::Uuid;

use super::transaction::Transaction;
use super::{KeptBatch, KeptPending, KeptRow, State};
use crate::link::locked;
use crate::tables::{TABLES, position_of};
use crate::versions::in_full;

impl Transaction<'_> {
    /// Keeps a batch and gives it the next number.
    pub(super) fn keep(&self, rows: &[Sent]) -> InFlight {
        let number = self.device_now().batch + 1;
        let rows = rows.iter().map(|row| KeptRow {
            record: (position_of(row.table), row.id),
            deletes: row.deletes,
            change: row.change,
            values: (row.change > 0).then(|| in_full(row.table, &row.values)),
        });
        let token = self.file().next_token();
        let rows = rows.collect();
        if let Some(hearing) = &self.file().hearing {
            locked(hearing).send(token, self.state().heard.clone());
        }
        let mut state = self.state_mut();
        if let Some(device) = &mut state.device {
            device.batch = number;
        }
        Arc::make_mut(&mut state.in_flight).insert(number, Arc::new(KeptBatch { token, rows }));
        InFlight { number, token }
    }

    /// The server has a batch, except what is quarantined. Returns how many rows it has taken.
    pub(super) fn take_note(
        &self,
        number: i64,
        revision: i64,
        is_quarantined: &dyn Fn(&'static Table, Uuid) -> bool,
    ) -> u64 {
        let mut state = self.state_mut();
        let Some(batch) = Arc::make_mut(&mut state.in_flight).remove(&number) else {
            return 0;
        };
        let mut taken = Vec::new();
        for row in batch
            .rows
            .iter()
            .filter(|row| !is_quarantined(TABLES[row.record.0], row.record.1))
        {
            state.acknowledge(row, revision);
            taken.push(row.record);
        }
        drop(state);
        for record in &taken {
            self.let_wait_without_room(*record);
        }
        taken.len() as u64
    }
}

impl State {
    fn acknowledge(&mut self, row: &KeptRow, revision: i64) {
        let (table, id) = row.record;
        let here = self.row(row.record).cloned();
        let is_still_here = here.is_some();
        if let Some(here) = here {
            Arc::make_mut(&mut self.rows[table]).insert(id, Arc::new(LocalRow { revision, ..here }));
        }
        let kept = self.pending[table].get(&id).cloned();
        let last = self.deleted[table].get(&id).map(|deleted| deleted.content.clone());
        let says_more = last
            .as_ref()
            .zip(row.values.as_ref())
            .is_some_and(|(last, sent)| last != sent);
        if row.deletes
            && !is_still_here
            && says_more
            && let (Some(kept), Some(content)) = (kept, last)
        {
            Arc::make_mut(&mut self.deleted[table]).insert(id, Arc::new(Deleted { content, revision }));
            let pending = Pending {
                base: row.values.clone().or_else(|| kept.pending.base.clone()),
                base_revision: revision,
                base_is_tombstone: true,
                change: 0,
            };
            let is_deletion = true;
            Arc::make_mut(&mut self.pending[table]).insert(id, Arc::new(KeptPending { pending, is_deletion }));
            return;
        }
        if row.deletes
            && let Some(deleted) = self.deleted[table].get(&id).cloned()
        {
            let content = row.values.clone().unwrap_or_else(|| deleted.content.clone());
            let known = Deleted { content, revision };
            Arc::make_mut(&mut self.deleted[table]).insert(id, Arc::new(known));
        }
        let Some(kept) = self.pending[table].get(&id).cloned() else {
            return;
        };
        let all = Arc::make_mut(&mut self.pending[table]);
        if kept.pending.change == row.change || (row.deletes && !is_still_here) {
            all.remove(&id);
            return;
        }
        let pending = Pending {
            base: row.values.clone().or_else(|| kept.pending.base.clone()),
            base_revision: revision,
            base_is_tombstone: row.deletes,
            change: kept.pending.change,
        };
        let is_deletion = kept.is_deletion;
        all.insert(id, Arc::new(KeptPending { pending, is_deletion }));
    }
}
