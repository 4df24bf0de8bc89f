//! An explicit transaction: begun, run step by step across awaits, then committed or rolled back.
//!
//! Each step is a savepoint, so a step that fails undoes only itself. The writer's connection travels with the
//! transaction; while it lasts, every other writer waits. So it may work for as long as it takes, but may stand still
//! between its steps for no more than [`IDLE_LIMIT`] altogether: one that lingers again and again would keep the others
//! out for ever.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::database::background::in_background;
use crate::database::job::{run_in_session, unwrap_outcome};
use crate::database::waiting::Caller;
use crate::database::writer::{Lease, Writer};
use crate::error::{Error, Result};
use crate::file::transaction::OpenTransaction;
use crate::session::WriteSession;
use crate::session::changes::Changes;
use crate::session::context::Context;

/// How long an explicit transaction may stand still, counting all its waits for a next step together, before it is
/// rolled back.
pub const IDLE_LIMIT: Duration = Duration::from_mins(1);

/// An open transaction. Dropped, it is rolled back.
pub struct Transaction {
    context: Arc<Context>,
    /// Shared with the clock that ends an idle transaction.
    open: Arc<Mutex<Option<Open>>>,
    idle: Idle,
}

struct Open {
    lease: Lease<Arc<Writer>>,
    changes: Changes,
}

impl Transaction {
    pub(crate) async fn begin(writer: &Arc<Writer>, context: &Arc<Context>, caller: Caller) -> Result<Self> {
        let mut lease = writer.take_away(caller).await?;
        let of = Arc::clone(context);
        let lease = in_background(move || {
            lease.begin(&of)?.keep_open();
            lease.stands_still(caller);
            Ok(lease)
        })
        .await?;
        let open = Arc::new(Mutex::new(Some(Open {
            lease,
            changes: Changes::default(),
        })));
        let idle = Idle::begin(&open, IDLE_LIMIT);
        Ok(Self {
            context: Arc::clone(context),
            open,
            idle,
        })
    }

    /// Runs one step. `Err` and a panic undo this step only; the transaction stays open.
    pub async fn run<T, F>(&mut self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        self.step(body).await
    }

    /// [`run`](Self::run) with a closure that fails with an error type of the caller's own.
    pub async fn step<T, E, F>(&mut self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T, E> + Send + 'static,
    {
        let left = self.idle.end();
        let mut open = self.take()?;
        let (context, caller) = (Arc::clone(&self.context), Caller::here());
        open.lease.goes_on();
        // If this future is dropped half way, the step finishes and `open` is dropped with it: everything is rolled
        // back.
        let (open, outcome) = in_background(move || {
            let connection = open.lease.connection()?;
            let transaction = OpenTransaction::resume(connection);
            let within = open.lease.enter();
            let outcome = transaction.step(
                || run_in_session(connection, &context, body),
                |(outcome, _)| matches!(outcome, Ok(Ok(_))),
            );
            transaction.keep_open();
            drop(within);
            open.lease.stands_still(caller);
            let (outcome, changes) = outcome?;
            if matches!(outcome, Ok(Ok(_))) {
                open.changes.merge(changes);
            }
            Ok((open, outcome))
        })
        .await?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
        self.idle = Idle::begin(&self.open, left);
        unwrap_outcome(outcome)
    }

    /// Makes everything durable and announces it.
    pub async fn commit(self) -> Result<()> {
        self.idle.end();
        let Open { lease, changes } = self.take()?;
        let context = Arc::clone(&self.context);
        in_background(move || context.commit(OpenTransaction::resume(lease.connection()?), changes)).await
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        self.idle.end();
        let open = self.take()?;
        in_background(move || {
            drop(open);
            Ok(())
        })
        .await
    }

    fn take(&self) -> Result<Open> {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
            .ok_or(Error::TransactionEnded)
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        self.idle.end();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// A wait for the next step, with the clock that ends the transaction when it takes too long.
struct Idle {
    since: Instant,
    left: Duration,
    clock: tokio::task::JoinHandle<()>,
}

impl Idle {
    fn begin(open: &Arc<Mutex<Option<Open>>>, left: Duration) -> Self {
        let open = Arc::clone(open);
        let clock = tokio::spawn(async move {
            tokio::time::sleep(left).await;
            if open.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
                tracing::warn!("a transaction was left idle and has been rolled back");
            }
        });
        Self {
            since: Instant::now(),
            left,
            clock,
        }
    }

    /// The time that is left for the waits to come.
    fn end(&self) -> Duration {
        self.clock.abort();
        self.left.saturating_sub(self.since.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{IDLE_LIMIT, Idle};

    #[tokio::test]
    async fn what_a_transaction_has_stood_still_is_taken_from_its_later_waits() {
        let mut idle = Idle::begin(&Arc::new(Mutex::new(None)), IDLE_LIMIT);
        let stood = IDLE_LIMIT / 3;
        idle.since = Instant::now().checked_sub(stood).unwrap();
        let left = idle.end();
        assert!(left + stood <= IDLE_LIMIT, "{left:?}");
        let mut idle = Idle::begin(&Arc::new(Mutex::new(None)), left);
        idle.since = Instant::now().checked_sub(IDLE_LIMIT).unwrap();
        assert_eq!(idle.end(), Duration::ZERO);
    }
}
