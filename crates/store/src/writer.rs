//! The one writer, and the queue in front of it.
//!
//! Whoever wants to write puts a job into the queue and then waits for one of two things: that somebody has done the job,
//! or that the connection is free. Who finds it free takes *all* jobs that wait and commits them together, each behind
//! a savepoint of its own. So a single writer pays nothing (no thread hop, no savepoint), and four writers at once share
//! the price of one flush to the disk. No thread is kept for writing, so none can die.
//!
//! A manual transaction takes the connection away with it for as long as it lasts. It queues like a job, so it is neither
//! starved nor does it overtake.

use std::any::Any;
use std::collections::VecDeque;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::Connection;

use crate::changes::Changes;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::session::{ReadSession, WriteSession};
use crate::snapshot::{SnapshotVersion, data_version};
use crate::transaction::{Kind, OpenTransaction, roll_back};

/// Jobs that one commit may carry.
const GROUP_MAX: usize = 64;

/// What a closure came to: its result, or the payload of its panic.
pub(crate) type Outcome<T> = std::thread::Result<Result<T>>;

/// The writer's connection and those who wait for it.
pub(crate) struct Writer {
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    /// `None` while somebody writes.
    connection: Option<WriterConnection>,
    queue: VecDeque<Waiting>,
    next_ticket: u64,
}

/// The connection, with the content mark that only other programs' commits change.
pub(crate) struct WriterConnection {
    pub(crate) connection: Connection,
    data_version: i64,
}

enum Waiting {
    Job(Box<dyn Job>),
    Lease(u64),
}

/// A write that waits in the queue.
trait Job: Send {
    /// Whether nobody wants it any more. Once begun, it is finished.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure in the open transaction and says whether to keep what it wrote.
    fn run(&mut self, connection: &Connection, context: &Context) -> bool;
    /// What it changed.
    fn take_changes(&mut self) -> Changes;
    /// Hands the result to whoever waits: the closure's own, or the reason why nothing was committed.
    fn finish(self: Box<Self>, committed: Result<()>);
}

/// Where the one who waits finds the result.
pub(crate) struct Slot<T> {
    outcome: Mutex<Option<Outcome<T>>>,
}

impl<T> Slot<T> {
    fn take(&self) -> Option<Outcome<T>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

struct Write<T, F> {
    body: Option<F>,
    outcome: Option<Outcome<T>>,
    changes: Changes,
    slot: Arc<Slot<T>>,
    is_abandoned: Box<dyn Fn() -> bool + Send>,
}

impl<T, F> Job for Write<T, F>
where
    T: Send + 'static,
    F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
{
    fn is_abandoned(&self) -> bool {
        (self.is_abandoned)()
    }

    fn run(&mut self, connection: &Connection, context: &Context) -> bool {
        let Some(body) = self.body.take() else { return false };
        let (outcome, changes) = run_in_session(connection, context, body);
        self.changes = changes;
        let keep = matches!(outcome, Ok(Ok(_)));
        self.outcome = Some(outcome);
        keep
    }

    fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let outcome = match (committed, self.outcome) {
            (Err(error), None | Some(Ok(Ok(_)))) => Ok(Err(error)),
            // Its own error or panic says more than the group's.
            (_, Some(own)) => own,
            (Ok(()), None) => Ok(Err(Error::TransactionEnded)),
        };
        *self.slot.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }
}

/// Runs a closure in a session of an open transaction; writes its journal; catches its panic.
pub(crate) fn run_in_session<T>(
    connection: &Connection,
    context: &Context,
    body: impl FnOnce(&WriteSession<'_>) -> Result<T>,
) -> (Outcome<T>, Changes) {
    let read = ReadSession::new(connection, SnapshotVersion::unknown(), context, None);
    let clock = &context.origin.clock;
    let session = WriteSession::new(read, whole_microseconds(clock.now()), clock.uptime());
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let value = body(&session)?;
        session.write_journal()?;
        Ok(value)
    }));
    (outcome, session.changes.take())
}

/// A time as both sides store it, so that a row just made equals the row read back.
fn whole_microseconds(at: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at)
}

impl Writer {
    pub(crate) fn new(connection: Connection) -> Result<Self> {
        let data_version = data_version(&connection)?;
        let state = State {
            connection: Some(WriterConnection {
                connection,
                data_version,
            }),
            queue: VecDeque::new(),
            next_ticket: 0,
        };
        Ok(Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        })
    }

    /// Runs a closure in a transaction, on this thread or on that of another writer with whom it shares the commit.
    pub(crate) fn write<T, F>(
        &self,
        context: &Context,
        is_abandoned: impl Fn() -> bool + Send + 'static,
        body: F,
    ) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        let slot = Arc::new(Slot {
            outcome: Mutex::new(None),
        });
        let job = Write {
            body: Some(body),
            outcome: None,
            changes: Changes::default(),
            slot: Arc::clone(&slot),
            is_abandoned: Box::new(is_abandoned),
        };
        let mut state = self.lock();
        state.queue.push_back(Waiting::Job(Box::new(job)));
        loop {
            if let Some(outcome) = slot.take() {
                return outcome;
            }
            let is_our_turn = matches!(state.queue.front(), Some(Waiting::Job(_)));
            match state.connection.take_if(|_| is_our_turn) {
                Some(writer) => {
                    let group = next_group(&mut state.queue);
                    drop(state);
                    let lease = Lease {
                        home: self,
                        writer: Some(writer),
                    };
                    commit_group(lease, context, group);
                    state = self.lock();
                }
                None => state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    /// Takes the connection away, when its turn has come.
    pub(crate) fn lease<H: Deref<Target = Self>>(home: H) -> Lease<H> {
        let connection = home.take_connection();
        Lease {
            home,
            writer: Some(connection),
        }
    }

    fn take_connection(&self) -> WriterConnection {
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.queue.push_back(Waiting::Lease(ticket));
        loop {
            let is_our_turn = matches!(state.queue.front(), Some(Waiting::Lease(first)) if *first == ticket);
            if let Some(writer) = state.connection.take_if(|_| is_our_turn) {
                state.queue.pop_front();
                return writer;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Whether another program has committed since this one last wrote; `None` while somebody writes.
    pub(crate) fn noticed_another_program(&self) -> Option<bool> {
        let mut state = self.lock();
        let writer = state.connection.as_mut()?;
        writer.notice_another_program().ok()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WriterConnection {
    fn notice_another_program(&mut self) -> Result<bool> {
        let now = data_version(&self.connection)?;
        let noticed = now != self.data_version;
        self.data_version = now;
        Ok(noticed)
    }
}

/// The connection in somebody's hands. Dropped, it rolls back what is open and goes home.
pub(crate) struct Lease<H: Deref<Target = Writer>> {
    home: H,
    writer: Option<WriterConnection>,
}

impl<H: Deref<Target = Writer>> Lease<H> {
    pub(crate) fn connection(&self) -> Result<&Connection> {
        self.writer
            .as_ref()
            .map(|writer| &writer.connection)
            .ok_or(Error::TransactionEnded)
    }

    pub(crate) fn connection_mut(&mut self) -> Result<&mut Connection> {
        self.writer
            .as_mut()
            .map(|writer| &mut writer.connection)
            .ok_or(Error::TransactionEnded)
    }

    /// Begins a write transaction and takes note of what other programs have committed before it.
    pub(crate) fn begin(&mut self, context: &Context) -> Result<OpenTransaction<'_>> {
        let writer = self.writer.as_mut().ok_or(Error::TransactionEnded)?;
        let transaction = OpenTransaction::begin(&writer.connection, Kind::Write)?;
        let now = data_version(&writer.connection)?;
        if now != writer.data_version {
            writer.data_version = now;
            context.another_program_wrote();
        }
        Ok(transaction)
    }
}

impl<H: Deref<Target = Writer>> Drop for Lease<H> {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            roll_back(&writer.connection);
            let home = &*self.home;
            home.lock().connection = Some(writer);
            home.changed.notify_all();
        }
    }
}

fn next_group(queue: &mut VecDeque<Waiting>) -> Vec<Box<dyn Job>> {
    let mut group = Vec::new();
    while group.len() < GROUP_MAX
        && let Some(Waiting::Job(_)) = queue.front()
    {
        if let Some(Waiting::Job(job)) = queue.pop_front() {
            if job.is_abandoned() {
                job.finish(Err(Error::Interrupted));
            } else {
                group.push(job);
            }
        }
    }
    group
}

/// Runs the jobs in one transaction, commits it, announces what changed, and only then answers.
fn commit_group<H: Deref<Target = Writer>>(mut lease: Lease<H>, context: &Context, mut group: Vec<Box<dyn Job>>) {
    if group.is_empty() {
        return;
    }
    let committed = lease.begin(context).and_then(|transaction| {
        let mut changes = Changes::default();
        if run_group(&transaction, context, &mut group, &mut changes)? {
            context.commit(transaction, changes)?;
        }
        Ok(())
    });
    for job in group {
        job.finish(committed.clone());
    }
    // Last, because it wakes those who wait: each must find its answer there.
    drop(lease);
}

/// Whether there is anything to commit.
fn run_group(
    transaction: &OpenTransaction<'_>,
    context: &Context,
    group: &mut [Box<dyn Job>],
    changes: &mut Changes,
) -> Result<bool> {
    if let [only] = group {
        let keep = only.run(transaction.connection(), context);
        changes.merge(only.take_changes());
        return Ok(keep);
    }
    let mut any = false;
    for job in group {
        let kept = transaction.step(|| job.run(transaction.connection(), context), |keep| *keep)?;
        if transaction.was_ended_by_sqlite() {
            return Err(Error::DiskFull);
        }
        if kept {
            changes.merge(job.take_changes());
            any = true;
        }
    }
    Ok(any)
}

/// Continues the panic of a closure on the thread of whoever called.
pub(crate) fn unwrap_outcome<T>(outcome: Outcome<T>) -> Result<T> {
    outcome.unwrap_or_else(|payload: Box<dyn Any + Send>| std::panic::resume_unwind(payload))
}
