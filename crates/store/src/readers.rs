//! The readers: a pool that grows under load and shrinks again.
//!
//! `pool_size` readers are kept once opened; up to `max_overflow` more are opened while all of those are busy and closed
//! as soon as they come back. Readers wait in the order they came. A connection comes home in `Drop`, so a panic in a
//! closure loses none.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, InterruptHandle};

use crate::connection::{Reading, open_reader};
use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::snapshot::LastSeen;
use crate::transaction::roll_back;

/// How long a read waits for a reader to come free.
pub const READER_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a read that is under way is told to end when the file is closed, and how long it is waited each time.
const LOOKS_AT_CLOSING: u32 = 500;
const PAUSE_AT_CLOSING: Duration = Duration::from_millis(10);

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
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Reader>,
    busy: usize,
    /// What ends the reads that are under way, by the tickets of those who read.
    at_work: Vec<(u64, InterruptHandle)>,
    waiting: VecDeque<u64>,
    next_ticket: u64,
    is_closed: bool,
}

/// A reader, with what it remembers of the file's state.
pub(crate) struct Reader {
    pub(crate) connection: Connection,
    pub(crate) seen: Cell<LastSeen>,
}

impl Readers {
    pub(crate) fn new(settings: &Settings, file: Reading) -> Self {
        Self {
            file,
            kept: settings.pool_size.max(1),
            most: settings.pool_size.max(1) + settings.max_overflow,
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

    /// A reader, as soon as it is this caller's turn.
    pub(crate) fn lease(&self) -> Result<ReaderLease<'_>> {
        let mut state = self.lock();
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        state.waiting.push_back(ticket);
        #[expect(
            clippy::disallowed_methods,
            reason = "a monotonic deadline, not a time that is stored or compared"
        )]
        let deadline = Instant::now() + READER_TIMEOUT;
        loop {
            if state.is_closed {
                state.waiting.retain(|waiting| *waiting != ticket);
                return Err(Error::Closed);
            }
            if state.waiting.front() == Some(&ticket) && state.busy < self.most {
                state.waiting.pop_front();
                state.busy += 1;
                let idle = state.idle.pop();
                drop(state);
                // Others may have their turn now as well.
                self.changed.notify_all();
                return self.at_work(ticket, idle);
            }
            #[expect(clippy::disallowed_methods, reason = "see above")]
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                state.waiting.retain(|waiting| *waiting != ticket);
                return Err(Error::Exhausted);
            }
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }

    /// The reader at the hands of whoever has the ticket; a new one where none was free.
    fn at_work(&self, ticket: u64, idle: Option<Reader>) -> Result<ReaderLease<'_>> {
        let mut lease = ReaderLease {
            home: self,
            ticket,
            reader: idle,
        };
        let reader = match lease.reader.take() {
            Some(reader) => reader,
            None => Reader {
                connection: open_reader(&self.file)?,
                seen: Cell::default(),
            },
        };
        let end = reader.connection.get_interrupt_handle();
        lease.reader = Some(reader);
        self.lock().at_work.push((ticket, end));
        Ok(lease)
    }

    /// Lets nobody read any more, ends the reads that are under way, and closes every reader. One whose read does not end is closed
    /// when it does.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.is_closed = true;
        state.idle.clear();
        self.changed.notify_all();
        for _ in 0..LOOKS_AT_CLOSING {
            if state.busy == 0 {
                return;
            }
            // Again and again: what interrupts hits a statement, and a read may stand between two of them.
            for (_, end) in &state.at_work {
                end.interrupt();
            }
            state = self
                .changed
                .wait_timeout(state, PAUSE_AT_CLOSING)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
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
}

impl ReaderLease<'_> {
    pub(crate) fn reader(&self) -> Result<&Reader> {
        self.reader.as_ref().ok_or(Error::Exhausted)
    }
}

impl Drop for ReaderLease<'_> {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            roll_back(&reader.connection);
        }
        let mut state = self.home.lock();
        state.busy -= 1;
        state.at_work.retain(|(ticket, _)| *ticket != self.ticket);
        if !state.is_closed && state.idle.len() + state.busy < self.home.kept {
            state.idle.extend(self.reader.take());
        }
        // Before anybody is told that it is home: the last reader is closed before the writer is.
        drop(self.reader.take());
        drop(state);
        self.home.changed.notify_all();
    }
}
