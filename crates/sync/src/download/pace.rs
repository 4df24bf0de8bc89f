//! How far a download has come, and how much longer it takes.

use std::time::Duration;

use colophon_store::Staged;
use serde::Serialize;
use tokio::time::Instant;

/// How long the speed is observed before a remaining time is given.
const SPEED_KNOWN_AFTER: Duration = Duration::from_millis(500);

/// How far a first download has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DownloadProgress {
    /// Rows that are here.
    pub rows: u64,
    /// About how many there are.
    pub total: u64,
    /// About how much longer it takes at this speed, once that is known.
    pub seconds_left: Option<u64>,
}

/// How fast it goes.
pub(super) struct Pace<'p> {
    begun: Instant,
    rows_at_first: u64,
    rows: u64,
    total: u64,
    tell: &'p mut (dyn FnMut(DownloadProgress) + Send),
}

impl<'p> Pace<'p> {
    pub(super) fn new(staged: &Staged, total: u64, tell: &'p mut (dyn FnMut(DownloadProgress) + Send)) -> Self {
        let rows = staged.tables.iter().map(|table| table.rows).sum();
        let mut pace = Self {
            begun: Instant::now(),
            rows_at_first: rows,
            rows,
            total,
            tell,
        };
        pace.came(0);
        pace
    }

    pub(super) fn came(&mut self, rows: usize) {
        self.rows += rows as u64;
        let total = self.total.max(self.rows);
        let progress = DownloadProgress {
            rows: self.rows,
            total,
            seconds_left: seconds_left(self.begun.elapsed(), self.rows - self.rows_at_first, total - self.rows),
        };
        (self.tell)(progress);
    }
}

/// How long the rows that are left take, if this many rows took this long.
fn seconds_left(elapsed: Duration, rows: u64, left: u64) -> Option<u64> {
    if elapsed < SPEED_KNOWN_AFTER || rows == 0 {
        return None;
    }
    let microseconds = u64::try_from(elapsed.as_micros()).ok()?;
    Some(microseconds.checked_mul(left)?.div_ceil(rows).div_ceil(1_000_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remaining_time_is_told_when_the_speed_is_known() {
        let second = Duration::from_secs(1);
        assert_eq!(seconds_left(Duration::ZERO, 10, 10), None);
        assert_eq!(seconds_left(second, 0, 10), None);
        assert_eq!(seconds_left(second, 100, 900), Some(9));
        assert_eq!(seconds_left(second, 100, 1), Some(1));
        assert_eq!(seconds_left(second, 100, 0), Some(0));
    }
}
