//! The one writer, and how those who wait for it share a commit.
//!
//! Whoever wants to write puts a job into the [queue](crate::database::queue) and then waits for one of two things:
//! that somebody has done the job, or that the connection is free. Whoever gets the connection also gets *all* waiting
//! jobs, which are committed together, each behind a savepoint of its own. So a lone writer pays nothing for the others
//! (no savepoint), and four concurrent writers share the price of one flush to the disk. No thread is kept for writing,
//! so none can die.
//!
//! An explicit transaction takes the connection away for as long as it lasts. It queues like a job, so it is neither
//! starved nor jumps the queue.

use std::collections::VecDeque;
use std::ops::Deref;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, InterruptHandle};
use tokio::sync::oneshot::error::TryRecvError;

use crate::database::job::{Job, Outcome, Write};
use crate::database::queue::{Waiting, Wanted, next_group};
use crate::database::waiting::{Caller, LOOK_AGAIN, StandingStill, Wait, Within};
use crate::error::{Error, Result};
use crate::file::transaction::{Kind, OpenTransaction, roll_back};
use crate::session::WriteSession;
use crate::session::changes::Changes;
use crate::session::context::Context;
use crate::session::running::Brake;
use crate::session::snapshot::{NoticesOthers, data_version};

/// The writer's connection and those who wait for it.
pub(crate) struct Writer {
    pub(crate) state: Mutex<State>,
    pub(crate) changed: Condvar,
    /// Interrupts a statement that is under way.
    pub(crate) interrupt: InterruptHandle,
}

/// How far closing the writer has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Closing {
    NotYet,
    /// Nobody new may write, and the write under way is being waited for.
    UnderWay,
    Done,
}

pub(crate) struct State {
    /// `None` while somebody writes, and for good once the file is closed.
    pub(crate) connection: Option<WriterConnection>,
    pub(crate) queue: VecDeque<Waiting>,
    pub(crate) next_ticket: u64,
    pub(crate) closing: Closing,
    /// The explicit transaction that has the connection, while none of its steps is under way.
    pub(crate) standing_still: Option<StandingStill>,
}

/// The connection, with the number that only other programs' commits change.
pub(crate) struct WriterConnection {
    pub(crate) connection: Connection,
    data_version: i64,
    /// Stops a read in memory, which uses this connection.
    pub(crate) brake: Brake,
}

impl Writer {
    pub(crate) fn new(mut connection: Connection) -> Result<Self> {
        let brake = Brake::of(&mut connection)?;
        let data_version = data_version(&connection)?;
        let interrupt = connection.get_interrupt_handle();
        let state = State {
            connection: Some(WriterConnection {
                connection,
                data_version,
                brake,
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

    /// Runs a closure in a transaction, on this thread or on that of another writer that shares the commit.
    pub(crate) fn write_blocking<T, E, F>(&self, context: &Context, caller: Caller, body: F) -> Outcome<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T, E> + Send + 'static,
    {
        let (job, mut answer) = Write::new(body);
        let mut state = self.lock();
        if state.closing != Closing::NotYet {
            return Ok(Err(Error::Closed.into()));
        }
        let ticket = state.stand_in_line(Wanted::Done(Box::new(job), None));
        let wait = Wait::of(caller);
        loop {
            match answer.try_recv() {
                Ok(outcome) => return outcome,
                Err(TryRecvError::Closed) => return Ok(Err(Error::Interrupted.into())),
                Err(TryRecvError::Empty) => {}
            }
            let is_our_turn = state.is_a_job_first();
            if let Some(writer) = state.connection.take_if(|_| is_our_turn) {
                let group = next_group(&mut state.queue);
                drop(state);
                commit_group(Lease::of(self, writer), context, group);
                state = self.lock();
            } else {
                let waited = self.wait_a_moment(&wait, state);
                state = waited.0;
                if let Err(error) = waited.1 {
                    drop(state);
                    // A job that is already being run is waited for: it cannot be waiting for itself.
                    if self.give_up(ticket) {
                        return Ok(Err(error.into()));
                    }
                    state = self.lock();
                }
            }
        }
    }

    /// Takes the connection away, once it is its turn.
    pub(crate) fn lease<H: Deref<Target = Self>>(home: H, caller: Caller) -> Result<Lease<H>> {
        let connection = home.take_connection(caller)?;
        Ok(Lease::of(home, connection))
    }

    fn take_connection(&self, caller: Caller) -> Result<WriterConnection> {
        let mut state = self.lock();
        let ticket = state.stand_in_line(Wanted::Connection(None));
        let wait = Wait::of(caller);
        loop {
            if state.closing != Closing::NotYet {
                return Err(Error::Closed);
            }
            let is_our_turn = state.is_first(ticket);
            if let Some(writer) = state.connection.take_if(|_| is_our_turn) {
                state.queue.pop_front();
                return Ok(writer);
            }
            let waited = self.wait_a_moment(&wait, state);
            state = waited.0;
            if let Err(error) = waited.1 {
                drop(state);
                self.give_up(ticket);
                return Err(error);
            }
        }
    }

    /// An error if this thread already holds the connection, and would wait for itself.
    pub(crate) fn refuse_within(&self) -> Result<()> {
        Within::refuse(self.address())
    }

    /// Its address, by which a thread knows whose connection it holds.
    fn address(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    /// Waits a moment for a change, on this thread; an error if none can come, or if the wait has taken too long.
    fn wait_a_moment<'w>(&'w self, wait: &Wait, state: MutexGuard<'w, State>) -> (MutexGuard<'w, State>, Result<()>) {
        let state = self
            .changed
            .wait_timeout(state, LOOK_AGAIN)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        let looked = wait.look(state.standing_still.as_ref());
        (state, looked)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl NoticesOthers for Writer {
    /// Whether another program has committed since this one last wrote; `None` while somebody writes.
    fn noticed_another_program(&self) -> Option<bool> {
        let mut state = self.lock();
        let writer = state.connection.as_mut()?;
        writer.notice_another_program().ok()
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

/// The connection on loan. Dropped, it rolls back whatever is open and goes home.
pub(crate) struct Lease<H: Deref<Target = Writer>> {
    home: H,
    writer: Option<WriterConnection>,
}

impl<H: Deref<Target = Writer>> Lease<H> {
    /// A loan to whoever has taken the connection from there.
    pub(crate) fn of(home: H, writer: WriterConnection) -> Self {
        // Again, in case the previous holder's rollback failed.
        roll_back(&writer.connection);
        Self {
            home,
            writer: Some(writer),
        }
    }

    pub(crate) fn connection(&self) -> Result<&Connection> {
        self.writer
            .as_ref()
            .map(|writer| &writer.connection)
            .ok_or(Error::TransactionEnded)
    }

    pub(crate) fn brake(&self) -> Result<&Brake> {
        let writer = self.writer.as_ref().ok_or(Error::TransactionEnded)?;
        Ok(&writer.brake)
    }

    pub(crate) fn connection_mut(&mut self) -> Result<&mut Connection> {
        self.writer
            .as_mut()
            .map(|writer| &mut writer.connection)
            .ok_or(Error::TransactionEnded)
    }

    /// The explicit transaction has begun a step, or has ended.
    pub(crate) fn goes_on(&self) {
        self.home.lock().standing_still = None;
    }

    /// The explicit transaction waits for its next step, which this caller will do.
    pub(crate) fn stands_still(&self, owner: Caller) {
        self.home.lock().standing_still = Some(StandingStill::of(owner));
    }

    /// Marks that this thread works with the connection, until the returned guard is dropped.
    pub(crate) fn enter(&self) -> Within {
        Within::enter(self.home.address())
    }

    /// Begins a write transaction and notes what other programs have committed before it.
    pub(crate) fn begin(&mut self, context: &Context) -> Result<OpenTransaction<'_>> {
        // Before the commit it is checked in any case.
        context.check_whereabouts_now_and_then()?;
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
            home.let_go(state);
        }
    }
}

/// Runs the jobs in one transaction, commits it, announces what changed, and only then answers.
pub(crate) fn commit_group<H: Deref<Target = Writer>>(
    mut lease: Lease<H>,
    context: &Context,
    mut group: Vec<Box<dyn Job>>,
) {
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
        context.own_commits.note();
    }
    for job in group {
        job.finish(committed.clone());
    }
    drop(within);
    // Last, because it wakes those who wait: each must find its answer ready.
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

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::{Lease, Writer};
    use crate::file::transaction::{Kind, OpenTransaction};

    #[test]
    fn a_rollback_that_failed_is_made_up_for_before_anybody_else_writes() {
        let writer = Writer::new(Connection::open_in_memory().unwrap()).unwrap();
        let take = || Lease::of(&writer, writer.lock().connection.take().unwrap());
        let no_rollback = |asked: AuthContext<'_>| match asked.action {
            AuthAction::Transaction { .. } => Authorization::Deny,
            _ => Authorization::Allow,
        };
        let mut lease = take();
        OpenTransaction::begin(lease.connection().unwrap(), Kind::Write)
            .unwrap()
            .keep_open();
        lease.connection_mut().unwrap().authorizer(Some(no_rollback)).unwrap();
        drop(lease);
        let mut state = writer.lock();
        let home = &mut state.connection.as_mut().unwrap().connection;
        assert!(!home.is_autocommit(), "nothing has failed, so nothing is tried");
        home.authorizer(None::<fn(AuthContext<'_>) -> Authorization>).unwrap();
        drop(state);
        assert!(take().connection().unwrap().is_autocommit());
    }
}
