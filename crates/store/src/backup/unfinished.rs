//! A file that gets its name only when it is complete.
//!
//! Until then it lies beside its place under a name that nothing else uses, and is removed when its maker gives up. A
//! killed program removes nothing, so each holds a lock on what it is making: a file that nobody holds is a leftover,
//! and the next one sweeps it away.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::settings::private;

const ENDING: &str = ".part";

/// A file on the way to its name.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    file: File,
    is_named: bool,
}

impl Unfinished {
    /// A new, empty file that only this account can read.
    pub(super) fn beside(target: &Path) -> io::Result<Self> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        let path = target.with_file_name(with(name, ENDING));
        if path.exists() && !is_left_over(&path) {
            return Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "another program is just making it",
            ));
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = private::new_file(&path)?;
        let unfinished = Self {
            path,
            file,
            is_named: false,
        };
        unfinished.file.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => error,
            TryLockError::WouldBlock => io::ErrorKind::ResourceBusy.into(),
        })?;
        Ok(unfinished)
    }

    /// Where it is now.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Sets the time its content is from.
    pub(super) fn date(&self, at: Timestamp) -> io::Result<()> {
        self.file.set_modified(at.into())
    }

    /// Flushes it to the disk and gives it its name. Afterwards nothing but the complete file is there under that name.
    pub(super) fn finish(mut self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.is_named = true;
        sync_folder_of(target);
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_named {
            // A file that cannot be removed now is swept away later; whoever gave up reports why.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Removes what killed programs have left behind.
pub(super) fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(ENDING) && is_left_over(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_left_over(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

/// A new name is safe once its folder is flushed. Where the system cannot do that, the file is there all the same.
pub(super) fn sync_folder_of(file: &Path) {
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// A name with a suffix.
pub(super) fn with(mut name: OsString, ending: &str) -> OsString {
    name.push(ending);
    name
}
