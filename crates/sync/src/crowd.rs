//! How many devices share a server's attention, and what follows from it.
//!
//! An edit makes every device pull, so the number of pulls is edits times devices. If a few are online, each may pull
//! at once; a thousand keep the server from doing anything else, and each other from getting anything. So the more
//! sessions there are, the longer a device ignores hints after a round; what was hinted meanwhile comes with one pull.
//! And every hint wakes every session: where the pauses approach the time between the looks of a device that hears
//! nothing, hints are of little use, and few are given. There each device looks at moments of its own, less often the
//! more devices there are, and less often the longer a look has taken. Glances are shared out among the devices in use.

use std::time::Duration;

use crate::calm;

/// How often, if nothing happens here, a device looks whether the server has something new.
pub(crate) const LOOK: Duration = Duration::from_secs(2);
/// Up to this many sessions, nobody has to wait for anybody.
const FEW: u32 = 8;
/// No pause is longer than the time after which a device looks anyway.
const PAUSE_MAX: Duration = LOOK;
/// Where the pauses are this long, hints say little that would not be seen anyway.
const PAUSE_OF_MANY: Duration = Duration::from_millis(500);
/// Nor does anybody look more often than this.
const LOOK_MIN: Duration = Duration::from_secs(1);
/// The time between the glances of all devices in use, taken together.
const BETWEEN_GLANCES: Duration = Duration::from_millis(4);

/// How long until the devices are counted again.
pub(crate) const COUNTED_EVERY: Duration = Duration::from_secs(30);
/// The same for a device on which somebody has just edited: it is about to glance.
pub(crate) const COUNTED_EVERY_IN_USE: Duration = Duration::from_secs(5);
/// Where there are many, one in this many revisions is hinted at: a device that hears no hint at all may be behind a
/// pooler.
pub(crate) const REVISIONS_PER_HINT: i64 = 16;

/// Who is there, this device included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Crowd {
    /// Sessions on the database, from any program.
    pub(crate) sessions: u32,
    /// Devices that have sent something in the last minutes. Behind a pooler there are more of them than sessions.
    pub(crate) in_use: u32,
    /// How much of the server's time each session is given.
    pub(crate) turn: Duration,
}

impl Crowd {
    /// How long hints are ignored after a round; zero if there are few devices. If there are many, no hint is followed
    /// at all, because all devices would follow it at the same moment.
    pub(crate) fn pause(self) -> Duration {
        if self.is_large() { PAUSE_MAX } else { self.turns() }
    }

    /// The time after which a device looks of its own accord, after a round that took this long. Alone, a device that
    /// hears hints need not look often. Among many, looking takes the place of hints.
    pub(crate) fn look(self, round: Duration) -> Duration {
        if self.is_large() {
            self.turns().max(calm::of_busy(round)).clamp(LOOK_MIN, LOOK)
        } else {
            LOOK
        }
    }

    /// Whether there are so many that few hints are given, and a look usually finds something.
    pub(crate) fn is_large(self) -> bool {
        self.turns() >= PAUSE_OF_MANY
    }

    /// The time in which everybody has pulled once.
    fn turns(self) -> Duration {
        self.turn * self.sessions.saturating_sub(FEW)
    }

    /// The minimum pause between two glances of one device.
    pub(crate) fn between_glances(self) -> Duration {
        BETWEEN_GLANCES * self.in_use
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::TURN;

    fn of(sessions: u32, in_use: u32) -> Crowd {
        Crowd {
            sessions,
            in_use,
            turn: TURN,
        }
    }

    #[test]
    fn a_few_devices_wait_for_nobody_and_of_a_thousand_each_pulls_seldom() {
        assert_eq!(of(8, 8).pause(), Duration::ZERO);
        assert_eq!(of(108, 1).pause(), Duration::from_millis(100));
        assert_eq!(of(100_000, 1).pause(), PAUSE_MAX);
        assert!(!of(500, 500).is_large() && of(510, 1).is_large());
    }

    #[test]
    fn many_look_the_more_seldom_the_more_they_are_and_the_longer_it_takes() {
        let (soon, late) = (Duration::from_millis(10), Duration::from_millis(200));
        assert_eq!(of(20, 1).look(soon), LOOK);
        assert_eq!(of(700, 1).look(soon), LOOK_MIN);
        assert_eq!(of(1308, 1).look(soon), Duration::from_millis(1300));
        assert_eq!(of(700, 1).look(late), Duration::from_millis(1600));
        assert_eq!(of(100_000, 1).look(late), LOOK);
    }

    #[test]
    fn all_devices_in_use_together_glance_no_more_than_250_times_a_second() {
        for in_use in [1, 20, 1000] {
            let each = of(in_use, in_use).between_glances();
            assert_eq!(each, Duration::from_millis(4) * in_use);
        }
    }
}
