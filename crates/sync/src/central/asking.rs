//! A connection to the server, and the limits on everything that is asked through it.
//!
//! Two kinds of silence must not wedge the loop: a statement that takes long (the server itself ends it, by a timeout
//! set within each transaction, so it works through a pooler), and a server that accepted the connection and then says
//! nothing (the wait for each answer ends here, and so does the connection). And a third must not wedge the other
//! devices: the silence of a device that has fallen asleep, or left its network, while it is the one that writes. The
//! server ends its transaction.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, join_all};
use tokio_postgres::Row;

use super::connection::{Connection, Question};
use super::error::{Error, Result};

/// How long the server keeps an idle transaction that only reads, for instance that of a device that fell asleep.
const IDLE_READER_TIMEOUT: Duration = Duration::from_mins(1);
/// The same for one that may write, and so keep others from writing. It is shorter than anybody waits for a lock:
/// whoever comes next waits, and need not come back.
const IDLE_WRITER_TIMEOUT: Duration = Duration::from_secs(5);

impl Connection {
    /// Waits for an answer, no longer than the limit.
    pub(super) async fn ask<T>(
        &self,
        doing: &'static str,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        self.ask_within(self.limits.answer, doing, answer).await
    }

    /// Waits for an answer that takes no work, no longer than for a connection: a server that is silent for longer is
    /// gone.
    pub(super) async fn ask_soon<T>(
        &self,
        doing: &'static str,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        self.ask_within(self.limits.connect, doing, answer).await
    }

    /// Waits for an answer that takes no work once nobody is in the way any more.
    pub(super) async fn ask_in_line<T>(
        &self,
        doing: &'static str,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        let limit = (self.limits.lock + self.limits.connect).min(self.limits.answer);
        self.ask_within(limit, doing, answer).await
    }

    async fn ask_within<T>(
        &self,
        limit: Duration,
        doing: &'static str,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        let answered = tokio::select! {
            biased;
            answered = tokio::time::timeout(limit, answer) => answered,
            () = self.doubt.is_forgotten(&self.in_transaction) => {
                // Nothing else is worth waiting for on this connection, not even a rollback.
                self.driver.abort();
                return Err(Error::ConnectionLost {
                    server: self.peer.server.clone(),
                    doing,
                    reason: "the server answers over another one, and is not at work on what was asked over this one".to_owned(),
                });
            }
        };
        match answered {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.peer.while_doing(doing, &error)),
            Err(_) => Err(Error::Timeout {
                server: self.peer.server.clone(),
                doing,
                seconds: limit.as_secs(),
            }),
        }
    }

    /// Waits for an answer that may take any amount of time to arrive completely, as long as `arrived` keeps counting
    /// parts of it.
    pub(super) async fn ask_while_it_flows<T>(
        &self,
        doing: &'static str,
        arrived: &AtomicU64,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        let mut answer = std::pin::pin!(answer);
        loop {
            let before = arrived.load(Ordering::Relaxed);
            match self.ask(doing, answer.as_mut()).await {
                Err(Error::Timeout { .. }) if arrived.load(Ordering::Relaxed) != before => (),
                answered => return answered,
            }
        }
    }

    /// Runs statements that bind nothing and return nothing.
    pub(super) async fn run(&self, doing: &'static str, statements: &str) -> Result<()> {
        self.ask(doing, self.client.batch_execute(statements)).await
    }

    /// Sends questions together and waits for all answers. The first error is the cause; those after it only say that
    /// the transaction has failed.
    pub(super) async fn ask_all(&self, doing: &'static str, questions: Vec<Question<'_>>) -> Result<Vec<Vec<Row>>> {
        let answers = questions
            .iter()
            .map(|(sql, parameters)| self.client.query_typed(sql, parameters));
        let all = join_all(answers).map(|answers| answers.into_iter().collect::<Result<Vec<_>, _>>());
        self.ask(doing, all).await
    }

    /// Sends statements together and waits until all are done. Returns how many rows each has touched.
    pub(super) async fn count_all(&self, doing: &'static str, questions: Vec<Question<'_>>) -> Result<Vec<u64>> {
        let answers = questions
            .iter()
            .map(|(sql, parameters)| -> BoxFuture<'_, _> { self.client.execute_typed(sql, parameters).boxed() });
        let all = join_all(answers).map(|answers| answers.into_iter().collect::<Result<Vec<_>, _>>());
        self.ask(doing, all).await
    }

    /// Begins a transaction, with limits that hold until its end, and runs the first statements in it. What an
    /// abandoned one before it has left is rolled back.
    pub(super) async fn begin(&self, doing: &'static str, statements: &str) -> Result<()> {
        self.run(doing, &self.beginning_to_write(statements)).await
    }

    /// The statements that begin a transaction, with limits that hold until its end.
    pub(super) fn beginning_to_write(&self, statements: &str) -> String {
        self.beginning("", self.limits.statement, IDLE_WRITER_TIMEOUT, statements)
    }

    /// The same for one that keeps nobody waiting until it [writes](Self::from_here_it_writes): it may wait for its own
    /// turn.
    pub(super) fn beginning_to_stage(&self, statements: &str) -> String {
        self.beginning("", self.limits.statement, IDLE_READER_TIMEOUT, statements)
    }

    /// From here on the transaction keeps others waiting.
    pub(super) fn from_here_it_writes() -> String {
        let idle = IDLE_WRITER_TIMEOUT.as_millis();
        format!("SET LOCAL idle_in_transaction_session_timeout = {idle}")
    }

    /// The statements that begin a transaction for reading, with one snapshot, taken by the first question. How long a
    /// statement may take is left to whoever reads: an answer may go on for a long time while its rows arrive.
    pub(super) fn beginning_of_snapshot(&self) -> String {
        let mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY";
        self.beginning(mode, Duration::ZERO, IDLE_READER_TIMEOUT, "SET LOCAL jit = off")
    }

    /// All in one piece, so that it can be sent together with the questions that follow it.
    fn beginning(&self, mode: &'static str, statement: Duration, idle: Duration, statements: &str) -> String {
        let was_abandoned = self.in_transaction.swap(true, Ordering::Relaxed);
        format!(
            "{}BEGIN {mode}; SET LOCAL statement_timeout = {}; SET LOCAL lock_timeout = {}; \
             SET LOCAL idle_in_transaction_session_timeout = {}; SET LOCAL application_name = '{}'; {statements}",
            if was_abandoned { "ROLLBACK; " } else { "" },
            statement.as_millis(),
            self.limits.lock.as_millis(),
            idle.as_millis(),
            self.doubt.name(),
        )
    }

    /// Ends the transaction according to the result of its work: by a commit, or without a trace.
    pub(super) async fn end<T>(&self, doing: &'static str, came_to: Result<T>) -> Result<T> {
        match came_to {
            Ok(value) => {
                self.commit(doing).await?;
                Ok(value)
            }
            Err(error) => {
                // The first error is the better answer; a connection that cannot even roll back is found to be closed.
                let _ = self.roll_back().await;
                Err(error)
            }
        }
    }

    pub(super) async fn commit(&self, doing: &'static str) -> Result<()> {
        self.run(doing, "COMMIT").await?;
        self.has_ended();
        Ok(())
    }

    /// Ends the transaction without a trace. If even that fails, the connection is of no use any more.
    pub(super) async fn roll_back(&self) -> Result<()> {
        self.run("rolling back", "ROLLBACK").await?;
        self.has_ended();
        Ok(())
    }

    /// The server has answered the end of the transaction.
    pub(super) fn has_ended(&self) {
        self.in_transaction.store(false, Ordering::Relaxed);
        self.doubt.is_answered();
    }
}
