//! How a backup takes the place of the file.
//!
//! The replaced file is kept under a name of its own, with its log, because it holds what was done since the backup.
//! Its place is taken by a copy of the backup that was checked first. Syncing goes on: when something is sent, the
//! server finds that these batches were counted before, and the file becomes a device of its own.
//!
//! Nobody may have the file open meanwhile, because whatever they wrote then would go into the file that was put aside.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::copying::{Stop, copy_pages, look_through};
use super::unfinished::with;
use super::unfinished::{Unfinished, sync_folder_of};
use super::{Backups, TIME};
use crate::error::{Error, Result};
use crate::expected::FileSchema;
use crate::file::connection::open_fixed;
use crate::settings::private::free_name;

/// What became of the file that was there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The name under which it is kept; `None` where nothing was there.
    pub kept: Option<PathBuf>,
}

impl Backups {
    /// Puts a backup, or any sound catalogue, in the place of the file, which nobody may have open. What was there is
    /// kept. If `stop` comes while the backup is being copied and checked, nothing has changed.
    pub fn restore(&self, backup: &Path, schema: &FileSchema, now: Timestamp, stop: &Stop) -> Result<Replaced> {
        let unusable = |error: Error| match error {
            Error::DiskFull | Error::Interrupted => error,
            Error::Corrupt { .. } => unusable(backup, "it is damaged too"),
            Error::CannotOpen => unusable(backup, "it cannot be opened"),
            error => unusable(backup, &error.to_string()),
        };
        let source = open_fixed(backup, schema.application_id).map_err(unusable)?;
        let unwritable = |error: io::Error| Error::io("the backup cannot be put into its place", &error);
        let copy = Unfinished::beside(&self.file).map_err(unwritable)?;
        copy_pages(&source, copy.path(), &|| stop.check())
            .and_then(|()| look_through(copy.path(), schema, stop))
            .map_err(unusable)?;
        drop(source);
        if let Some(rights) = crate::settings::private::rights_of(&self.file).map_err(unwritable)? {
            fs::set_permissions(copy.path(), rights).map_err(unwritable)?;
        }
        let there = self.take_for_oneself()?;
        let kept = if there.is_some() {
            Some(self.put_aside(now)?)
        } else {
            None
        };
        copy.finish(&self.file).map_err(unwritable)?;
        // Up to here nobody could open the old file.
        drop(there);
        Ok(Replaced { kept })
    }

    /// Puts the file aside, with its log, and nothing in its place. `None` if there was no file.
    pub fn put_the_file_aside(&self, now: Timestamp) -> Result<Option<PathBuf>> {
        let Some(there) = self.take_for_oneself()? else {
            return Ok(None);
        };
        let kept = self.put_aside(now)?;
        fs::remove_file(&self.file).map_err(|error| Error::io("the file cannot be put aside", &error))?;
        sync_folder_of(&self.file);
        drop(there);
        Ok(Some(kept))
    }

    /// The file, locked against everybody; [`Error::OpenElsewhere`] when another program has it open. `None` if there
    /// is no file.
    fn take_for_oneself(&self) -> Result<Option<File>> {
        let file = match OpenOptions::new().read(true).write(true).open(&self.file) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Err(Error::ReadOnly),
            Err(error) => return Err(Error::io("the catalogue file cannot be replaced", &error)),
        };
        lock_all(&file)?;
        Ok(Some(file))
    }

    /// Gives the file a second name, takes its log along, and frees the first name for what comes.
    fn put_aside(&self, now: Timestamp) -> Result<PathBuf> {
        let failed = |error: io::Error| Error::io("what is replaced cannot be kept", &error);
        let kept = self.free_kept_name(now);
        fs::hard_link(&self.file, &kept)
            // Not every medium supports second names.
            .or_else(|_| fs::copy(&self.file, &kept).map(drop))
            .map_err(failed)?;
        let beside = |file: &Path, ending: &str| with(file.as_os_str().to_owned(), ending);
        for ending in ["-wal", "-journal"] {
            match fs::rename(beside(&self.file, ending), beside(&kept, ending)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                _ => {}
            }
        }
        match fs::remove_file(beside(&self.file, "-shm")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        sync_folder_of(&self.file);
        Ok(kept)
    }

    fn free_kept_name(&self, now: Timestamp) -> PathBuf {
        let (stem, ending) = (self.file.file_stem().unwrap_or_default(), self.file.extension());
        let ending = ending.map_or_else(OsString::new, |ending| {
            let mut dotted = OsString::from(".");
            dotted.push(ending);
            dotted
        });
        let name = |number: &str| {
            let mut name = with(stem.to_owned(), &format!("-replaced-{}{number}", now.strftime(TIME)));
            name.push(&ending);
            self.file.with_file_name(name)
        };
        free_name(name)
    }
}

fn unusable(backup: &Path, reason: &str) -> Error {
    Error::UnusableBackup {
        backup: backup.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Every program that has a catalogue open, damaged or not, holds a lock on some of its bytes.
#[cfg(unix)]
fn lock_all(file: &File) -> Result<()> {
    use rustix::fs::{FlockOperation, fcntl_lock};
    match fcntl_lock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::AGAIN | rustix::io::Errno::ACCESS) => Err(Error::OpenElsewhere),
        // Or a medium without locks, where nobody can tell.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// On other systems a file that is open cannot be replaced at all.
#[cfg(not(unix))]
fn lock_all(_: &File) -> Result<()> {
    Ok(())
}
