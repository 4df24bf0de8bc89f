//! Whether anybody has written to the catalogue file, this program or another.
//!
//! Every commit writes to the log beside the file (`-wal`), so when that was written to last, and how long it is, tell that something may
//! have changed. That is looked at often, because it costs next to nothing: no file is opened, and no connection asked. A watch by the
//! system would cost even less, and is another thing on each of them.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The log of a file, watched.
pub(crate) struct Written {
    log: PathBuf,
    seen: Option<Stamp>,
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
        }
    }

    /// Waits until somebody has, looking every so often. The first time at once.
    pub(crate) async fn again(&mut self, every: Duration) {
        loop {
            let now = stamp(&self.log);
            // Where there is nothing to go by, everything may have changed.
            if now.is_none() || now != self.seen {
                self.seen = now;
                return;
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
