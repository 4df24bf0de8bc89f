//! What can still be read of a damaged catalogue, for `colophon export --salvage`.

use std::path::Path;

use anyhow::Context as _;
use colophon_catalogue::file_schema;
use colophon_catalogue::rescue::{Besides, Rescued, rescue};
use colophon_store::Database;
use indicatif::HumanCount;
use serde_json::json;

use crate::catalogue_file::CatalogueFile;
use crate::exit::{Exit, refusal};
use crate::output::Output;

/// How many missing records are named if the export goes to standard output, where there is no place for a list beside
/// it.
const NAMED_MAX: usize = 100;

/// Reads the file, which is not changed, into a catalogue in memory.
pub(super) fn read(file: &CatalogueFile) -> anyhow::Result<(Database, Rescued)> {
    let database = Database::in_memory_blocking()?;
    database.migrate_blocking(&file_schema()?)?;
    let path = file.path();
    let rescued = rescue(path, &database).with_context(|| path.display().to_string())?;
    if rescued.read.books + rescued.read.authors == 0 && !rescued.is_complete() {
        let message = format!(
            "no record can be read from {}, which was not changed: `colophon restore` goes back to a backup",
            path.display()
        );
        return Err(refusal(Exit::CatalogueFile, message));
    }
    Ok((database, rescued))
}

/// Says what was read, and lists what is missing.
pub(super) fn tell(rescued: &Rescued, target: &Path, has_besides: bool, output: &Output) -> anyhow::Result<Exit> {
    let to_stdout = target.as_os_str() == "-";
    let (read, lost) = (rescued.read, &rescued.lost);
    if to_stdout {
        for one in lost.iter().take(NAMED_MAX) {
            output.note(format_args!("{} {}: {}", one.entity, one.id, one.reason));
        }
        if lost.len() > NAMED_MAX {
            output.note(format_args!("and {} more", HumanCount((lost.len() - NAMED_MAX) as u64)));
        }
    } else if output.is_json() {
        output.document(
            &json!({ "exported": read.books, "authors": read.authors, "file": target.display().to_string(),
            "lost": lost, "has_gaps": rescued.has_gaps, "waiting": rescued.besides.waiting.len(), "unread": rescued.besides.unread,
            "complete": rescued.is_complete() }),
        )?;
    } else {
        for one in lost {
            output.line(format_args!("{}\t{}\t{}", one.entity, one.id, one.reason))?;
        }
    }
    let (books, authors) = (HumanCount(read.books), HumanCount(read.authors));
    output.note(format_args!(
        "{books} books and {authors} authors were read; the damaged file is as it was"
    ));
    tell_besides(&rescued.besides, has_besides, output);
    if rescued.is_complete() {
        output.note("Nothing is missing");
        return Ok(Exit::Done);
    }
    if !lost.is_empty() {
        output.note(format_args!(
            "{} records are missing or not as they were",
            HumanCount(lost.len() as u64)
        ));
    }
    if rescued.has_gaps {
        output.note("Parts of the file cannot be read: more may be missing than is listed");
    }
    Ok(Exit::NeedsCare)
}

/// What the file held besides its records, and above all what had not been sent to the server.
fn tell_besides(besides: &Besides, is_written: bool, output: &Output) {
    let waiting = besides.waiting.len();
    if waiting > 0 {
        let written = if is_written {
            "they are in the export, under “waiting”"
        } else {
            "the records as they became are in the export; an export in JSON lists the changes"
        };
        output.note(format_args!(
            "Changes that had not gone to the server: {}; {written}",
            HumanCount(waiting as u64)
        ));
    }
    let deletions = besides.deletions_waiting();
    if deletions > 0 {
        output.note(format_args!(
            "Deletions among them: {}. The server will bring those records back",
            HumanCount(deletions as u64)
        ));
    }
    for name in &besides.unread {
        let what = match *name {
            "conflicts" => "open conflicts",
            "waiting" => "what had not gone to the server",
            _ => "history",
        };
        output.note(format_args!("Not everything could be read: {what}"));
    }
}
