//! An export on its way into a file: it takes the file's place once all of it is on the disk.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use colophon_store::private;
use tempfile::NamedTempFile;

use super::ExportError;

/// Writes beside a file, and puts what was written in the file's place. Whatever ends it before leaves the file as it was and
/// nothing beside it. If the file is a link, what it leads to is written, and the link stays; its permissions stay, too.
pub fn into_file(
    target: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<u64, ExportError>,
) -> Result<u64, ExportError> {
    let target = private::led_to(target)?;
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut beside = new_file_in(folder.unwrap_or(Path::new(".")))?;
    if let Some(rights) = private::rights_of(&target)? {
        beside.as_file().set_permissions(rights)?;
    }
    let mut writer = BufWriter::new(beside.as_file_mut());
    let books = write(&mut writer)?;
    writer.flush()?;
    drop(writer);
    beside.as_file().sync_all()?;
    beside.persist(&target).map_err(|error| error.error)?;
    Ok(books)
}

/// A file without its final name, removed again if it does not get one.
fn new_file_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".colophon-export");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // With the usual permissions of a new file, not for its owner alone; the account's mask still applies.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}
