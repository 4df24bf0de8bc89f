//! A write in the queue: its closure, and where its result goes. A closure fails with an error type of its caller's
//! choice; whatever goes wrong around it reaches the caller as that same error.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::error::{Error, Result};
use crate::session::changes::Changes;
use crate::session::context::Context;
use crate::session::snapshot::SnapshotVersion;
use crate::session::{ReadSession, WriteSession};

/// What a closure ended with: its result, or the payload of its panic.
pub(crate) type Outcome<T, E = Error> = std::thread::Result<Result<T, E>>;

/// Runs a closure in a session of an open transaction, writes its journal, and catches its panic.
pub(crate) fn run_in_session<T, E: From<Error>>(
    connection: &Connection,
    context: &Context,
    body: impl FnOnce(&WriteSession<'_>) -> Result<T, E>,
) -> (Outcome<T, E>, Changes) {
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

/// Resumes a closure's panic on the caller's thread.
pub(crate) fn unwrap_outcome<T, E>(outcome: Outcome<T, E>) -> Result<T, E> {
    outcome.unwrap_or_else(|payload: Box<dyn Any + Send>| std::panic::resume_unwind(payload))
}

/// A write waiting in the queue.
pub(crate) trait Job: Send {
    /// Whether nobody wants it any more. Once begun, it is finished.
    fn is_abandoned(&self) -> bool;
    /// Runs the closure in the open transaction and says whether to keep what it wrote.
    fn run(&mut self, connection: &Connection, context: &Context) -> bool;
    /// What it changed.
    fn take_changes(&mut self) -> Changes;
    /// Hands the result to whoever waits: the closure's own, or the reason why nothing was committed.
    fn finish(self: Box<Self>, committed: Result<()>);
}

pub(crate) struct Write<T, E, F> {
    body: Option<F>,
    outcome: Option<Outcome<T, E>>,
    changes: Changes,
    answer: Sender<Outcome<T, E>>,
}

impl<T, E, F> Write<T, E, F> {
    /// A write, and where its result will be. It is not begun once nobody waits for that any more.
    pub(crate) fn new(body: F) -> (Self, Receiver<Outcome<T, E>>) {
        let (answer, receiver) = oneshot::channel();
        let job = Self {
            body: Some(body),
            outcome: None,
            changes: Changes::default(),
            answer,
        };
        (job, receiver)
    }
}

impl<T, E, F> Job for Write<T, E, F>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&WriteSession<'_>) -> Result<T, E> + Send + 'static,
{
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
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
            (Err(error), None | Some(Ok(Ok(_)))) => Ok(Err(error.into())),
            // Its own error or panic says more than the group's does.
            (_, Some(own)) => own,
            (Ok(()), None) => Ok(Err(Error::TransactionEnded.into())),
        };
        // A caller that has gone away in the meantime wants no answer.
        drop(self.answer.send(outcome));
    }
}
