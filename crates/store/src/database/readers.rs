//! The readers: a pool that grows under load and shrinks again.
//!
//! `pool_size` readers stay open once opened; while all of them are busy, up to `max_overflow` more are opened, and
//! closed as soon as they come back. Whoever wants to read waits for a turn, tasks and threads in one queue in order of
//! arrival: a task awaits its turn and occupies no thread meanwhile, so waiting for a reader holds up nothing else. A
//! connection comes home in `Drop`, so a panic in a closure loses none.

use std::cell::Cell;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::database::parking::wait_on_this_thread;
use crate::error::{Error, Result};
use crate::file::connection::{Reading, open_reader};
use crate::file::transaction::roll_back;
use crate::session::running::Brake;
use crate::session::snapshot::LastSeen;
use crate::settings::Settings;

/// How long a read waits for a free reader.
pub const READER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long closing the file waits for reads under way that have been told to end.
const PATIENCE_AT_CLOSING: Duration = Duration::from_secs(5);

/// How many readers there are, for `doctor` and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Open and waiting for work.
    pub idle: usize,
    /// At work.
    pub busy: usize,
}

pub(crate) struct Readers {
    file: Reading,
    kept: usize,
    turns: Arc<Semaphore>,
    state: Mutex<State>,
    /// A reader has come home.
    changed: Condvar,
}

/// The right to one reader, exclusively.
pub(crate) struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl From<OwnedSemaphorePermit> for Turn {
    fn from(permit: OwnedSemaphorePermit) -> Self {
        Self { _permit: permit }
    }
}

#[derive(Default)]
struct State {
    idle: Vec<Reader>,
    busy: usize,
    /// The brakes of the reads under way, by their tickets.
    at_work: Vec<(u64, Brake)>,
    next_ticket: u64,
    is_closed: bool,
}

/// A reader, with what it remembers of the file's state.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) seen: Cell<LastSeen>,
    pub(crate) brake: Brake,
}

impl Reader {
    fn open(file: &Reading) -> Result<Self> {
        let mut connection = open_reader(file)?;
        Ok(Self {
            brake: Brake::of(&mut connection)?,
            connection,
            seen: Cell::default(),
        })
    }
}

impl Readers {
    pub(crate) fn new(settings: &Settings, file: Reading) -> Self {
        let kept = settings.pool_size.max(1);
        Self {
            file,
            kept,
            turns: Arc::new(Semaphore::new(kept + settings.max_overflow)),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn status(&self) -> PoolStatus {
        let state = self.lock();
        PoolStatus {
            idle: state.idle.len(),
            busy: state.busy,
        }
    }

    /// A turn to read, awaited.
    pub(crate) async fn turn(&self) -> Result<Turn> {
        if let Some(turn) = self.turn_at_once() {
            return Ok(turn);
        }
        match tokio::time::timeout(READER_TIMEOUT, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(turn) => turn.map(Turn::from).map_err(|_| Error::Closed),
            Err(_) => Err(Error::Exhausted),
        }
    }

    /// The same, on the calling thread.
    pub(crate) fn turn_blocking(&self) -> Result<Turn> {
        if let Some(turn) = self.turn_at_once() {
            return Ok(turn);
        }
        match wait_on_this_thread(Arc::clone(&self.turns).acquire_owned(), READER_TIMEOUT) {
            Some(turn) => turn.map(Turn::from).map_err(|_| Error::Closed),
            None => Err(Error::Exhausted),
        }
    }

    /// Never ahead of those who already wait: a reader that comes free goes to them.
    fn turn_at_once(&self) -> Option<Turn> {
        Arc::clone(&self.turns).try_acquire_owned().ok().map(Turn::from)
    }

    /// The reader for a turn; a new one if none is idle.
    pub(crate) fn lease(&self, turn: Turn) -> Result<ReaderLease<'_>> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(Error::Closed);
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.busy += 1;
        let idle = state.idle.pop();
        drop(state);
        let mut lease = ReaderLease {
            home: self,
            ticket,
            reader: idle,
            _turn: turn,
        };
        let reader = match lease.reader.take() {
            Some(reader) => reader,
            None => Reader::open(&self.file)?,
        };
        let mut state = self.lock();
        if state.is_closed {
            return Err(Error::Closed);
        }
        state.at_work.push((ticket, reader.brake.clone()));
        drop(state);
        lease.reader = Some(reader);
        Ok(lease)
    }

    /// Admits no more reads, ends those under way, and closes every reader. A reader whose read does not end in time is
    /// closed when it does.
    pub(crate) fn close(&self) {
        self.turns.close();
        let mut state = self.lock();
        state.is_closed = true;
        state.idle.clear();
        for (_, brake) in &state.at_work {
            brake.pull();
        }
        let is_busy = |state: &mut State| state.busy > 0;
        drop(self.changed.wait_timeout_while(state, PATIENCE_AT_CLOSING, is_busy));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader in somebody's hands.
pub(crate) struct ReaderLease<'p> {
    home: &'p Readers,
    ticket: u64,
    reader: Option<Reader>,
    /// Dropped last, when the reader is home.
    _turn: Turn,
}

impl ReaderLease<'_> {
    pub(crate) fn reader(&self) -> Result<&Reader> {
        self.reader.as_ref().ok_or(Error::Exhausted)
    }
}

impl Drop for ReaderLease<'_> {
    fn drop(&mut self) {
        let is_at_rest = self.reader.as_ref().is_some_and(|reader| {
            roll_back(&reader.connection);
            reader.connection.is_autocommit()
        });
        let mut state = self.home.lock();
        state.busy -= 1;
        state.at_work.retain(|(ticket, _)| *ticket != self.ticket);
        if is_at_rest && !state.is_closed && state.idle.len() + state.busy < self.home.kept {
            state.idle.extend(self.reader.take());
        }
        // Before anybody learns that it is home: the last reader is closed before the writer is.
        drop(self.reader.take());
        drop(state);
        self.home.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

    use super::Readers;
    use crate::file::connection::open;
    use crate::file::transaction::{Kind, OpenTransaction};
    use crate::settings::Settings;

    #[test]
    fn a_reader_that_stays_in_its_transaction_does_not_come_home() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::for_file(folder.path().join("catalogue.sqlite"));
        let file = open(&settings).unwrap();
        let readers = Readers::new(&settings, file.reading);
        let mut lease = readers.lease(readers.turn_blocking().unwrap()).unwrap();
        let connection = &mut lease.reader.as_mut().unwrap().connection;
        OpenTransaction::begin(connection, Kind::Read).unwrap().keep_open();
        let no_rollback = |asked: AuthContext<'_>| match asked.action {
            AuthAction::Transaction { .. } => Authorization::Deny,
            _ => Authorization::Allow,
        };
        connection.authorizer(Some(no_rollback)).unwrap();
        drop(lease);
        assert_eq!(readers.status().idle, 0, "it would see the file of then for ever");
        let next = readers.lease(readers.turn_blocking().unwrap()).unwrap();
        assert!(next.reader().unwrap().connection.is_autocommit());
    }
}
