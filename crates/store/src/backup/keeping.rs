//! Automatic backups, while a file is open and when it is closed.
//!
//! While the file is open, one is made for each day on which something was changed, soon after the file was opened or
//! the day began: if something goes wrong later that day, what was there before can be found. When the file is closed,
//! another takes its place with what was done since, unless the file is so large that whoever closes the window would
//! have to wait for it.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::{Backups, Made, Stop};
use crate::database::Database;
use crate::database::background::in_background;
use crate::error::Result;
use crate::expected::FileSchema;

/// A larger file is not copied while somebody waits for the program to end.
const BYTES_AT_THE_END_MAX: u64 = 64 << 20;

/// How often to check whether a backup is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// This long after the file was opened, when its lists are filled and nobody waits for the disk.
    pub first: Duration,
    /// This long after each check.
    pub every: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(20),
            every: Duration::from_mins(10),
        }
    }
}

impl Backups {
    /// Makes a backup whenever one is due and reports the result. Runs until it is dropped; a backup under way is then
    /// abandoned.
    pub async fn keep(self, database: Database, schema: FileSchema, pace: Pace, mut tell: impl FnMut(Result<Made>)) {
        if !self.are_kept() || database.is_read_only() {
            return std::future::pending().await;
        }
        tokio::time::sleep(pace.first).await;
        loop {
            let (backups, database, schema) = (self.clone(), database.clone(), schema.clone());
            let dropped = StopsWhenDropped::default();
            let stop = dropped.0.clone();
            let made = in_background(move || {
                let is_due = backups.is_due(&database)?;
                is_due.then(|| backups.make(&database, &schema, &stop)).transpose()
            });
            if let Some(made) = made.await.transpose() {
                tell(made);
            }
            tokio::time::sleep(pace.every).await;
        }
    }

    /// Before the file is closed: backs up what has changed since the newest backup, if nobody has to wait for it.
    /// `None`: there was nothing to do.
    pub fn make_at_the_end(&self, database: &Database, schema: &FileSchema) -> Result<Option<Made>> {
        if !self.are_kept() || database.is_read_only() {
            return Ok(None);
        }
        let newest = self.newest()?;
        let now = database.origin().clock.now();
        let is_small = std::fs::metadata(&self.file).is_ok_and(|found| found.len() <= BYTES_AT_THE_END_MAX);
        if !is_small || !self.has_changed(newest.as_ref(), now) {
            return Ok(None);
        }
        self.make(database, schema, &Stop::default()).map(Some)
    }

    /// Whether something has changed since the newest backup, and that one is from an earlier day.
    fn is_due(&self, database: &Database) -> Result<bool> {
        let (newest, now) = (self.newest()?, database.origin().clock.now());
        let day = |at: jiff::Timestamp| at.to_zoned(TimeZone::UTC).date();
        let is_of_today = newest.as_ref().is_some_and(|newest| day(newest.at) == day(now));
        Ok(!is_of_today && self.has_changed(newest.as_ref(), now))
    }
}

/// Tells the backup to stop once nobody waits for it.
#[derive(Default)]
struct StopsWhenDropped(Stop);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        self.0.leave_off();
    }
}
