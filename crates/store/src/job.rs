//! A write in the queue: its closure, and where its result goes.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::changes::Changes;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::session::WriteSession;
use crate::writer::run_in_session;

/// What a closure came to: its result, or the payload of its panic.
pub(crate) type Outcome<T> = std::thread::Result<Result<T>>;

/// A write that waits in the queue.
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

/// Where the one who waits finds the result.
pub(crate) struct Slot<T> {
    outcome: Mutex<Option<Outcome<T>>>,
}

impl<T> Slot<T> {
    pub(crate) fn take(&self) -> Option<Outcome<T>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

pub(crate) struct Write<T, F> {
    body: Option<F>,
    outcome: Option<Outcome<T>>,
    changes: Changes,
    slot: Arc<Slot<T>>,
    is_abandoned: Box<dyn Fn() -> bool + Send>,
}

impl<T, F> Write<T, F> {
    /// A write that is not begun when nobody wants it any more, and where its result will be.
    pub(crate) fn new(body: F, is_abandoned: impl Fn() -> bool + Send + 'static) -> (Self, Arc<Slot<T>>) {
        let slot = Arc::new(Slot {
            outcome: Mutex::new(None),
        });
        let job = Self {
            body: Some(body),
            outcome: None,
            changes: Changes::default(),
            slot: Arc::clone(&slot),
            is_abandoned: Box::new(is_abandoned),
        };
        (job, slot)
    }
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
