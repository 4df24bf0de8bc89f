//! Where time and ids come from.
//!
//! Both are passed in, so that every test can be replayed and a simulation can bend time. Ids are UUIDv7: they carry
//! the time at which they were made, so rows made together lie together in the primary key, and two offline devices
//! never make the same one.

pub(crate) mod uptime;

use std::sync::Arc;

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};

use crate::clock::uptime::Uptime;

/// Tells the time, in UTC.
pub trait Clock: Send + Sync {
    /// The present instant. It may go backwards, as computer clocks do; nothing in the store relies on its order.
    fn now(&self) -> Timestamp;

    /// The time since a start, by a clock that never goes backwards and that nobody can set.
    fn uptime(&self) -> Uptime;
}

/// Makes ids.
pub trait IdSource: Send + Sync {
    /// An id that nobody else has. Ids made by one source ascend.
    fn next(&self, now: Timestamp) -> Uuid;
}

/// The id and the time of creation of a new row.
#[derive(Debug, Clone, Copy)]
pub struct Stamp {
    /// Its id.
    pub id: Uuid,
    /// The time of its transaction.
    pub now: Timestamp,
}

/// The computer's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the computer's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn uptime(&self) -> Uptime {
        uptime::of_this_computer()
    }
}

/// UUIDv7 with a counter, so that ids made within one millisecond ascend as well.
#[derive(Default)]
pub struct UuidV7Source {
    context: std::sync::Mutex<ContextV7>,
}

impl IdSource for UuidV7Source {
    fn next(&self, now: Timestamp) -> Uuid {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanoseconds = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        let context = self.context.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(uuid::Timestamp::from_unix(&*context, seconds, nanoseconds))
    }
}

/// The clock and the source of ids that a [`Database`](crate::Database) uses.
#[derive(Clone)]
pub struct Origin {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Makes ids.
    pub ids: Arc<dyn IdSource>,
}

impl Default for Origin {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7Source::default()),
        }
    }
}

impl std::fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Origin")
    }
}
