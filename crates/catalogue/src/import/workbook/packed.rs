//! What a packed workbook unpacks to, measured before it is read: a file of a few kilobytes can hold a terabyte.

use std::io::{Read, Seek};

use zip::ZipArchive;

use super::unreadable::{damaged, unreadable};
use crate::import::ImportError;

/// How many files may be in it.
const FILES_MAX: usize = 10_000;
/// How much it may unpack to: a million books take about half of that.
const UNPACKED_MAX_BYTES: u64 = 1 << 30;
/// How much of that may be texts that cells share, which are kept in memory.
const SHARED_MAX_BYTES: u64 = 256 << 20;
/// And what describes the looks of cells.
const STYLES_MAX_BYTES: u64 = 16 << 20;
/// How much is unpacked at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Refuses a workbook that unpacks to more than any workbook of books has.
pub(super) fn measure(file: &mut (impl Read + Seek)) -> Result<(), ImportError> {
    let mut archive = ZipArchive::new(&mut *file).map_err(|error| damaged(&error))?;
    let too_much = || unreadable("it unpacks to more than any list of books");
    if archive.len() > FILES_MAX {
        return Err(too_much());
    }
    let mut total = 0;
    let mut chunk = vec![0; CHUNK_BYTES];
    for position in 0..archive.len() {
        // What cannot be unpacked now cannot be unpacked later either, and says so then.
        let Ok(mut entry) = archive.by_index(position) else {
            continue;
        };
        let most = entry.name().map_or(UNPACKED_MAX_BYTES, |name| most_of(&name));
        let mut bytes = 0;
        while let Ok(read @ 1..) = entry.read(&mut chunk) {
            bytes += read as u64;
            total += read as u64;
            if bytes > most || total > UNPACKED_MAX_BYTES {
                return Err(too_much());
            }
        }
    }
    drop(archive);
    file.rewind()?;
    Ok(())
}

fn most_of(name: &str) -> u64 {
    let name = name.to_ascii_lowercase();
    if name.ends_with("sharedstrings.xml") {
        SHARED_MAX_BYTES
    } else if name.ends_with("styles.xml") || name.ends_with("rels") {
        STYLES_MAX_BYTES
    } else {
        UNPACKED_MAX_BYTES
    }
}
