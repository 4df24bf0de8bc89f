//! How many devices share a server's attention, and what follows from it.
//!
//! An edit makes every device pull, so pulls are edits times devices. Where a few are on, each may do so at once; where a thousand are, they keep
//! the server from all else, and each other from getting anything. So every device takes its turn: it follows hints the more seldom the more
//! sessions there are, each time after a while by chance, and what was hinted meanwhile comes with one pull. So do hints themselves,
//! each of which wakes everybody: whoever has pushed waits a moment before it hints, and need not when somebody else has
//! hinted at something newer. Glances are shared out among the devices in use.

use std::time::Duration;

/// Up to so many sessions nobody waits for anybody.
const FEW: u32 = 8;
/// A device's turn: what a pull takes of a server and its devices together, with some room for edits.
const TURN: Duration = Duration::from_millis(2);
/// No turn is longer than the time after which a device looks by itself.
const TURN_MAX: Duration = Duration::from_secs(2);
/// The part of the turns after which a hint has been given, at most.
const TURNS_PER_HINT: u32 = 8;
/// Between the glances of all devices in use there is this much.
const BETWEEN_GLANCES: Duration = Duration::from_millis(4);

/// How long it is until the devices are counted anew.
pub(crate) const COUNTED_EVERY: Duration = Duration::from_secs(30);

/// Who is there beside this device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Sessions on the database, of whatever programs.
    pub(crate) sessions: u32,
    /// Devices that have sent something in the last minutes.
    pub(crate) in_use: u32,
}

impl Crowd {
    /// The time in which every device has its turn once; nothing where there are few.
    pub(crate) fn turns(self) -> Duration {
        (TURN * self.sessions.saturating_sub(FEW)).min(TURN_MAX)
    }

    /// The time within which who has pushed gives a hint.
    pub(crate) fn hinted_within(self) -> Duration {
        self.turns() / TURNS_PER_HINT
    }

    /// The pause between two glances of one device, at least.
    pub(crate) fn between_glances(self) -> Duration {
        BETWEEN_GLANCES * self.in_use
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(sessions: u32, in_use: u32) -> Crowd {
        Crowd { sessions, in_use }
    }

    #[test]
    fn a_few_devices_wait_for_nobody_and_a_thousand_take_turns() {
        assert_eq!(of(8, 8).turns(), Duration::ZERO);
        assert_eq!(of(8, 8).hinted_within(), Duration::ZERO);
        assert_eq!(of(108, 1).turns(), Duration::from_millis(200));
        assert_eq!(of(100_000, 1).turns(), TURN_MAX);
        assert!(of(1000, 1).hinted_within() < Duration::from_millis(250));
    }

    #[test]
    fn all_devices_in_use_together_glance_no_more_than_250_times_a_second() {
        for in_use in [1, 20, 1000] {
            let each = of(in_use, in_use).between_glances();
            assert_eq!(each, Duration::from_millis(4) * in_use);
        }
    }
}
