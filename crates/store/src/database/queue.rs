//! The queue in front of the writer, in which tasks and threads stand in order of arrival.
//!
//! A thread sleeps until it is first and then takes the connection itself. A task must not sleep, nor may anything
//! depend on it running: a thread that blocks within a runtime would keep the task from its turn, and with it everybody
//! behind. So whoever lets go of the connection looks who is first, and if it is a task, does the next step for it:
//! hands over the connection, or has its job begun on a thread for blocking work. A waiting task is two small objects
//! and no thread, and one that is dropped leaves the queue.

use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard};

use tokio::runtime::Handle;
use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::database::job::{Job, Outcome, Write};
use crate::database::waiting::{Caller, LOOK_AGAIN, Wait};
use crate::database::writer::{Closing, Lease, State, Writer, WriterConnection, commit_group};
use crate::error::{Error, Result};
use crate::session::WriteSession;
use crate::session::context::Context;

/// Jobs that one commit may carry.
const GROUP_MAX: usize = 64;

/// Somebody who waits, with the ticket by which they are found.
pub(crate) struct Waiting {
    ticket: u64,
    pub(crate) wanted: Wanted,
}

/// What somebody waits for.
pub(crate) enum Wanted {
    /// For a job to be done; if it is a task's, whoever leads begins it.
    Done(Box<dyn Job>, Option<Lead>),
    /// The connection.
    Connection(Option<Claim>),
}

/// A task that wants the connection.
pub(crate) struct Claim {
    writer: Arc<Writer>,
    to: Sender<Lease<Arc<Writer>>>,
}

/// What it takes to begin a job for a task.
pub(crate) struct Lead {
    runtime: Handle,
    writer: Arc<Writer>,
    context: Arc<Context>,
}

/// What is done for a task that is first, once the lock is released.
enum Next {
    Begin(Lead, WriterConnection, Vec<Box<dyn Job>>),
    HandOver(Claim, WriterConnection),
}

impl Writer {
    /// Runs a closure in a transaction, for a task: whichever writes happen to be waiting share the commit.
    pub(crate) async fn write<T, E, F>(
        self: &Arc<Self>,
        context: &Arc<Context>,
        caller: Caller,
        body: F,
    ) -> Result<Outcome<T, E>>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T, E> + Send + 'static,
    {
        let (job, answer) = Write::new(body);
        let lead = Lead {
            runtime: Handle::current(),
            writer: Arc::clone(self),
            context: Arc::clone(context),
        };
        let turn = self.stand_in_line(Wanted::Done(Box::new(job), Some(lead)))?;
        turn.wait(caller, answer).await
    }

    /// Takes the connection away for a task, once it is its turn.
    pub(crate) async fn take_away(self: &Arc<Self>, caller: Caller) -> Result<Lease<Arc<Self>>> {
        let (to, receiver) = oneshot::channel();
        let writer = Arc::clone(self);
        let turn = self.stand_in_line(Wanted::Connection(Some(Claim { writer, to })))?;
        turn.wait(caller, receiver).await
    }

    fn stand_in_line(&self, wanted: Wanted) -> Result<Turn<'_>> {
        let mut state = self.lock();
        if state.closing != Closing::NotYet {
            return Err(Error::Closed);
        }
        let ticket = state.stand_in_line(wanted);
        self.let_go(state);
        Ok(Turn {
            writer: self,
            ticket,
            is_left: false,
        })
    }

    /// Releases the state after something in it has changed, and makes sure that whoever is first goes on.
    pub(crate) fn let_go(&self, mut state: MutexGuard<'_, State>) {
        let next = state.next();
        drop(state);
        self.changed.notify_all();
        match next {
            None => {}
            Some(Next::Begin(lead, writer, group)) => {
                let Lead {
                    runtime,
                    writer: home,
                    context,
                } = lead;
                let lease = Lease::of(home, writer);
                // If the runtime has ended, it drops this, and the connection goes home.
                runtime.spawn_blocking(move || commit_group(lease, &context, group));
            }
            // A recipient that has gone gives it back, and it goes home.
            Some(Next::HandOver(claim, writer)) => drop(claim.to.send(Lease::of(claim.writer, writer))),
        }
    }

    /// Leaves the queue. Returns whether the ticket was still in it.
    pub(crate) fn give_up(&self, ticket: u64) -> bool {
        let mut state = self.lock();
        let index = state.queue.iter().position(|one| one.ticket == ticket);
        // Whatever a job's closure holds is dropped after the lock is released, so that it keeps nobody waiting.
        let left = index.and_then(|index| state.queue.remove(index));
        self.let_go(state);
        left.is_some()
    }
}

impl State {
    /// The ticket of somebody who waits from now on.
    pub(crate) fn stand_in_line(&mut self, wanted: Wanted) -> u64 {
        self.next_ticket += 1;
        let ticket = self.next_ticket;
        self.queue.push_back(Waiting { ticket, wanted });
        ticket
    }

    /// Whether the one with the ticket is first.
    pub(crate) fn is_first(&self, ticket: u64) -> bool {
        self.queue.front().is_some_and(|first| first.ticket == ticket)
    }

    /// Whether a job is first.
    pub(crate) fn is_a_job_first(&self) -> bool {
        matches!(
            self.queue.front(),
            Some(Waiting {
                wanted: Wanted::Done(..),
                ..
            })
        )
    }

    fn next(&mut self) -> Option<Next> {
        self.connection.as_ref()?;
        match &mut self.queue.front_mut()?.wanted {
            Wanted::Done(_, lead) => {
                let lead = lead.take()?;
                let writer = self.connection.take()?;
                Some(Next::Begin(lead, writer, next_group(&mut self.queue)))
            }
            Wanted::Connection(claim) => {
                let claim = claim.take()?;
                self.queue.pop_front();
                Some(Next::HandOver(claim, self.connection.take()?))
            }
        }
    }
}

/// The jobs at the head of the queue that go into one commit.
pub(crate) fn next_group(queue: &mut VecDeque<Waiting>) -> Vec<Box<dyn Job>> {
    let mut group = Vec::new();
    while group.len() < GROUP_MAX
        && let Some(Waiting {
            wanted: Wanted::Done(..),
            ..
        }) = queue.front()
    {
        if let Some(Waiting {
            wanted: Wanted::Done(job, _),
            ..
        }) = queue.pop_front()
        {
            if job.is_abandoned() {
                job.finish(Err(Error::Interrupted));
            } else {
                group.push(job);
            }
        }
    }
    group
}

/// A task's place in the queue. Dropped, the place is given up.
struct Turn<'w> {
    writer: &'w Writer,
    ticket: u64,
    is_left: bool,
}

impl Turn<'_> {
    /// Waits for what was wanted; an error if it cannot come, or takes too long.
    async fn wait<T>(mut self, caller: Caller, mut answer: Receiver<T>) -> Result<T> {
        let wait = Wait::of(caller);
        loop {
            if let Ok(answer) = tokio::time::timeout(LOOK_AGAIN, &mut answer).await {
                self.is_left = true;
                return answer.map_err(|_| self.writer.why_not());
            }
            let looked = wait.look(self.writer.lock().standing_still.as_ref());
            // A job that is already being run is waited for: it cannot be waiting for itself.
            if let Err(error) = looked
                && self.leave()
            {
                return Err(error);
            }
        }
    }

    fn leave(&mut self) -> bool {
        self.is_left = true;
        self.writer.give_up(self.ticket)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if !self.is_left {
            self.leave();
        }
    }
}

impl Writer {
    /// Why there is no answer.
    fn why_not(&self) -> Error {
        match self.lock().closing {
            // The runtime that was to do it has ended.
            Closing::NotYet => Error::Interrupted,
            Closing::UnderWay | Closing::Done => Error::Closed,
        }
    }
}
