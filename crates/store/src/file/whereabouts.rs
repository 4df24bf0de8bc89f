//! Whether the open file is still the one at its path.
//!
//! A folder that another program keeps in step, a restored copy, somebody at work in a file manager: any of these can
//! take the file away under an open catalogue. SQLite carries on with what it has open, so what is acknowledged then
//! goes into a file that nobody finds again, while the next program reads the log beside the path as if it belonged to
//! what is there now. So the path is checked before each commit, and now and then before a read and at the beginning of
//! a write.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long a check holds for reads, and for a write until its commit.
const HOLDS: Duration = Duration::from_millis(200);

/// The place of an open file.
pub(crate) struct Whereabouts {
    file: PathBuf,
    /// What was at the path when it was opened.
    opened: Option<Identity>,
    has_moved: AtomicBool,
    looked: Mutex<Option<Instant>>,
}

/// What identifies a file, whatever it is called: its device, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity(u64, u64);

impl Whereabouts {
    pub(crate) fn of(file: PathBuf) -> Self {
        Self {
            opened: identity(&file),
            file,
            has_moved: AtomicBool::new(false),
            looked: Mutex::new(None),
        }
    }

    /// The path.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// [`Error::Moved`] if the path is no longer the open file. Once that has happened, it stays so: there is no
    /// knowing what others have written there since.
    pub(crate) fn check(&self) -> Result<()> {
        let there = identity(&self.file);
        if self.opened.is_none() || there == self.opened && !self.has_moved.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.has_moved.store(true, Ordering::Relaxed);
        Err(Error::Moved {
            file: self.file.clone(),
            is_replaced: there.is_some(),
            now: self.opened.and_then(now_at),
        })
    }

    /// The same, but skipped if the last check was not long ago.
    pub(crate) fn check_now_and_then(&self) -> Result<()> {
        #[expect(clippy::disallowed_methods, reason = "how old a look is, and no time that is stored")]
        let now = Instant::now();
        // If somebody else is checking right now, there is no need to check as well.
        let Ok(mut looked) = self.looked.try_lock() else {
            return Ok(());
        };
        if looked.is_some_and(|looked| now.duration_since(looked) < HOLDS) && !self.has_moved.load(Ordering::Relaxed) {
            return Ok(());
        }
        *looked = Some(now);
        drop(looked);
        self.check()
    }
}

#[cfg(unix)]
fn identity(file: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    let found = std::fs::metadata(file).ok()?;
    Some(Identity(found.dev(), found.ino()))
}

/// On other systems an open file can be neither renamed nor deleted.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

/// What an open file is called now; `None` if it no longer has a name, or the system does not tell.
#[cfg(target_os = "linux")]
fn now_at(opened: Identity) -> Option<PathBuf> {
    let handles = std::fs::read_dir("/proc/self/fd").ok()?;
    let name = handles
        .flatten()
        .find(|handle| identity(&handle.path()) == Some(opened))
        .and_then(|handle| std::fs::read_link(handle.path()).ok())?;
    (identity(&name) == Some(opened)).then_some(name)
}

#[cfg(not(target_os = "linux"))]
fn now_at(_: Identity) -> Option<PathBuf> {
    None
}
