//! How every wait for the writer ends, and which waits could never end.
//!
//! There is one writer. Whoever has it and asks for it again waits for itself: a write within a write, or a write
//! beside a transaction that the same caller has begun and not ended. The first is recognised by its thread, which is
//! inside the outer write. The second cannot be recognised at once, because whoever began a transaction may have handed
//! it on, or may do its steps alongside other things; what gives it away is a transaction that stands still while its
//! own caller waits.

use std::cell::RefCell;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long to wait for the writer. The longest writes are imports of a million rows, which take minutes.
pub const WRITER_TIMEOUT: Duration = Duration::from_mins(10);

/// How long a transaction may stand still while whoever began it waits for the writer.
const STANDS_STILL: Duration = Duration::from_secs(2);

/// How often a wait is looked at.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(250);

/// Who asks for the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Caller {
    Task(tokio::task::Id),
    Thread(ThreadId),
}

impl Caller {
    pub(crate) fn here() -> Self {
        tokio::task::try_id().map_or_else(|| Self::Thread(std::thread::current().id()), Self::Task)
    }
}

/// An explicit transaction between two of its steps.
pub(crate) struct StandingStill {
    owner: Caller,
    since: Instant,
}

impl StandingStill {
    pub(crate) fn of(owner: Caller) -> Self {
        Self { owner, since: now() }
    }
}

/// A wait for the writer.
pub(crate) struct Wait {
    caller: Caller,
    since: Instant,
}

impl Wait {
    pub(crate) fn of(caller: Caller) -> Self {
        Self { caller, since: now() }
    }

    /// An error if the wait can never end, or has taken too long.
    pub(crate) fn look(&self, standing_still: Option<&StandingStill>) -> Result<()> {
        let now = now();
        let waits_for_itself = standing_still
            .is_some_and(|still| still.owner == self.caller && now.duration_since(still.since) > STANDS_STILL);
        if waits_for_itself && now.duration_since(self.since) > STANDS_STILL {
            Err(Error::BesideOwnTransaction)
        } else if now.duration_since(self.since) > WRITER_TIMEOUT {
            Err(Error::StillWriting)
        } else {
            Ok(())
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long a wait takes, and no time that is stored"
)]
fn now() -> Instant {
    Instant::now()
}

thread_local! {
    /// The writers, by address, whose connection this thread holds just now.
    static HELD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

/// Marks, until it is dropped, that this thread runs something that holds the writer's connection.
pub(crate) struct Within(usize);

impl Within {
    pub(crate) fn enter(address: usize) -> Self {
        HELD.with_borrow_mut(|held| held.push(address));
        Self(address)
    }

    /// [`Error::WithinWrite`] if this thread already holds the connection of the writer at this address.
    pub(crate) fn refuse(address: usize) -> Result<()> {
        if HELD.with_borrow(|held| held.contains(&address)) {
            return Err(Error::WithinWrite);
        }
        Ok(())
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        HELD.with_borrow_mut(|held| {
            if let Some(last) = held.iter().rposition(|address| *address == self.0) {
                held.remove(last);
            }
        });
    }
}
