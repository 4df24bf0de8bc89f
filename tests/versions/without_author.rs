//! Books without an author, and programs and servers that cannot have them yet.

use anyhow::ensure;
use colophon_catalogue::BookDraft;
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};

on_each_release! {
    async fn an_older_program_sets_them_aside_goes_on_and_has_them_once_it_is_upgraded(cluster: &Cluster) {
        let (before, this) = (Program::long_before()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &this.central).await?;
        let new = Device::of("a laptop", this.clone());
        let mut old = Device::of("a colleague", before);
        let homer = new.author("Homer").await?;
        let iliad = new.book(homer.id, "The Iliad").await?;
        new.rest(catalogue.settings()).await?;
        old.rest(catalogue.settings()).await?;

        new.edit_book(iliad.id, |book| book.author_id = None).await?;
        new.book_with(BookDraft::titled("Beowulf")).await?;
        new.author("Sappho").await?;
        new.rest(catalogue.settings()).await?;
        let report = old.rest(catalogue.settings()).await?;
        ensure!(report.not_kept.len() == 2 && report.pending == 0, "{report:#?}");
        old.rename(homer.id, "Homeros").await?;
        old.rest(catalogue.settings()).await?;
        let names = catalogue.psql()?.run("SELECT name FROM author ORDER BY name")?;
        ensure!(names == ["Homeros", "Sappho"], "{names:?}");
        let books = catalogue.psql()?.run("SELECT title FROM book WHERE author_id IS NULL ORDER BY title")?;
        ensure!(books == ["Beowulf", "The Iliad"], "{books:?}");

        old.upgrade(this)?;
        old.rest(catalogue.settings()).await?;
        new.rest(catalogue.settings()).await?;
        in_step(&catalogue, [&new, &old])?;
        ensure!(old.find_book(iliad.id).await?.is_some_and(|book| book.author_id.is_none()));
    }

    async fn a_server_that_was_not_migrated_gets_them_when_it_is(cluster: &Cluster) {
        let (before, this) = (Program::before()?, Program::this()?);
        let catalogue = CentralCatalogue::of_schema(cluster, &before.central).await?;
        let device = Device::of("a laptop", this.clone());
        let homer = device.author("Homer").await?;
        let iliad = device.book(homer.id, "The Iliad").await?;
        device.rest(catalogue.settings()).await?;
        device.edit_book(iliad.id, |book| book.author_id = None).await?;
        device.book_with(BookDraft::titled("Beowulf")).await?;
        device.author("Sappho").await?;
        device.rest(catalogue.settings()).await?;
        let names = catalogue.psql()?.run("SELECT name FROM author ORDER BY name")?;
        ensure!(names == ["Homer", "Sappho"], "the others went: {names:?}");

        catalogue.migrate(&this.central).await?;
        device.rest(catalogue.settings()).await?;
        let audit = device.audit(catalogue.settings()).await?;
        ensure!(audit.unaccounted.is_empty(), "{:#?}", audit.unaccounted);
        in_step(&catalogue, [&device])?;
        let books = catalogue.psql()?.run("SELECT title FROM book WHERE author_id IS NULL ORDER BY title")?;
        ensure!(books == ["Beowulf", "The Iliad"], "{books:?}");
    }
}
