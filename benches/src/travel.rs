//! What comes from others: an edit on one device until it is in another's file.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use colophon_catalogue::Author;
use colophon_store::settings::Durability;
use colophon_store::{Announcement, Database, Subscription};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Identity, SyncState, SyncTask};
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};
use tokio::runtime::Runtime;

use crate::floor::File;
use crate::measure::{Table, milliseconds, percentile};

const EDITS: u32 = 300;

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    let cluster = Cluster::start(Release::Distribution)?;
    let runtime = Runtime::new()?;
    edit(table, &cluster, &runtime)
}

/// From the commit on one device to the commit in the other's file.
fn edit(table: &mut Table, cluster: &Cluster, runtime: &Runtime) -> Result<()> {
    let catalogue = runtime.block_on(CentralCatalogue::new(cluster))?;
    let (here, there) = (File::new(Durability::Normal)?, File::new(Durability::Normal)?);
    let mut times = runtime.block_on(async {
        let tasks = [&here, &there].map(|file| start(&file.database, catalogue.settings()));
        for task in &tasks {
            let mut status = task.status();
            status.wait_for(|status| status.state == SyncState::InStep).await?;
        }
        let mut arrivals = there.database.changes();
        let mut times = Vec::new();
        for number in 1..=EDITS {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let draft = crate::made_up::author(number);
            here.database
                .write(move |tx| tx.repo_mut::<Author>().create(&draft))
                .await?;
            let committed = Instant::now();
            author_has_come(&mut arrivals).await?;
            times.push(committed.elapsed());
        }
        anyhow::Ok(times)
    })?;
    let figures = [50, 99].map(|percent| milliseconds(percentile(&mut times, percent)));
    table.figure(
        format!("an edit committed here is in another device's file, loopback ({EDITS}): median, p99"),
        figures.join(", "),
        "≤ 3, ≤ 10 ms",
    );
    Ok(())
}

async fn author_has_come(arrivals: &mut Subscription) -> Result<()> {
    loop {
        match arrivals.next().await.context("the file is closed")? {
            Announcement::Committed(changes) if changes.touches("author") => return Ok(()),
            Announcement::Committed(_) => {}
            Announcement::Missed => anyhow::bail!("an arrival was missed"),
        }
    }
}

fn start(database: &Database, settings: CentralSettings) -> SyncTask {
    SyncTask::start(database.clone(), Some(Central::new(settings)), identity())
}

fn identity() -> Identity {
    Identity {
        name: "a bench".to_owned(),
        app_version: String::new(),
    }
}
