//! The server's clock, and the times of edits according to it.
//!
//! A question and its answer give the server's time to within half of the round trip. So of several measurements the
//! one with the shortest round trip is believed, as in NTP, as long as the others do not contradict it; it loses weight
//! with time, because no two clocks run at the same rate. What is measured is how far the server is ahead of the clock
//! that nobody can set ([`Uptime`]), and it is stored in the file for each start of the machine. So an edit is as old
//! as it is, whatever was done to the wall clock before it, after it, or in the middle of a round.

use colophon_store::clock::Clock;
use colophon_store::{ServerClock, Uptime};
use jiff::{SignedDuration, Timestamp};

/// How far two clocks may drift apart, in millionths; NTP's figure.
const DRIFT_PER_MILLION: i64 = 15;

/// How old a measurement may be and still be believed.
const AGE_MAX_MICROS: i64 = 3600 * 1_000_000;

/// Differences that need not be stored anew, in microseconds: times of edits are not given that exactly.
pub(crate) const EXACT_MICROS: i64 = 10_000;

/// One moment, by both clocks of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// By the wall clock.
    pub wall: Timestamp,
    /// By the clock that nobody can set.
    pub uptime: Uptime,
}

impl Moment {
    /// Now.
    pub(crate) fn by(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.now(),
            uptime: clock.uptime(),
        }
    }
}

/// What an answer from the server shows about its clock. It is assumed to have answered half way between question and
/// answer.
pub fn measured(server_time: Timestamp, asked: Uptime, answered: Uptime) -> ServerClock {
    let within = (answered.micros - asked.micros) / 2;
    ServerClock {
        boot: answered.boot,
        ahead: server_time.as_microsecond() - asked.micros - within,
        within,
        measured: answered.micros,
    }
}

/// Which of two measurements should be believed, the one just made or the one stored before.
pub fn better(new: ServerClock, kept: Option<ServerClock>) -> ServerClock {
    let Some(kept) = kept.filter(|kept| kept.boot == new.boot) else {
        return new;
    };
    let age = new.measured - kept.measured;
    let kept_within = within_by_now(&kept, new.measured);
    // If both cannot be true, somebody has set the server's clock.
    let agree = (new.ahead - kept.ahead).abs() <= new.within + kept_within + EXACT_MICROS;
    if agree && (0..=AGE_MAX_MICROS).contains(&age) && kept_within < new.within {
        kept
    } else {
        new
    }
}

/// Whether a measurement is worth storing in place of the one that is stored.
pub fn is_news(clock: &ServerClock, kept: Option<ServerClock>) -> bool {
    kept.is_none_or(|kept| {
        kept.boot != clock.boot
            || (kept.ahead - clock.ahead).abs() > EXACT_MICROS
            || clock.within + EXACT_MICROS < within_by_now(&kept, clock.measured)
    })
}

/// How far the server's clock is ahead of the wall clock, as that stands now.
pub fn ahead_of_the_wall(clock: &ServerClock, now: Moment) -> SignedDuration {
    let server = now.uptime.micros + clock.ahead;
    SignedDuration::from_micros(server - now.wall.as_microsecond())
}

fn within_by_now(clock: &ServerClock, now: i64) -> i64 {
    clock.within + (now - clock.measured).max(0) / 1_000_000 * DRIFT_PER_MILLION
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SECOND: i64 = 1_000_000;

    /// The server is 1000 s ahead, and answers when `there` of the round trip has passed.
    fn at(second: i64, way: i64, there: i64) -> ServerClock {
        let up = |micros| Uptime {
            boot: Uuid::nil(),
            micros,
        };
        let asked = second * SECOND;
        let server = Timestamp::from_microsecond(asked + there + 1000 * SECOND).unwrap();
        measured(server, up(asked), up(asked + way))
    }

    #[test]
    fn of_several_answers_the_fastest_is_believed() {
        let fast = at(10, 20_000, 1000);
        assert!((fast.ahead - 1000 * SECOND).abs() <= fast.within);
        // It came back at once, after having been on its way for eight seconds.
        let slow = at(20, 8 * SECOND, 8 * SECOND);
        assert_eq!(slow.ahead - 1000 * SECOND, 4 * SECOND);
        assert_eq!(better(slow, Some(fast)), fast);
        assert_eq!(better(fast, None), fast);
        assert!(is_news(&fast, Some(slow)) && !is_news(&at(11, 20_000, 900), Some(fast)));
    }

    #[test]
    fn an_old_one_is_believed_no_more_and_one_that_is_contradicted_neither() {
        let fast = at(10, 20_000, 10_000);
        assert_eq!(better(at(3000, SECOND, 0), Some(fast)), fast);
        let later = at(3700, SECOND, 0);
        assert_eq!(better(later, Some(fast)), later);
        // The server's clock was put forward by a minute.
        let moved = at(20, SECOND, 60 * SECOND);
        assert_eq!(better(moved, Some(fast)), moved);
        assert!(is_news(&moved, Some(fast)));
        let another_start = ServerClock {
            boot: Uuid::max(),
            ..fast
        };
        assert_eq!(better(at(20, SECOND, 0), Some(another_start)), at(20, SECOND, 0));
    }

    #[test]
    fn the_wall_may_be_set_as_one_likes() {
        let clock = at(10, 0, 0);
        for wall in [0, 5 * SECOND, 9_000_000 * SECOND] {
            let now = Moment {
                wall: Timestamp::from_microsecond(wall).unwrap(),
                uptime: Uptime {
                    boot: Uuid::nil(),
                    micros: 20 * SECOND,
                },
            };
            let server = wall + i64::try_from(ahead_of_the_wall(&clock, now).as_micros()).unwrap();
            assert_eq!(server, 1020 * SECOND);
        }
    }
}
