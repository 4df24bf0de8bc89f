//! Comparing with the server, table by table, and healing what differs.

use std::collections::HashSet;
use std::sync::Arc;

use colophon_store::schema::Table;
use uuid::Uuid;

use super::Exchange;
use crate::apply::{Care, Policy, apply, written};
use crate::central::{self, Connection};
use crate::error::Result;
use crate::failpoint::passed;
use crate::local::{Key, LocalFile as _, LocalTransaction, LocalView};
use crate::not_kept::NotKept;
use crate::pile::Pile;
use crate::remote::{Pulled, Sighting};
use crate::server_clock::ahead_of_the_wall;
use crate::verify::{Difference, Healed, Verified, block_digests, differing, row_digests};

/// How many times a comparison starts over because somebody wrote meanwhile.
const TRIES_MAX: u32 = 5;

/// Rows whose digests are in memory at one time, on either side.
const ROWS_TOGETHER: u64 = 100_000;

impl Exchange {
    /// Brings both sides in step, compares them, and heals whatever differs nevertheless. Afterwards they are the same
    /// at the [revision](Verified::revision), except for what waits here.
    pub async fn verify(&mut self) -> Result<Verified> {
        // Whatever is quarantined on either side gets another chance.
        self.retry_quarantined().await?;
        let (mut healed, mut hidden) = (Vec::new(), HashSet::new());
        for _ in 0..TRIES_MAX {
            let revision = self.round(&mut |_| ()).await?.revision;
            if let Some(verified) = self.compare(revision, &mut healed, &mut hidden).await? {
                return Ok(Verified { healed, ..verified });
            }
        }
        let reason = "others kept writing while this file was compared with the server".to_owned();
        Err(central::Error::Busy { reason }.into())
    }

    /// `None` if somebody has written meanwhile, or if something was healed and must be compared again.
    async fn compare(
        &mut self,
        revision: i64,
        healed: &mut Vec<Healed>,
        hidden: &mut HashSet<Key>,
    ) -> Result<Option<Verified>> {
        let _alone = self.exchange_alone().await?;
        let (connection, sighting) = self.connected().await?;
        let undead = connection.list_undead().await?;
        if !undead.is_empty() && connection.heal_undead().await? > 0 {
            healed.extend(self.named(&undead));
            self.connection = Some(connection);
            return Ok(None);
        }
        let shared = self.share(&connection);
        let tables = self.parties.tables;
        let waiting: Vec<Uuid> = self
            .file
            .read(move |s| s.waiting(tables))
            .await?
            .into_iter()
            .map(|row| row.id)
            .collect();
        let mut same = 0;
        let mut found = Vec::new();
        for table in tables {
            let both = shared.there(table);
            let Some((count, differing)) = self.compare_table(&connection, both, revision, &waiting).await? else {
                return Ok(None);
            };
            same += count;
            found.extend(
                differing
                    .into_iter()
                    .map(|(id, difference)| (Key { table, id }, difference)),
            );
        }
        // What could not be kept differs, and was asked for once more a moment ago.
        let not_kept = self.file.read(|s| s.not_kept()).await?;
        found.retain(|(key, _)| !hidden.contains(key) && !is_listed(&not_kept, *key));
        if found.is_empty() {
            self.connection = Some(connection);
            return Ok(Some(Verified {
                revision,
                same,
                waiting: waiting.len() as u64,
                hidden: hidden.len() as u64,
                not_kept,
                healed: Vec::new(),
            }));
        }
        passed("verify: compared");
        self.heal(&connection, sighting, &found).await?;
        passed("verify: healed");
        let not_kept = self.file.read(|s| s.not_kept()).await?;
        found.retain(|(key, _)| !is_listed(&not_kept, *key));
        hidden.extend(self.still_missing(&found).await?);
        found.retain(|(key, _)| !hidden.contains(key));
        healed.extend(found.into_iter().map(|(key, difference)| Healed {
            entity: key.table.name,
            id: key.id,
            difference,
        }));
        Ok(None)
    }

    /// Records that existed and were deleted at the same time.
    fn named(&self, undead: &[(String, Uuid)]) -> Vec<Healed> {
        let tables = self.parties.tables;
        let named = undead.iter().filter_map(|(entity, id)| {
            let table = tables.iter().find(|table| table.name == *entity)?;
            Some(Healed {
                entity: table.name,
                id: *id,
                difference: Difference::ThereAndDeleted,
            })
        });
        named.collect()
    }

    /// How many rows of a table are the same, and which are not; `None` if the server is at another revision by now.
    async fn compare_table(
        &self,
        connection: &Connection,
        table: &'static Table,
        revision: i64,
        waiting: &[Uuid],
    ) -> Result<Option<(u64, Vec<(Uuid, Difference)>)>> {
        let there = connection.block_digests(table, waiting).await?;
        if there.revision != revision {
            return Ok(None);
        }
        let left_out: Arc<HashSet<Uuid>> = Arc::new(waiting.iter().copied().collect());
        let also_left_out = Arc::clone(&left_out);
        let database = self.file.database();
        let mut here = database
            .read(move |s| block_digests(s, table, |id| left_out.contains(&id)))
            .await?;
        let mut differ = Vec::new();
        let mut same = 0;
        for (block, count, digest) in there.blocks {
            match here.remove(&block) {
                Some(ours) if ours == (count, digest) => same += count,
                ours => differ.push((block, count.max(ours.map_or(0, |(count, _)| count)))),
            }
        }
        differ.extend(here.into_iter().map(|(block, (count, _))| (block, count)));
        let mut found = Vec::new();
        for blocks in in_parts(&differ) {
            let numbers: Vec<i32> = blocks.iter().copied().map(i32::from).collect();
            let there = connection.row_digests(table, &numbers, waiting).await?;
            let left_out = Arc::clone(&also_left_out);
            let here = database
                .read(move |s| row_digests(s, table, &blocks, |id| left_out.contains(&id)))
                .await?;
            let in_blocks = there.len() as u64;
            let differing = differing(here, there);
            let wrong = differing.iter().filter(|(_, how)| *how != Difference::MissingThere);
            same += in_blocks - wrong.count() as u64;
            found.extend(differing);
        }
        Ok(Some((same, found)))
    }

    /// What was missing here and still is: a record that refers to one that this login may not see.
    async fn still_missing(&self, found: &[(Key, Difference)]) -> Result<Vec<Key>> {
        let missing = found.iter().filter(|(_, how)| *how == Difference::MissingHere);
        let missing: Vec<Key> = missing.map(|(key, _)| *key).collect();
        let read = move |s: &dyn LocalView| {
            let mut absent = Vec::new();
            for key in missing {
                if s.record(key)?.row.is_none() {
                    absent.push(key);
                }
            }
            Ok(absent)
        };
        Ok(self.file.read(read).await?)
    }

    /// Takes from the server what differs, as a pull would have.
    async fn heal(&self, connection: &Connection, sighting: Sighting, found: &[(Key, Difference)]) -> Result<()> {
        let tables = self.parties.tables;
        let (mut rows, mut unread) = (Pile::default(), Vec::new());
        for table in tables {
            let of_table = found
                .iter()
                .filter(|(key, how)| key.table == *table && *how != Difference::MissingThere);
            let ids: Vec<Uuid> = of_table.map(|(key, _)| key.id).collect();
            if !ids.is_empty() {
                let records = connection.records(table, &ids).await?;
                rows.append(records.0);
                unread.extend(records.1);
            }
        }
        let gone: Vec<Key> = found
            .iter()
            .rev()
            .filter(|(_, how)| *how == Difference::MissingThere)
            .map(|(key, _)| *key)
            .collect();
        let Sighting { head, clock, .. } = sighting;
        let clock_offset = ahead_of_the_wall(&clock, self.file.moment());
        let now = self.file.now();
        let found = Pulled {
            head,
            is_forked: false,
            rows,
            deletions: Pile::default(),
            unheard: gone,
            unread,
        };
        let heal = move |tx: &dyn LocalTransaction, care: Care| {
            let mut pulled = found.clone();
            pulled.head.revision = tx.device_or_new()?.cursor;
            let policy = Policy {
                tables,
                clock_offset,
                care,
                now,
            };
            let applied = apply(tx, policy, &pulled)?;
            passed("verify: before the commit");
            Ok(applied)
        };
        written(&self.file, heal).await?;
        Ok(())
    }
}

/// Blocks, with the numbers of their rows, grouped into parts whose digests are fetched together.
fn in_parts(blocks: &[(u8, u64)]) -> Vec<Vec<u8>> {
    let mut parts: Vec<Vec<u8>> = Vec::new();
    let mut rows = ROWS_TOGETHER;
    for (block, count) in blocks {
        rows += count;
        match parts.last_mut() {
            Some(part) if rows <= ROWS_TOGETHER => part.push(*block),
            _ => {
                parts.push(vec![*block]);
                rows = *count;
            }
        }
    }
    parts
}

fn is_listed(not_kept: &[NotKept], key: Key) -> bool {
    not_kept
        .iter()
        .any(|row| row.entity == key.table.name && row.id == key.id)
}
