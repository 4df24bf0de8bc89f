//! Sends what waits, until nothing is left that the server would take.
//!
//! Rows go up in batches ([`cut`](crate::cut)). Three batches are at work at once: while the server writes one, the one before
//! it is acknowledged here and the next is read and kept, both in one local transaction. So the server never waits
//! for our disk, and a batch is always kept before it is sent.
//!
//! A batch that the server refuses because of one of its rows is halved until that row is found; it is set aside with the
//! server's reason, and everything else goes on.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use colophon_store::schema::{Table, Value};
use colophon_store::{Database, Outgoing, Sent, Waiting, WriteSession};

use crate::backoff::Backoff;
use crate::central::{self, Batch, Connection, Device, Outcome, RowChange, TableChanges};
use crate::cut::{BATCH_ROWS_MAX, cut};
use crate::error::Result;
use crate::fate;
use crate::plan::{Action, Base, Local, Remote, plan};
use crate::set_aside::{SetAside, WhySetAside};

/// Tries of one batch while others are writing, before the round is given up.
const BUSY_TRIES: u32 = 5;
/// The wait between them, at first and at most.
const BUSY_WAIT: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

/// What a push came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Pushed {
    /// How many rows the server has taken.
    pub(crate) rows: u64,
    /// The last revision that was ours.
    pub(crate) revision: Option<i64>,
}

/// What a push works with.
pub(crate) struct Push<'p> {
    pub(crate) database: &'p Database,
    pub(crate) connection: &'p mut Connection,
    pub(crate) device: &'p mut Device,
    /// All synchronised tables, parents first.
    pub(crate) tables: &'static [&'static Table],
    pub(crate) set_aside: &'p mut SetAside,
    pub(crate) seed: u64,
    /// Hears how many rows the server has taken so far.
    pub(crate) progress: &'p mut (dyn FnMut(u64) + Send),
    pub(crate) pushed: Pushed,
}

/// A batch that is kept, and the rows it was made from.
struct Kept {
    batch: Batch,
    rows: Vec<Waiting>,
}

impl Push<'_> {
    /// Sends everything. On an error, batches may be left in flight: the next round settles them.
    pub(crate) async fn run(mut self) -> Result<Pushed> {
        loop {
            let tables = self.tables;
            let waiting = self.database.read(move |s| s.waiting(tables)).await?;
            let waiting = self.set_aside.leave_out(waiting);
            let before = self.pushed.rows;
            self.send(cut(&waiting, BATCH_ROWS_MAX).into()).await?;
            if self.pushed.rows == before {
                break;
            }
            self.set_aside.release_dependants();
        }
        if let Some(revision) = self.pushed.revision {
            // A hint. Whoever misses it finds out at the next look.
            let _ = self.connection.announce(revision).await;
        }
        Ok(self.pushed)
    }

    async fn send(&mut self, mut queue: VecDeque<Vec<Waiting>>) -> Result<()> {
        let mut arrived: Option<(i64, Outcome)> = None;
        let mut current: Option<Kept> = None;
        loop {
            if current.is_none() {
                let Some(rows) = queue.pop_front() else { break };
                current = self.turn_over(arrived.take(), Some(rows)).await?;
            }
            let Some(Kept { batch, rows }) = current.take() else {
                continue;
            };
            let next = queue.pop_front();
            let here = turn_over(self.database, self.tables, arrived.take(), next.clone());
            let there = transfer(self.connection, self.device, &batch, self.tables, self.seed);
            let (outcome, turned) = tokio::join!(there, here);
            let (taken, following) = turned?;
            self.count(taken);
            match outcome {
                Ok(outcome) => {
                    self.set_aside_declined(&rows, &outcome);
                    self.pushed.revision = Some(outcome.revision);
                    arrived = Some((batch.number, outcome));
                    current = following;
                }
                Err(error) => {
                    self.forget_unless_in_doubt(&batch, following, &error).await?;
                    if let Some(next) = next {
                        queue.push_front(next);
                    }
                    self.cope(error, rows, &mut queue).await?;
                }
            }
        }
        self.turn_over(arrived, None).await?;
        Ok(())
    }

    /// Queues the rows of a batch that came to nothing in another way, or gives the round up.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is one of a session with a certain lifetime, and every lifetime is wanted"
    )]
    async fn cope(
        &mut self,
        error: central::Error,
        mut rows: Vec<Waiting>,
        queue: &mut VecDeque<Vec<Waiting>>,
    ) -> Result<()> {
        match (error, rows.as_slice()) {
            (central::Error::Refused { reason, constraint, .. }, [row]) => {
                tracing::warn!(entity = row.table.name, id = %row.id, reason, "the server refuses a record");
                self.set_aside.add(row, WhySetAside::Refused { reason, constraint });
            }
            (central::Error::Refused { .. }, _) => {
                let second = rows.split_off(rows.len() / 2);
                queue.push_front(second);
                queue.push_front(rows);
            }
            (central::Error::BatchNumberUsed { number }, _) => {
                tracing::warn!(
                    number,
                    "this file is a copy of one that was used elsewhere; it is a device of its own now"
                );
                self.device.id = self.database.write(|tx| tx.renew_device()).await?.id;
                queue.push_front(rows);
            }
            (other, _) => return Err(other.into()),
        }
        Ok(())
    }

    async fn turn_over(&mut self, arrived: Option<(i64, Outcome)>, next: Option<Vec<Waiting>>) -> Result<Option<Kept>> {
        let (taken, kept) = turn_over(self.database, self.tables, arrived, next).await?;
        self.count(taken);
        Ok(kept)
    }

    fn count(&mut self, taken: u64) {
        self.pushed.rows += taken;
        if taken > 0 {
            (self.progress)(self.pushed.rows);
        }
    }

    /// What the server has answered with a no is not under way any more. Where no answer came it may be: the next round asks.
    async fn forget_unless_in_doubt(
        &mut self,
        batch: &Batch,
        following: Option<Kept>,
        error: &central::Error,
    ) -> Result<()> {
        let has_answered = matches!(
            error,
            central::Error::Refused { .. } | central::Error::BatchNumberUsed { .. } | central::Error::Busy { .. }
        );
        let answered = has_answered.then_some(batch.number);
        let never_sent = following.map(|kept| kept.batch.number);
        let forget = move |tx: &WriteSession<'_>| {
            let mut numbers = answered.into_iter().chain(never_sent);
            numbers.try_for_each(|number| tx.forget_in_flight(number))
        };
        Ok(self.database.write(forget).await?)
    }

    fn set_aside_declined(&mut self, rows: &[Waiting], outcome: &Outcome) {
        if outcome.declined.is_empty() {
            return;
        }
        let rows: HashMap<_, _> = rows.iter().map(|row| ((row.table.name, row.id), row)).collect();
        for declined in &outcome.declined {
            if let Some(row) = rows.get(&(declined.entity.as_str(), declined.id)) {
                self.set_aside.add(row, WhySetAside::Declined(declined.reason.clone()));
            }
        }
    }
}

/// The local half of the work, in one transaction: what has arrived is acknowledged, what goes next is read and kept.
async fn turn_over(
    database: &Database,
    tables: &'static [&'static Table],
    arrived: Option<(i64, Outcome)>,
    next: Option<Vec<Waiting>>,
) -> colophon_store::Result<(u64, Option<Kept>)> {
    if arrived.is_none() && next.is_none() {
        return Ok((0, None));
    }
    let work = move |tx: &WriteSession<'_>| {
        let taken = match &arrived {
            Some((number, outcome)) => fate::acknowledge(tx, tables, *number, outcome)?,
            None => 0,
        };
        let kept = match next {
            Some(rows) => keep(tx, tables, rows)?,
            None => None,
        };
        Ok((taken, kept))
    };
    database.write(work).await
}

/// Reads rows as they are now, and keeps those that are to be sent. Read and kept in one transaction, so that an edit comes
/// either before, and is sent, or after, and is marked as made while the batch was under way.
fn keep(
    tx: &WriteSession<'_>,
    tables: &'static [&'static Table],
    rows: Vec<Waiting>,
) -> colophon_store::Result<Option<Kept>> {
    let mut sent = Vec::with_capacity(rows.len());
    let mut bases = Vec::with_capacity(rows.len());
    for row in tx.outgoing(&rows)? {
        let (table, id, base_revision) = (row.table, row.id, row.base_revision);
        match decide(row) {
            Some(row) => {
                sent.push(row);
                bases.push(base_revision);
            }
            None => tx.drop_mark(table, id)?,
        }
    }
    if sent.is_empty() {
        return Ok(None);
    }
    let number = tx.keep_in_flight(&sent)?;
    let batch = batch_of(number, tables, sent.into_iter().zip(bases));
    Ok(Some(Kept { batch, rows }))
}

/// What is to be sent of a row, if anything is.
fn decide(row: Outgoing) -> Option<Sent> {
    let base = match (&row.base, &row.row) {
        // A row that is marked and equals its base was brought back over its tombstone, or edited to and fro. The mark does
        // not tell which, and sending it is right in both cases.
        (Some(base), Some(here)) if base == here => Base::Deleted(base),
        (Some(base), _) => Base::Row(base),
        (None, _) => Base::Never,
    };
    let local = row.row.as_deref().map_or(Local::Absent, Local::Row);
    let (deletes, values): (bool, Vec<Value>) = match plan(base, local, Remote::Same) {
        Action::Push => (false, row.row?),
        Action::PushDeletion => (true, row.last_content.or(row.base)?),
        // The others answer to news from the server, and there are none here.
        Action::Settled
        | Action::Take
        | Action::TakeDeletion
        | Action::AdoptAsBase
        | Action::Merge
        | Action::MergeOverTombstone
        | Action::UndoDeletion => return None,
    };
    Some(Sent {
        table: row.table,
        id: row.id,
        deletes,
        change: row.change,
        values,
    })
}

fn batch_of(number: i64, tables: &'static [&'static Table], rows: impl Iterator<Item = (Sent, i64)>) -> Batch {
    let mut changes: Vec<TableChanges> = tables
        .iter()
        .map(|table| TableChanges {
            table,
            rows: Vec::new(),
        })
        .collect();
    for (row, base_revision) in rows {
        if let Some(of_table) = changes.iter_mut().find(|changes| changes.table == row.table) {
            of_table.rows.push(RowChange {
                deletes: row.deletes,
                base_revision,
                values: row.values,
            });
        }
    }
    changes.retain(|changes| !changes.rows.is_empty());
    Batch {
        number,
        tables: changes,
    }
}

/// Stages and applies a batch, again while others are in the way.
async fn transfer(
    connection: &mut Connection,
    device: &Device,
    batch: &Batch,
    tables: &'static [&'static Table],
    seed: u64,
) -> central::Result<Outcome> {
    let mut backoff = Backoff::new(BUSY_WAIT.0, BUSY_WAIT.1, seed ^ batch.number.unsigned_abs());
    let mut tries = 1;
    loop {
        let outcome = match connection.stage(device, batch, tables).await {
            Ok(staged) => staged.apply().await,
            Err(error) => Err(error),
        };
        match outcome {
            Err(central::Error::Busy { reason }) if tries < BUSY_TRIES => {
                tracing::debug!(reason, tries, "others are writing");
                tries += 1;
                tokio::time::sleep(backoff.failed()).await;
            }
            outcome => return outcome,
        }
    }
}
