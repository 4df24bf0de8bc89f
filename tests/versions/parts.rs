//! Tags, identifiers and other names, and programs and servers that do not know of them yet.

use anyhow::ensure;
use colophon_catalogue::author_name::OTHER_NAMES;
use colophon_catalogue::identifier::IDENTIFIERS_OF_BOOK;
use colophon_catalogue::tag::TAGS;
use colophon_catalogue::{Identifier, Tagging};
use colophon_store::{EntityId as _, Query};
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

on_each_release! {
    async fn an_older_program_deletes_a_book_with_what_is_part_of_it_though_it_knows_nothing_of_that(cluster: &Cluster) {
        let (before, this) = (Program::before()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &this.central).await?;
        let new = Device::of("a laptop", this.clone());
        let old = Device::of("a colleague", before);
        let homer = new.author("Homer").await?;
        let (iliad, odyssey) = (new.book(homer.id, "The Iliad").await?.id, new.book(homer.id, "The Odyssey").await?.id);
        new.database()
            .write(move |tx| {
                for book in [iliad, odyssey] {
                    TAGS.add(tx, book.uuid(), "epic")?;
                    IDENTIFIERS_OF_BOOK.add(tx, book.uuid(), "oclc:1")?;
                }
                OTHER_NAMES.add(tx, homer.id.uuid(), "Homerus")
            })
            .await?;
        new.rest(catalogue.settings()).await?;
        old.rest(catalogue.settings()).await?;
        ensure!(old.find_book(iliad).await?.is_some());

        old.delete_book(iliad).await?;
        old.retitle(odyssey, "Odyssey").await?;
        let report = old.rest(catalogue.settings()).await?;
        ensure!(report.pending == 0, "the server takes it: {report:#?}");
        new.rest(catalogue.settings()).await?;
        ensure!(new.find_book(iliad).await?.is_none());
        let left = new
            .database()
            .read(|s| Ok((s.repo::<Tagging>().count(&Query::all())?, s.repo::<Identifier>().count(&Query::all())?)))
            .await?;
        ensure!(left == (1, 1), "{left:?}");
        let audit = new.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{:#?}", audit.unaccounted);
        in_step(&catalogue, [&new])?;
    }

    async fn what_a_server_has_no_room_for_yet_waits_and_goes_when_it_is_migrated(cluster: &Cluster) {
        let (before, this) = (Program::before()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &before.central).await?;
        let device = Device::of("a laptop", this.clone());
        let book = device.book(device.author("Homer").await?.id, "The Iliad").await?.id.uuid();
        device.database().write(move |tx| TAGS.add(tx, book, "epic")).await?;
        device.rest(catalogue.settings()).await?;
        let titles = catalogue.psql()?.run("SELECT title FROM book")?;
        ensure!(titles == ["The Iliad"], "what it knows went: {titles:?}");

        catalogue.migrate(&this.central).await?;
        device.rest(catalogue.settings()).await?;
        let tags = catalogue.psql()?.run("SELECT tag.name FROM tagging JOIN tag ON tag.id = tagging.tag_id")?;
        ensure!(tags == ["epic"], "{tags:?}");
        in_step(&catalogue, [&device])?;
    }
}
