//! What befalls a server that is restored without its triggers, partly replicated, or repaired by hand: the rows are
//! there, and whatever is kept besides them says something else.

use fastrand::Rng;
use uuid::Uuid;

use super::{Server, Tombstone};
use crate::tables::{RecordKey, TABLE_COUNT};

impl Server {
    /// Corrupts one thing. Returns what, in words.
    pub(crate) fn corrupt(&mut self, chance: &mut Rng) -> &'static str {
        match chance.u8(..10) {
            0..4 => self.bury_the_living(chance),
            4 => self.lose_tombstones(chance),
            5 | 6 => self.garble_history(chance),
            7 => self.lose_lineage(chance),
            8 => self.garble_devices(chance),
            _ => self.lose_batches(chance),
        }
    }

    /// Whether a record was deleted, and nobody can learn of it any more.
    pub(crate) fn is_unheard(&self, record: RecordKey) -> bool {
        self.unheard.contains(&record)
    }

    /// Whether there are such records.
    pub(crate) fn has_unheard(&self) -> bool {
        !self.unheard.is_empty()
    }

    /// A tombstone for a row that exists, from before it or after, with the row's content or an empty one.
    fn bury_the_living(&mut self, chance: &mut Rng) -> &'static str {
        for _ in 0..chance.usize(1..4) {
            let table = chance.usize(..TABLE_COUNT);
            let rows = &self.rows[table];
            let Some((id, row)) = rows.iter().nth(chance.usize(..rows.len().max(1))) else {
                continue;
            };
            let grave = Tombstone {
                content: row.values.clone(),
                revision: chance.i64(1..=self.revision + 2),
                at: self.time,
            };
            self.tombstones[table].insert(*id, grave);
        }
        "living rows have tombstones"
    }

    fn lose_tombstones(&mut self, chance: &mut Rng) -> &'static str {
        for table in 0..TABLE_COUNT {
            let lost: Vec<Uuid> = self.tombstones[table]
                .keys()
                .filter(|_| chance.bool())
                .copied()
                .collect();
            for id in lost {
                self.tombstones[table].remove(&id);
                self.unheard.insert((table, id));
            }
        }
        "tombstones are gone"
    }

    fn garble_history(&mut self, chance: &mut Rng) -> &'static str {
        match chance.u8(..3) {
            0 => self.history.retain(|_| chance.bool()),
            1 => {
                self.history = self
                    .history
                    .iter()
                    .flat_map(|story| [story.clone(), story.clone()])
                    .collect();
            }
            _ => {
                for story in &mut self.history {
                    story.at = if chance.bool() { 0 } else { self.time * 2 };
                    story.revision += chance.i64(-2..3);
                }
            }
        }
        "the history is garbled"
    }

    fn lose_lineage(&mut self, chance: &mut Rng) -> &'static str {
        let newest = self.revision;
        match chance.u8(..3) {
            0 => self.lineage.clear(),
            1 => self.lineage.retain(|revision, _| *revision != newest),
            _ => self.lineage.retain(|_, _| chance.bool()),
        }
        "marks of revisions are gone"
    }

    fn garble_devices(&mut self, chance: &mut Rng) -> &'static str {
        let devices: Vec<Uuid> = self.devices.keys().copied().collect();
        for device in devices {
            match chance.u8(..3) {
                0 => {
                    self.devices.remove(&device);
                }
                1 => {
                    self.devices.insert(device, chance.i64(0..50));
                }
                _ => {}
            }
        }
        "devices are gone, or have other numbers"
    }

    fn lose_batches(&mut self, chance: &mut Rng) -> &'static str {
        self.batches.retain(|_, _| chance.bool());
        "batches are forgotten"
    }
}
