//! What there was no room for is fetched after an upgrade, and nothing is taken for gone because of it.

use anyhow::{Context as _, ensure};
use colophon_catalogue::BookId;
use colophon_store::WriteSession;
use colophon_sync::central::CentralSettings;
use colophon_tests::device::Device;
use colophon_tests::edition::Program;
use colophon_tests::edition::next::Book as BookToCome;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster, CommitAnswer, Proxy};
use jiff::SignedDuration;

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

    async fn the_later_edit_of_a_field_stands_also_when_an_upgraded_program_fetches_it(cluster: &Cluster) {
        let next = Program::next()?;
        let catalogue = CentralCatalogue::of_schema(cluster, &next.central).await?;
        let (mut device, iliad) = with_a_book(&catalogue).await?;
        let colleague = Device::of("a colleague", next.clone());
        colleague.rest(catalogue.settings()).await?;
        colleague.local.other_program().execute("UPDATE book SET bay = 'theirs'", [])?;
        // So the row's own time is that of a clock which is an hour ahead.
        colleague.set_clock(SignedDuration::from_hours(1));
        colleague.edit_book(iliad, |book| book.publisher = Some("Lintot".to_owned())).await?;
        colleague.rest(catalogue.settings()).await?;
        is_upgraded_and_says_ours((&mut device, iliad), next, &catalogue).await?;
        ours_stands(&device, &catalogue).await?;
    }

    async fn the_later_edit_of_a_field_stands_also_when_a_pull_brings_it_before_it_is_fetched(cluster: &Cluster) {
        let next = Program::next()?;
        let catalogue = CentralCatalogue::of_schema(cluster, &next.central).await?;
        let (mut device, iliad) = with_a_book(&catalogue).await?;
        catalogue.psql()?.run("UPDATE book SET bay = 'theirs'")?;
        is_upgraded_and_says_ours((&mut device, iliad), next, &catalogue).await?;
        // The row is now newer than what is said here, but the field is not.
        catalogue.psql()?.run("UPDATE book SET publisher = 'Lintot'")?;
        ours_stands(&device, &catalogue).await?;
    }

    async fn what_others_have_said_in_a_field_is_not_taken_for_what_this_file_has_sent(cluster: &Cluster) {
        let next = Program::next()?;
        let catalogue = CentralCatalogue::of_schema(cluster, &next.central).await?;
        let (mut device, iliad) = with_a_book(&catalogue).await?;
        // If somebody has triggers, what was sent comes back.
        let mut psql = catalogue.psql()?;
        psql.run(
            "CREATE FUNCTION leave_it() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
             CREATE TRIGGER leave_it BEFORE UPDATE ON book FOR EACH ROW EXECUTE FUNCTION leave_it();
             UPDATE book SET bay = 'R 12'",
        )?;
        device.rest(catalogue.settings()).await?;
        device.retitle(iliad, "The Iliad of Homer").await?;
        let proxy = Proxy::start(cluster.port()).await?;
        let mut through = device.exchange(CentralSettings { port: proxy.port(), ..catalogue.settings() });
        proxy.next_commit(CommitAnswer::Cut);
        ensure!(through.round(&mut |_| ()).await.is_err(), "the answer came through");
        drop(through);
        device.delete_book(iliad).await?;
        device.upgrade(next)?;
        device.rest(catalogue.settings()).await?;
        let marks = psql.run("SELECT bay FROM book")?;
        ensure!(marks == ["R 12"], "{marks:?}");
        let conflicts = device.conflicts().await?;
        ensure!(conflicts.len() == 1 && conflicts[0].kind == "deletion_undone", "{conflicts:#?}");
    }
}

/// A device of this program with one book, in step.
async fn with_a_book(catalogue: &CentralCatalogue<'_>) -> anyhow::Result<(Device, BookId)> {
    let device = Device::named("a laptop");
    let homer = device.author("Homer").await?;
    let iliad = device.book(homer.id, "The Iliad").await?;
    device.rest(catalogue.settings()).await?;
    Ok((device, iliad.id))
}

/// It has heard of everything except the field that it does not know; then it knows it, and something is said there.
async fn is_upgraded_and_says_ours(
    (device, book): (&mut Device, BookId),
    next: Program,
    catalogue: &CentralCatalogue<'_>,
) -> anyhow::Result<()> {
    device.rest(catalogue.settings()).await?;
    device.upgrade(next)?;
    let says_ours = |book: &mut BookToCome| {
        book.bay = Some("ours".to_owned());
        Ok(())
    };
    let write = move |tx: &WriteSession<'_>| tx.repo_mut::<BookToCome>().change(book, says_ours);
    device.database().write(write).await?;
    Ok(())
}

async fn ours_stands(device: &Device, catalogue: &CentralCatalogue<'_>) -> anyhow::Result<()> {
    device.rest(catalogue.settings()).await?;
    in_step(catalogue, [device])?;
    let marks = catalogue.psql()?.run("SELECT bay FROM book")?;
    ensure!(marks == ["ours"], "{marks:?}");
    let conflicts = device.conflicts().await?;
    ensure!(
        conflicts.len() == 1 && conflicts[0].field.as_deref() == Some("bay"),
        "{conflicts:#?}"
    );
    Ok(())
}
