//! The database: one file, one writer, some readers.
//!
//! Each call takes one closure for one whole session. The asynchronous calls await their turn and then run the closure
//! on a thread for blocking work: one hop for a whole transaction. They need a tokio runtime with its timer. The
//! `_blocking` ones wait and run on the calling thread, for programs that have nothing else to do.

pub(crate) mod background;
pub(crate) mod closing;
pub(crate) mod explicit;
pub(crate) mod job;
pub(crate) mod parking;
pub(crate) mod queue;
pub(crate) mod readers;
pub(crate) mod reading;
pub(crate) mod waiting;
pub(crate) mod writer;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::clock::Origin;
use crate::database::background::{WhenDropped, in_background};
use crate::database::explicit::Transaction;
use crate::database::job::unwrap_outcome;
use crate::database::readers::{PoolStatus, Readers};
use crate::database::waiting::Caller;
use crate::database::writer::Writer;
use crate::error::{Error, Result};
use crate::file::connection::{OpenFile, open, open_in_memory};
use crate::file::written::{Look, Written};
use crate::session::changes::Subscription;
use crate::session::context::Context;
use crate::session::running::Running;
use crate::session::snapshot::NoticesOthers as _;
use crate::session::{ReadSession, WriteSession};
use crate::settings::Settings;

/// The longest time between two looks at the file: if it is taken away, that is noticed within this time, whether or
/// not anybody writes.
pub const LOOKED_AFTER_EVERY_MAX: Duration = Duration::from_secs(1);

/// A handle to one database; cheap to clone, all clones are the same database.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) context: Arc<Context>,
    /// `None` for a database in memory: there, reads take turns with writes on the one connection. The field stands
    /// before the writer because fields are dropped in this order: see `closing`.
    pub(crate) readers: Option<Readers>,
    pub(crate) writer: Arc<Writer>,
}

impl Database {
    /// Opens the file, creating it if it does not exist. Migrations are the caller's next step.
    pub async fn open(settings: &Settings) -> Result<Self> {
        let settings = settings.clone();
        in_background(move || Self::open_blocking(&settings)).await
    }

    /// [`open`](Self::open) on the calling thread.
    pub fn open_blocking(settings: &Settings) -> Result<Self> {
        let OpenFile {
            writer,
            reading,
            is_read_only,
        } = open(settings)?;
        let file = settings.file.canonicalize().unwrap_or_else(|_| settings.file.clone());
        let context = Context::new(settings.origin.clone(), Some(file), is_read_only);
        let readers = Some(Readers::new(settings, reading));
        Ok(Self::from_parts(Writer::new(writer)?, readers, context))
    }

    /// A database that lives in memory and ends with the last handle; for tests.
    pub async fn in_memory() -> Result<Self> {
        in_background(Self::in_memory_blocking).await
    }

    /// [`in_memory`](Self::in_memory) on the calling thread.
    pub fn in_memory_blocking() -> Result<Self> {
        Ok(Self::from_parts(
            Writer::new(open_in_memory()?)?,
            None,
            Context::new(Origin::default(), None, false),
        ))
    }

    fn from_parts(writer: Writer, readers: Option<Readers>, context: Context) -> Self {
        Self {
            inner: Arc::new(Inner {
                context: Arc::new(context),
                readers,
                writer: Arc::new(writer),
            }),
        }
    }

    /// Runs a closure on one snapshot. When the future is dropped before it is done, the read is interrupted. In memory there is one
    /// connection: there, a read within a write is refused with [`Error::WithinWrite`].
    pub async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadSession<'_>) -> Result<T> + Send + 'static,
    {
        self.snapshot(body).await
    }

    /// [`read`](Self::read) with a closure that fails with an error type of the caller's own.
    pub async fn snapshot<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&ReadSession<'_>) -> Result<T, E> + Send + 'static,
    {
        let turn = self.inner.turn().await?;
        let running = Running::default();
        let watched = running.clone();
        let guard = WhenDropped::new(move || watched.abandon());
        let inner = Arc::clone(&self.inner);
        let outcome = in_background(move || Ok(inner.read(turn, &running, body))).await;
        guard.disarm();
        outcome?
    }

    /// [`read`](Self::read) on the calling thread.
    pub fn read_blocking<T>(&self, body: impl FnOnce(&ReadSession<'_>) -> Result<T>) -> Result<T> {
        self.snapshot_blocking(body)
    }

    /// [`snapshot`](Self::snapshot) on the calling thread.
    pub fn snapshot_blocking<T, E: From<Error>>(
        &self,
        body: impl FnOnce(&ReadSession<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.inner.read(self.inner.turn_blocking()?, &Running::default(), body)
    }

    /// Runs a closure in a transaction: `Ok` commits, `Err` and a panic roll back. Writers that wait at the same time
    /// share one commit. A future that is dropped before its turn writes nothing; one whose closure has begun runs to
    /// the end.
    ///
    /// A write that would wait for itself is refused: within another write ([`Error::WithinWrite`]), and beside a
    /// transaction that the same task has begun and does not continue ([`Error::BesideOwnTransaction`]).
    ///
    /// A closure that refuses for reasons of its own returns `Err` too: see [`transaction`](Self::transaction).
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        self.transaction(body).await
    }

    /// [`write`](Self::write) with a closure that fails with an error type of the caller's own, which rolls back like
    /// any other. Whatever the store itself has to report comes as that error, too.
    ///
    /// ```
    /// # use colophon_store::{Database, Error};
    /// #[derive(Debug)]
    /// enum Refused { SoldOut, Store(Error) }
    ///
    /// impl From<Error> for Refused {
    ///     fn from(error: Error) -> Self { Self::Store(error) }
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Error> {
    /// let database = Database::in_memory().await?;
    /// let sold = database.transaction(|_tx| Err::<(), _>(Refused::SoldOut)).await;
    /// assert!(matches!(sold, Err(Refused::SoldOut)));
    /// # Ok(())
    /// # }
    /// ```
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn transaction<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T, E> + Send + 'static,
    {
        self.inner.writer.refuse_within()?;
        unwrap_outcome(
            self.inner
                .writer
                .write(&self.inner.context, Caller::here(), body)
                .await?,
        )
    }

    /// [`write`](Self::write) on the calling thread.
    pub fn write_blocking<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        self.transaction_blocking(body)
    }

    /// [`transaction`](Self::transaction) on the calling thread.
    pub fn transaction_blocking<T, E, F>(&self, body: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T, E> + Send + 'static,
    {
        self.inner.writer.refuse_within()?;
        let inner = &self.inner;
        unwrap_outcome(inner.writer.write_blocking(&inner.context, Caller::here(), body))
    }

    /// Begins a transaction that lasts across awaits. Other writers wait until it ends; dropped, it rolls back.
    pub async fn begin(&self) -> Result<Transaction> {
        self.inner.writer.refuse_within()?;
        Transaction::begin(&self.inner.writer, &self.inner.context, Caller::here()).await
    }

    /// Subscribes to what this program commits from now on.
    pub fn changes(&self) -> Subscription {
        self.inner.context.subscribe()
    }

    /// Looks at the file again and again: announces it when another program has written to it or taken it away, because
    /// SQLite has no way to notify us, and empties the log when it has been quiet for a while. It looks at least every
    /// [`LOOKED_AFTER_EVERY_MAX`], whatever `every` asks for. Runs until it is dropped.
    pub async fn look_after_the_file(&self, every: Duration) {
        let every = every.min(LOOKED_AFTER_EVERY_MAX);
        let Some(file) = self.file() else {
            // A database that is in no file has no other writers.
            return std::future::pending().await;
        };
        let (mut written, mut is_quiet, mut is_told) = (Written::of(file), false, false);
        loop {
            if !is_told && self.inner.context.check_whereabouts_now_and_then().is_err() {
                is_told = true;
                self.inner.context.another_program_wrote();
            }
            match written.look(&self.inner.context.own_commits) {
                Look::MayBeNew | Look::Own => {
                    is_quiet = false;
                    // While somebody writes here, there is no telling who has written.
                    if self.notice_another_program().await.is_none() {
                        written.forget();
                    }
                }
                Look::Quiet if !is_quiet => {
                    is_quiet = true;
                    if !written.is_empty() {
                        self.empty_log().await;
                    }
                }
                Look::SoonAfter => is_quiet = false,
                Look::Quiet => (),
            }
            tokio::time::sleep(every).await;
        }
    }

    async fn empty_log(&self) {
        let inner = Arc::clone(&self.inner);
        if let Err(error) = in_background(move || inner.writer.empty_log(&inner.context)).await {
            tracing::debug!(%error, "the log stays as it is");
        }
    }

    /// Whether another program has written; `None` while somebody writes here.
    async fn notice_another_program(&self) -> Option<bool> {
        let inner = Arc::clone(&self.inner);
        let noticed = in_background(move || {
            let noticed = inner.writer.noticed_another_program();
            if noticed == Some(true) {
                inner.context.another_program_wrote();
            }
            Ok(noticed)
        });
        noticed.await.ok().flatten()
    }

    /// The file, with all links resolved; `None` for a database in memory.
    pub fn file(&self) -> Option<&Path> {
        self.inner.context.file()
    }

    /// Whether the file can only be read, because of its medium or its permissions. Every write is refused with
    /// [`Error::ReadOnly`].
    pub fn is_read_only(&self) -> bool {
        self.inner.context.is_read_only
    }

    /// The present time and new ids, as this database's sessions see them.
    pub fn origin(&self) -> &Origin {
        &self.inner.context.origin
    }

    /// How many readers there are; `None` for a database in memory.
    pub fn pool_status(&self) -> Option<PoolStatus> {
        self.inner.readers.as_ref().map(Readers::status)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Runs a closure on the writer's bare connection, outside any transaction: for migrations, integrity checks and
    /// backups, which bring their own.
    pub(crate) fn maintain<T>(&self, body: impl FnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        self.inner.writer.refuse_within()?;
        let mut lease = Writer::lease(&*self.inner.writer, Caller::here())?;
        let _within = lease.enter();
        let result = body(lease.connection_mut()?);
        self.inner.context.another_program_wrote();
        result
    }
}
