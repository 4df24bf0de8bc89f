//! The database: one file, one writer, some readers.
//!
//! Each call takes one closure for one whole session. The asynchronous calls run it on a thread for blocking work, one hop
//! for a whole transaction; the `_blocking` ones run it on the calling thread, for programs that have nothing else to do.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::InterruptHandle;

use crate::changes::Subscription;
use crate::clock::Origin;
use crate::connection::{open_in_memory, open_writer};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::manual::Transaction;
use crate::readers::{PoolStatus, Readers};
use crate::session::{ReadSession, WriteSession};
use crate::settings::Settings;
use crate::snapshot::SnapshotVersion;
use crate::transaction::{Kind, OpenTransaction};
use crate::writer::{Writer, unwrap_outcome};
use crate::written::Written;

/// A handle to one database; cheap to clone, all clones are the same database.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) context: Context,
    pub(crate) writer: Arc<Writer>,
    /// `None` for a database in memory: there, reads take turns with writes on the one connection.
    readers: Option<Readers>,
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
        let writer = Writer::new(open_writer(&settings.file, settings.durability)?)?;
        let readers = Some(Readers::new(settings));
        Ok(Self::from_parts(writer, readers, Context::new(settings.origin.clone())))
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
            Context::new(Origin::default()),
        ))
    }

    fn from_parts(writer: Writer, readers: Option<Readers>, context: Context) -> Self {
        Self {
            inner: Arc::new(Inner {
                context,
                writer: Arc::new(writer),
                readers,
            }),
        }
    }

    /// Runs a closure on one snapshot. When the future is dropped before it is done, the read is interrupted.
    pub async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&ReadSession<'_>) -> Result<T> + Send + 'static,
    {
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
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&WriteSession<'_>) -> Result<T> + Send + 'static,
    {
        let abandoned = Arc::new(AtomicBool::new(false));
        let watched = Arc::clone(&abandoned);
        let guard = WhenDropped::new(move || watched.store(true, Ordering::Relaxed));
        let inner = Arc::clone(&self.inner);
        let result = in_background(move || {
            let is_abandoned = move || abandoned.load(Ordering::Relaxed);
            unwrap_outcome(inner.writer.write(&inner.context, is_abandoned, body))
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
        unwrap_outcome(self.inner.writer.write(&self.inner.context, || false, body))
    }

    /// Begins a transaction that lasts across awaits. Other writers wait until it ends; dropped, it rolls back.
    pub async fn begin(&self) -> Result<Transaction> {
        let inner = Arc::clone(&self.inner);
        in_background(move || Transaction::begin(inner)).await
    }

    /// Subscribes to what is committed from now on by this program.
    pub fn changes(&self) -> Subscription {
        self.inner.context.subscribe()
    }

    /// Looks again and again whether another program has written to the file, and announces it. Runs until it is dropped; SQLite
    /// has no way to be told.
    pub async fn notice_other_programs(&self, every: Duration) {
        let Ok(Some(file)) = self.read(|s| Ok(s.file())).await else {
            // What is in no file is written to by nobody else.
            return std::future::pending().await;
        };
        let mut written = Written::of(file);
        loop {
            written.again(every).await;
            let inner = Arc::clone(&self.inner);
            let looked = in_background(move || {
                let noticed = inner.writer.noticed_another_program();
                if noticed == Some(true) {
                    inner.context.another_program_wrote();
                }
                Ok(noticed)
            });
            // While somebody writes here, it cannot be told who has written.
            if !matches!(looked.await, Ok(Some(_))) {
                written.forget();
            }
            tokio::time::sleep(every).await;
        }
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
        let mut lease = Writer::lease(&*self.inner.writer);
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
        let lease = Writer::lease(&*self.writer);
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
