//! How a copy is made, and how it is checked.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};
use crate::expected::{FileSchema, refuse_unknown};
use crate::file::connection::open_fixed;

/// Pages copied between two checks whether somebody wants to leave: 4 MiB of the usual ones.
const STEP_PAGES: i32 = 1_024;
/// Instructions of SQLite between two such checks while a copy is looked through.
const STEP_INSTRUCTIONS: i32 = 100_000;

/// Tells whoever makes a backup to leave off.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// From now on.
    pub fn leave_off(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to leave off.
    pub fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// [`Error::Interrupted`] if it was told to leave off.
    pub(super) fn check(&self) -> Result<()> {
        if self.is_told() {
            Err(Error::Interrupted)
        } else {
            Ok(())
        }
    }
}

/// Copies a snapshot into an empty file. The source is within a read transaction, or nobody writes to it.
pub(super) fn copy_pages(source: &Connection, copy: &Path, check: &dyn Fn() -> Result<()>) -> Result<()> {
    // The first read takes the snapshot. While it is held, the source does not change under the copy, which would
    // otherwise start over with every write.
    source.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(copy, flags)?;
    // Half a copy is worth nothing, so there is nothing to roll back to, and it is flushed to the disk once, at the
    // end.
    target.pragma_update(None, "journal_mode", "OFF")?;
    target.pragma_update(None, "synchronous", "OFF")?;
    {
        let backup = Backup::new(source, &mut target)?;
        loop {
            check()?;
            match backup.step(STEP_PAGES)? {
                StepResult::Done => break,
                StepResult::More => {}
                _ => return Err(Error::Busy),
            }
        }
    }
    target.close().map_err(|(_, error)| error.into())
}

/// [`Error::Corrupt`] unless the copy is a sound catalogue of a version that this program knows. Reads every page.
pub(super) fn look_through(copy: &Path, schema: &FileSchema, stop: &Stop) -> Result<()> {
    let mut connection = open_fixed(copy, schema.application_id)?;
    let stop = stop.clone();
    connection.progress_handler(STEP_INSTRUCTIONS, Some(move || stop.is_told()))?;
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    let said = check
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<Vec<String>>>()?;
    if said != ["ok"] {
        // SQLite's own words for each fault help nobody; how many there are shows how bad it is.
        let detail = format!("a check of all its pages found {} faults", said.len());
        return Err(Error::Corrupt { detail });
    }
    refuse_unknown(&connection, schema)
}
