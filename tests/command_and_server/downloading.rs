//! `colophon sync` into a new file, from a server that has much.

use anyhow::ensure;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

use crate::SECRET;
use crate::program::Colophon;

/// Enough to cause a first download, and some twenty megabytes.
const AUTHORS: u32 = 20_000;

on_each_release! {
    async fn a_disk_that_fills_on_the_way_leaves_a_file_that_works_and_goes_on(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        catalogue.psql()?.run(&format!(
            "INSERT INTO author (name, sort_name, notes)
             SELECT 'Author ' || n, n || ', Author', repeat('n', 1000) FROM generate_series(1, {AUTHORS}) AS n"
        ))?;
        let colophon = Colophon::new(&catalogue.settings(), Some(SECRET))?;
        colophon.run(&["init"])?;
        let full = colophon.run_with_little_room(12 << 20, &["sync"])?;
        ensure!(full.code != Some(0) && full.stderr.contains("the disk is full"), "{full:?}");
        // Nothing of the catalogue is visible, and what a person does is kept.
        let list = colophon.run(&["authors", "list", "--json"])?.json()?;
        ensure!(list["meta"]["total"] == 0, "{list}");
        let added = colophon.run(&["authors", "add", "--name", "Ann Leckie"])?;
        ensure!(added.code == Some(0), "{added:?}");
        let round = colophon.run(&["sync", "--json"])?.json()?;
        ensure!(round["pulled"] == AUTHORS && round["pushed"] == 1 && round["state"] == "in_step", "{round}");
        let verified = colophon.run(&["sync", "verify", "--json"])?.json()?;
        ensure!(verified["same"] == AUTHORS + 1 && verified["healed"].as_array().is_some_and(Vec::is_empty), "{verified}");
        let doctor = colophon.run(&["doctor"])?;
        ensure!(doctor.code == Some(0), "{doctor:?}");
    }
}
