//! What the file forgets of its own past, automatically and a little at a time.
//!
//! The journal grows with every edit, and the record of deletions with every deletion. Both are kept for as long as
//! people may want them (undo, the history of a record, the audit), and after that for as long as anything may still
//! need them:
//!
//! - A transaction leaves the journal when it is older than [`Kept::days`] **and** there were [`Kept::acts`] later
//!   ones, so undo reaches back by whichever is more. It stays while any record that it names waits for the server or
//!   is quarantined, because the time of an edit decides when two people say different things. While a batch is under
//!   way, nothing is forgotten. A transaction goes as a whole, because nobody wants half of it undone.
//! - A deletion is forgotten when the server has forgotten it (its administrator says so, and only as far as every
//!   device has come), when it is older than [`Kept::days`] by the server's revisions, when nothing waits on it, and
//!   when the journal no longer names the record. Until then, it is what keeps a server that was restored from a backup
//!   from giving the record back.
//! - Values that the server's rules have rewritten are forgotten when the journal no longer mentions the record.
//!
//! A count of what was forgotten is kept, so that the audit can report it. Each step is one short transaction between
//! those of people.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::params;
use uuid::Uuid;

use crate::error::Result;
use crate::schema::Table;
use crate::schema::field::read_uuid;
use crate::schema::sql::Sql;
use crate::session::{ReadSession, WriteSession};

/// How much is kept in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// This many of the last transactions.
    pub acts: u32,
    /// Those of this many days.
    pub days: u32,
}

impl Default for Kept {
    fn default() -> Self {
        Self { acts: 10_000, days: 90 }
    }
}

/// What has been forgotten so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Transactions that are no longer in the journal.
    pub acts: u64,
    /// Their contents: values that were set, records that were made or deleted.
    pub edits: u64,
    /// When the last of them was made.
    pub before: Option<Timestamp>,
}

/// Lines of the journal that one step looks at, unless a single transaction has more.
const STEP_LINES: usize = 200;

/// Bytes of values that one step takes out of the journal, unless a single transaction has more.
const STEP_BYTES: i64 = 4 << 20;

/// Deletions that one step forgets.
const STEP_DELETIONS: usize = 500;

/// Deletions that are looked at each time.
const DELETIONS_MAX: u32 = 50_000;

/// How long after a complete pass the next one begins.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(24);

const STATE: Sql = Sql::new("SELECT acts,edits,before,place,at FROM pruned");
const COUNT: Sql = Sql::new("UPDATE pruned SET acts=acts+?,edits=edits+?,before=max(coalesce(before,?3),?3)");
const COME_TO: Sql = Sql::new("UPDATE pruned SET place=?");
const LOOKED_THROUGH: Sql = Sql::new("UPDATE pruned SET place=0,at=?");
const HAS_BATCH: Sql = Sql::new("SELECT 1 FROM batch_in_flight LIMIT 1");
// The number of a transaction is that of its first edit.
const ACTS_BACK: Sql = Sql::new("SELECT id FROM edit WHERE id=act ORDER BY id DESC LIMIT 1 OFFSET ?");
const LINES: Sql = Sql::new(
    "SELECT id,act,at,entity,entity_id,last_id,others,
       CASE kind WHEN 'update' THEN count*(SELECT count(*) FROM json_each(after)) ELSE count END,
       coalesce(octet_length(before),0)+coalesce(octet_length(after),0)
     FROM edit WHERE id>? AND act<=? ORDER BY id",
);
const FORGET_ACT: Sql = Sql::new("DELETE FROM edit WHERE id BETWEEN ? AND ? AND act=?");
const IS_CARED_FOR: Sql = Sql::new(
    "SELECT EXISTS (SELECT 1 FROM pending WHERE entity=?1 AND id BETWEEN ?2 AND ?3)
         OR EXISTS (SELECT 1 FROM set_aside WHERE entity=?1 AND id BETWEEN ?2 AND ?3)
         OR EXISTS (SELECT 1 FROM not_kept WHERE entity=?1 AND id BETWEEN ?2 AND ?3)",
);
const SEEN_BEFORE: Sql = Sql::new("SELECT max(revision) FROM seen WHERE at<?");
const OLD_DELETIONS: Sql = Sql::new(
    "SELECT entity,id FROM deleted WHERE revision BETWEEN 1 AND ?
       AND NOT EXISTS (SELECT 1 FROM pending WHERE pending.entity=deleted.entity AND pending.id=deleted.id) LIMIT ?",
);
const REWRITTEN: Sql = Sql::new("SELECT DISTINCT entity,id FROM rewritten LIMIT ?");
const NAMED: Sql = Sql::new("SELECT entity_id,last_id,others FROM edit");
const FORGET_DELETION: Sql = Sql::new(
    "DELETE FROM deleted WHERE entity=?1 AND id=?2 AND revision BETWEEN 1 AND ?3
       AND NOT EXISTS (SELECT 1 FROM pending WHERE entity=?1 AND id=?2)",
);
const FORGET_REWRITTEN: Sql = Sql::new("DELETE FROM rewritten WHERE entity=? AND id=?");
const SIZE: Sql = Sql::new("SELECT coalesce(sum(pgsize),0) FROM dbstat WHERE name=? AND aggregate=TRUE");

/// The result of one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PruneStep {
    /// There may be more to forget, now.
    More,
    /// Everything has been looked through.
    Done,
}

/// Records about which nothing needs to be remembered any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgettable {
    deletions: Vec<(String, Uuid)>,
    rewritten: Vec<(String, Uuid)>,
    /// Deletions up to this revision.
    up_to: i64,
}

impl Forgettable {
    fn is_empty(&self) -> bool {
        self.deletions.is_empty() && self.rewritten.is_empty()
    }

    /// The same in parts, each for a transaction of its own.
    pub fn into_parts(self) -> Vec<Self> {
        let up_to = self.up_to;
        let part = |deletions: &[_], rewritten: &[_]| Self {
            deletions: deletions.to_vec(),
            rewritten: rewritten.to_vec(),
            up_to,
        };
        let deletions = self.deletions.chunks(STEP_DELETIONS).map(|some| part(some, &[]));
        let rewritten = self.rewritten.chunks(STEP_DELETIONS).map(|some| part(&[], some));
        deletions.chain(rewritten).collect()
    }
}

impl ReadSession<'_> {
    /// What has been forgotten so far.
    pub fn pruned(&self) -> Result<Pruned> {
        let pruned = self.query_first(&STATE, [], |row| {
            Ok(Pruned {
                acts: row.get::<_, i64>(0)?.unsigned_abs(),
                edits: row.get::<_, i64>(1)?.unsigned_abs(),
                before: row
                    .get::<_, Option<i64>>(2)?
                    .and_then(|at| Timestamp::from_microsecond(at).ok()),
            })
        })?;
        Ok(pruned.unwrap_or_default())
    }

    /// Whether it is time to look through the journal, or to continue doing so.
    pub fn is_time_to_prune(&self, now: Timestamp) -> Result<bool> {
        let state = self.query_first(&STATE, [], |row| Ok((row.get::<_, i64>(3)?, row.get::<_, i64>(4)?)))?;
        let since = state.map(|(reached, at)| (reached, now.as_microsecond().saturating_sub(at)));
        // A clock that has gone back must not make this wait any longer.
        let is_long = |micros: i64| SignedDuration::from_micros(micros).abs() >= LOOK_AGAIN;
        Ok(since.is_some_and(|(reached, since)| reached > 0 || is_long(since)))
    }

    /// Deletions and rewritten values that nothing needs any more. The server has forgotten deletions up to `purge_floor`.
    pub fn forgettable(&self, kept: Kept, purge_floor: i64, now: Timestamp) -> Result<Forgettable> {
        let seen = self.query_first(&SEEN_BEFORE, [before(kept, now)], |row| row.get::<_, Option<i64>>(0))?;
        let up_to = seen.flatten().unwrap_or(0).min(purge_floor);
        let record = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, read_uuid(row.get_ref(1)?)?));
        let mut forgettable = Forgettable {
            deletions: self.query(&OLD_DELETIONS, params![up_to, DELETIONS_MAX], record)?,
            rewritten: self.query(&REWRITTEN, [DELETIONS_MAX], record)?,
            up_to,
        };
        if forgettable.is_empty() {
            return Ok(forgettable);
        }
        let all = forgettable.deletions.iter().chain(&forgettable.rewritten);
        let mut left: Vec<Uuid> = all.map(|(_, id)| *id).collect();
        left.sort_unstable();
        left.dedup();
        let mut named: HashSet<Uuid> = HashSet::new();
        self.visit(&NAMED, [], |row| {
            let Names { first, last, others } = Names::read(row, 0)?;
            let range = left.partition_point(|id| *id < first)..left.partition_point(|id| *id <= last);
            named.extend(left.get(range).unwrap_or_default());
            named.extend(others.iter().filter(|id| left.binary_search(id).is_ok()));
            Ok(true)
        })?;
        forgettable.deletions.retain(|(_, id)| !named.contains(id));
        forgettable.rewritten.retain(|(_, id)| !named.contains(id));
        Ok(forgettable)
    }

    /// How much room a table takes in the file, in bytes.
    pub fn size_of_table(&self, table: &'static str) -> Result<u64> {
        let size = self.query_first(&SIZE, [table], |row| row.get::<_, i64>(0))?;
        Ok(size.unwrap_or_default().unsigned_abs())
    }
}

impl WriteSession<'_> {
    /// Looks at the next transactions of the journal, and forgets those that nothing needs any more.
    pub fn prune_journal(&self, tables: &[&'static Table], kept: Kept) -> Result<PruneStep> {
        let reached = self.query_first(&STATE, [], |row| row.get::<_, i64>(3))?.unwrap_or(0);
        let bound = self.query_first(&ACTS_BACK, [kept.acts], |row| row.get::<_, i64>(0))?;
        let (Some(bound), None) = (bound, self.query_first(&HAS_BATCH, [], |_| Ok(()))?) else {
            return self.looked_through();
        };
        let acts = self.next_acts(reached, bound)?;
        let Some(last) = acts.last() else {
            return self.looked_through();
        };
        self.prepare(&COME_TO)?.execute([last.last])?;
        let before = before(kept, self.now());
        for act in acts.iter().filter(|act| act.at < before) {
            if !self.is_needed(tables, act)? {
                self.prepare(&FORGET_ACT)?.execute([act.number, act.last, act.number])?;
                self.prepare(&COUNT)?.execute([1, act.edits, act.at])?;
            }
        }
        Ok(PruneStep::More)
    }

    /// Forgets records about which nothing is needed any more, if that still holds.
    pub fn forget(&self, forgettable: &Forgettable) -> Result<()> {
        for (entity, id) in &forgettable.deletions {
            self.prepare(&FORGET_DELETION)?
                .execute(params![entity, id.as_bytes().as_slice(), forgettable.up_to])?;
        }
        for (entity, id) in &forgettable.rewritten {
            self.prepare(&FORGET_REWRITTEN)?
                .execute(params![entity, id.as_bytes().as_slice()])?;
        }
        Ok(())
    }

    fn looked_through(&self) -> Result<PruneStep> {
        self.prepare(&LOOKED_THROUGH)?.execute([self.now().as_microsecond()])?;
        Ok(PruneStep::Done)
    }

    /// The transactions after an edit, complete ones, as many as one step looks at.
    fn next_acts(&self, reached: i64, bound: i64) -> Result<Vec<OldAct>> {
        let mut acts: Vec<OldAct> = Vec::new();
        let (mut lines, mut bytes) = (0, 0);
        self.visit(&LINES, [reached, bound], |row| {
            let (id, number): (i64, i64) = (row.get(0)?, row.get(1)?);
            if acts.last().is_none_or(|act| act.number != number) {
                if lines >= STEP_LINES || bytes >= STEP_BYTES {
                    return Ok(false);
                }
                acts.push(OldAct::new(number, row.get(2)?));
            }
            lines += 1;
            bytes += row.get::<_, i64>(8)?;
            if let Some(act) = acts.last_mut() {
                act.last = id;
                act.edits += row.get::<_, i64>(7)?;
                act.names.push((row.get(3)?, Names::read(row, 4)?));
            }
            Ok(true)
        })?;
        Ok(acts)
    }

    /// Whether a transaction names a record that is still unsettled. If it names one of a table that is not known here,
    /// it is left alone.
    fn is_needed(&self, tables: &[&'static Table], act: &OldAct) -> Result<bool> {
        for (entity, Names { first, last, others }) in &act.names {
            let Some(table) = tables.iter().find(|table| table.name == entity) else {
                return Ok(true);
            };
            let others = others.iter().map(|id| (id, id));
            for (from, to) in std::iter::once((first, last)).chain(others) {
                if self.is_open(table, *from, *to)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn is_open(&self, table: &'static Table, from: Uuid, to: Uuid) -> Result<bool> {
        let (from, to) = (from.as_bytes().as_slice(), to.as_bytes().as_slice());
        let cared_for = self.query_first(&IS_CARED_FOR, params![table.name, from, to], |row| {
            row.get::<_, bool>(0)
        })?;
        let mut unsynced = Sql::new("SELECT 1 FROM ");
        unsynced
            .push(table.name)
            .push(" WHERE id BETWEEN ? AND ? AND revision=0 LIMIT 1");
        Ok(cared_for.unwrap_or(true) || self.query_first(&unsynced, params![from, to], |_| Ok(()))?.is_some())
    }
}

/// A transaction that may be old enough.
struct OldAct {
    number: i64,
    /// Its last line.
    last: i64,
    at: i64,
    edits: i64,
    names: Vec<(String, Names)>,
}

impl OldAct {
    fn new(number: i64, at: i64) -> Self {
        Self {
            number,
            last: number,
            at,
            edits: 0,
            names: Vec::new(),
        }
    }
}

/// The records that a line of the journal names: one, or a range of records that were made together, and others.
struct Names {
    first: Uuid,
    last: Uuid,
    others: Vec<Uuid>,
}

impl Names {
    fn read(row: &rusqlite::Row<'_>, at: usize) -> Result<Self> {
        let first = read_uuid(row.get_ref(at)?).map_err(rusqlite::Error::from)?;
        let last = match row.get_ref(at + 1)? {
            rusqlite::types::ValueRef::Null => first,
            id => read_uuid(id).map_err(rusqlite::Error::from)?,
        };
        let others = crate::journal::ids(row.get_ref(at + 2)?)?;
        Ok(Self { first, last, others })
    }
}

fn before(kept: Kept, now: Timestamp) -> i64 {
    let days = SignedDuration::from_hours(24) * i32::try_from(kept.days).unwrap_or(i32::MAX);
    now.as_microsecond()
        .saturating_sub(i64::try_from(days.as_micros()).unwrap_or(i64::MAX))
}
