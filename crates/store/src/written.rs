//! Whether anybody has written to the catalogue file, this program or another.
//!
//! Every commit writes to the log beside the file (`-wal`), so when that was written to last, and how long it is, tell that something may
//! have changed. That is looked at often, because it costs next to nothing: no file is opened, and no connection asked. A watch by the
//! system would cost even less, and is another thing on each of them.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// For how many looks after a change it is looked once more now and then, at ever greater distances. A commit is in the log before it is on the
/// disk, and can be seen by others only then.
const AFTERWARDS: u32 = 20;

/// The log of a file, watched.
pub(crate) struct Written {
    log: PathBuf,
    seen: Option<Stamp>,
    /// How often the log was as it is since the last change.
    unchanged: u32,
}

/// When it was written to last, and how long it is. A log that begins anew is written over from its beginning.
type Stamp = (SystemTime, u64);

impl Written {
    pub(crate) fn of(file: PathBuf) -> Self {
        let mut name = file.into_os_string();
        name.push("-wal");
        Self {
            log: name.into(),
            seen: None,
            unchanged: AFTERWARDS,
        }
    }

    /// Waits until somebody has, looking every so often. The first time at once, and for a while after each change.
    pub(crate) async fn again(&mut self, every: Duration) {
        loop {
            let now = stamp(&self.log);
            // Where there is nothing to go by, everything may have changed.
            if now.is_none() || now != self.seen {
                self.seen = now;
                self.unchanged = 0;
                return;
            }
            if self.unchanged < AFTERWARDS {
                self.unchanged += 1;
                if self.unchanged.is_power_of_two() {
                    return;
                }
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Has the next look find something, whatever there is.
    pub(crate) fn forget(&mut self) {
        self.seen = None;
    }
}

fn stamp(log: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(log).ok()?;
    Some((about.modified().ok()?, about.len()))
}
