//! Sends what waits, until nothing is left that the server would take.
//!
//! Rows go up in batches ([`cut`](crate::cut)). Four batches are in progress at once: while the server writes one, the
//! rows of the next are on their way to it, the one before is acknowledged here, and the one after is read and kept,
//! the last two in one local transaction. So neither the server nor the wire waits for our disk, and a batch is always
//! kept before any of it is sent.
//!
//! A batch that the server refuses because of one of its rows is halved until that row is found; it is quarantined with
//! the server's reason, and everything else goes on. If the login lacks a right, that concerns a table and a kind of
//! change: such rows are quarantined together, and the others are sent. If nobody may write, all are quarantined.

mod edited;
mod going;
mod keep;
mod turn;
mod withheld;

use std::collections::{HashMap, HashSet, VecDeque};

use colophon_store::Waiting;
use colophon_store::schema::Table;

use self::going::{Going, transfer};
use self::keep::Kept;
use self::turn::{Turned, turn_over};
use self::withheld::by_kind;
pub(crate) use self::withheld::withhold_all;
use crate::central::{self, Batch, Device, Outcome, QuarantineReason};
use crate::cut::{Most, cut};
use crate::error::Result;
use crate::failpoint::passed;
use crate::fate::{self, Arrived};
use crate::local::{Key, LocalFile, LocalTransaction, LocalView, holds_conflicts};
use crate::quarantine::{drop_quarantined, quarantine, release_dependants};
use crate::quarantined_row::{QuarantinedRow, WhyQuarantined, leave_out, outdated};
use crate::reconcile::make_new_again;
use crate::remote::RemoteCatalogue;

/// The result of a push.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// How many rows the server has taken.
    pub(crate) rows: u64,
    /// How many rows wait for news, so that they may be sent another time in a different form.
    pub(crate) waiting_for_news: u64,
    /// The last revision that was ours.
    pub(crate) revision: Option<i64>,
}

/// What a push works with.
pub(crate) struct Push<'p, L, R> {
    pub(crate) local: &'p L,
    pub(crate) remote: &'p mut R,
    pub(crate) device: &'p mut Device,
    /// All synchronised tables, parents first.
    pub(crate) tables: &'static [&'static Table],
    /// The most rows in one batch.
    pub(crate) batch_rows: usize,
    /// The upper limits of a batch now.
    pub(crate) most: Most,
    /// Whether the rows that were finally to go together went in several batches.
    pub(crate) was_divided: bool,
    pub(crate) seed: u64,
    /// Called with the number of rows that the server has taken so far.
    pub(crate) progress: &'p mut (dyn FnMut(u64) + Send),
    pub(crate) pushed: Pushed,
    /// Deletions whose last content the server refuses: they are sent without it.
    pub(crate) bare: HashSet<Key>,
    /// How many rows were quarantined that wait for a person.
    pub(crate) quarantined: u64,
    /// Deletions up to this revision may be forgotten on the server.
    pub(crate) purge_floor: i64,
}

impl<L: LocalFile, R: RemoteCatalogue> Push<'_, L, R> {
    /// Sends everything. On an error, batches may be left in flight: the next round settles them.
    pub(crate) async fn run(mut self) -> Result<Pushed> {
        loop {
            let waiting = self.untried().await?;
            let (before, quarantined) = (self.pushed.rows, self.quarantined);
            let batches = cut(&waiting, self.most.rows);
            self.was_divided = batches.len() > 1;
            self.send(batches.into()).await?;
            let is_new_way = self.was_divided && self.most != Most::together();
            if self.pushed.rows > before {
                self.most = Most::usual(self.batch_rows);
            } else if is_new_way || self.quarantined > quarantined {
                // Rows that pass values on in a circle would wait for each other for ever if each were in a batch of
                // its own, or in different halves of a batch in which a row was refused.
                self.most = Most::together();
                let tables = self.tables;
                self.local.write(move |tx| release_dependants(tx, tables)).await?;
            } else {
                break;
            }
        }
        if let Some(revision) = self.pushed.revision {
            // This is only a hint. Whoever misses it finds out at the next look.
            passed("push: before the hint");
            let _ = self.remote.announce(revision).await;
        }
        Ok(self.pushed)
    }

    /// What waits and is not quarantined.
    async fn untried(&mut self) -> Result<Vec<Waiting>> {
        let tables = self.tables;
        let read = move |s: &dyn LocalView| Ok((s.waiting(tables)?, s.quarantined()?));
        let (waiting, quarantined) = self.local.read(read).await?;
        let old = outdated(&waiting, &quarantined);
        if !old.is_empty() {
            self.drop_quarantined(old.into_iter().cloned().collect()).await?;
        }
        let mut waiting = leave_out(waiting, &quarantined, self.local.now());
        // Conflicts first. A row that stands overwrites what somebody else said; if this file were lost before the next
        // batch, the only other copy of that must already be on the server.
        waiting.sort_by_key(|row| !holds_conflicts(row.table));
        Ok(waiting)
    }

    async fn drop_quarantined(&mut self, rows: Vec<QuarantinedRow>) -> Result<()> {
        let tables = self.tables;
        let write = move |tx: &dyn LocalTransaction| drop_quarantined(tx, tables, &rows);
        Ok(self.local.write(write).await?)
    }

    async fn send(&mut self, mut queue: VecDeque<Vec<Waiting>>) -> Result<()> {
        let mut arrived: Option<Arrived> = None;
        // The one being sent, and the one after it.
        let mut kept: VecDeque<Kept> = VecDeque::with_capacity(3);
        loop {
            while kept.len() < 2
                && let Some(rows) = queue.pop_front()
            {
                kept.extend(self.turn_over(arrived.take(), Some(rows), &mut queue).await?);
            }
            let Some(Kept { batch, rows }) = kept.pop_front() else {
                break;
            };
            let before = arrived.take();
            let known_after = before.as_ref().and_then(Arrived::reaches);
            let next = queue.pop_front();
            let (offset, most) = (self.device.clock_offset, self.most);
            let here = turn_over(self.local, self.tables, &self.bare, offset, most, before, next);
            let going = Going {
                batch: &batch,
                next: kept.front().map(|next| &next.batch),
            };
            let there = transfer(self.remote, self.device, going, self.tables, self.seed);
            let (outcome, turned) = futures_util::future::join(there, here).await;
            let Turned {
                taken,
                kept: following,
                left,
            } = turned?;
            passed("push: answered, and the next batch is kept");
            self.count(taken, known_after);
            kept.extend(following);
            self.queue_left(left, &mut queue);
            match outcome {
                Ok(outcome) => {
                    self.quarantine_answered(&rows, &outcome).await?;
                    if let Some(seen) = outcome.seen() {
                        self.pushed.revision = Some(seen.revision);
                        self.device.newest = Some(seen);
                    }
                    let is_next = self.is_next(&outcome);
                    arrived = Some(Arrived {
                        number: batch.number,
                        outcome,
                        is_next,
                    });
                }
                Err(error) => {
                    self.forget_unless_in_doubt(&batch, &kept, &error).await?;
                    for Kept { rows, .. } in kept.drain(..).rev() {
                        queue.push_front(rows);
                    }
                    self.cope(error, &batch, rows, &mut queue).await?;
                }
            }
        }
        self.turn_over(arrived, None, &mut queue).await?;
        passed("acknowledge: committed");
        Ok(())
    }

    /// Queues the rows of a failed batch in a different way, or gives the round up.
    async fn cope(
        &mut self,
        error: central::Error,
        batch: &Batch,
        mut rows: Vec<Waiting>,
        queue: &mut VecDeque<Vec<Waiting>>,
    ) -> Result<()> {
        match (error, rows.as_slice()) {
            (central::Error::Refused { .. }, [row]) if self.goes_bare(row).await? => {
                queue.push_front(rows);
            }
            (central::Error::Refused { reason, constraint, .. }, [row]) => {
                tracing::warn!(entity = row.table.name, id = %row.id, reason, "the server refuses a record");
                self.quarantine(&rows, &WhyQuarantined::refused(row, reason, constraint))
                    .await?;
            }
            (error @ central::Error::NotAllowed { .. }, _) => {
                let mut kinds = by_kind(batch, rows);
                if let [kind] = &kinds[..] {
                    self.quarantine(kind, &WhyQuarantined::withheld(&error)).await?;
                } else {
                    while let Some(kind) = kinds.pop() {
                        queue.push_front(kind);
                    }
                }
            }
            (error @ central::Error::ReadOnly { .. }, _) => {
                rows.extend(queue.drain(..).flatten());
                self.quarantine(&rows, &WhyQuarantined::withheld(&error)).await?;
            }
            (central::Error::Refused { .. }, _) => {
                passed("refused: before the batch is halved");
                let second = rows.split_off(rows.len() / 2);
                queue.push_front(second);
                queue.push_front(rows);
            }
            (central::Error::BatchNumberUsed { number }, _) => {
                let device = fate::become_another(self.local, number).await?;
                self.device.id = device.id;
                queue.push_front(rows);
            }
            (other, _) => return Err(other.into()),
        }
        Ok(())
    }

    async fn quarantine(&mut self, rows: &[Waiting], why: &WhyQuarantined) -> Result<()> {
        let quarantined: Vec<_> = rows.iter().map(|row| QuarantinedRow::new(row, why.clone())).collect();
        self.quarantined += quarantined.len() as u64;
        let now = self.local.now();
        self.local.write(move |tx| quarantine(tx, quarantined, now)).await?;
        passed("refused: quarantined");
        Ok(())
    }

    /// A deletion brings the row's last content along, and that may be what the server refuses. Nobody can edit a row
    /// that is gone, so from now on it is sent as the server has it. Returns whether that differs from what was tried.
    async fn goes_bare(&mut self, row: &Waiting) -> Result<bool> {
        let key = Key {
            table: row.table,
            id: row.id,
        };
        let record = self.local.read(move |s| s.record(key)).await?;
        let (Some(pending), Some(deleted)) = (record.pending, record.deleted) else {
            return Ok(false);
        };
        Ok(pending.base != Some(deleted.content) && self.bare.insert(key))
    }

    async fn turn_over(
        &mut self,
        arrived: Option<Arrived>,
        next: Option<Vec<Waiting>>,
        queue: &mut VecDeque<Vec<Waiting>>,
    ) -> Result<Option<Kept>> {
        let known = arrived.as_ref().and_then(Arrived::reaches);
        let (offset, most) = (self.device.clock_offset, self.most);
        let Turned { taken, kept, left } =
            turn_over(self.local, self.tables, &self.bare, offset, most, arrived, next).await?;
        self.count(taken, known);
        self.queue_left(left, queue);
        Ok(kept)
    }

    /// What did not fit into a batch becomes the next one.
    fn queue_left(&mut self, left: Vec<Waiting>, queue: &mut VecDeque<Vec<Waiting>>) {
        if !left.is_empty() {
            self.was_divided = true;
            queue.push_front(left);
        }
    }

    /// Whether the server has written nothing between what is known here and this batch, and nothing besides it.
    fn is_next(&self, outcome: &Outcome) -> bool {
        outcome.as_sent && outcome.quarantined.is_empty() && outcome.revision == self.device.acknowledged_revision + 1
    }

    /// Counts rows that are noted as taken, and with them the revision up to which everything is known.
    fn count(&mut self, taken: u64, known: Option<i64>) {
        self.device.acknowledged_revision = known.unwrap_or(self.device.acknowledged_revision);
        self.pushed.rows += taken;
        if taken > 0 {
            (self.progress)(self.pushed.rows);
        }
    }

    /// A batch that the server has answered with a refusal is no longer under way. If no answer came, it may be: the
    /// next round asks.
    async fn forget_unless_in_doubt(
        &mut self,
        batch: &Batch,
        following: &VecDeque<Kept>,
        error: &central::Error,
    ) -> Result<()> {
        let has_answered = matches!(
            error,
            central::Error::Refused { .. }
                | central::Error::NotAllowed { .. }
                | central::Error::ReadOnly { .. }
                | central::Error::NoSchema { .. }
                | central::Error::BatchNumberUsed { .. }
                | central::Error::Busy { .. }
                | central::Error::Forked
        );
        let answered = has_answered.then_some(batch.number);
        // Their rows may be there already, but nobody has asked for them to be written.
        let never_pushed: Vec<i64> = following.iter().map(|kept| kept.batch.number).collect();
        let forget = move |tx: &dyn LocalTransaction| {
            let mut numbers = answered.into_iter().chain(never_pushed);
            numbers.try_for_each(|number| tx.forget_in_flight(number))
        };
        self.local.write(forget).await?;
        passed("refused: forgotten, or in doubt");
        Ok(())
    }

    async fn quarantine_answered(&mut self, rows: &[Waiting], outcome: &Outcome) -> Result<()> {
        if outcome.quarantined.is_empty() {
            return Ok(());
        }
        let rows: HashMap<_, _> = rows.iter().map(|row| ((row.table.name, row.id), row)).collect();
        let mut quarantined = Vec::new();
        let mut forgotten = Vec::new();
        for answered in &outcome.quarantined {
            let Some(row) = rows.get(&(answered.entity.as_str(), answered.id)) else {
                continue;
            };
            if answered.reason == QuarantineReason::Purged {
                let (table, id) = (row.table, row.id);
                forgotten.push(Key { table, id });
            } else {
                quarantined.push(QuarantinedRow::new(
                    row,
                    WhyQuarantined::WaitsForNews(answered.reason.clone()),
                ));
            }
        }
        self.pushed.waiting_for_news += outcome.quarantined.len() as u64;
        let (purge_floor, now) = (self.purge_floor, self.local.now());
        let write = move |tx: &dyn LocalTransaction| {
            // The server has forgotten even the deletion, so there is nothing to wait for.
            forgotten
                .iter()
                .try_for_each(|key| make_new_again(tx, *key, purge_floor))?;
            quarantine(tx, quarantined, now)
        };
        self.local.write(write).await?;
        passed("answered: quarantined");
        Ok(())
    }
}
