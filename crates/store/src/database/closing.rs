//! How a file is closed, so that it holds everything and can be copied.
//!
//! Committed changes lie in the log beside the file (`-wal`) until somebody copies them into the file. SQLite does that
//! when the last connection is closed, but only if that connection may write: when a reader is the last, the log stays,
//! and whoever copies just the one file copies a catalogue from some days ago, or an empty one. So readers are closed
//! first and the writer last, whether a database is [closed](Database::close) or dropped. A host closes it before it
//! ends, also when the system tells it to end ([`ToldToEnd`](crate::ToldToEnd)): a process that simply stops closes
//! nothing.

use std::sync::PoisonError;
use std::time::Duration;

use rusqlite::Connection;

use crate::database::Database;
use crate::database::background::in_background;
use crate::database::queue::Wanted;
use crate::database::writer::{Closing, Lease, Writer};
use crate::error::{Error, Result};
use crate::file::connection::BUSY_TIMEOUT;
use crate::session::context::Context;

/// How long to wait between two checks whether a write under way has ended.
const PAUSE: Duration = Duration::from_millis(10);
/// The number of checks during which a write may go on undisturbed. After that its statements are interrupted and it is
/// undone.
const LOOKS_BEFORE_INTERRUPTING: u32 = 100;
/// The number of checks after which the file is left as it is. Nothing is lost: the log is read when the file is opened
/// again.
const LOOKS_MAX: u32 = 1_000;

impl Database {
    /// Closes the file: waiting reads and writes are refused with [`Error::Closed`], reads under way are interrupted, a
    /// write under way may finish. If no other program has the file open, it holds everything afterwards and no log is
    /// left beside it. All clones of the handle are closed with it; closing twice is no error.
    pub async fn close(&self) -> Result<()> {
        let database = self.clone();
        in_background(move || database.close_blocking()).await
    }

    /// [`close`](Self::close) on the calling thread.
    pub fn close_blocking(&self) -> Result<()> {
        let inner = self.inner();
        if let Some(readers) = &inner.readers {
            readers.close();
        }
        inner.writer.close(&inner.context)
    }

    /// Whether a transaction of this handle or its clones was committed. Once the database is [closed](Self::close) the
    /// answer is final: nothing more is committed, and whatever was not is undone.
    pub fn has_written(&self) -> bool {
        self.inner().context.has_written()
    }
}

impl Writer {
    /// Empties the log, if nobody is writing just now. Whoever copies the file while its window is open then gets what
    /// was saved before, and so does whoever finds the file without its log.
    pub(crate) fn empty_log(&self, context: &Context) -> Result<()> {
        // By now, whatever lies at the log's path may belong to another file.
        if context.is_read_only || context.check_whereabouts().is_err() {
            return Ok(());
        }
        let taken = self.lock().connection.take();
        let Some(writer) = taken else { return Ok(()) };
        // Not under the lock: whoever wants to write may queue meanwhile.
        empty_log(Lease::of(self, writer).connection()?)
    }

    fn close(&self, context: &Context) -> Result<()> {
        let mut state = self.lock();
        let is_first = state.closing == Closing::NotYet;
        if is_first {
            state.closing = Closing::UnderWay;
            for waiting in state.queue.drain(..) {
                if let Wanted::Done(job, _) = waiting.wanted {
                    job.finish(Err(Error::Closed));
                }
            }
            self.changed.notify_all();
        }
        for look in 0..LOOKS_MAX {
            if state.closing == Closing::Done {
                return Ok(());
            }
            if is_first && let Some(writer) = state.connection.take() {
                drop(state);
                let closed = close(writer.connection, context);
                self.lock().closing = Closing::Done;
                self.changed.notify_all();
                return closed;
            }
            if look > LOOKS_BEFORE_INTERRUPTING {
                self.interrupt.interrupt();
            }
            state = self
                .changed
                .wait_timeout(state, PAUSE)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        Err(Error::Busy)
    }
}

fn close(connection: Connection, context: &Context) -> Result<()> {
    // An interrupt that hit nothing would hit the copying of the log; the next statement absorbs it.
    connection.query_row("SELECT 1", [], |_| Ok(()))?;
    // SQLite does not touch the log of a file that has moved. What was committed belongs in the file, wherever it is.
    if let Err(Error::Moved { is_replaced: false, .. }) = context.check_whereabouts() {
        empty_log(&connection)?;
    }
    connection.close().map_err(|(_, error)| error.into())
}

/// Copies the log into the file and frees its space, if nobody else reads or writes just now.
fn empty_log(connection: &Connection) -> Result<()> {
    connection.busy_timeout(Duration::ZERO)?;
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(emptied?)
}
