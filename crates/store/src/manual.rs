//! A transaction by hand: begun, run step by step across awaits, committed or rolled back.
//!
//! Each step is a savepoint, so a step that fails undoes only itself. The writer's connection travels with the
//! transaction; while it lasts, every other writer waits, which is why it is ended after [`IDLE_LIMIT`] without a step.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::changes::Changes;
use crate::database::{Inner, in_background};
use crate::error::{Error, Result};
use crate::session::WriteSession;
use crate::transaction::OpenTransaction;
use crate::waiting::Caller;
use crate::writer::{Lease, Writer, run_in_session, unwrap_outcome};

/// How long a manual transaction may wait for its next step before it is rolled back.
pub const IDLE_LIMIT: Duration = Duration::from_mins(1);

/// An open transaction. Dropped, it is rolled back.
pub struct Transaction {
    inner: Arc<Inner>,
    /// Shared with the clock that ends an idle transaction.
    open: Arc<Mutex<Option<Open>>>,
    idle: tokio::task::JoinHandle<()>,
}

struct Open {
    lease: Lease<Arc<Writer>>,
    changes: Changes,
}

impl Transaction {
    pub(crate) fn begin(inner: Arc<Inner>, caller: Caller) -> Result<Self> {
        let mut lease = Writer::lease(Arc::clone(&inner.writer), caller)?;
        lease.begin(&inner.context)?.keep_open();
        lease.stands_still(caller);
        let open = Arc::new(Mutex::new(Some(Open {
            lease,
            changes: Changes::default(),
        })));
        let idle = end_when_idle(&open);
        Ok(Self { inner, open, idle })
    }

    /// Runs one step. `Err` and a panic undo this step only; the transaction stays open.
    pub async fn run<T, F>(&mut self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        self.idle.abort();
        let mut open = self.take()?;
        let (inner, caller) = (Arc::clone(&self.inner), Caller::here());
        open.lease.goes_on();
        // When this future is dropped half way, the step finishes and `open` is dropped with it: all is rolled back.
        let (open, outcome) = in_background(move || {
            let connection = open.lease.connection()?;
            let transaction = OpenTransaction::resume(connection);
            let within = open.lease.enter();
            let outcome = transaction.step(
                || run_in_session(connection, &inner.context, body),
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
        self.idle = end_when_idle(&self.open);
        unwrap_outcome(outcome)
    }

    /// Makes everything durable and announces it.
    pub async fn commit(self) -> Result<()> {
        self.idle.abort();
        let Open { lease, changes } = self.take()?;
        let inner = Arc::clone(&self.inner);
        in_background(move || {
            inner
                .context
                .commit(OpenTransaction::resume(lease.connection()?), changes)
        })
        .await
    }

    /// Undoes everything.
    pub async fn rollback(self) -> Result<()> {
        self.idle.abort();
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
        self.idle.abort();
        self.open.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn end_when_idle(open: &Arc<Mutex<Option<Open>>>) -> tokio::task::JoinHandle<()> {
    let open = Arc::clone(open);
    tokio::spawn(async move {
        tokio::time::sleep(IDLE_LIMIT).await;
        if open.lock().unwrap_or_else(PoisonError::into_inner).take().is_some() {
            tracing::warn!("a transaction was left idle and has been rolled back");
        }
    })
}
