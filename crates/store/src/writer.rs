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
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, InterruptHandle};

use crate::changes::Changes;
use crate::closing::Closing;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::job::{Job, Outcome, Write};
use crate::session::{ReadSession, WriteSession};
use crate::snapshot::{SnapshotVersion, data_version};
use crate::transaction::{Kind, OpenTransaction, roll_back};
use crate::waiting::{Caller, StandingStill, Wait, Within};

/// Jobs that one commit may carry.
const GROUP_MAX: usize = 64;

/// The writer's connection and those who wait for it.
pub(crate) struct Writer {
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Condvar,
    /// What ends a statement that is under way.
    pub(crate) interrupt: InterruptHandle,
}

pub(crate) struct State {
    /// `None` while somebody writes, and for ever once the file is closed.
    pub(crate) connection: Option<WriterConnection>,
    pub(crate) queue: VecDeque<Waiting>,
    next_ticket: u64,
    pub(crate) closing: Closing,
    /// The transaction by hand that has the connection, while none of its steps is under way.
    pub(crate) standing_still: Option<StandingStill>,
}

/// The connection, with the content mark that only other programs' commits change.
pub(crate) struct WriterConnection {
    pub(crate) connection: Connection,
    data_version: i64,
}

pub(crate) enum Waiting {
    Job(u64, Box<dyn Job>),
    Lease(u64),
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
        let interrupt = connection.get_interrupt_handle();
        let state = State {
            connection: Some(WriterConnection {
                connection,
                data_version,
            }),
            queue: VecDeque::new(),
            next_ticket: 0,
            closing: Closing::NotYet,
            standing_still: None,
        };
        Ok(Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
            interrupt,
        })
    }

    /// Runs a closure in a transaction, on this thread or on that of another writer with whom it shares the commit.
    pub(crate) fn write<T, F>(
        &self,
        context: &Context,
        caller: Caller,
        is_abandoned: impl Fn() -> bool + Send + 'static,
        body: F,
    ) -> Outcome<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        let (job, slot) = Write::new(body, is_abandoned);
        let mut state = self.lock();
        if state.closing != Closing::NotYet {
            return Ok(Err(Error::Closed));
        }
        let ticket = state.take_ticket();
        state.queue.push_back(Waiting::Job(ticket, Box::new(job)));
        let wait = Wait::of(caller);
        loop {
            if let Some(outcome) = slot.take() {
                return outcome;
            }
            let is_our_turn = matches!(state.queue.front(), Some(Waiting::Job(..)));
            if let Some(writer) = state.connection.take_if(|_| is_our_turn) {
                let group = next_group(&mut state.queue);
                drop(state);
                let lease = Lease {
                    home: self,
                    writer: Some(writer),
                };
                commit_group(lease, context, group);
                state = self.lock();
            } else {
                let waited = wait.a_moment(self, state);
                state = waited.0;
                // A job that somebody does already is waited for: it cannot wait for itself.
                if let Err(error) = waited.1
                    && state.gives_up(ticket)
                {
                    return Ok(Err(error));
                }
            }
        }
    }

    /// Takes the connection away, when its turn has come.
    pub(crate) fn lease<H: Deref<Target = Self>>(home: H, caller: Caller) -> Result<Lease<H>> {
        let connection = home.take_connection(caller)?;
        Ok(Lease {
            home,
            writer: Some(connection),
        })
    }

    fn take_connection(&self, caller: Caller) -> Result<WriterConnection> {
        let mut state = self.lock();
        let ticket = state.take_ticket();
        state.queue.push_back(Waiting::Lease(ticket));
        let wait = Wait::of(caller);
        loop {
            if state.closing != Closing::NotYet {
                return Err(Error::Closed);
            }
            let is_our_turn = matches!(state.queue.front(), Some(Waiting::Lease(first)) if *first == ticket);
            if let Some(writer) = state.connection.take_if(|_| is_our_turn) {
                state.queue.pop_front();
                return Ok(writer);
            }
            let waited = wait.a_moment(self, state);
            state = waited.0;
            if let Err(error) = waited.1 {
                state.gives_up(ticket);
                drop(state);
                self.changed.notify_all();
                return Err(error);
            }
        }
    }

    /// Whether another program has committed since this one last wrote; `None` while somebody writes.
    pub(crate) fn noticed_another_program(&self) -> Option<bool> {
        let mut state = self.lock();
        let writer = state.connection.as_mut()?;
        writer.notice_another_program().ok()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }

    /// Whether whoever has the ticket still waited; now they do not.
    fn gives_up(&mut self, ticket: u64) -> bool {
        let waiting = self.queue.len();
        self.queue
            .retain(|one| !matches!(one, Waiting::Job(of, _) | Waiting::Lease(of) if *of == ticket));
        self.queue.len() < waiting
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

    /// The transaction by hand has begun a step, or has come to its end.
    pub(crate) fn goes_on(&self) {
        self.home.lock().standing_still = None;
    }

    /// The transaction by hand waits for its next step, which this caller will do.
    pub(crate) fn stands_still(&self, owner: Caller) {
        self.home.lock().standing_still = Some(StandingStill::of(owner));
    }

    /// This thread works with the connection, until what is returned is dropped.
    pub(crate) fn enter(&self) -> Within {
        Within::enter(&self.home)
    }

    /// Notes what the log is like after a commit, unless another program has committed as well.
    fn note_own_commit(&self, context: &Context) {
        let is_alone =
            |writer: &WriterConnection| data_version(&writer.connection).is_ok_and(|now| now == writer.data_version);
        context.own_commits.note(|| self.writer.as_ref().is_some_and(is_alone));
    }

    /// Begins a write transaction and takes note of what other programs have committed before it.
    pub(crate) fn begin(&mut self, context: &Context) -> Result<OpenTransaction<'_>> {
        context.check_place()?;
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
            let mut state = home.lock();
            state.standing_still = None;
            state.connection = Some(writer);
            drop(state);
            home.changed.notify_all();
        }
    }
}

fn next_group(queue: &mut VecDeque<Waiting>) -> Vec<Box<dyn Job>> {
    let mut group = Vec::new();
    while group.len() < GROUP_MAX
        && let Some(Waiting::Job(..)) = queue.front()
    {
        if let Some(Waiting::Job(_, job)) = queue.pop_front() {
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
    let within = lease.enter();
    let committed = lease.begin(context).and_then(|transaction| {
        let mut changes = Changes::default();
        if run_group(&transaction, context, &mut group, &mut changes)? {
            context.commit(transaction, changes)?;
        }
        Ok(())
    });
    if committed.is_ok() {
        lease.note_own_commit(context);
    }
    for job in group {
        job.finish(committed.clone());
    }
    drop(within);
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
