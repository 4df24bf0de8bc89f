//! The copy of a file that is kept before it is migrated: a backup like any other, checked before it counts.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::backup::back_up_connection;
use crate::error::{Error, Result};
use crate::expected::FileSchema;
use crate::settings::private;

/// Copies the file beside itself; `None` for a database in memory. [`Error::Corrupt`] if the copy is not sound, because
/// then the file is not either.
pub(super) fn back_up(
    connection: &Connection,
    file: Option<&Path>,
    version: i32,
    schema: &FileSchema,
) -> Result<Option<PathBuf>> {
    let Some(file) = file else {
        return Ok(None);
    };
    let target = new_backup(file, version)?;
    if let Err(error) = back_up_connection(connection, &target, schema) {
        // The file only reserved its name; the first error says why there is nothing in it.
        let _ = std::fs::remove_file(&target);
        return Err(error);
    }
    Ok(Some(target))
}

/// A new, empty file that reserves the name for a backup, beside the file.
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
