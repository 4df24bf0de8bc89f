//! Taking back a migration that added a field loses that field and nothing else, on either side, and says so
//! beforehand.

use anyhow::ensure;
use colophon_store::EntityId as _;
use colophon_sync::central::Central;
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

on_each_release! {
    async fn the_way_back_loses_only_the_field_that_was_added_and_says_so_before(cluster: &Cluster) {
        let (next, this) = (Program::next()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &next.central).await?;
        let mut device = Device::of("a laptop", next.clone());
        let colleague = Device::of("a colleague", next.clone());
        let author = device.author("Homer").await?;
        let (iliad, odyssey) = (device.book(author.id, "The Iliad").await?, device.book(author.id, "The Odyssey").await?);
        device.rest(catalogue.settings()).await?;
        let file = device.local.other_program();
        let key = iliad.id.uuid().as_bytes().to_vec();
        file.execute("UPDATE book SET bay = 'R 12', page_count = 541 WHERE id = ?", [&key])?;
        device.rest(catalogue.settings()).await?;
        colleague.rest(catalogue.settings()).await?;
        // Work that nobody has heard of, in old and new fields.
        file.execute("UPDATE book SET bay = 'R 13', publisher = 'Lintot' WHERE id = ?", [&key])?;
        device.delete_book(odyssey.id).await?;

        let told = |losses: Vec<colophon_store::Loss>| {
            let told = losses.into_iter().map(|loss| (loss.entity, loss.field, loss.records));
            told.filter(|(_, _, records)| *records > 0).collect::<Vec<_>>()
        };
        let expected = [("book".to_owned(), Some("bay".to_owned()), 1)];
        let database = device.database().clone();
        let here = tokio::task::block_in_place(|| database.would_lose_blocking(&next.file))?;
        ensure!(told(here.clone()) == expected, "{here:?}");
        let owner = Central::new(catalogue.as_superuser()).of_edition(next.edition.clone()).connect().await?;
        let there = owner.would_lose(&next.central).await?;
        ensure!(told(there.clone()) == expected, "{there:?}");
        drop(owner);

        catalogue.roll_back(&next.central).await?;
        device.downgrade(this)?;
        device.rest(catalogue.settings()).await?;
        in_step(&catalogue, [&device])?;
        colleague.rest(catalogue.settings()).await?;
        colleague.rest(catalogue.settings()).await?;
        let mut psql = catalogue.psql()?;
        let rows = psql.run("SELECT title, page_count, publisher FROM book")?;
        ensure!(rows == ["The Iliad|541|Lintot"], "{rows:?}");
        ensure!(device.audit(catalogue.settings()).await?.unaccounted.is_empty());
        // Every kind of write still works there, and the server keeps a history of it.
        psql.run("UPDATE book SET publisher = 'Ogilby'; UPDATE author SET notes = 'blind'")?;
        ensure!(psql.run("SELECT old ->> 'publisher' FROM history WHERE old ? 'publisher' ORDER BY number DESC LIMIT 1")? == ["Lintot"]);

        // Up again, on both sides: what a colleague has kept comes back.
        catalogue.migrate(&next.central).await?;
        device.upgrade(next)?;
        for _ in 0..2 {
            colleague.rest(catalogue.settings()).await?;
            device.rest(catalogue.settings()).await?;
        }
        in_step(&catalogue, [&device, &colleague])?;
        ensure!(psql.run("SELECT title, bay FROM book")? == ["The Iliad|R 12"]);
    }
}
