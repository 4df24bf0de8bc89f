//! A connection to the server, and the limits on everything that is asked through it.
//!
//! Two kinds of silence must not wedge the loop: a statement that takes long (the server itself ends it, by a timeout that
//! is set within each transaction, so it works through a pooler), and a server that accepted and then says nothing (the
//! wait for each answer ends here, and so does the connection). And one must not wedge the others: that of a device which has
//! fallen asleep, or out of its network, while it is the one that writes. The server ends its transaction.

use std::future::Future;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};

use super::ahead::Ahead;
use super::doubt::{Doubt, Patience};
use super::error::{Error, Peer, Result};
use super::hints::Hints;
use super::limits::Limits;
use super::session::Session;
use super::settings::{CentralSettings, SchemaName};
use crate::edition::Edition;
use crate::keychain;
use crate::shared::Shared;

/// How long the server keeps a transaction that reads while nothing is asked in it, for instance of a device that fell asleep.
const IDLE_READER_TIMEOUT: Duration = Duration::from_mins(1);
/// The same for one that may write, and so keep others from it. Shorter than anybody waits for a lock: who comes next waits, and
/// need not come again.
const IDLE_WRITER_TIMEOUT: Duration = Duration::from_secs(5);

/// A catalogue on a server, as something to connect to.
#[derive(Debug, Clone)]
pub struct Central {
    pub(super) settings: Arc<CentralSettings>,
    pub(super) limits: Limits,
    pub(super) edition: Edition,
    pub(super) hints: Hints,
    /// What the keychain says, where it is to be asked.
    pub(super) keychain: Option<Arc<keychain::Answer>>,
    /// Whether the server has asked for the password in clear, and so perhaps somebody else than PostgreSQL keeps it.
    pub(super) is_in_clear: Arc<AtomicBool>,
    /// How patient to be with connections that fall silent.
    pub(super) patience: Arc<Patience>,
    /// Whether connections are made only to ask about another one.
    pub(super) is_witness: bool,
}

impl Central {
    /// Nothing is asked of the network yet.
    pub fn new(settings: CentralSettings) -> Self {
        Self::with_limits(settings, Limits::default())
    }

    /// With other limits than the usual ones.
    pub fn with_limits(settings: CentralSettings, limits: Limits) -> Self {
        Self {
            settings: Arc::new(settings),
            limits,
            edition: Edition::default(),
            hints: Hints::default(),
            keychain: None,
            is_in_clear: Arc::default(),
            patience: Arc::default(),
            is_witness: false,
        }
    }

    /// Looks for a password that the settings do not have in the system's keychain, when a connection wants it.
    pub fn asking_keychain(self) -> Self {
        let has_password = self.settings.password.is_some();
        Self {
            keychain: (!has_password).then(Arc::default),
            ..self
        }
    }

    /// Lets the next connection ask the keychain anew, also when a person did not open it the last time.
    pub(crate) async fn ask_keychain_again(&self) {
        if let Some(keychain) = &self.keychain {
            keychain.ask_again().await;
        }
    }

    /// The revision that another device has hinted at last, over any connection that [listens](Connection::listen).
    pub fn hints(&self) -> watch::Receiver<i64> {
        self.hints.subscribe()
    }

    /// The same, to ask about a connection of this one.
    pub(super) fn witness(&self) -> Self {
        Self {
            is_witness: true,
            ..self.beside()
        }
    }

    /// The same, for a connection beside one that hears the hints.
    pub(super) fn beside(&self) -> Self {
        Self {
            hints: Hints::default(),
            ..self.clone()
        }
    }

    /// Tells up to which revision everything is known, so that hints of it are none.
    pub(crate) fn knows(&self, revision: i64) {
        self.hints.knows(revision);
    }

    /// Whether a wrong password may count against the login: asked for in clear, it may be somebody else's to keep than the server's,
    /// and many a directory locks who is wrong too often.
    pub(crate) fn counts_wrong_passwords(&self) -> bool {
        self.is_in_clear.load(Ordering::Relaxed)
    }

    /// What it was made from.
    pub fn settings(&self) -> &CentralSettings {
        &self.settings
    }

    /// Connects, whatever may be there. For migrating; everything else wants [`open`](Self::open).
    pub async fn connect(&self) -> Result<Connection> {
        let Some(keychain) = &self.keychain else {
            return self.connect_as_told().await;
        };
        let asked = keychain.password(&self.settings).await;
        let password = asked.as_ref().ok().cloned().flatten();
        let settings = CentralSettings {
            password,
            ..CentralSettings::clone(&self.settings)
        };
        let told = Self {
            settings: Arc::new(settings),
            ..self.clone()
        };
        let connected = told.connect_as_told().await;
        if let Err(Error::NoPassword { .. } | Error::WrongPassword { .. }) = &connected {
            keychain.was_of_no_use().await;
        }
        connected.map_err(|error| match error {
            Error::NoPassword { server, user, .. } => {
                let keychain = asked.err();
                Error::NoPassword { server, user, keychain }
            }
            error => error,
        })
    }
}

/// One of several statements that are sent together, with what it binds.
pub(super) type Question<'q> = (String, Vec<(&'q (dyn ToSql + Sync), Type)>);

/// A signed-in connection. Dropped in the middle of a transaction, it takes the transaction with it.
#[derive(Debug)]
pub struct Connection {
    pub(super) client: Client,
    driver: JoinHandle<()>,
    pub(super) peer: Peer,
    pub(super) limits: Limits,
    pub(super) schema: SchemaName,
    pub(super) edition: Edition,
    /// What this program and the server both know, and which version of the server that was found out of.
    pub(super) shared: Mutex<(i32, Shared)>,
    /// Also when the work on it was abandoned half-way.
    pub(super) in_transaction: AtomicBool,
    /// What it remembers of itself.
    pub(super) session: Session,
    /// What it is asked by when it says nothing.
    pub(super) doubt: Doubt,
    /// Rows that were sent ahead of their turn.
    pub(super) ahead: Box<Ahead>,
    /// The folder of the file that is exchanged over it: what comes has room there until it is applied.
    pub(super) folder: Option<PathBuf>,
}

impl Connection {
    /// Over which nothing was asked yet.
    pub(super) fn new(
        central: &Central,
        peer: Peer,
        client: Client,
        driver: JoinHandle<()>,
        heard: Arc<AtomicU64>,
    ) -> Self {
        Self {
            client,
            driver,
            peer,
            limits: central.limits,
            schema: central.settings.schema.clone(),
            edition: central.edition.clone(),
            shared: Mutex::new((0, Shared::all(central.edition.tables))),
            in_transaction: AtomicBool::new(false),
            session: Session::default(),
            doubt: Doubt::new(central, heard),
            ahead: Box::default(),
            folder: None,
        }
    }

    /// For a file in this folder.
    pub fn is_for_file_in(&mut self, folder: Option<PathBuf>) {
        self.folder = folder;
    }

    /// Whether the connection is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Waits for an answer, no longer than the limit.
    pub(super) async fn ask<T>(
        &self,
        doing: &'static str,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        self.ask_within(self.limits.answer, doing, answer).await
    }

    /// Waits for an answer that takes no work, no longer than for a connection: a server that is silent for longer is gone.
    pub(super) async fn ask_soon<T>(
        &self,
        doing: &'static str,
        answer: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        self.ask_within(self.limits.connect, doing, answer).await
    }

    /// Waits for an answer that takes no work, once nobody is in the way any more.
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
                // Nothing else is worth waiting for over it, a rollback neither.
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

    /// Waits for an answer that may take any time to arrive whole, as long as `arrived` goes on counting parts of it.
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

    /// Sends questions together and waits for all answers. The first error is the cause; those after it only say that the
    /// transaction has failed.
    pub(super) async fn ask_all(&self, doing: &'static str, questions: Vec<Question<'_>>) -> Result<Vec<Vec<Row>>> {
        let answers = questions
            .iter()
            .map(|(sql, parameters)| self.client.query_typed(sql, parameters));
        let all = join_all(answers).map(|answers| answers.into_iter().collect::<Result<Vec<_>, _>>());
        self.ask(doing, all).await
    }

    /// Sends statements together and waits until all are done. How many rows each has touched.
    pub(super) async fn count_all(&self, doing: &'static str, questions: Vec<Question<'_>>) -> Result<Vec<u64>> {
        let answers = questions
            .iter()
            .map(|(sql, parameters)| -> BoxFuture<'_, _> { self.client.execute_typed(sql, parameters).boxed() });
        let all = join_all(answers).map(|answers| answers.into_iter().collect::<Result<Vec<_>, _>>());
        self.ask(doing, all).await
    }

    /// Begins a transaction, with limits that hold to its end, and runs the first statements in it. What an abandoned one
    /// before it has left is rolled back.
    pub(super) async fn begin(&self, doing: &'static str, statements: &str) -> Result<()> {
        self.run(doing, &self.beginning_to_write(statements)).await
    }

    /// The statements that begin a transaction, with limits that hold to its end.
    pub(super) fn beginning_to_write(&self, statements: &str) -> String {
        self.beginning("", self.limits.statement, IDLE_WRITER_TIMEOUT, statements)
    }

    /// The same for one that keeps nobody waiting until it [writes](Self::from_here_it_writes): it may wait for its own turn.
    pub(super) fn beginning_to_stage(&self, statements: &str) -> String {
        self.beginning("", self.limits.statement, IDLE_READER_TIMEOUT, statements)
    }

    /// From here on the transaction keeps others waiting.
    pub(super) fn from_here_it_writes() -> String {
        let idle = IDLE_WRITER_TIMEOUT.as_millis();
        format!("SET LOCAL idle_in_transaction_session_timeout = {idle}")
    }

    /// The statements that begin a transaction to read in: of one snapshot, that of the first question. How long a statement may
    /// take is left to whoever reads: an answer may go on for long while its rows arrive.
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

    /// Ends the transaction with what its work came to: by a commit, or without a trace.
    pub(super) async fn end<T>(&self, doing: &'static str, came_to: Result<T>) -> Result<T> {
        match came_to {
            Ok(value) => {
                self.commit(doing).await?;
                Ok(value)
            }
            Err(error) => {
                // What went wrong first is the better answer; a connection that cannot even roll back is found closed.
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

    /// The server has answered to the end of the transaction.
    pub(super) fn has_ended(&self) {
        self.in_transaction.store(false, Ordering::Relaxed);
        self.doubt.is_answered();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // Without this the driver would wait for the answers that are still under way, and their locks would be held.
        self.driver.abort();
    }
}
