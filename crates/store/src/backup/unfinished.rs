//! A file that gets its name when it is whole.
//!
//! Until then it lies beside its place under a name that nothing else uses, and goes when whoever makes it gives up. Who is killed takes
//! nothing away, so each holds a lock on what it makes: what nobody holds is left over, and the next one sweeps it out.

use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::settings::private;

const ENDING: &str = ".part";

/// A file under way to its name.
#[derive(Debug)]
pub(super) struct Unfinished {
    path: PathBuf,
    file: File,
    is_named: bool,
}

impl Unfinished {
    /// A new, empty one for this account alone.
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

    /// Says from when its content is.
    pub(super) fn date(&self, at: Timestamp) -> io::Result<()> {
        self.file.set_modified(at.into())
    }

    /// Presses it onto the disk and gives it its name. Nothing is there by that name afterwards but the whole file.
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
            // What cannot be taken away is swept out later; why it was given up is told by whoever did.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Takes away what was left by programs that were killed.
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

/// A new name is safe when its folder is. Where the system cannot do that, the file is there all the same.
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

/// A name with something behind it.
pub(super) fn with(mut name: OsString, ending: &str) -> OsString {
    name.push(ending);
    name
}
