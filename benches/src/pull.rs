//! A pull of very many changed rows into a file that already has the catalogue: what it takes, in time and in memory.
//!
//! Such a pull is applied as a whole, unlike a [first download](crate::download). So its memory is measured, in a
//! process that does nothing else, beside that of a round that has nothing to do on the same file.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};
use tokio::runtime::Runtime;

use crate::download::{fill, round_of_child};
use crate::measure::{Table, milliseconds};

/// The sizes of a change, up to the number of rows asked for.
const CHANGED: [u32; 3] = [10_000, 50_000, 200_000];

pub(crate) fn measure(table: &mut Table, rows: u32) -> Result<()> {
    let books = rows.max(CHANGED[0]);
    let cluster = Cluster::start(Release::Distribution)?;
    let runtime = Runtime::new()?;
    let catalogue = runtime.block_on(CentralCatalogue::new(&cluster))?;
    fill(&runtime, &catalogue, books)?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("catalogue.sqlite");
    timed(&catalogue, &file)?;
    let (idle, _) = timed(&catalogue, &file)?;
    table.figure(
        format!("a round with nothing to do, {books} books: memory of a process that does nothing else, at most"),
        format!("{} MB", idle / 1024),
        "–",
    );
    for changed in CHANGED.into_iter().filter(|changed| *changed <= books) {
        let change = format!(
            "UPDATE book SET publisher = 'publisher {changed}' WHERE id IN (SELECT id FROM book ORDER BY id LIMIT {changed})"
        );
        catalogue.psql()?.run(&change)?;
        let (memory, took) = timed(&catalogue, &file)?;
        table.figure(
            format!("a pull of {changed} changed books of {books}: memory of such a process, at most; its time"),
            format!("{} MB; {}", memory / 1024, milliseconds(took)),
            "–",
        );
    }
    Ok(())
}

/// The most memory that a process took for one round, in KiB, and how long it took.
fn timed(catalogue: &CentralCatalogue<'_>, file: &Path) -> Result<(u64, Duration)> {
    let begun = Instant::now();
    let memory = round_of_child(catalogue, file)?;
    Ok((memory, begun.elapsed()))
}
