//! What there was no room for is fetched after an upgrade, and nothing is taken for gone by it.

use anyhow::{Context as _, ensure};
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

on_each_release! {
    async fn a_record_beside_its_own_tombstone_stays_when_new_fields_are_fetched(cluster: &Cluster) {
        let next = Program::next()?;
        let catalogue = CentralCatalogue::of_schema(cluster, &next.central).await?;
        let mut device = Device::named("a laptop");
        let homer = device.author("Homer").await?;
        let iliad = device.book(homer.id, "The Iliad").await?;
        let hymns = device.book(homer.id, "Hymns").await?;
        device.rest(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        psql.run("UPDATE book SET bay = 'R 12'; DELETE FROM book WHERE title = 'Hymns'")?;
        device.rest(catalogue.settings()).await?;
        // As a restore without triggers leaves it, and at a revision that the device has seen.
        psql.run(
            "INSERT INTO tombstone (entity, id, revision, content, deleted_at, deleted_by)
             SELECT 'book', id, revision, to_jsonb(book) - 'revision', now(), 'somebody' FROM book",
        )?;
        device.upgrade(next)?;
        device.rest(catalogue.settings()).await?;
        ensure!(device.find_book(iliad.id).await?.is_some(), "it was taken for gone");
        ensure!(device.find_book(hymns.id).await?.is_none());
        ensure!(device.conflicts().await?.is_empty(), "{:?}", device.conflicts().await?);
        let mark: Option<String> = device
            .local
            .other_program()
            .query_row("SELECT bay FROM book", [], |row| row.get(0))
            .context("the one book")?;
        ensure!(mark.as_deref() == Some("R 12"), "{mark:?}");
        in_step(&catalogue, [&device])?;
    }
}
