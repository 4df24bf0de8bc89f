//! The copy that is kept of a file before it is migrated.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::{Error, Result};
use crate::private;

/// Copies the file beside itself; `None` for a database in memory.
pub(super) fn back_up(connection: &Connection, file: Option<&Path>, version: i32) -> Result<Option<PathBuf>> {
    let Some(file) = file else {
        return Ok(None);
    };
    let target = new_backup(file, version)?;
    // SQLite fills a file that is there, as long as it is empty.
    if let Err(error) = connection.execute("VACUUM INTO ?", [as_bytes(&target)]) {
        // Half a backup is none; the first error says why.
        let _ = std::fs::remove_file(&target);
        return Err(error.into());
    }
    Ok(Some(target))
}

/// A path as SQLite takes it: its bytes, which need not be text.
#[cfg(unix)]
fn as_bytes(path: &Path) -> ToSqlOutput<'_> {
    use std::os::unix::ffi::OsStrExt as _;
    ToSqlOutput::Borrowed(ValueRef::Text(path.as_os_str().as_bytes()))
}

#[cfg(not(unix))]
fn as_bytes(path: &Path) -> ToSqlOutput<'_> {
    ToSqlOutput::from(path.to_string_lossy().into_owned())
}

/// A new, empty file for a backup, beside the file.
fn new_backup(file: &Path, version: i32) -> Result<PathBuf> {
    let mut copy = 1;
    loop {
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(match copy {
            1 => format!(".backup-v{version}"),
            _ => format!(".backup-v{version}-{copy}"),
        });
        let target = file.with_file_name(name);
        match private::new_file(&target) {
            Ok(_) => return Ok(target),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => copy += 1,
            Err(error) => return Err(Error::io("a backup before the migration", &error)),
        }
    }
}
