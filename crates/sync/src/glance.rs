//! Glances at the server while somebody is at the device.
//!
//! Changes by programs that know nothing of us come without a hint. Whoever sits there and waits for them should not
//! have to wait for the next look, and whoever does not sit there need not have them sooner. So while a device is in
//! use it asks which revision the server is at, one row and nothing else, some twelve times a second; and less often
//! the longer an answer takes, whether because the server is far away or because it is busy. That keeps the share of a
//! connection that glances take to a twentieth. And the [more](crate::crowd) devices are in use, the less often each of
//! them glances, so that all of them together do so at most 250 times a second, which is less than a hundredth of a
//! processor.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::crowd::Crowd;

/// How long a device counts as being in use.
const IN_USE: Duration = Duration::from_mins(2);
/// The minimum pause between two glances.
const PAUSE: Duration = Duration::from_millis(80);
/// The pause after a glance, in multiples of its length.
const TIMES_AS_LONG: u32 = 20;

/// Whether somebody is at the device.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    last: Mutex<Option<Instant>>,
    stays: AtomicBool,
    came: Notify,
}

impl Presence {
    /// Somebody is here at this moment.
    pub(crate) fn is_noticed(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        self.came.notify_waiters();
    }

    /// Somebody stays here to the end.
    pub(crate) fn stays(&self) {
        self.stays.store(true, Ordering::Relaxed);
        self.came.notify_waiters();
    }

    fn is_felt_at(&self, now: Instant) -> bool {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        self.stays.load(Ordering::Relaxed) || last.is_some_and(|last| now.duration_since(last) < IN_USE)
    }

    /// Waits until somebody is here.
    pub(crate) async fn is_felt(&self) {
        loop {
            let came = self.came.notified();
            if self.is_felt_at(Instant::now()) {
                return;
            }
            came.await;
        }
    }
}

/// The pause after a glance that took this long, among others that glance as well.
pub(crate) fn pause_after(glance: Duration, crowd: Crowd) -> Duration {
    (glance * TIMES_AS_LONG).max(PAUSE).max(crowd.between_glances())
}

/// The pause when a look has come before the glance.
pub(crate) fn sooner(pause: Duration, crowd: Crowd) -> Duration {
    (pause / 2).max(pause_after(Duration::ZERO, crowd))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::TURN;

    #[test]
    fn somebody_is_here_for_a_while_after_being_noticed_or_as_long_as_is_said() {
        let presence = Presence::default();
        let now = Instant::now();
        assert!(!presence.is_felt_at(now));
        presence.is_noticed();
        assert!(presence.is_felt_at(now + IN_USE / 2) && !presence.is_felt_at(now + IN_USE * 2));
        presence.stays();
        assert!(presence.is_felt_at(now + IN_USE * 2));
    }

    #[test]
    fn glances_are_the_more_seldom_the_longer_they_take() {
        let alone = Crowd::default();
        assert_eq!(pause_after(Duration::ZERO, alone), PAUSE);
        assert_eq!(pause_after(Duration::from_micros(400), alone), PAUSE);
        assert_eq!(pause_after(Duration::from_millis(50), alone), Duration::from_secs(1));
        assert_eq!(sooner(Duration::from_secs(2), alone), Duration::from_secs(1));
        assert_eq!(sooner(PAUSE, alone), PAUSE);
        let thousand = Crowd {
            sessions: 1000,
            in_use: 1000,
            turn: TURN,
        };
        assert_eq!(
            pause_after(Duration::from_micros(400), thousand),
            Duration::from_secs(4)
        );
    }
}
