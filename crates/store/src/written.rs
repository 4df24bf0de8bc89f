//! Whether anybody has written to the catalogue file, this program or another.
//!
//! Every commit writes to the log beside the file (`-wal`), so when that was written to last, and how long it is, tell that something may
//! have changed. That is looked at often, because it costs next to nothing: no file is opened, and no connection asked. A watch by the
//! system would cost even less, and is another thing on each of them.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

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

/// What a look at the log has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// What is worth a question: something may have been written.
    MayBeNew,
    /// Nothing, but something was not long ago.
    SoonAfter,
    /// Nothing for a while.
    Quiet,
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

    /// What there is to be seen. The first look finds something, and for a while after each change some of the next ones.
    pub(crate) fn look(&mut self) -> Look {
        let now = stamp(&self.log);
        // Where there is nothing to go by, everything may have changed.
        if now.is_none() || now != self.seen {
            self.seen = now;
            self.unchanged = 0;
            return Look::MayBeNew;
        }
        if self.unchanged >= AFTERWARDS {
            return Look::Quiet;
        }
        self.unchanged += 1;
        if self.unchanged.is_power_of_two() {
            Look::MayBeNew
        } else {
            Look::SoonAfter
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_a_change_it_is_looked_ever_more_seldom_and_quiet_only_after_all_that() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("catalogue.sqlite");
        let log = folder.path().join("catalogue.sqlite-wal");
        std::fs::write(&log, "a commit").expect("a log");
        let mut written = Written::of(file);
        assert_eq!(written.look(), Look::MayBeNew);
        let looks: Vec<Look> = (0..AFTERWARDS).map(|_| written.look()).collect();
        let found = (1..).zip(&looks).filter(|(_, look)| **look == Look::MayBeNew);
        assert_eq!(found.map(|(number, _)| number).collect::<Vec<u32>>(), [1, 2, 4, 8, 16]);
        assert!(!looks.contains(&Look::Quiet) && written.look() == Look::Quiet);
        std::fs::write(&log, "another commit").expect("a log");
        assert_eq!(written.look(), Look::MayBeNew);
        written.forget();
        assert_eq!(written.look(), Look::MayBeNew);
    }
}
