//! Whether anybody has written to the catalogue file, this program or another.
//!
//! Every commit writes to the log beside the file (`-wal`), so when the log was last written, and how long it is, show
//! that something may have changed. This is checked often, because it costs next to nothing: no file is opened, and no
//! connection queried. Having the system watch the file would cost even less, but works differently on each system.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// How many looks after a change pass before the file counts as quiet. During these, the question is asked a few more
/// times, at growing intervals, because a commit is in the log before it is on the disk, and only then can others see
/// it. It is more than the looks between two visits to a server where something is always new, so that the log is not
/// emptied after each of them.
const AFTERWARDS: u32 = 60;
/// If it was this program that wrote, this many count as already past, so that only one question is left.
const AFTERWARDS_OF_OWN: u32 = 16;

/// The log of a file, watched.
pub(crate) struct Written {
    log: PathBuf,
    seen: Option<Stamp>,
    /// How many times in a row the log has looked the same since the last change.
    unchanged: u32,
}

/// What a look at the log shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// Something may have been written: worth asking.
    MayBeNew,
    /// This program's own write. It is worth asking once, too: another program's may have come just before the log was
    /// looked at.
    Own,
    /// Nothing, but there was something not long ago.
    SoonAfter,
    /// Nothing for a while.
    Quiet,
}

/// When the log was last written, and how long it is. A log that starts over is overwritten from its beginning.
type Stamp = (SystemTime, u64);

impl Written {
    pub(crate) fn of(file: &Path) -> Self {
        Self {
            log: log_of(file),
            seen: None,
            unchanged: AFTERWARDS,
        }
    }

    /// What there is to see. The first look finds something, and so do some of the looks for a while after each change.
    pub(crate) fn look(&mut self, own: &OwnCommits) -> Look {
        let now = stamp(&self.log);
        if now.is_some() && now != self.seen && own.is_last(now) {
            self.seen = now;
            self.unchanged = AFTERWARDS_OF_OWN;
            return Look::Own;
        }
        // With nothing to go by, anything may have changed.
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

    /// Makes the next look find something, whatever there is.
    pub(crate) fn forget(&mut self) {
        self.seen = None;
    }
}

/// The last commit of this program, as the log was after it.
#[derive(Default)]
pub(crate) struct OwnCommits {
    log: Option<PathBuf>,
    last: Mutex<Option<Stamp>>,
}

impl OwnCommits {
    pub(crate) fn of(file: &Path) -> Self {
        Self {
            log: Some(log_of(file)),
            last: Mutex::default(),
        }
    }

    /// This program has just committed. Whether it was the only one is asked by whoever finds the log in this state:
    /// once for many commits, and none of them waits for the answer.
    pub(crate) fn note(&self) {
        let now = self.log.as_deref().and_then(stamp);
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    fn is_last(&self, stamp: Option<Stamp>) -> bool {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) == stamp
    }
}

/// The log of a file lies beside it.
fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn stamp(log: &Path) -> Option<Stamp> {
    let about = std::fs::metadata(log).ok()?;
    Some((about.modified().ok()?, about.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file's log, and what watches it.
    fn watched(folder: &Path) -> (PathBuf, Written, OwnCommits) {
        let file = folder.join("catalogue.sqlite");
        let own = OwnCommits::of(&file);
        (log_of(&file), Written::of(&file), own)
    }

    fn write(log: &Path, what: &str) {
        std::fs::write(log, what).expect("a log");
    }

    #[test]
    fn after_a_change_it_is_asked_ever_more_seldom_and_quiet_only_after_all_that() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, mut written, own) = watched(folder.path());
        write(&log, "a commit");
        assert_eq!(written.look(&own), Look::MayBeNew);
        let looks: Vec<Look> = (0..AFTERWARDS).map(|_| written.look(&own)).collect();
        let found = (1..).zip(&looks).filter(|(_, look)| **look == Look::MayBeNew);
        assert_eq!(
            found.map(|(number, _)| number).collect::<Vec<u32>>(),
            [1, 2, 4, 8, 16, 32]
        );
        assert!(!looks.contains(&Look::Quiet) && written.look(&own) == Look::Quiet);
        write(&log, "another commit");
        assert_eq!(written.look(&own), Look::MayBeNew);
        written.forget();
        assert_eq!(written.look(&own), Look::MayBeNew);
    }

    #[test]
    fn what_this_program_has_committed_is_asked_about_at_once_and_once_later() {
        let folder = tempfile::tempdir().expect("a folder");
        let (log, mut written, own) = watched(folder.path());
        write(&log, "a commit");
        own.note();
        let looks: Vec<Look> = (0..AFTERWARDS).map(|_| written.look(&own)).collect();
        assert_eq!(looks.iter().filter(|look| **look == Look::MayBeNew).count(), 1);
        assert_eq!(looks[0], Look::Own);
        assert_eq!(looks.iter().filter(|look| **look == Look::Own).count(), 1);
        // Another program comes after it.
        write(&log, "a third commit");
        own.note();
        write(&log, "a third commit, and one of another program");
        assert_eq!(written.look(&own), Look::MayBeNew);
    }
}
