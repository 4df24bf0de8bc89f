//! What a file keeps of edits besides the catalogue, and what of it is left when nothing needs it any more.

use anyhow::Result;
use colophon_catalogue::schema::TABLES;
use colophon_store::pruning::{Kept, PruneStep};
use colophon_store::{ReadSession, WriteSession};
use colophon_tests::device::Device;
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};
use jiff::Timestamp;
use tokio::runtime::Runtime;

use crate::measure::Table;

/// How many edits there are, each of one field and in a transaction of its own; and as many records are made and
/// deleted.
const EDITS: u32 = 10_000;

/// As if everything were old enough.
const NOTHING: Kept = Kept { acts: 0, days: 0 };

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    let cluster = Cluster::start(Release::Distribution)?;
    Runtime::new()?.block_on(async {
        let catalogue = CentralCatalogue::new(&cluster).await?;
        let device = Device::new();
        let author = device.author("Homer").await?.id;
        device.rest(catalogue.settings()).await?;
        for number in 0..EDITS {
            device.rename(author, &format!("Homer {number}")).await?;
        }
        device.rest(catalogue.settings()).await?;
        told(table, &device, &format!("{EDITS} edits of one field, in step"))?;
        let draft = |number| colophon_catalogue::AuthorDraft::named(format!("author {number}"));
        let create = move |tx: &WriteSession<'_>| {
            let authors = tx.repo_mut::<colophon_catalogue::Author>();
            (0..EDITS)
                .map(|number| Ok(authors.create(&draft(number))?.id))
                .collect::<colophon_store::Result<Vec<_>>>()
        };
        let made = device.database().write(create).await?;
        device.rest(catalogue.settings()).await?;
        for author in made {
            device.delete_author(author).await?;
        }
        told(table, &device, &format!("the same and {EDITS} deletions that wait"))?;
        device.rest(catalogue.settings()).await?;
        told(table, &device, "the same, in step")?;
        while device.database().write(|tx| tx.prune_journal(TABLES, NOTHING)).await? == PruneStep::More {}
        let find = |s: &ReadSession<'_>| s.forgettable(NOTHING, i64::MAX, Timestamp::now());
        for part in device.database().read(find).await?.into_parts() {
            device.database().write(move |tx| tx.forget(&part)).await?;
        }
        told(
            table,
            &device,
            "the same when all of it is old, and forgotten by the server",
        )
    })
}

fn told(table: &mut Table, device: &Device, when: &str) -> Result<()> {
    for (name, what) in [
        ("edit", "the journal"),
        ("deleted", "deletions"),
        ("pending", "marks"),
        ("seen", "revisions"),
    ] {
        let bytes = device.database().read_blocking(|s| s.size_of_table(name))?;
        table.figure(
            format!("{when}: {what}"),
            format!("{:.2} MB", kilobytes(bytes) / 1000.0),
            "–",
        );
    }
    Ok(())
}

fn kilobytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX))
}
