//! The database: one file, one writer, some readers.
//!
//! Each call takes one closure for one whole session. The asynchronous calls run it on a thread for blocking work, one hop
//! for a whole transaction; the `_blocking` ones run it on the calling thread, for programs that have nothing else to do.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::InterruptHandle;

use crate::changes::Subscription;
use crate::clock::Origin;
use crate::connection::{OpenFile, open, open_in_memory};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manual::Transaction;
use crate::readers::{PoolStatus, Readers};
use crate::session::{ReadSession, WriteSession};
use crate::settings::Settings;
use crate::snapshot::SnapshotVersion;
use crate::transaction::{Kind, OpenTransaction};
use crate::waiting::{Caller, Within};
use crate::writer::{Writer, unwrap_outcome};
use crate::written::{Look, Written};

/// A handle to one database; cheap to clone, all clones are the same database.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) context: Context,
    /// `None` for a database in memory: there, reads take turns with writes on the one connection. They stand before the writer,
    /// because they are dropped in this order: see `closing`.
    pub(crate) readers: Option<Readers>,
    pub(crate) writer: Arc<Writer>,
}

/// A read that can be told to stop.
#[derive(Clone, Default)]
struct Running {
    abandoned: Arc<AtomicBool>,
    handle: Arc<Mutex<Option<InterruptHandle>>>,
}

impl Database {
    /// Opens the file, and makes it when it does not exist. Migrations are the caller's next step.
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
                context,
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
        if self.inner.readers.is_none() {
            Within::refuse(&self.inner.writer)?;
        }
        let running = Running::default();
        let watched = running.clone();
        let guard = WhenDropped::new(move || watched.abandon());
        let inner = Arc::clone(&self.inner);
        let result = in_background(move || inner.read(&running, body)).await;
        guard.disarm();
        result
    }

    /// [`read`](Self::read) on the calling thread.
    pub fn read_blocking<T>(&self, body: impl FnOnce(&ReadSession<'_>) -> Result<T>) -> Result<T> {
        self.inner.read(&Running::default(), body)
    }

    /// Runs a closure in a transaction: `Ok` commits, `Err` and a panic roll back. Writers that wait at the same time share
    /// one commit. A future that is dropped before its turn writes nothing; one whose closure has begun finishes whole.
    ///
    /// A write that would wait for itself is refused: within another one ([`Error::WithinWrite`]), and beside a transaction that the same
    /// task has begun and does not go on with ([`Error::BesideOwnTransaction`]).
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        Within::refuse(&self.inner.writer)?;
        let caller = Caller::here();
        let abandoned = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&abandoned);
        let guard = WhenDropped::new(move || watched.store(true, Ordering::Relaxed));
        let inner = Arc::clone(&self.inner);
        let result = in_background(move || {
            let is_abandoned = move || abandoned.load(Ordering::Relaxed);
            unwrap_outcome(inner.writer.write(&inner.context, caller, is_abandoned, body))
        })
        .await;
        guard.disarm();
        result
    }

    /// [`write`](Self::write) on the calling thread.
    pub fn write_blocking<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        Within::refuse(&self.inner.writer)?;
        let inner = &self.inner;
        unwrap_outcome(inner.writer.write(&inner.context, Caller::here(), || false, body))
    }

    /// Begins a transaction that lasts across awaits. Other writers wait until it ends; dropped, it rolls back.
    pub async fn begin(&self) -> Result<Transaction> {
        Within::refuse(&self.inner.writer)?;
        let (inner, caller) = (Arc::clone(&self.inner), Caller::here());
        in_background(move || Transaction::begin(inner, caller)).await
    }

    /// Subscribes to what is committed from now on by this program.
    pub fn changes(&self) -> Subscription {
        self.inner.context.subscribe()
    }

    /// Looks after the file again and again: announces it when another program has written to it or taken it away, for SQLite has no way
    /// to be told, and empties the log when it has been quiet for a while. Runs until it is dropped.
    pub async fn look_after_the_file(&self, every: Duration) {
        let Some(file) = self.file() else {
            // What is in no file is written to by nobody else.
            return std::future::pending().await;
        };
        let (mut written, mut is_quiet, mut is_told) = (Written::of(file), false, false);
        loop {
            if !is_told && self.inner.context.check_place_now_and_then().is_err() {
                is_told = true;
                self.inner.context.another_program_wrote();
            }
            match written.look(&self.inner.context.own_commits) {
                Look::MayBeNew => {
                    is_quiet = false;
                    // While somebody writes here, it cannot be told who has written.
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

    /// Whether one has written; `None` while somebody writes here.
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

    /// The file, without links on the way to it; `None` for a database in memory.
    pub fn file(&self) -> Option<&Path> {
        self.inner.context.file()
    }

    /// Whether the file can only be read: its medium or its rights say no. Every write is refused with [`Error::ReadOnly`].
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
    pub(crate) fn maintain<T>(&self, body: impl FnOnce(&mut rusqlite::Connection) -> Result<T>) -> Result<T> {
        Within::refuse(&self.inner.writer)?;
        let mut lease = Writer::lease(&*self.inner.writer, Caller::here())?;
        let _within = lease.enter();
        let result = body(lease.connection_mut()?);
        self.inner.context.another_program_wrote();
        result
    }
}

impl Inner {
    fn read<T>(&self, running: &Running, body: impl FnOnce(&ReadSession<'_>) -> Result<T>) -> Result<T> {
        let Some(readers) = &self.readers else {
            return self.read_in_memory(running, body);
        };
        if let Some(place) = &self.context.place {
            place.check_now_and_then()?;
        }
        let lease = readers.lease()?;
        let reader = lease.reader()?;
        let _stoppable = running.start(reader.connection.get_interrupt_handle())?;
        let transaction = OpenTransaction::begin(&reader.connection, Kind::Read)?;
        let version = SnapshotVersion::of_reader(&reader.connection, &self.context, &self.writer, &reader.seen);
        let session = ReadSession::new(&reader.connection, version, &self.context, Some(&running.abandoned));
        let result = body(&session);
        transaction.commit()?;
        result
    }

    fn read_in_memory<T>(&self, running: &Running, body: impl FnOnce(&ReadSession<'_>) -> Result<T>) -> Result<T> {
        Within::refuse(&self.writer)?;
        let lease = Writer::lease(&*self.writer, Caller::here())?;
        let _within = lease.enter();
        let connection = lease.connection()?;
        let _stoppable = running.start(connection.get_interrupt_handle())?;
        let _read_only = QueryOnly::set(connection)?;
        let transaction = OpenTransaction::begin(connection, Kind::Read)?;
        let unknown = SnapshotVersion::unknown();
        let session = ReadSession::new(connection, unknown, &self.context, Some(&running.abandoned));
        let result = body(&session);
        transaction.commit()?;
        result
    }
}

impl Running {
    /// From here until the guard is dropped an interrupt hits this read and no other.
    fn start(&self, handle: InterruptHandle) -> Result<Stoppable<'_>> {
        let mut slot = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        if self.abandoned.load(Ordering::Relaxed) {
            return Err(Error::Interrupted);
        }
        *slot = Some(handle);
        Ok(Stoppable(self))
    }
}

struct Stoppable<'r>(&'r Running);

impl Drop for Stoppable<'_> {
    fn drop(&mut self) {
        self.0.handle.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

impl Running {
    fn abandon(&self) {
        let slot = self.handle.lock().unwrap_or_else(PoisonError::into_inner);
        self.abandoned.store(true, Ordering::Relaxed);
        if let Some(handle) = slot.as_ref() {
            handle.interrupt();
        }
    }
}

/// Does something when it is dropped before its future was done.
struct WhenDropped<F: FnMut()> {
    armed: bool,
    act: F,
}

impl<F: FnMut()> WhenDropped<F> {
    fn new(act: F) -> Self {
        Self { armed: true, act }
    }

    fn disarm(mut self) {
        self.armed = false;
    }
}

impl<F: FnMut()> Drop for WhenDropped<F> {
    fn drop(&mut self) {
        if self.armed {
            (self.act)();
        }
    }
}

/// Keeps the one connection of a database in memory from writing during a read.
struct QueryOnly<'c>(&'c rusqlite::Connection);

impl<'c> QueryOnly<'c> {
    fn set(connection: &'c rusqlite::Connection) -> Result<Self> {
        connection.pragma_update(None, "query_only", true)?;
        Ok(Self(connection))
    }
}

impl Drop for QueryOnly<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.0.pragma_update(None, "query_only", false) {
            tracing::error!(%error, "the connection stays read-only");
        }
    }
}

/// Runs blocking work on a thread for it; a panic goes on in the caller.
pub(crate) async fn in_background<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(join) => match join.try_into_panic() {
            Ok(payload) => std::panic::resume_unwind(payload),
            // The runtime is shutting down.
            Err(_) => Err(Error::Interrupted),
        },
    }
}
