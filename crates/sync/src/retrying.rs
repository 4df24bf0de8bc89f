//! When something that failed is tried again without anybody asking: soon at first, then less and less often, for ever.

use jiff::{SignedDuration, Timestamp};

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// One row, for what it is. Curing that takes a changed rule, or a new version of a program.
    OfARow,
    /// The login may not write, or nobody may. Curing that takes a restored right, or the end of some maintenance.
    OfTheLogin,
}

/// How many times something was tried, and when the next try is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// How many times it was tried.
    pub tries: u32,
    /// When it is due.
    pub due: Timestamp,
}

impl Default for Retry {
    /// Never tried, and due at once.
    fn default() -> Self {
        Self {
            tries: 0,
            due: Timestamp::UNIX_EPOCH,
        }
    }
}

impl Trouble {
    /// The pause after the first try, and the longest one.
    fn pauses(self) -> (SignedDuration, SignedDuration) {
        match self {
            Self::OfARow => (SignedDuration::from_mins(1), SignedDuration::from_hours(1)),
            Self::OfTheLogin => (SignedDuration::from_secs(2), SignedDuration::from_mins(1)),
        }
    }
}

/// No pause is longer, so a try that is due later than this was scheduled by a clock that was wrong.
const PAUSE_MAX: SignedDuration = SignedDuration::from_hours(1);

impl Retry {
    /// After one more failed try.
    pub(crate) fn after(earlier: Option<Self>, trouble: Trouble, now: Timestamp) -> Self {
        let tries = earlier.map_or(0, |earlier| earlier.tries);
        let (first, longest) = trouble.pauses();
        let pause = first.checked_mul(1_i32.checked_shl(tries.min(12)).unwrap_or(i32::MAX));
        let pause = pause.map_or(longest, |pause| pause.min(longest));
        Self {
            tries: tries.saturating_add(1),
            due: now.checked_add(pause).unwrap_or(now),
        }
    }

    /// Whether the next try is due.
    pub(crate) fn is_due(self, now: Timestamp) -> bool {
        self.due <= now || self.due.duration_since(now) > PAUSE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_become_rarer_and_never_end() {
        let start = Timestamp::UNIX_EPOCH;
        let (mut retry, mut now) = (None, start);
        for expected in [60, 120, 240, 480, 960, 1920, 3600, 3600] {
            let next = Retry::after(retry, Trouble::OfARow, now);
            assert_eq!(next.due.duration_since(now).as_secs(), expected);
            assert!(!next.is_due(now) && next.is_due(next.due));
            (retry, now) = (Some(next), next.due);
        }
        assert!(Retry::default().is_due(start));
    }

    #[test]
    fn a_clock_that_was_years_ahead_keeps_nothing_waiting() {
        let ahead = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 3650);
        let retry = Retry::after(None, Trouble::OfTheLogin, ahead);
        assert!(retry.is_due(Timestamp::UNIX_EPOCH));
    }
}
