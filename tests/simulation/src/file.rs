//! A local file in memory, with exactly what the real one keeps: rows, pending notes, deletions, batches under way,
//! quarantined rows.
//!
//! It is transactional: a transaction works on a state of its own, foreign keys are checked when it ends and unique
//! values at once, and only then does the file become that state. A crash therefore needs no code: the file is what the
//! last transaction left. States share what they have in common, so a copy of an old one costs next to nothing.

mod edition;
mod facts;
mod hand;
mod transaction;
mod under_way;
mod view;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use colophon_store::schema::Value;
use colophon_store::{Error, LocalDevice, Result, ServerClock, Uptime};
use colophon_sync::audit::Word;
use colophon_sync::local::{Deleted, Edited, LocalFile, LocalRow, LocalTransaction, LocalView, Pending};
use colophon_sync::server_clock::Moment;
use colophon_sync::{NotKept, QuarantinedRow};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use uuid::Uuid;

use edition::Edition;
pub(crate) use hand::Hand;
use transaction::Transaction;

use crate::heard::{Heard, SharedHearing, Topic};
use crate::line::Line;
use crate::planted::Bug;
use crate::tables::{RecordKey, TABLE_COUNT, TABLES, id_in, references};
use crate::versions::named;

/// Rows of one table, or something about them.
type Shelf<T> = Arc<BTreeMap<Uuid, Arc<T>>>;

/// What a file holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    pub(crate) device: Option<LocalDevice>,
    /// The revisions that it was in step with, and their marks.
    seen: Arc<BTreeMap<i64, Uuid>>,
    pub(crate) rows: [Shelf<LocalRow>; TABLE_COUNT],
    pub(crate) pending: [Shelf<KeptPending>; TABLE_COUNT],
    pub(crate) deleted: [Shelf<Deleted>; TABLE_COUNT],
    pub(crate) quarantined: Arc<BTreeMap<RecordKey, QuarantinedRow>>,
    not_kept: Arc<BTreeMap<RecordKey, NotKept>>,
    /// The last edit of each field, according to the journal.
    edited: Arc<BTreeMap<(RecordKey, usize), LastEdit>>,
    /// How far the server's clock is ahead of the clock of each of the device's starts.
    pub(crate) server_clocks: Arc<BTreeMap<Uuid, ServerClock>>,
    in_flight: Arc<BTreeMap<i64, Arc<KeptBatch>>>,
    /// The columns in which it was last in step.
    in_step: Arc<HashSet<(String, String)>>,
    /// Every word that was said here, as the journal keeps it.
    journal: Arc<Vec<Word>>,
    /// Values that the server has turned into others.
    rewritten: Arc<BTreeSet<(RecordKey, String, String)>>,
    /// When it last turned out that the server had been restored.
    last_restore: Option<Timestamp>,
    /// What of the log it has heard of, if somebody wants to know.
    pub(crate) heard: Heard,
}

/// The last edit of a field, and the value it set.
#[derive(Debug, Clone, PartialEq)]
struct LastEdit {
    edited: Edited,
    value: Value,
}

/// A pending note, and whether the row was gone when it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptPending {
    pub(crate) pending: Pending,
    pub(crate) is_deletion: bool,
}

/// A batch under way.
#[derive(Debug)]
struct KeptBatch {
    token: Uuid,
    rows: Vec<KeptRow>,
}

/// One row of a batch under way.
#[derive(Debug, Clone)]
struct KeptRow {
    record: RecordKey,
    deletes: bool,
    change: i64,
    /// The values of a row without a pending note are not kept.
    values: Option<Vec<Value>>,
}

/// A device's file, and what its program knows besides: a clock, a source of ids.
#[derive(Debug)]
pub(crate) struct ModelFile {
    pub(crate) name: String,
    number: u64,
    state: Mutex<State>,
    edition: Mutex<Edition>,
    /// The true time, in microseconds; everybody's.
    time: Arc<AtomicI64>,
    /// How far this device's clock is ahead of it.
    clock_error: AtomicI64,
    /// How many times the device was started; each start makes the clock that nobody can set begin anew.
    boots: AtomicU64,
    ids: AtomicU64,
    tokens: AtomicU64,
    line: Arc<Line>,
    /// What the server has heard of, if somebody wants to know.
    hearing: Option<SharedHearing>,
    bug: Option<Bug>,
}

impl ModelFile {
    pub(crate) fn new(
        number: usize,
        time: Arc<AtomicI64>,
        clock_error: i64,
        line: Arc<Line>,
        hearing: Option<SharedHearing>,
        bug: Option<Bug>,
    ) -> Self {
        let state = State {
            in_step: Arc::new(named(TABLES)),
            ..State::default()
        };
        Self {
            name: format!("d{number}"),
            number: number as u64 + 1,
            state: Mutex::new(state),
            edition: Mutex::default(),
            time,
            clock_error: AtomicI64::new(clock_error),
            boots: AtomicU64::new(0),
            ids: AtomicU64::new(0),
            tokens: AtomicU64::new(0),
            line,
            hearing,
            bug,
        }
    }

    /// The file as the last transaction left it.
    pub(crate) fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another state in its place: an older copy of the file.
    pub(crate) fn restore(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// A person has said something on it.
    pub(crate) fn hear(&self, topic: Topic, number: usize) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.heard.hear(topic, &[number].into());
    }

    /// One transaction of a person.
    pub(crate) fn edit<T>(&self, body: impl FnOnce(&Hand<'_>) -> Result<T>) -> Result<T> {
        self.transact(|tx| body(&Hand::new(tx)))
    }

    fn transact<T>(&self, body: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let before = self.state();
        let tx = Transaction::new(self, before.clone());
        let answer = body(&tx)?;
        let after = tx.finished();
        check_references(&before, &after)?;
        let cursor = |state: &State| state.device.map_or(0, |device| device.cursor);
        if self.bug == Some(Bug::CursorBeforeRows)
            && cursor(&before) != cursor(&after)
            && self.line.state().dice & 7 == 3
        {
            // The cursor is in the file, and then the power fails.
            self.restore(State {
                device: after.device,
                ..before
            });
            return Err(Error::Busy);
        }
        self.restore(after);
        Ok(answer)
    }

    /// This device's clock, in microseconds.
    pub(crate) fn clock(&self) -> i64 {
        self.time.load(Ordering::Relaxed) + self.clock_error.load(Ordering::Relaxed)
    }

    /// The time that has passed since the device was started.
    pub(crate) fn uptime(&self) -> Uptime {
        let boots = self.boots.load(Ordering::Relaxed);
        let started = i64::try_from(boots + self.number).unwrap_or_default() * 1_000_003;
        Uptime {
            boot: Uuid::from_u64_pair(self.number, boots),
            micros: self.time.load(Ordering::Relaxed) - started,
        }
    }

    /// Somebody sets its clock.
    pub(crate) fn set_clock(&self, error: i64) {
        self.clock_error.store(error, Ordering::Relaxed);
    }

    /// It is restarted.
    pub(crate) fn boot(&self) {
        self.boots.fetch_add(1, Ordering::Relaxed);
    }

    /// The token of a batch. Counted separately, so that batches do not affect the ids of rows.
    fn next_token(&self) -> Uuid {
        let next = self.tokens.fetch_add(1, Ordering::Relaxed);
        Uuid::from_u64_pair(self.number, next)
    }

    /// An id that nobody else has.
    pub(crate) fn next_id(&self) -> Uuid {
        let next = self.ids.fetch_add(1, Ordering::Relaxed);
        // Spread out, so that the order of ids says nothing about the order of creation; odd factors keep them
        // distinct.
        let spread = (next << 8 | self.number).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Uuid::from_u64_pair(spread, self.number << 32 | next)
    }
}

/// All rows that the changed ones refer to must exist. Tables that nobody touched are as they were.
fn check_references(before: &State, after: &State) -> Result<()> {
    let is_touched = |table: usize| !Arc::ptr_eq(&before.rows[table], &after.rows[table]);
    for (table, described) in TABLES.iter().enumerate() {
        for (column, parent) in references(table) {
            if !is_touched(table) && !is_touched(*parent) {
                continue;
            }
            for row in after.rows[table].values() {
                let is_there = id_in(&row.values[*column]).is_some_and(|id| after.rows[*parent].contains_key(&id));
                if !is_there {
                    return Err(Error::ForeignKey {
                        entity: described.name,
                        reason: format!("{:?} is not there", row.values[*column]),
                    });
                }
            }
        }
    }
    Ok(())
}

impl LocalFile for ModelFile {
    fn read<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalView) -> Result<T> + Send + 'static,
    {
        Box::pin(async move { body(&Transaction::new(self, self.state())) })
    }

    fn write<T, F>(&self, body: F) -> BoxFuture<'_, Result<T>>
    where
        T: Send + 'static,
        F: FnOnce(&dyn LocalTransaction) -> Result<T> + Send + 'static,
    {
        Box::pin(async move {
            self.line.local().await;
            self.transact(|tx| body(tx))
        })
    }

    fn moment(&self) -> Moment {
        Moment {
            wall: Timestamp::from_microsecond(self.clock()).unwrap_or(Timestamp::UNIX_EPOCH),
            uptime: self.uptime(),
        }
    }
}
