//! Backups of the catalogue, what happens to it when one is restored, and deletions that are forgotten.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use colophon_store::Seen;
use colophon_sync::central::Result;
use colophon_sync::local::{Key, LocalRow};
use colophon_sync::remote::{Incoming, PullRequest, Pulled, ReconcileRequest, Whereabouts};
use uuid::Uuid;

use super::pull::incoming;
use super::{KnownBatch, Server, Story, Tombstone};
use crate::link::locked;
use crate::tables::{TABLE_COUNT, TABLES};

/// Everything that a backup holds.
#[derive(Debug, Clone)]
pub(crate) struct Backup {
    revision: i64,
    lineage: BTreeMap<i64, Uuid>,
    purge_floor: i64,
    rows: [BTreeMap<Uuid, Arc<LocalRow>>; TABLE_COUNT],
    tombstones: [BTreeMap<Uuid, Tombstone>; TABLE_COUNT],
    history: Vec<Story>,
    devices: BTreeMap<Uuid, i64>,
    batches: BTreeMap<(Uuid, i64), KnownBatch>,
}

impl Server {
    /// What is committed, to be restored some day.
    pub(crate) fn backup(&self) -> Backup {
        Backup {
            revision: self.revision,
            lineage: self.lineage.clone(),
            purge_floor: self.purge_floor,
            rows: self.rows.clone(),
            tombstones: self.tombstones.clone(),
            history: self.history.clone(),
            devices: self.devices.clone(),
            batches: self.batches.clone(),
        }
    }

    /// The catalogue is as it was then.
    pub(crate) fn bring_back(&mut self, backup: Backup) {
        self.open = None;
        self.revision = backup.revision;
        self.lineage = backup.lineage;
        self.purge_floor = backup.purge_floor;
        self.rows = backup.rows;
        self.tombstones = backup.tombstones;
        self.history = backup.history;
        self.devices = backup.devices;
        self.batches = backup.batches;
        if let Some(hearing) = &self.hearing {
            locked(hearing).bring_back(self.revision);
        }
    }

    /// Deletions up to a revision are forgotten.
    pub(crate) fn purge(&mut self, up_to: i64) {
        self.purge_floor = self.purge_floor.max(up_to.min(self.revision));
        for tombstones in &mut self.tombstones {
            tombstones.retain(|_, grave| grave.revision > up_to);
        }
    }

    /// Whether a revision carries this mark here.
    pub(super) fn knows(&self, seen: &Seen) -> bool {
        // What carries no mark, which should not happen, is known by none.
        self.lineage.get(&seen.revision).copied().unwrap_or_default() == seen.mark
    }

    /// The greatest of these revisions that carries the same mark here.
    pub(crate) fn last_common(&self, seen: &[Seen]) -> Option<Seen> {
        let common = seen
            .iter()
            .filter(|seen| self.lineage.get(&seen.revision) == Some(&seen.mark));
        common.max_by_key(|seen| seen.revision).copied()
    }

    /// What is newer, what was asked for, and what exists.
    #[expect(clippy::unnecessary_wraps, reason = "as the real one answers")]
    pub(crate) fn reconcile(&self, request: &ReconcileRequest) -> Result<Whereabouts> {
        let as_pull = PullRequest {
            after: request.after,
            own: Vec::new(),
            newest: None,
            tables: request.tables,
            waiting: request.waiting.clone(),
        };
        let (mut rows, mut deletions) = self.news(&as_pull);
        let told: HashSet<Key> = rows.iter().chain(&deletions).map(|incoming| incoming.key).collect();
        let mut present = HashSet::new();
        for (table, of_table) in self.rows.iter().enumerate() {
            for (id, row) in of_table {
                let known = incoming(table, *id, &row.values, row.revision, false);
                present.insert(known.key);
                if request.asked.contains(&known.key) && !told.contains(&known.key) {
                    rows.push(known);
                }
            }
        }
        for (table, graves) in self.tombstones.iter().enumerate().rev() {
            let graves = graves
                .iter()
                .map(|(id, grave)| incoming(table, *id, &grave.content, grave.revision, false));
            let graves = graves.filter(|grave| !self.rows[table].contains_key(&grave.key.id));
            let asked = |grave: &Incoming| request.asked.contains(&grave.key) && !told.contains(&grave.key);
            deletions.extend(graves.filter(asked));
        }
        let order = |incoming: &Incoming| TABLES.iter().position(|table| *table == incoming.key.table);
        rows.sort_by_key(order);
        deletions.sort_by_key(|grave| std::cmp::Reverse(order(grave)));
        let pulled = Pulled {
            head: self.head(),
            is_forked: request.fork.is_some_and(|fork| !self.knows(&fork)),
            rows: rows.into_iter().collect(),
            deletions: deletions.into_iter().collect(),
            unheard: Vec::new(),
            unread: Vec::new(),
        };
        Ok(Whereabouts { pulled, present })
    }
}
