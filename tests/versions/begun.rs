//! What was begun before the server had the field or the table for it.

use anyhow::ensure;
use colophon_store::EntityId as _;
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
        // As the future program writes its journal.
        let file = device.local.other_program();
        file.execute_batch(
            "INSERT INTO shelf (id, name) VALUES (x'000102030405060708090a0b0c0d0e0f', 'West'), (x'100102030405060708090a0b0c0d0e0f', 'East');
             DELETE FROM shelf WHERE name = 'West';
             INSERT INTO edit (id, act, at, entity, kind, entity_id, count) VALUES
                 (101, 101, 1790000000000000, 'shelf', 'create', x'000102030405060708090a0b0c0d0e0f', 1),
                 (102, 102, 1790000000000001, 'shelf', 'delete', x'000102030405060708090a0b0c0d0e0f', 1);",
        )?;
        device.rest(catalogue.settings()).await?;
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "before: {:#?}", audit.unaccounted);

        catalogue.migrate(&next.central).await?;
        device.rest(catalogue.settings()).await?;
        in_step(&catalogue, [&device])?;
        ensure!(catalogue.psql()?.run("SELECT name FROM shelf")? == ["East"]);
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{:#?}", audit.unaccounted);
    }

    async fn what_a_deletion_took_along_without_room_is_there_when_somebody_brings_the_record_back(cluster: &Cluster) {
        let (next, this) = (Program::next()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &this.central).await?;
        let device = Device::of("a laptop", next.clone());
        let colleague = Device::of("a colleague", next.clone());
        let author = device.author("Homer").await?;
        let iliad = device.book(author.id, "The Iliad").await?;
        device.rest(catalogue.settings()).await?;
        colleague.rest(catalogue.settings()).await?;
        let key = iliad.id.uuid().as_bytes().to_vec();
        let file = device.local.other_program();
        file.execute("UPDATE book SET bay = 'R 12' WHERE id = ?", [&key])?;
        file.execute("DELETE FROM book WHERE id = ?", [&key])?;
        device.rest(catalogue.settings()).await?;
        ensure!(device.pending().await? == 0, "the server knows the deletion");
        colleague.retitle(iliad.id, "The Iliad of Homer").await?;

        catalogue.migrate(&next.central).await?;
        device.rest(catalogue.settings()).await?;
        ensure!(device.pending().await? == 0, "what is kept waits for nothing");
        colleague.rest(catalogue.settings()).await?;
        for _ in 0..2 {
            device.rest(catalogue.settings()).await?;
            colleague.rest(catalogue.settings()).await?;
        }
        in_step(&catalogue, [&device, &colleague])?;
        let books = catalogue.psql()?.run("SELECT title, bay FROM book")?;
        ensure!(books == ["The Iliad of Homer|R 12"], "{books:?}");
    }
}
