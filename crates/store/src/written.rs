//! Whether anybody has written to the catalogue file, this program or another.
//!
//! Every commit writes to the log beside the file (`-wal`), so when that was written to last, and how long it is, tell that something may
//! have changed. That is looked at often, because it costs next to nothing: no file is opened, and no connection asked. A watch by the
//! system would cost even less, and is another thing on each of them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How often it is looked once more after a change. A commit is in the log before it is on the disk, and can be seen by others only then.
const AFTERWARDS: u32 = 20;

/// The log of a file, watched.
pub(crate) struct Written {
    log: PathBuf,
    seen: Option<Stamp>,
    /// How often it is still to be looked because of the last change.
    afterwards: u32,
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
            afterwards: 0,
        }
    }

    /// Whether somebody has since the last look. The first look finds something, and for a while after each change the next ones.
    pub(crate) fn look(&mut self) -> bool {
        let now = stamp(&self.log);
        // Where there is nothing to go by, everything may have changed.
        if now.is_none() || now != self.seen {
            self.seen = now;
            self.afterwards = AFTERWARDS;
            return true;
        }
        let is_soon_after = self.afterwards > 0;
        self.afterwards = self.afterwards.saturating_sub(1);
        is_soon_after
    }

    /// Whether there is nothing in the log.
    pub(crate) fn is_empty(&self) -> bool {
        self.seen.is_none_or(|(_, length)| length == 0)
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
