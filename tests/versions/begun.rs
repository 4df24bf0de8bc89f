//! What was begun in a table before the server had it.

use anyhow::ensure;
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

on_each_release! {
    async fn what_was_deleted_in_a_table_that_the_server_did_not_have_is_accounted_for_when_it_has(cluster: &Cluster) {
        let (next, this) = (Program::next()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &this.central).await?;
        let device = Device::of("a laptop", next.clone());
        device.author("Homer").await?;
        device.rest(catalogue.settings()).await?;
        let file = device.local.other_program();
        file.execute_batch(
            "INSERT INTO shelf (id, name) VALUES (x'000102030405060708090a0b0c0d0e0f', 'West'), (x'100102030405060708090a0b0c0d0e0f', 'East');
             DELETE FROM shelf WHERE name = 'West';",
        )?;
        device.rest(catalogue.settings()).await?;
        ensure!(device.audit(catalogue.settings()).await?.unaccounted.is_empty(), "before");

        catalogue.migrate(&next.central).await?;
        device.rest(catalogue.settings()).await?;
        in_step(&catalogue, [&device])?;
        ensure!(catalogue.psql()?.run("SELECT name FROM shelf")? == ["East"]);
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{:#?}", audit.unaccounted);
    }
}
