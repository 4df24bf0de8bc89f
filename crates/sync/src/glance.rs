//! Glances at the server while somebody is at the device.
//!
//! What programs write that know nothing of us comes without a hint. Whoever sits there and waits for it should not wait for the next look, and
//! whoever does not sit there need not have it sooner. So while a device is in use it asks which revision the server is at, one row and
//! nothing else, some twelve times a second; and the more seldom the longer an answer takes, be it that the server is far away or that it
//! has much to do. That keeps what glances take of a connection to a twentieth. And the [more](crate::crowd) devices are in use the more seldom
//! each of them glances, so that all of them together do so 250 times a second at most, which is less than a hundredth of a processor.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use crate::crowd::Crowd;

/// For how long a device counts as being in use.
const IN_USE: Duration = Duration::from_mins(2);
/// The pause between two glances, at least.
const PAUSE: Duration = Duration::from_millis(80);
/// The pause after a glance, in lengths of that.
const TIMES_AS_LONG: u32 = 20;

/// Whether somebody is at the device.
#[derive(Debug, Default)]
pub(crate) struct Presence {
    last: Mutex<Option<Instant>>,
    stays: AtomicBool,
    came: Notify,
}

impl Presence {
    /// Somebody was here in this moment.
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

/// The pause after a glance that took so long, among others who glance as well.
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
