//! A server far away: everything that waits, and the first download of it, with a round trip of 50 ms and 1 MB a
//! second.
//!
//! The floor is the wire alone: the bytes that went over it, in the direction that counts, at its pace.

use std::time::Duration;

use anyhow::{Result, ensure};
use colophon_store::Database;
use colophon_store::settings::Durability;
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Exchange, Identity};
use colophon_tests::postgres::{CentralCatalogue, Cluster, Release};
use tokio::runtime::Runtime;

use crate::floor::{self, File};
use crate::long_wire::{LongWire, time_of};
use crate::measure::{Table, Times, timed};

const ROWS: u32 = 100_000;

pub(crate) fn measure(table: &mut Table, _rows: u32) -> Result<()> {
    let cluster = Cluster::start(Release::Distribution)?;
    let runtime = Runtime::new()?;
    let catalogue = runtime.block_on(CentralCatalogue::new(&cluster))?;
    let full = File::new(Durability::Normal)?;
    floor::fill(&full.database, ROWS)?;
    let pushed = far_round(&runtime, &catalogue, &full.database)?;
    ensure!(pushed.rows > u64::from(ROWS), "only {} rows were pushed", pushed.rows);
    pushed.tell(table, "pushed", pushed.sent);
    cluster.psql()?.run("VACUUM ANALYZE; CHECKPOINT")?;
    let empty = File::new(Durability::Normal)?;
    let pulled = far_round(&runtime, &catalogue, &empty.database)?;
    ensure!(
        pulled.rows > u64::from(ROWS),
        "only {} rows were downloaded",
        pulled.rows
    );
    pulled.tell(table, "downloaded for the first time", pulled.received);
    Ok(())
}

/// A round over the long wire.
struct FarRound {
    rows: u64,
    time: Duration,
    sent: u64,
    received: u64,
}

impl FarRound {
    fn tell(&self, table: &mut Table, what: &str, bytes: u64) {
        let work = format!(
            "{} books and authors {what} over 50 ms and 1 MB/s: {} KB",
            self.rows,
            bytes / 1000
        );
        let times = Times {
            floor: time_of(bytes),
            ours: self.time,
        };
        table.durations(work, times, "≤ 1.15");
    }
}

fn far_round(runtime: &Runtime, catalogue: &CentralCatalogue<'_>, database: &Database) -> Result<FarRound> {
    let settings = catalogue.settings();
    let wire = runtime.block_on(LongWire::start(settings.port))?;
    let settings = CentralSettings {
        port: wire.port(),
        ..settings
    };
    let identity = Identity {
        name: "a bench".to_owned(),
        app_version: String::new(),
    };
    let mut exchange = Exchange::new(database.clone(), Central::new(settings), identity);
    let mut rows = 0;
    let time = timed(|| {
        let report = runtime.block_on(exchange.round(&mut |_| ()))?;
        rows = report.pushed + report.pulled;
        Ok(())
    })?;
    let [sent, received] = wire.carried();
    Ok(FarRound {
        rows,
        time,
        sent,
        received,
    })
}
